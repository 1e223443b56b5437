"""goldloop prompts on the command line."""

import pytest
from click.testing import CliRunner

from workbench.cli import main
from workbench.cli.prompts import budget_line, rung_line
from workbench.store import datasets, prompts


@pytest.fixture
def run(store, fifty_rows):
    datasets.add_version(store, "desk", fifty_rows, parent=None, verb="import", settings={}, counts={}, who="Ann")

    def call(*words):
        return CliRunner().invoke(main, ["--store", str(store.root), "prompts", *words])

    return call


def test_prompts_are_saved_listed_shown_and_compared(run, store, tmp_path):
    assert "no saved prompt yet" in run("list").output
    (tmp_path / "voice.txt").write_text("Be brief.\nName the day.", encoding="utf-8")
    assert run("add", "voice", "--file", str(tmp_path / "voice.txt")).output == "Saved as prompt 1 of desk: voice.\n"
    said = run("add", "voice", "--text", "Be kind.\nName the day.", "--examples", "2", "--choose", "random").output
    assert said == "Saved as prompt 2 of desk: voice + 2 random examples, made from 1.\n"
    assert "voice + 2 random examples" in run("list", "desk").output
    shown = run("show", "2", "--dataset", "desk").output
    assert "examples: 2 random from desk@1" in shown
    assert shown.endswith("\nBe kind.\nName the day.\n")
    assert "[-brief-]{+kind+}" in run("diff", "1", "2").output
    assert prompts.get(store, "desk", 2).parent == 1


def test_mistakes_are_one_sentence(run):
    assert run("show", "7").output == "Error: desk has no saved prompt 7. See: goldloop prompts list desk\n"
    assert run("add", "x").exit_code == 2
    assert "not both" in run("add", "x", "--file", "a", "--text", "b").output
    assert "goldloop prompts climb desk" in run("ladder").output


def test_the_budget_says_answers_and_minutes_or_that_they_are_unknown():
    budget = {"answers": 477, "minutes": 7.6, "timed_on": 8, "search_answers": 162, "recipes": 14, "held_rows": 24,
              "golden_answers": 315, "golden_rows": 45}  # fmt: skip
    assert budget_line(budget).startswith(
        "477 answers, about 8 minutes on this machine, timed on 8 answers: 162 to try"
    )
    assert "minutes unknown" in budget_line({**budget, "minutes": None})


def test_a_rung_tells_its_interval_verdict_and_what_it_makes_worse():
    one = {"chosen": True, "number": 3, "title": "desk", "mean": 0.36, "low": 0.21, "high": 0.51, "difference": 0.36,
           "difference_low": 0.21, "difference_high": 0.51, "verdict": "better", "worse_on": ["Repetition"],
           "tokens": {"mean": 226.0, "p95": 261.0}, "how": "the best"}  # fmt: skip
    assert rung_line(one, "share") == (
        "*", 3, "desk", "36 %", "21 % to 51 %", "+0.36 [+0.21, +0.51]", "better; worse on Repetition", "226 (261)",
        "the best",
    )  # fmt: skip
