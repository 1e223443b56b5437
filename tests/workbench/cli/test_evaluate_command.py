"""goldloop evaluate and goldloop compare: the plan first, mistakes in a sentence, a sealed look counted."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from workbench.cli import main
from workbench.store import evaluations, jobs


@pytest.fixture
def goldloop(store, evaluated):
    def run(*words: str):
        return CliRunner().invoke(main, ["--store", str(store.root), *words])

    return run


def test_the_plan_is_shown_and_nothing_is_started(store, goldloop):
    said = goldloop("evaluate", "1", "--plan", "--margin", "refusal=2%", "--margin", "stopped=off", "--useful", "0.1")
    assert said.exit_code == 0, said.output
    assert "Facts of the reference that the output states decides (higher is better)" in said.output
    assert "Guard: Refuses although it should answer, at most 2 points worse." in said.output
    assert "Guard: Ended by itself" not in said.output
    assert "A gain is called useful when it is shown to be larger than 10 points." in said.output
    assert "Smallest detectable change of a pass rate, by share of rows that differ:" in said.output
    assert jobs.listed(store) == []
    assert len(evaluations.listed(store)) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--margin", "refusal"), '"refusal" is no margin. Write METRIC=VALUE'),
        (("--margin", "beauty=1"), 'there is no metric "beauty" to guard'),
        (("--primary", "embedding_similarity"), "cannot decide"),
        (("--sealed",), "has no sealed rows"),
    ],
)
def test_a_plan_that_cannot_be_kept_is_told_in_a_sentence_and_no_job_is_made(store, goldloop, words, said):
    done = goldloop("evaluate", "1", *words)
    assert done.exit_code == 2
    assert said in done.output
    assert jobs.listed(store) == []


def test_evaluations_are_compared_and_an_unknown_one_is_told(goldloop):
    assert "On the deciding metric" in goldloop("compare", "evaluation:1", "evaluation:1").output
    done = goldloop("compare", "evaluation:1", "evaluation:7")
    assert (done.exit_code, "no evaluation 7" in done.output) == (2, True)
