"""The prompt ladder end to end, with a toy model of random weights that answers rubbish, so that figures are known."""

import importlib.util
import json
from pathlib import Path

import pytest

from workbench.actions.climb_prompts import climb_prompts
from workbench.actions.freeze_golden import freeze_golden
from workbench.actions.save_prompt import save_prompt
from workbench.errors import BadInput, NotFound
from workbench.prompting.arms import arm_of
from workbench.store import datasets, goldens, prompts
from workbench.store import suspects as kept

spec = importlib.util.spec_from_file_location("toys", Path(__file__).parents[2] / "evaluators" / "conftest.py")
toys = importlib.util.module_from_spec(spec)
spec.loader.exec_module(toys)
tiny_model = toys.tiny_model

SHORT = {"counts": (1,), "rows": 6, "max_new_tokens": 3}


@pytest.fixture
def desk(store, fifty_rows, monkeypatch, tmp_path):
    """Fifty rows, ten of them golden, a saved prompt, and no embedding model."""
    monkeypatch.setenv("GOLDLOOP_MODELS", str(tmp_path / "no-models"))
    datasets.add_version(
        store, "desk", fifty_rows, parent=None, verb="import", settings={}, counts={"added": 50}, who="Ann"
    )
    freeze_golden(store, "desk", share=0.2, seed=0)
    save_prompt(store, "desk voice", "Be brief.")
    return store


@pytest.fixture
def climbed(desk, tiny_model):
    return climb_prompts(desk, model=str(tiny_model), **SHORT)


def test_a_climb_measures_each_rung_on_golden_and_answers_whether_to_fine_tune(desk, climbed):
    told = prompts.told(desk, "desk")
    titles = [one["title"] for one in told["rungs"]]
    assert titles[:4] == ["zero-shot", "desk voice", "1 random example", "1 similar example"]
    assert all(one["n"] + one["not_judged"] == 10 for one in told["rungs"])
    assert sum(one["chosen"] for one in told["rungs"]) == 1
    assert (told["need"]["word"], told["need"]["left"]) == ("something to gain", 1.0)  # the toy says rubbish
    assert told["need"]["sentences"][2].startswith("The best prompt was chosen on 6 rows held out of the training side")
    assert told["embedder"]["meaning"] is False
    assert json.loads(json.dumps(told)) == told


def test_every_tried_prompt_is_saved_with_its_score_parent_and_cost_in_tokens(desk, climbed):
    tried = climbed.summary["search"]["tried"]
    assert {one["title"] for one in tried} == {
        "desk voice",
        "1 random example",
        "1 similar example",
        "desk voice + 1 random example",
        "desk voice + 1 similar example",
    }
    saved = {one.title: one for one in prompts.listed(desk, "desk")}
    assert set(saved) == {one["title"] for one in tried}
    assert (saved["desk voice"].origin, saved["desk voice"].parent) == ("person", None)
    assert {one["title"]: one["parent"] for one in tried}["desk voice"] is None
    assert saved["desk voice + 1 similar example"].parent == saved["desk voice"].number == 1
    assert all(one.measured["held"]["rows"] >= 6 and one.tokens["mean"] > 0 for one in saved.values())
    assert saved["desk voice"].tokens["mean"] == climbed.summary["rungs"][0]["tokens"]["mean"] + len(
        "<|im_start|>system\nBe brief.<|im_end|>\n".replace("<|im_start|>", "s").replace("<|im_end|>", "e")
    )


def test_golden_rows_choose_nothing_and_are_no_examples(desk, climbed):
    golden = set(goldens.rows_of(desk, goldens.newest(desk, "desk")).row_id)
    asked = datasets.rows_of(desk, datasets.version(desk, "desk"))
    assert not golden & set(asked.row_id)
    replies = set(asked.reply)
    saved = next(one for one in prompts.listed(desk, "desk") if one.examples_mode == "similar")
    arm = arm_of(desk, saved, "prompted")
    assert set(arm.examples_by_row) == golden
    assert all(reply in replies for pairs in arm.examples_by_row.values() for _, reply in pairs)


def test_a_climb_that_was_killed_asks_nothing_twice(desk, climbed, tiny_model):
    answers = desk.folder("prompts", 1) / "answers.jsonl"
    before = answers.read_text()
    again = climb_prompts(desk, model=str(tiny_model), **SHORT)
    assert answers.read_text() == before
    assert [one["mean"] for one in again.summary["rungs"]] == [one["mean"] for one in climbed.summary["rungs"]]
    assert len(prompts.listed(desk, "desk")) == 5


