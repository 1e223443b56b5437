"""`goldloop judges`: the same verbs on the command line, the work in a process of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from workbench.cli import main
from workbench.records import Evaluation
from workbench.store import Store


def command(store: Store, *args: str, said: str | None = None) -> Result:
    return CliRunner().invoke(main, ["--store", str(store.root), "judges", *args], input=said)


def added(store: Store, server: Any, tmp_path: Path, *more: str) -> Result:
    rubric = tmp_path / "rubric.txt"
    rubric.write_text(command(store, "rubric").output)
    return command(store, "add", "strict", "--model", "honest", "--url", server.url, "--rubric", str(rubric), *more)


def test_a_judge_is_added_carded_and_used_from_the_terminal(
    store: Store, judged: Evaluation, server: Any, tmp_path: Path
) -> None:
    done = added(store, server, tmp_path, "--price-in", "1", "--price-out", "2", "--form", "pairwise")
    assert "Judge strict@1." in done.output
    refused = command(store, "card", "1", "strict", said="n\n")
    assert refused.exit_code == 1
    assert "questions would be sent to the model" in refused.output
    assert server.seen == []
    card = command(store, "card", "1", "strict", "--yes", "--cap", "5")
    assert card.exit_code == 0, card.output
    assert "the same verdict in both orders" in card.output
    assert "It passes every gate of its card." in card.output
    ran = command(store, "run", "1", "strict", "--yes", "--arms", "base,tuned")
    assert "Tuned is better than base (net win rate +" in ran.output.replace("tuned model", "tuned"), ran.output
    found = json.loads(command(store, "results", "1", "--json").output)
    assert found["judges"][0]["results"][0]["both"] == 44
    assert "passed" in command(store, "list").output
    assert "Does every number" not in command(store, "list").output
    assert "Does every number" in command(store, "show", "strict").output


def test_a_cap_that_cannot_be_kept_is_refused_before_a_job_is_started(
    store: Store, judged: Evaluation, server: Any, tmp_path: Path
) -> None:
    added(store, server, tmp_path)
    done = command(store, "card", "1", "strict", "--yes", "--cap", "5")
    assert done.exit_code == 2
    assert "A cost cap needs prices" in done.output


@pytest.mark.parametrize("url", ["http://example.com/v1", "https://me:pw@example.com"])
def test_an_address_that_cannot_be_used_is_told_in_one_sentence(store: Store, url: str) -> None:
    done = command(store, "add", "strict", "--model", "m", "--url", url)
    assert done.exit_code == 2
    assert done.output.count("\n") == 1
