"""goldloop metrics: the list, a page, the self-test, also as JSON."""

import json

import pytest
from click.testing import CliRunner

from evaluators.sample import catalogue
from workbench.cli import main


def say(*words: str) -> str:
    found = CliRunner().invoke(main, ["metrics", *words])
    assert found.exit_code == 0, found.output
    return found.output


def test_the_list_names_every_metric_with_its_title():
    told = say()
    assert all(one.name in told and one.title in told for one in catalogue().values())
    assert len(json.loads(say("--json"))) == len(catalogue())


def test_a_page_has_limits_source_and_every_example():
    told = say("required_phrases")
    assert "Known limits" in told
    assert "Source" in told
    assert "must: 30 days" in told
    assert "not judged" in told


def test_the_self_test_is_a_line_a_metric_and_takes_ones_own_items(tmp_path, monkeypatch):
    monkeypatch.setenv("GOLDLOOP_MODELS", str(tmp_path))
    mine = tmp_path / "mine.jsonl"
    mine.write_text(
        json.dumps(
            {"id": "1", "language": "en", "question": "How long?", "reference": "You have 30 days to send it back.",
             "paraphrase": "Thirty days.", "wrong_fact": "You have 90 days to send it back.",
             "negated": "You do not have 30 days to send it back."}
        )
    )  # fmt: skip
    found = json.loads(say("fact_recall", "--self-test", "--items", str(mine), "--json"))
    assert [(one["name"], one["prefers"], one["means"]["wrong fact"]) for one in found] == [("fact_recall", 1.0, 0.0)]
    assert "1 question. P:" in say("--self-test", "--items", str(mine))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["rouge"], 'There is no metric "rouge"'),
        (["--items", "x"], "--items belongs to --self-test"),
        (["--self-test", "--items", "nowhere.jsonl"], "nowhere.jsonl is not there"),
    ],
)
def test_what_is_wrong_is_told_with_the_way_out(words, told):
    found = CliRunner().invoke(main, ["metrics", *words])
    assert found.exit_code != 0
    assert told in found.output
