"""A running job as a person sees it: what it does, how far it is, how long it still takes, stop and resume.

The card reads the job's line in the store; nothing hangs on the browser. Which job: `?job=` in the URL, else the newest
one of the card's kinds that runs or needs attention. In a screen:

    card = Card(page, kinds=("train",))                       # draws itself, refreshes by the page's timer
    page.on(button.click, start, [...], [card.shown, page.go])
    # start returns card.of(job), look.here(PATH, job=job.id)
    page.on(card.shown.ended, show, [], [...])                # the job came to its end while somebody watched
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import gradio as gr

from workbench import jobs
from workbench.errors import BadInput, NotFound
from workbench.records import Job
from workbench.reports.tables import span
from workbench.screens.address import Look
from workbench.screens.look import script
from workbench.screens.page import Page
from workbench.store import Store

TITLES = {
    "import": "Import", "check": "Checks", "train": "Training", "evaluate": "Evaluation", "gaps": "Finding gaps",
    "measure": "Measuring steps",
    "probe": "Probes", "models": "Fetching a model", "prompts": "The prompt ladder", "judge": "Judging",
    "study": "A study", "recite": "Reciting",
    "suspects": "Looking for leaks", "losses": "Measuring losses", "tickets": "Reading tickets",
    "copies": "Looking for copies", "demo": "The demo run", "ship": "Shipping", "prefer": "The second stage",
    "repeat": "Repeating a run",
}  # fmt: skip
SCREENS = {
    "import": "/data",
    "check": "/checks",
    "train": "/runs",
    "evaluate": "/evaluation",
    "gaps": "/gaps",
    "probe": "/forgetting",
    "prompts": "/prompts",
    "judge": "/judges",
    "recite": "/runs",
    "repeat": "/runs",
    "study": "/studies",
    "suspects": "/golden",
    "ship": "/ship",
    "prefer": "/ship",
}
ENOUGH_DONE, ENOUGH_SECONDS = 0.02, 4.0  # before that an estimate of the time left is a guess
TOLD_LEFT = re.compile(r",? [^,]* left$")  # a line that tells the time left itself, and knows better: "..., 5 min left"
RECENT_SECONDS = 24 * 3600  # a job that failed or was lost longer ago is history, not news

CARD_HTML = '<div class="job" hidden></div>'
CARD_JS = script("job_card")


def time_left(job: Job, now: float) -> float | None:
    """Seconds until a running job is done if it goes on as it went, or None while nobody can tell."""
    if job.state != "running" or job.pid_created is None:
        return None
    gone = now - job.pid_created
    if job.done < ENOUGH_DONE or gone < ENOUGH_SECONDS:
        return None
    return gone * (1 - job.done) / job.done


def card_of(job: Job) -> dict[str, Any]:
    """What the card shows of a job, as plain values; the browser writes them as text."""
    left = None if TOLD_LEFT.search(job.line) else time_left(job, time.time())
    line = job.error or (TOLD_LEFT.sub("", job.line) if job.over else job.line)
    said = {"waiting": "waiting to start", "running": "", "done": "done", "failed": "failed", "stopped": "stopped",
            "lost": "lost"}[job.state]  # fmt: skip
    return {
        "id": job.id,
        "title": f"{TITLES.get(job.kind, job.kind)} · job {job.id}",
        "state": "stopping" if job.stop and not job.over else job.state,
        "said": "stopping at the next step, keeping what it has" if job.stop and not job.over else said,
        "line": "" if line == said else line,
        "done": round(job.done, 4),
        "left": f"about {span(left)} left" if left is not None and not job.stop else "",
        "href": SCREENS.get(job.kind, ""),
        "over": job.over,
        "resumable": job.state in ("failed", "stopped", "lost"),
    }


def running(store: Store, without: Sequence[str] = ()) -> list[Job]:
    """The jobs that wait or run now, newest first, leaving out some kinds."""
    return [job for job in jobs.listed(store, limit=20) if not job.over and job.kind not in without]


def chosen(store: Store, look: Look, kinds: Sequence[str]) -> Job | None:
    """The job that a screen should show: the one in the URL, else the newest unless it is done."""
    if wanted := look.number("job"):
        try:
            job = jobs.get(store, wanted)
        except NotFound:
            job = None
        if job is not None and job.kind in kinds:
            return job
    found = [job for job in jobs.listed(store, limit=50) if job.kind in kinds and not _elsewhere(job, look)]
    if not found:
        return None
    newest = found[0]
    age = (datetime.now(UTC) - datetime.fromisoformat(newest.created)).total_seconds()
    return (
        newest if not newest.over or (newest.state in ("failed", "lost", "stopped") and age < RECENT_SECONDS) else None
    )


def _elsewhere(job: Job, look: Look) -> bool:
    """True for a job on another dataset than the one in the URL."""
    dataset, version = look.get("dataset"), job.settings.get("version")
    return bool(dataset and isinstance(version, str) and version.rpartition("@")[0] not in ("", dataset))


class Card:
    """A job card on a screen; hidden while there is no job to show. Fires `ended` when its job came to an end."""

    def __init__(self, page: Page, *, kinds: Sequence[str]) -> None:
        self.page, self.kinds = page, tuple(kinds)
        self.shown = gr.HTML(
            None, html_template=CARD_HTML, js_on_load=CARD_JS, apply_default_css=False, elem_classes="job-card"
        )
        page.arrive(self._now, [], [self.shown])
        page.tick(self._later, [self.shown], [self.shown])
        page.on(self.shown.act, self._act, [], [self.shown])

    def of(self, job: Job | None) -> dict[str, Any] | None:
        """The value of `shown` for a job."""
        return None if job is None else card_of(job)

    def _now(self, look: Look) -> Any:
        return self.of(chosen(self.page.store, look, self.kinds))

    def _later(self, look: Look, shown: Any) -> Any:
        fresh = self._now(look)
        return gr.skip() if fresh == shown else fresh

    def _act(self, look: Look, event: dict[str, Any]) -> Any:
        job_id = event.get("id")
        if not isinstance(job_id, int) or jobs.get(self.page.store, job_id).kind not in self.kinds:
            raise BadInput("That job does not belong to this screen.")
        if event.get("what") == "stop":
            return self.of(jobs.stop(self.page.store, job_id))
        if event.get("what") == "resume":
            return self.of(jobs.resume(self.page.store, job_id))
        raise BadInput("A job can be stopped or resumed, nothing else.")
