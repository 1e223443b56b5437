"""The whole loop on the real embedded model, at a small size: what `make demo` does with few rows and few steps."""

from __future__ import annotations

import html
import json
import os
import signal
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from evaluators.models import embedded
from workbench import jobs
from workbench.actions.find_suspects import find_suspects
from workbench.actions.freeze_golden import freeze_golden
from workbench.actions.import_rows import import_rows
from workbench.actions.override_leaks import override_leaks
from workbench.demo import DATA, STATIONS, Toured, run_demo
from workbench.settings import models_folder, no_report
from workbench.store import Store, datasets, evaluations, gaps, goldens, ratings, runs

pytestmark = [
    pytest.mark.model,
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        not embedded.is_ready("smollm2-135m", models_folder()),
        reason="SKIPPED LOUDLY: the embedded model is not fetched; run: goldloop models fetch smollm2-135m",
    ),
]
ROWS, STEPS = 90, 6


@pytest.fixture(scope="module")
def toured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Toured, list[str]]]:
    """A store in which the demo was run on 90 rows with six steps of training, and what it said."""
    store = Store.open(tmp_path_factory.mktemp("demo") / "store")
    said: list[str] = []
    settings = [f"max_steps={STEPS}", "max_length=192"]
    end = run_demo(store, settings=settings, rows=ROWS, say=said.append, report=no_report)
    yield store, end, said
    store.close()


Stop = tuple[Store, Toured, list[str]]


def test_every_station_is_passed_and_the_verdict_is_a_sentence(toured: Stop) -> None:
    _, _, said = toured
    text = "\n".join(said)
    assert [f"[{number}/{STATIONS}]" in text for number in range(1, STATIONS + 1)] == [True] * STATIONS
    verdict = next(line for line in text.splitlines() if line.startswith("Verdict: "))
    assert "golden row" in verdict
    assert verdict.endswith(".")


def test_the_adapter_is_safetensors_with_a_card_and_nothing_else_that_runs_code(toured: Stop) -> None:
    _, end, _ = toured
    files = {file.name for file in end.adapter.iterdir()}
    assert {"adapter_model.safetensors", "adapter_config.json", "README.md"} <= files
    assert not [name for name in files if name.endswith((".bin", ".pt", ".pkl"))]


def test_no_golden_row_stood_in_training(toured: Stop) -> None:
    store, end, _ = toured
    run = runs.get(store, end.run)
    golden = goldens.rows_of(store, goldens.by_id(store, run.golden_id))
    trained = datasets.rows_of(store, datasets.by_id(store, run.version_id))
    assert len(golden) >= 8
    assert not set(golden.row_id) & set(trained.row_id)
    assert not set(golden.text) & set(trained.text)


def test_three_arms_answered_every_golden_row_and_were_compared_in_pairs(toured: Stop) -> None:
    store, end, _ = toured
    evaluation = evaluations.get(store, end.evaluation)
    summary = evaluation.summary
    assert summary is not None
    ids = {arm: [one.row_id for one in evaluations.answers_of(store, evaluation.id, arm)] for arm in summary["arms"]}
    assert list(ids) == ["base", "prompted", "tuned"]
    assert ids["base"] == ids["prompted"] == ids["tuned"]
    assert len(ids["base"]) == summary["rows"]
    nll = next(one for one in summary["comparisons"] if (one["a"], one["b"], one["scorer"]) == ("base", "tuned", "nll"))
    assert nll["low"] < nll["difference"] < nll["high"]
    assert nll["n"] == summary["rows"]
    assert summary["verdict"]["against_base"] in ("better", "worse", "no worse", "can't tell")


def test_six_steps_already_lower_the_loss_on_golden(toured: Stop) -> None:
    store, end, _ = toured
    summary = evaluations.get(store, end.evaluation).summary
    assert summary is not None
    assert summary["means"]["tuned"]["nll"] < summary["means"]["base"]["nll"]


def test_the_rating_round_is_open_and_no_vote_was_made_up(toured: Stop) -> None:
    store, end, _ = toured
    [opened] = ratings.rounds_of(store, end.evaluation)
    assert not opened.closed
    assert ratings.votes_of(store, opened.id) == []


def test_gaps_point_at_training_rows_and_hold_no_golden_text(toured: Stop) -> None:
    store, end, _ = toured
    found = gaps.listed(store, end.evaluation)
    assert found
    run = runs.get(store, end.run)
    training = set(datasets.rows_of(store, datasets.by_id(store, run.version_id)).row_id)
    golden = goldens.rows_of(store, goldens.by_id(store, run.golden_id))
    for gap in found:
        assert {near["row_id"] for near in gap.neighbours} <= training
        said = gap.cause + gap.action
        assert not [reply for reply in golden.reply if reply in said]


class Addresses(HTMLParser):
    """Collects what a browser would fetch or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [f"<{tag}>"] if tag in ("script", "link", "iframe", "object") else []
        self.found += [f"{name}={value}" for name, value in attrs if name in ("src", "srcset") or name.startswith("on")]
        self.found += [value for name, value in attrs if name == "href" and value and not value.startswith("#")]


def test_the_report_is_one_file_that_fetches_and_runs_nothing(toured: Stop) -> None:
    _, end, _ = toured
    page = Addresses()
    page.feed(end.report.read_text(encoding="utf-8"))
    assert page.found == []
    assert end.report.stat().st_size < 300_000
    twin = json.loads(end.report.with_suffix(".json").read_text(encoding="utf-8"))
    words = html.unescape(" ".join(end.report.read_text(encoding="utf-8").split()))
    assert twin["summary"]["verdict"]["sentence"] in words


def test_a_killed_training_job_shows_as_lost_and_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store")
    part = tmp_path / "desk.jsonl"
    part.write_text("".join((DATA / "support.jsonl").read_text().splitlines(keepends=True)[:60]))
    import_rows(store, part, name="desk")
    from workbench.actions.apply_fix import apply_fix

    apply_fix(store, "drop_rows", where="check=too_long")
    freeze_golden(store, share=0.15)
    if find_suspects(store).open:  # other wordings of golden facts, which are no matter of this test
        override_leaks(store, reason="a test of jobs")
    short = ["max_steps=8", "save_every=2", "batch_size=4", "max_length=160", "untrainable=leave out"]
    wanted = {"version": "desk", "settings": short}
    job = jobs.start(store, "train", wanted)
    _wait(lambda: _steps_of(store, job.id) >= 3)
    pid = jobs.get(store, job.id).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    _wait(lambda: jobs.get(store, job.id).state == "lost")
    run = runs.of_job(store, job.id)
    assert run is not None
    assert run.result is None
    jobs.resume(store, job.id)
    _wait(lambda: jobs.get(store, job.id).over)
    assert jobs.get(store, job.id).state == "done", jobs.get(store, job.id).error
    lines = [json.loads(line) for line in (runs.folder(store, run.id) / "metrics.jsonl").read_text().splitlines()]
    steps = [line["step"] for line in lines if line.get("loss") is not None]
    assert steps == list(range(1, 9))
    assert len(runs.listed(store)) == 1


def _steps_of(store: Store, job_id: int) -> int:
    """The metric lines so far; a job that failed is told at once."""
    job, run = jobs.get(store, job_id), runs.of_job(store, job_id)
    assert job.state != "failed", job.error
    if run is None:
        return 0
    file = runs.folder(store, run.id) / "metrics.jsonl"
    return file.read_text().count('"loss"') if file.exists() else 0


def _wait(happens: object, seconds: float = 400) -> None:
    assert callable(happens)
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.2)
