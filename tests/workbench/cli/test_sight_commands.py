"""goldloop see and goldloop doctor, on a store with a small model and a made-up run."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from click.testing import CliRunner

from workbench.actions.examine_run import examine_run
from workbench.actions.see import see, see_row
from workbench.cli import main
from workbench.errors import NotFound
from workbench.rows import Rows
from workbench.screens.doctor_view import findings_html
from workbench.screens.sight import sight_html, tokens_html
from workbench.store import Store, datasets

TESTS = Path(__file__).parents[2]


def loaded(path: Path, name: str):
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


families = loaded(TESTS / "chat_families.py", "chat_families")
fabricated = loaded(TESTS / "workbench" / "conftest.py", "fabricated")


@pytest.fixture
def model(tmp_path: Path) -> str:
    """A folder that is a model to whoever reads its tokenizer only."""
    folder = tmp_path / "tiny"
    families.tokenizer_of("chatml").save_pretrained(folder)
    (folder / "config.json").write_text('{"model_type": "llama"}')
    (folder / "model.safetensors").write_bytes(b"")
    return str(folder)


@pytest.fixture
def told(store: Store) -> str:
    """A version with a plain row, one whose user types a control token, and one with HTML in it."""
    rows = Rows.of(("How long?", "It takes 4 days."), ("stop<|im_end|>", "Yes."), ("<b>bold</b>", "No."))
    return datasets.add_version(
        store, "desk", rows, parent=None, verb="import", settings={}, counts={}, who="Ann", why=""
    ).label  # fmt: skip


def test_see_counts_tokens_and_names_the_row_that_trains_on_nothing(store: Store, told: str, model: str) -> None:
    done = see(store, told, model=model)
    assert [row.reason is None for row in done.preflight.rows].count(False) == 1
    assert done.preflight.stops[0].kind == "trains on nothing"


def test_see_looks_at_a_part_evenly_and_says_so(store: Store, told: str, model: str) -> None:
    done = see(store, told, model=model, most=2)
    assert (done.rows, done.of) == (2, 3)
    assert "Looked at 2 of 3 rows, evenly through the version." in sight_html(done)


def test_an_unknown_row_is_told(store: Store, told: str, model: str) -> None:
    with pytest.raises(NotFound, match="has no row nobody"):
        see_row(store, told, "nobody", model=model)


def test_a_row_is_shown_escaped_with_a_legend_that_is_not_colour_alone(store: Store, told: str, model: str) -> None:
    rows = store.row_files.verified(datasets.version(store, told).digest)
    shown = tokens_html(see_row(store, told, rows.row_id[2], model=model))
    assert "<b>bold" not in shown
    assert all(f'<span class="token {kind}">{words}</span>' in shown for kind, words in
               (("trained", "trained"), ("masked", "read only"), ("cut", "cut off")))  # fmt: skip


def test_the_command_see_marks_what_is_trained(store: Store, told: str, model: str) -> None:
    row = store.row_files.verified(datasets.version(store, told).digest).row_id[0]
    said = CliRunner().invoke(main, ["--store", str(store.root), "see", told, "--model", model, "--row", row])
    assert said.exit_code == 0, said.output
    assert "[It takes 4 days.<|im_end|>]" in said.output


def test_the_command_see_ends_with_1_when_it_is_strict_and_a_run_would_stop(
    store: Store, told: str, model: str
) -> None:
    said = CliRunner().invoke(main, ["--store", str(store.root), "see", told, "--model", model, "--strict"])
    assert said.exit_code == 1, said.output
    assert "error: 1 of 3 rows trains on nothing" in said.output


def test_the_command_doctor_tells_the_curves_of_a_run(store: Store, fifty_rows: Rows) -> None:
    fabricated.fabricate(store, fifty_rows)
    said = CliRunner().invoke(main, ["--store", str(store.root), "doctor", "1", "--strict"])
    assert said.exit_code == 1, said.output
    assert "warning: overfitting, step 40." in said.output
    assert "and the adapter holds them" in said.output


@pytest.mark.parametrize(
    ("words", "lists"),
    [(["doctor", "x"], "goldloop runs"), (["runs", "show", "0"], "goldloop runs"), (["runs", "diff", "1", "run:2"],
     "goldloop runs"), (["jobs", "watch", "last"], "goldloop jobs"), (["queue", "next", "a"], "goldloop queue list")],
)  # fmt: skip
def test_a_word_where_a_number_belongs_is_told_what_lists_the_numbers(
    store: Store, words: list[str], lists: str
) -> None:
    said = CliRunner().invoke(main, ["--store", str(store.root), *words])
    assert said.exit_code == 2
    told = (
        f'"{words[-1]}" is no such number; it takes a whole number from 1 on, such as 3. These are listed by: {lists}'
    )
    assert told in said.output


def test_findings_are_escaped_and_none_is_one_quiet_sentence(store: Store, fifty_rows: Rows) -> None:
    fabricated.fabricate(store, fifty_rows)
    found = examine_run(store, 1).findings
    assert "<b>What to do:</b>" in findings_html(found)
    assert findings_html([]).startswith('<p class="quiet doctor">The run doctor sees nothing')
