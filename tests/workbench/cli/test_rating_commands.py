"""A round from its opening to its export, on the command line."""

from __future__ import annotations

import json

from click.testing import CliRunner

from workbench.cli import main
from workbench.store import ratings


def test_a_round_is_opened_rated_closed_and_exported_by_commands(store, evaluated, tmp_path):
    def run(*words: str) -> str:
        done = CliRunner().invoke(main, ["--store", str(store.root), "rate", *words])
        assert done.exit_code == 0, done.output
        return str(done.output)

    assert "goldloop rate open 1" in run("1")
    assert "9 pairs on 9 rows" in run("open", "1", "--raters", "1", "--dry-run")
    assert "Round 1 is open" in run("open", "1", "--raters", "1", "--repeats", "0", "--known", "0")
    card = json.loads(run("next", "1", "--rater", "Ann", "--json"))
    assert set(card) == {"card", "prompt", "a", "b"}
    assert run("vote", "1", card["card"], "a", "--rater", "Ann", "--tag", "tone") == "1 of 9 done.\n"
    assert "1 votes so far on 1 of 9 rows" in run("progress", "1")
    assert "holds 8 pairs for Ben" in run("pack", "1", "--rater", "Ben", "-o", str(tmp_path))
    assert "Rated blind by 1 person" in run("close", "1")
    assert "Rated blind by 1 person" in run("1")
    assert ": 1 pairs; 0 without a winner" in run("export", "1", "-o", str(tmp_path / "pairs.jsonl"))


def test_a_rater_at_a_terminal_grades_and_is_asked_at_the_end_which_answer_is_the_tuned_models(
    store, evaluated, monkeypatch
):
    # by chance the one row would now and then be that with the same answer twice, of which there is nothing to ask
    monkeypatch.setattr("workbench.actions.open_round.secrets.randbits", lambda bits: 0)

    def run(*words: str) -> str:
        done = CliRunner().invoke(main, ["--store", str(store.root), "rate", *words])
        assert done.exit_code == 0, done.output
        return str(done.output)

    run("open", "1", "--rows", "1", "--raters", "1", "--repeats", "0", "--known", "0", "--grade", "helpful")
    card = json.loads(run("next", "1", "--rater", "Ann", "--json"))["card"]
    run("vote", "1", card, "a", "--rater", "Ann", "--grade", "a", "helpful", "4", "--grade", "b", "helpful", "2")
    assert ratings.votes_of(store, 1)[0].grades == {"a": {"helpful": 4}, "b": {"helpful": 2}}
    last = json.loads(run("next", "1", "--rater", "Ann", "--json"))
    assert last["guess"]
    run("vote", "1", last["card"], "b", "--rater", "Ann")
    assert "Nothing to rate" in run("next", "1", "--rater", "Ann")
    assert ratings.votes_of(store, 1)[1].kind == "guess"


def test_options_that_would_do_nothing_are_refused(store, evaluated):
    for words, way in (
        (["gap", "1", "--note", "x"], "--state"), (["gap", "1", "--preview"], "--rows FILE"),
        (["notes", "1", "--kind", "tone"], "--rows ID+ID"),
    ):  # fmt: skip
        done = CliRunner().invoke(main, ["--store", str(store.root), *words])
        assert done.exit_code != 0
        assert way in done.output