def test_a_resumed_job_goes_on_with_its_own_climb(desk, tiny_model):
    first = climb_prompts(desk, model=str(tiny_model), job_id=None, **SHORT)
    with pytest.raises(KeyboardInterrupt):
        climb_prompts(desk, model=str(tiny_model), report=stop_at(0.4), **{**SHORT, "seed": 1})
    unfinished = prompts.climbs_of(desk, "desk", finished=False)
    assert [one.summary is None for one in unfinished] == [True, False]
    assert prompts.told(desk, "desk")["climb"] == first.id  # what is not finished is not told


def stop_at(share):
    def report(done, line):
        if done >= share:
            raise KeyboardInterrupt

    return report


def test_a_preview_counts_answers_and_saves_nothing(desk, tiny_model):
    counted = climb_prompts(desk, model=str(tiny_model), preview=True, time_it=False, **SHORT)
    assert counted.settings["budget"]["answers"] == 5 * 6 + 6 * 10
    assert counted.settings["budget"]["minutes"] is None
    timed = climb_prompts(desk, model=str(tiny_model), preview=True, **SHORT)
    assert timed.settings["budget"]["minutes"] >= 0
    assert timed.settings["budget"]["timed_on"] == 8
    assert prompts.climbs_of(desk, "desk", finished=False) == []
    assert len(prompts.listed(desk, "desk")) == 1


def test_without_held_out_rows_nothing_is_searched_and_the_prompt_is_named_beforehand(desk, tiny_model):
    found = climb_prompts(desk, model=str(tiny_model), **{**SHORT, "rows": 0})
    assert found.summary["search"] is None
    assert found.summary["need"]["title"] == "desk voice + 1 similar example"
    assert "named beforehand" in found.summary["need"]["sentences"][2]


def test_a_sealed_row_is_neither_asked_nor_named(store, fifty_rows, tiny_model, monkeypatch, tmp_path):
    monkeypatch.setenv("GOLDLOOP_MODELS", str(tmp_path / "no-models"))
    datasets.add_version(store, "desk", fifty_rows, parent=None, verb="import", settings={}, counts={}, who="Ann")
    golden = freeze_golden(store, "desk", share=0.2, sealed=0.4, calibration=0.0).golden
    found = climb_prompts(store, model=str(tiny_model), **SHORT)
    assert found.summary["rows"] == len(golden.ids("dev")) < 10
    said = json.dumps(found.summary) + (store.folder("prompts", 1) / "answers.jsonl").read_text()
    hidden = goldens.rows_in(store, golden, "sealed")
    assert not any(text in said for text in (*hidden.row_id, *hidden.prompt, *hidden.reply))


def test_a_training_row_that_the_guard_suspects_is_not_shown_to_the_row_it_resembles(desk):
    version, golden = datasets.version(desk, "desk"), goldens.newest(desk, "desk")
    saved = save_prompt(desk, "one", "", examples=1)
    before = arm_of(desk, saved, "prompted")
    from workbench import leak_search

    found = leak_search.look(desk, version, golden)
    assert found is not None  # showing examples made the guard search
    stopping = {(one.training_id, one.golden_id) for one in found.stopping}
    rows = datasets.rows_of(desk, version)
    by_reply = dict(zip(rows.reply, rows.row_id, strict=True))
    shown = {(by_reply[pair[1]], row_id) for row_id, pairs in before.examples_by_row.items() for pair in pairs}
    assert not shown & stopping
    assert kept.rulings(desk, "desk") == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"counts": (9,)}, "0 to 8"),
        ({"ways": ("nearest",)}, "random and similar"),
        ({"rows": 401}, "0 to 400"),
        ({"primary": "charm"}, 'no metric "charm"'),
        ({"candidates": (7,)}, "no saved prompt 7"),
    ],
)
def test_what_cannot_be_climbed_is_said_before_anything_is_loaded(desk, tiny_model, given, words):
    with pytest.raises((BadInput, NotFound), match=words):
        climb_prompts(desk, model=str(tiny_model), **given)


def test_the_next_version_is_made_from_what_a_person_wrote_not_from_what_a_search_tried(desk, climbed):
    assert save_prompt(desk, "desk voice", "Be kind.").parent == 1


def test_a_prompt_is_saved_once_and_a_new_text_is_the_next_version(desk):
    same = save_prompt(desk, "desk voice", "Be brief.")
    other = save_prompt(desk, "desk voice", "Be brief and kind.")
    assert (same.number, other.number, other.parent) == (1, 2, 1)
    with pytest.raises(BadInput, match="nothing to save"):
        save_prompt(desk, "empty")
    with pytest.raises(BadInput, match="name"):
        save_prompt(desk, " ", "A text.")
    with pytest.raises(NotFound, match="no saved prompt 9"):
        save_prompt(desk, "x", "A text.", parent=9)
