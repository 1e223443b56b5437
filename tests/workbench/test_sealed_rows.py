"""No word of a sealed row reaches a screen, the command line, an export, a report, the database or an error.

Every row bears a word of its own in its question and in its reply. After a freeze those of the sealed rows are looked
for wherever the store or a face says something. A near copy of a sealed row, without its word, stands in training, so
that the leak guard and the checks have something to tell.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from evaluators.conclusion import conclude
from evaluators.primary_metric import primary_metric
from evaluators.sample import catalogue
from workbench import history
from workbench.actions.evaluate import samples_of
from workbench.actions.find_gaps import find_gaps
from workbench.actions.freeze_golden import freeze_golden
from workbench.actions.import_rows import import_rows
from workbench.actions.run_checks import run_checks
from workbench.actions.write_report import write_report
from workbench.cli import main
from workbench.errors import Refused
from workbench.records import Answer, Golden
from workbench.rows import Rows
from workbench.screens import shell
from workbench.store import Store, datasets, evaluations, goldens, runs
from workbench.training_side import prepare

LEAK_CHECKS = ["golden_leak", "rephrased_leak"]


def marked(rows: Rows) -> Rows:
    """Every row with two words that stand nowhere else."""
    turns = {
        row_id: [
            {**turn, "content": f"{turn['content']} {mark}{at:02}x."}
            for turn, mark in zip(said, ("zq", "zr"), strict=True)
        ]
        for at, (row_id, said) in enumerate(zip(rows.row_id, rows.messages, strict=True))
    }
    return rows.edit(turns)


def add_evaluation(store: Store, golden: Golden, rows: Rows, part: str) -> int:
    """An evaluation as `evaluate` stores it: outputs of readable rows, and of sealed ones nothing but scores."""
    run = runs.listed(store)[0]
    samples = samples_of(rows, golden)
    said = {
        arm: [type(one)(**{**vars(one), "output": f"Perhaps {n} days.", "measured": {"nll": 2.0, "stopped": 1.0}})
              for n, one in enumerate(samples)]
        for arm in ("base", "prompted", "tuned")
    }  # fmt: skip
    scores = {arm: {name: s.by_id(those) for name, s in catalogue().items()} for arm, those in said.items()}
    chosen, reason = primary_metric(samples)
    made = evaluations.add(
        store, run.id, golden.id, {"part": part, "primary": chosen, "prompt": "", "examples": 0}, "A"
    )
    summary = {
        **conclude(scores, samples, chosen, reason), "part": part, "model": "toy", "adapter_digest": "ab" * 32,
        "arms": {"base": {"adapter": False}, "prompted": {"adapter": False, "system": "Be short.", "examples": []},
                 "tuned": {"adapter": True, "run": run.id}},
        "decoding": {"max_new_tokens": 64, "sample": False}, "rows": len(samples), "margin": 0.05,
        "golden": {"label": golden.label, "digest": golden.digest, "size": golden.size}, "version": run.version,
    }  # fmt: skip
    answers = [
        Answer(
            one.id, arm, "" if part == "sealed" else one.output or "", {},
            {name: by[one.id].value for name, by in scores[arm].items()}, {},
        )
        for arm, those in said.items() for one in those
    ]  # fmt: skip
    evaluations.finish(store, made.id, answers, summary)
    return made.id


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory, fifty_rows: Rows) -> Iterator[tuple[Store, Golden, list[str]]]:
    """A store with everything in it, its golden set, and the words that nobody may see."""
    folder = tmp_path_factory.mktemp("sealed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOLDLOOP_MODELS", str(folder / "no-models"))
        store = Store.open(folder / "store")
        history.commit(store, None, marked(fifty_rows), dataset="desk", verb="import", settings={})
        frozen = freeze_golden(store, share=0.2, sealed=0.5)
        assert frozen.golden is not None
        assert frozen.version is not None
        golden = frozen.golden
        hidden = goldens.rows_in(store, golden, "sealed")
        words = [
            word for text in hidden.text for word in text.replace(".", " ").split() if word.startswith(("zq", "zr"))
        ]
        run = runs.add(store, frozen.version, golden, {"model": "toy", "seed": 0}, "Ann", None)
        runs.finish(store, run.id, {"adapter": "adapter", "adapter_digest": "ab" * 32, "losses": [2.0, 1.0]})
        add_evaluation(store, golden, goldens.readable(store, golden), "dev")
        look = goldens.add_look(store, golden, add_evaluation(store, golden, hidden, "sealed"))
        goldens.finish_look(store, look.id, "fact_recall", dict.fromkeys(hidden.row_id, 0.0), 0.0, True)
        plain = fifty_rows.having(hidden.row_id[:1])
        copy = folder / "copy.jsonl"
        copy.write_text(json.dumps({"messages": [dict(one) for one in plain.messages[0]]}))
        import_rows(store, copy, name="desk")
        find_gaps(store, 1)
        run_checks(store, "desk", only=LEAK_CHECKS)
        yield store, golden, words
        store.close()


def seen(text: str, words: list[str]) -> list[str]:
    return [word for word in words if word in text]


def test_the_words_are_there_to_be_found(sealed: tuple[Store, Golden, list[str]]) -> None:
    store, golden, words = sealed
    assert len(words) == 10
    assert seen(" ".join(goldens.rows_of(store, golden).text), words) == words
    assert seen(" ".join(goldens.readable(store, golden).text), words) == []


def test_no_screen_shows_a_sealed_row(sealed: tuple[Store, Golden, list[str]]) -> None:
    store, golden, words = sealed
    app = shell.build(store)
    row = golden.ids("sealed")[0]
    looks = (f"?dataset=desk&evaluation=1&row={row}", "?dataset=desk&evaluation=2", "?dataset=desk&a=1&b=2")
    told, asked = "", 0
    for one in app.fns.values():
        if [event for _, event in one.targets] == ["load"] and one.fn is not None:
            for look in looks:
                told += str(one.fn(look, *[None] * (len(one.inputs) - 1)))
                asked += 1
    assert asked >= 3 * len(shell.MENU)
    assert "desk golden 1" in told
    assert seen(told, words) == []


COMMANDS = [
    "golden show --rows", "golden sign", "golden looks", "golden compare", "golden freeze --share 0.2 --preview",
    "golden refresh --preview", "golden suspects", "gaps 1", "diff desk@1 desk@2", "check desk --only golden_leak",
    "versions", "report 1", "train desk", "compare 1 2", "jobs", "sheet show",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_prints_a_sealed_row(command: str, sealed: tuple[Store, Golden, list[str]], monkeypatch) -> None:
    store, _, words = sealed
    monkeypatch.setenv("GOLDLOOP_MODELS", str(store.root / "no-models"))
    done = CliRunner().invoke(main, ["--store", str(store.root), *command.split()])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert done.output.strip()
    assert seen(done.output, words) == []


def test_a_refused_training_tells_no_word_of_it(sealed: tuple[Store, Golden, list[str]], monkeypatch) -> None:
    store, _, words = sealed
    monkeypatch.setenv("GOLDLOOP_MODELS", str(store.root / "no-models"))
    with pytest.raises(Refused, match="sealed golden row") as refusal:
        prepare(store, "desk")
    assert seen(str(refusal.value) + str(refusal.value.pairs), words) == []


def test_a_report_and_its_twin_hold_no_sealed_row(sealed: tuple[Store, Golden, list[str]], tmp_path: Path) -> None:
    store, _, words = sealed
    for evaluation in (1, 2):
        done = write_report(store, evaluation, tmp_path / f"{evaluation}.html")
        assert seen(done.html.read_text() + done.json.read_text(), words) == []


def test_an_export_of_a_version_from_before_the_seal_leaves_them_out(
    sealed: tuple[Store, Golden, list[str]], tmp_path: Path
) -> None:
    store, _, words = sealed
    done = CliRunner().invoke(main, ["--store", str(store.root), "export", "desk@1", "-o", str(tmp_path / "old.jsonl")])
    assert "5 rows are sealed golden rows by now" in done.output
    assert seen((tmp_path / "old.jsonl").read_text(), words) == []
    assert len((tmp_path / "old.jsonl").read_text().splitlines()) == 45


def test_neither_the_database_nor_what_was_measured_holds_a_word_of_them(
    sealed: tuple[Store, Golden, list[str]],
) -> None:
    store, _, words = sealed
    told = ""
    for path in sorted(store.root.rglob("*")):
        if path.is_file() and path.parent.name not in ("rows", "index"):
            told += str(pl.read_parquet(path).to_dicts()) if path.suffix == ".parquet" else path.read_text("latin-1")
    assert seen(told, words) == []


def test_the_newest_versions_hold_none_of_them(sealed: tuple[Store, Golden, list[str]]) -> None:
    store, _, words = sealed
    assert seen(" ".join(datasets.rows_of(store, datasets.version(store, "desk")).text), words) == []
