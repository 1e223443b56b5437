"""goldloop report and goldloop card: files where they are wanted, words where something is missing."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from workbench.cli import main


@pytest.fixture
def run(store, evaluated):
    return lambda *words: CliRunner().invoke(main, ["--store", str(store.root), *words])


def test_a_report_and_its_twin_are_written_where_they_are_wanted(run, tmp_path):
    done = run("report", "1", "-o", str(tmp_path / "one.html"))
    assert done.exit_code == 0, done.output
    assert (tmp_path / "one.html").is_file()
    assert (tmp_path / "one.json").is_file()


def test_evaluations_over_time_are_one_page_a_dataset(run, store):
    done = run("report", "--over-time", "desk")
    assert "1 evaluations in 1 charts" in done.output
    assert (store.root / "reports" / "over-time-desk.html").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("report",), "Which evaluation?"),
        (("report", "1", "--over-time", "desk"), "not both"),
        (("report", "--over-time", "nothing"), "nothing"),
        (("card",), "Give a run"),
        (("card", "1", "--data", "desk"), "Give a run"),
        (("card", "1"), "Run 1 has no adapter"),
    ],
)
def test_what_is_missing_is_said_in_words(run, words, said):
    done = run(*words)
    assert done.exit_code != 0
    assert said in done.output
    assert "Traceback" not in done.output


def test_a_dataset_card_is_shown_or_written(run, tmp_path):
    assert run("card", "--data", "desk@2").output.startswith("---\npretty_name")
    run("card", "--data", "desk@2", "-o", str(tmp_path / "CARD.md"))
    assert (tmp_path / "CARD.md").read_text().startswith("---\npretty_name")
