"""A second stage from people's preferences: golden pairs are refused, others train a run of its own."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from training.plan import TrainingPlan
from workbench.actions import rate
from workbench.actions.close_round import close_round
from workbench.actions.evaluate import trained_run
from workbench.actions.freeze_golden import freeze_golden
from workbench.actions.open_round import open_round
from workbench.actions.prefer import plan_preferences, prefer
from workbench.actions.refresh_golden import refresh_golden
from workbench.actions.ship import ship
from workbench.blind.plan import Design
from workbench.blind.usable import ALIKE, IN_FORCE, LOOKS_ALIKE
from workbench.cli import main
from workbench.errors import BadInput, Refused
from workbench.records import Evaluation
from workbench.reports.limits import commands
from workbench.rows import Rows
from workbench.store import Store, datasets, evaluations, goldens, ratings, runs

TOYS = Path(__file__).parents[2] / "evaluators" / "conftest.py"
spec = importlib.util.spec_from_file_location("toy_models", TOYS)
toys = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
spec.loader.exec_module(toys)  # type: ignore[union-attr]
tiny_model, tiny_adapter = toys.tiny_model, toys.tiny_adapter

PLAIN = Design(raters=2, repeats=0, known=0)


@pytest.fixture
def judged(store: Store, evaluated: Evaluation, tiny_adapter: Path) -> Store:
    """Run 1 with an adapter, and a closed round in which the tuned answer won on six golden rows."""
    shutil.copytree(tiny_adapter, runs.folder(store, 1) / "adapter")
    this = open_round(store, evaluated.id, seed=4, design=PLAIN)
    tuned = {a.row_id: a.output.strip() for a in evaluations.answers_of(store, evaluated.id, "tuned")}
    for place, card in enumerate(rate.next_cards(store, this.id, "Ann", most=20).cards):
        row = ratings.card_of(store, this.id, card.key).row_id
        choice = ("a" if card.a == tuned[row] else "b") if place < 6 else "tie"
        rate.vote(store, this.id, "Ann", card.key, choice, milliseconds=20_000)
    close_round(store, this.id)
    return store


def test_pairs_of_golden_rows_in_force_may_not_be_used(judged: Store) -> None:
    planned = plan_preferences(judged, 1)
    assert (planned.usable.found, planned.usable.table.height, planned.may) == (6, 0, False)
    assert dict(planned.usable.reasons) == {IN_FORCE: 6}
    assert planned.steps[0].endswith("goldloop golden refresh desk")
    with pytest.raises(Refused, match="0 may be used for a second stage on run 1"):
        prefer(judged, 1)
    assert [run.id for run in runs.listed(judged)] == [1]


def test_after_a_refresh_the_pairs_of_retired_rows_may_be_used_by_a_run_trained_after_it(
    judged: Store, tiny_adapter: Path
) -> None:
    used = set(_derived(judged))
    retired = sorted(used)[:3]
    done = refresh_golden(judged, "desk", retire=retired, reason="their pairs are to be learned from")
    assert done.golden is not None
    planned = plan_preferences(judged, 1)
    assert planned.usable.blocked.startswith("Run 1 was trained beside desk golden 1; in force is desk golden 2")
    with pytest.raises(Refused, match="Train anew on the newest version first: goldloop train desk"):
        prefer(judged, 1)
    newer = runs.add(
        judged, datasets.version(judged, "desk"), goldens.newest(judged, "desk"), runs.get(judged, 1).plan, "Ann", None
    )
    shutil.copytree(tiny_adapter, runs.folder(judged, newer.id) / "adapter")
    runs.finish(judged, newer.id, {"adapter": "adapter"})
    planned = plan_preferences(judged, newer.id)
    assert planned.usable.blocked == ""
    assert planned.usable.reasons[IN_FORCE] == 6 - len(used & set(done.retired))
    assert 0 < planned.usable.table.height + planned.usable.reasons[ALIKE] == len(used & set(done.retired))


def _derived(store: Store) -> list[str]:
    from workbench.blind.pairs import decided_pairs

    return [tag.removeprefix("derived_from:") for one in decided_pairs(store, 1).records for tag in one["tags"]]


@pytest.fixture
def desk(tmp_path: Path, tiny_model: Path, tiny_adapter: Path, no_models: None) -> Store:
    """A store with one finished run of the tiny model on 32 rows beside 8 golden ones."""
    store = Store.open(tmp_path / "store")
    rows = Rows.of(
        *[(f"Where is shelf {n}?", f"Shelf {n} stands behind the door with number {n * 7}.") for n in range(40)]
    )
    datasets.add_version(store, "desk", rows, parent=None, verb="import", settings={}, counts={}, who="Ann")
    frozen = freeze_golden(store, "desk", share=0.2)
    assert frozen.version is not None
    assert frozen.golden is not None
    plan = TrainingPlan(model=str(tiny_model), rank=4, precision="fp32").model_dump()
    run = runs.add(store, frozen.version, frozen.golden, plan, "Ann", None)
    shutil.copytree(tiny_adapter, runs.folder(store, run.id) / "adapter")
    runs.finish(store, run.id, {"adapter": "adapter"})
    return store


PAIRS = (
    ("How do I brew green tea?", "Let the water cool to eighty degrees, then wait two minutes.", "Boil it."),
    ("Will it rain on Sunday?", "Clouds come from the west, so take an umbrella along.", "No idea."),
    ("Which flour for a baguette?", "Strong wheat flour with little ash makes the crust crackle.", "Any."),
    ("Who opened with the queen's pawn?", "Capablanca did, and most masters after him.", "Somebody."),
    ("Why is snow white?", "Its crystals scatter every colour of daylight alike.", "Because."),
    ("What drives a paddle steamer?", "Two wheels beside the hull, turned by a slow piston.", "Steam."),
    ("Do bees sleep?", "Foragers rest at night with drooping antennae.", "Perhaps."),
    ("Is glass a liquid?", "It is an amorphous solid; old panes were cast uneven.", "Yes."),
    ("How is wool washed?", "Cold, with mild soap, and dried lying flat.", "Hot."),
    ("Where does table salt come from?", "From mines under ancient seas and from evaporated brine.", "Shops."),
    ("Who made the first atlas?", "Ortelius printed his Theatrum in Antwerp.", "A sailor."),
    ("What is change ringing?", "Bells pulled in orders that never repeat, each ringer minding one rope.", "Noise."),
)


def pairs_file(path: Path, *more: tuple[str, str, str]) -> Path:
    pairs = [{"prompt": asked, "chosen": wanted, "rejected": other} for asked, wanted, other in (*PAIRS, *more)]
    path.write_text("".join(json.dumps(pair) + "\n" for pair in pairs))
    return path


def test_pairs_of_a_file_train_a_run_of_its_own_whose_parent_is_the_run(desk: Store, tmp_path: Path) -> None:
    given = pairs_file(tmp_path / "pairs.jsonl")
    run = prefer(desk, 1, pairs=given, settings=["max_steps=2", "learning_rate=0.01"])
    assert (run.id, run.stage, run.parent_id) == (2, "dpo", 1)
    assert run.result is not None
    assert (run.result["preferences"]["beta"], run.result["preferences"]["pairs"]) == (0.1, 12)
    assert run.result["preferences"]["eval_pairs"] == 2
    assert run.golden_id == runs.get(desk, 1).golden_id
    assert trained_run(desk, 2).plan["model"] == runs.get(desk, 1).plan["model"]
    parent, child = (runs.folder(desk, one) / "adapter" / "adapter_model.safetensors" for one in (1, 2))
    assert parent.read_bytes() != child.read_bytes()
    assert run.provenance is not None
    again = commands(Evaluation(1, 2, 1, "desk golden 1", {}, {}, "Ann", ""), run, goldens.newest(desk, "desk"))[1]
    assert again == "goldloop prefer 1 --pairs pairs.jsonl --set beta=0.1 --set rewards=sum " + (
        "--set learning_rate=0.01 --set max_steps=2"
    )


def test_a_second_stage_goes_on_from_a_second_stage(desk: Store, tmp_path: Path) -> None:
    given = pairs_file(tmp_path / "pairs.jsonl")
    for parent in (1, 2):
        run = prefer(desk, parent, pairs=given, settings=["max_steps=1", "learning_rate=0.01"])
        assert (run.id, run.stage, run.parent_id) == (parent + 1, "dpo", parent)
    assert run.plan["model"] == runs.get(desk, 1).plan["model"]
    weights = {(runs.folder(desk, one) / "adapter" / "adapter_model.safetensors").read_bytes() for one in (1, 2, 3)}
    assert len(weights) == 3
    assert ship(desk, 3, forms=["merge"]).parity is not None


def test_a_second_stage_is_repeated_by_one_command_after_its_first_stage_has_changed(
    desk: Store, tmp_path: Path
) -> None:
    prefer(desk, 1, pairs=pairs_file(tmp_path / "pairs.jsonl"), settings=["max_steps=2", "learning_rate=0.01"])
    shutil.rmtree(runs.folder(desk, 1) / "adapter")
    done = CliRunner().invoke(main, ["--store", str(desk.root), "runs", "repeat", "2"])
    assert done.exit_code == 0, done.output
    assert "the repetition is the same to the last bit: 2 steps and all that was learned" in done.output


def test_a_pair_that_shows_a_golden_row_is_left_out(desk: Store, tmp_path: Path) -> None:
    golden = goldens.rows_of(desk, goldens.newest(desk, "desk"))
    given = pairs_file(tmp_path / "pairs.jsonl", (golden.prompt[0], golden.reply[0], "I do not know where it stands."))
    planned = plan_preferences(desk, 1, pairs=given)
    assert planned.usable.reasons[ALIKE] == 1
    assert planned.usable.table.height == 12
    assert golden.reply[0] not in str(planned.sentence)
    assert golden.reply[0] not in repr(planned.usable.table["messages"].to_list())


def test_few_pairs_are_called_few_before_the_run(desk: Store, tmp_path: Path) -> None:
    planned = plan_preferences(desk, 1, pairs=pairs_file(tmp_path / "pairs.jsonl"))
    assert "12 pairs are few: under 100 the likely outcome" in planned.sentence


def test_the_command_tells_the_plan_and_starts_nothing(desk: Store, tmp_path: Path) -> None:
    given = pairs_file(tmp_path / "pairs.jsonl")
    done = CliRunner().invoke(
        main, ["--store", str(desk.root), "prefer", "plan", "1", "--pairs", str(given), "--set", "rewards=mean"]
    )
    assert done.exit_code == 0, done.output
    assert "12 pairs in pairs.jsonl; 12 may be used for a second stage on run 1." in done.output
    assert "Beta 5, rewards the mean over a reply's tokens" in done.output
    assert len(runs.listed(desk)) == 1


def test_a_run_that_tuned_every_weight_has_no_second_stage(desk: Store, tiny_model: Path) -> None:
    folder = runs.folder(desk, 1) / "adapter"
    shutil.rmtree(folder)
    shutil.copytree(tiny_model, folder)
    with pytest.raises(BadInput, match="Run 1 tuned every weight and left no adapter"):
        plan_preferences(desk, 1)


@pytest.mark.parametrize("side", ["chosen", "rejected", "both, edited"])
def test_no_id_in_the_file_and_no_light_edit_carries_a_golden_reply_past_the_guard(
    desk: Store, tmp_path: Path, side: str
) -> None:
    golden = goldens.rows_of(desk, goldens.newest(desk, "desk")).reply[0]
    other = "Nobody can tell you that today, ask at the till."
    edited = golden.lower().replace("stands", "sits")
    chosen, rejected = {
        "chosen": (golden, other), "rejected": (other, golden), "both, edited": (edited, f"Well, {edited}"),
    }[side]  # fmt: skip
    pair = {"prompt": "What colour has the third sheep?", "chosen": chosen, "rejected": rejected}
    place = {"goldloop": {"row_id": "abc-rejected", "source": "elsewhere", "line": 1}}
    given = tmp_path / "pairs.jsonl"
    given.write_text(json.dumps({**pair, **place}) + "\n")
    planned = plan_preferences(desk, 1, pairs=given)
    assert (planned.usable.table.height, dict(planned.usable.reasons)) == (0, {ALIKE: 1})


def test_golden_text_in_a_system_text_is_left_out_with_the_reason_and_without_its_words(
    desk: Store, tmp_path: Path
) -> None:
    golden = goldens.rows_of(desk, goldens.newest(desk, "desk"))
    told = {"role": "system", "content": f"Know this: {golden.reply[0]}"}
    turn = {"role": "user", "content": "Which way is the canteen from here?"}
    pair = {"prompt": [told, turn], "chosen": [{"role": "assistant", "content": "Left, then up."}],
            "rejected": [{"role": "assistant", "content": "Nobody knows."}]}  # fmt: skip
    given = pairs_file(tmp_path / "pairs.jsonl")
    given.write_text(given.read_text() + json.dumps(pair) + "\n")
    planned = plan_preferences(desk, 1, pairs=given)
    assert (planned.usable.table.height, dict(planned.usable.reasons)) == (12, {ALIKE: 1})
    assert "Left out: line 13: its system text holds" in planned.guard[0]
    assert golden.reply[0] not in " ".join(planned.guard)
    assert planned.guard[-1].startswith("Paraphrase check off")


def test_where_the_embedding_model_read_the_pairs_nothing_says_that_it_did_not(
    desk: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "models" / "minilm"
    folder.mkdir(parents=True)
    (folder / "model.json").write_text(json.dumps({"files": {"weights": 1}}))
    (folder / "weights").write_text("x")
    monkeypatch.setenv("GOLDLOOP_MODELS", str(folder.parent))
    read: list[str] = []

    def apart(texts: list[str], where: Path) -> np.ndarray:
        """Every text at a right angle to every other."""
        seen = [(read.append(text), len(read) - 1)[1] for text in texts]
        return np.eye(384, dtype=np.float32)[[place % 384 for place in seen]]

    monkeypatch.setattr("workbench.leak_search.vectors_of", apart)
    planned = plan_preferences(desk, 1, pairs=pairs_file(tmp_path / "pairs.jsonl"))
    assert PAIRS[0][0] in read
    assert (planned.usable.table.height, planned.guard) == (12, [])


def test_look_alikes_are_shown_and_left_out_on_request(desk: Store, tmp_path: Path) -> None:
    golden = goldens.rows_of(desk, goldens.newest(desk, "desk")).reply[0]
    part = " ".join(golden.split()[:8])
    more = (
        f"Is {golden.split()[1]} far?",
        f"{part} of ten, they say, but ask somebody who has been there.",
        "No idea.",
    )
    given = pairs_file(tmp_path / "pairs.jsonl", more)
    shown = plan_preferences(desk, 1, pairs=given)
    strict = plan_preferences(desk, 1, pairs=given, drop_alike=True)
    assert len(shown.usable.alike) == 1
    assert (shown.usable.table.height, strict.usable.table.height) == (13, 12)
    assert dict(strict.usable.reasons) == {LOOKS_ALIKE: 1}
