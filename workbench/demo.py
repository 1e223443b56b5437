"""The whole loop on the demo data, station by station: what `goldloop demo` and `make demo` run."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from tempfile import TemporaryDirectory

from workbench import jobs
from workbench.actions.apply_fix import apply_fix
from workbench.actions.fetch_model import fetch_model
from workbench.actions.find_gaps import find_gaps
from workbench.actions.find_suspects import find_suspects
from workbench.actions.freeze_golden import freeze_golden
from workbench.actions.import_rows import import_rows
from workbench.actions.open_round import open_round
from workbench.actions.rule_suspect import rule_suspect
from workbench.actions.run_checks import run_checks
from workbench.actions.write_report import write_report
from workbench.errors import NotFound, Refused
from workbench.records import Job
from workbench.reports.tables import comparison_lines, table
from workbench.settings import DEFAULT_MODEL, EMBEDDER, Report
from workbench.store import Store, datasets, evaluations, runs

DATA = Path(__file__).parent.parent / "data" / "demo"
FIXES = (  # (fix, which rows, why): the order matters, since text is mended before rows are dropped
    ("repair_mojibake", "", "text that was decoded wrongly"),
    ("strip_markup", "", "markup left over from a web page or a template"),
    ("mask_personal_data", "", "names no customer"),
    ("keep_best_copy", "", "copies teach nothing new"),
    ("drop_rows", "check=role_order", "turns in an impossible order"),
    ("drop_rows", "check=empty_turn", "a turn without text"),
    ("drop_rows", "check=missing_reply", "nothing to learn from"),
    ("drop_rows", "check=conflicting_replies", "nobody here can tell which reply is right"),
    ("drop_rows", "check=refusal", "refuses what the desk does answer"),
    ("drop_rows", "check=placeholder", "a form that nobody filled in"),
    ("drop_rows", "check=cut_off", "ends in the middle"),
    ("drop_rows", "check=repetition", "repeats itself"),
    ("drop_rows", "check=too_long", "does not fit the model"),
    ("drop_rows", "check=length_spread", "far longer or shorter than all others"),
)
STATIONS = 10
SHARE = 0.20  # few rows: hold out more, or the golden set can show only very large differences
POLL_SECONDS = 0.5
BY_DESIGN = (  # the ruling that a person who knows these data would sign; it stands in the report
    "By design: the demo teaches each fact in eight wordings and holds some of them out, so that golden asks whether a "
    "fact was learned and not a sentence."
)


@dataclass(frozen=True)
class Toured:
    """Where the demo ended: the ids of its run and evaluation, and the paths to look at."""

    run: int
    evaluation: int
    adapter: Path
    report: Path
    seconds: float


def run_demo(
    store: Store, *, settings: Iterable[str], rows: int | None, say: Callable[[str], None], report: Report
) -> Toured:
    """Runs import, check, fix, golden, train, evaluate, rate, gaps and report for real, and says how to open the app.

    settings: knobs of the training plan. rows: only so many rows, for a quick look. Raises NotFound without the data.
    """
    start, number = time.monotonic(), count(1)

    def station(title: str) -> None:
        say(f"\n[{next(number)}/{STATIONS}] {title}  ({time.monotonic() - start:.0f} s)")

    if not (DATA / "support.jsonl").exists():
        raise NotFound(f"The demo data is not in {DATA}. Run the demo from a checkout of the project.")
    for name in (DEFAULT_MODEL, EMBEDDER):
        say(f"{name}: {fetch_model(name, report=report)}")
    start = time.monotonic()  # the downloads are not the loop's

    station("Import: conversations of a support desk, with faults planted in them")
    dataset = _import(store, rows, say)
    station("Check: what is wrong with them")
    _check(store, dataset, say)
    station("Fix: each as a version that can be undone")
    _fix(store, dataset, say)
    station(f"Golden: hold out {SHARE:.0%}, grouped so that no copy stands on both sides, and lock it")
    frozen = freeze_golden(store, dataset, share=SHARE, seed=0, together="copies")
    assert frozen.golden is not None
    assert frozen.version is not None
    say(
        f"{frozen.golden.size} rows are golden (lock {frozen.golden.digest[:16]}), "
        f"{frozen.version.size} are left to train on."
    )
    rule_by_design(store, dataset, say)
    run_checks(store, dataset)  # so that the app shows findings of the version in force
    station(f"Train: a LoRA adapter on {DEFAULT_MODEL}, in a process of its own")
    trained = _follow(store, jobs.start(store, "train", {"version": dataset, "settings": list(settings)}), say, report)
    run_id = int((trained.result or {})["run"])
    station("Evaluate: base, base with a better prompt, and tuned, on the golden rows")
    prompt = (DATA / "prompt.txt").read_text(encoding="utf-8")
    job = _follow(store, jobs.start(store, "evaluate", {"run": run_id, "prompt": prompt}), say, report)
    evaluation = evaluations.get(store, int((job.result or {})["evaluation"]))
    assert evaluation.summary is not None
    say(comparison_lines(evaluation.summary))
    station("Rate: a blind round is open; only people can vote in it")
    opened = open_round(store, evaluation.id)
    say(f"Round {opened.id} waits on the Rating screen. No vote is made up here.")
    station("Gaps: what failed, and what to mend in the data")
    found = find_gaps(store, evaluation.id, report=report)
    say(
        table(
            ("where", "failure", "golden rows", "to do"),
            [(gap.slice, gap.failure, len(gap.golden_rows), gap.action) for gap in found[:5]],
        )
    )
    station("Report: one file for people who were not here")
    written = write_report(store, evaluation.id)
    station("App: look at all of it")
    adapter = runs.folder(store, run_id) / "adapter"
    seconds = time.monotonic() - start
    say(
        f"Verdict: {evaluation.summary['verdict']['sentence']}\n"
        f"         {evaluation.summary['verdict']['recommendation']}\n"
        f"Adapter: {adapter}\nReport:  {written.html}\n"
        f"App:     make app (or: goldloop --store {store.root} app), then open the address it prints\n"
        f"Took {seconds / 60:.1f} minutes after the downloads."
    )
    return Toured(run_id, evaluation.id, adapter, written.html, seconds)


def _import(store: Store, rows: int | None, say: Callable[[str], None]) -> str:
    """Imports the demo file under a name that is free, so that the demo can be run again; gives the name."""
    taken = set(datasets.names(store))
    name = next(one for one in chain(["demo"], (f"demo {n}" for n in count(2))) if one not in taken)
    with TemporaryDirectory() as folder:
        source = DATA / "support.jsonl"
        if rows is not None:
            part = Path(folder) / source.name
            part.write_text(
                "".join(source.read_text(encoding="utf-8").splitlines(keepends=True)[:rows]), encoding="utf-8"
            )
            source = part
        done = import_rows(store, source, name=name, why="the demo data")
    say(f"{done.version.label}: {done.version.size} rows, read as {done.format}, {done.rejected} rejected.")
    return name


def _check(store: Store, dataset: str, say: Callable[[str], None]) -> None:
    checked = run_checks(store, dataset)
    planted = json.loads((DATA / "faults.json").read_text(encoding="utf-8"))
    found = sorted((run for run in checked.runs if run.flagged), key=lambda run: -run.flagged)
    say(table(("check", "severity", "rows"), [(run.check, run.severity, run.flagged) for run in found]))
    absent = sum(bool(run.not_run) for run in checked.runs)
    silent = len(checked.runs) - len(found) - absent
    say(f"{silent} more checks flag no row; {absent} need something first (a golden set, a sheet, a trained run).")
    say(f"({len(planted)} faults were planted in the demo data; its key is {DATA / 'faults.json'})")
    for advice in checked.advice:
        say(f"- {advice}")


def _fix(store: Store, dataset: str, say: Callable[[str], None]) -> None:
    for fix, where, why in FIXES:
        try:
            done = apply_fix(store, fix, version=dataset, where=where, why=why, confirm=True)
        except Refused:
            continue  # nothing to mend: an earlier fix took care of it
        assert done.after is not None
        say(f"{done.after.label}: {fix} {where or 'where its checks flag'}: {done.difference.summary}")
    checked = run_checks(store, dataset)
    left = [f"{run.check} {run.flagged}" for run in checked.runs if run.flagged]
    say(f"Checked again: {', '.join(left) or 'nothing is flagged any more'}.")


def rule_by_design(store: Store, dataset: str, say: Callable[[str], None]) -> None:
    """Rules on other wordings of golden facts, which these data hold by design; copies would still stop training."""
    found = find_suspects(store, dataset)
    if not found.open:
        return
    alike = [one for one in found.open if one.tier == "suspect" and one.way == "meaning"]
    say(f"The leak guard finds {len(found.open)} pairs that training must not pass over without a ruling.")
    if alike:
        rule_suspect(store, [one.key for one in alike], version=dataset, leak=False, reason=BY_DESIGN)
        say(f"{len(alike)} pairs, alike in meaning only, are ruled no leak. {BY_DESIGN}")


def _follow(store: Store, started: Job, say: Callable[[str], None], report: Report) -> Job:
    """Waits for a job, passing its progress on; says a line every ten percent for those who read a log."""
    told, job = -1, started
    for job in jobs.watch(store, started.id, every=POLL_SECONDS):
        report(min(job.done, 0.99), job.line)
        if int(job.done * 10) > told:
            told = int(job.done * 10)
            say(f"{job.done:4.0%}  {job.line}")
    if job.state != "done":
        raise Refused(f"Job {job.id} is {job.state}: {job.error or job.line} (log: {jobs.log_path(store, job.id)})")
    return job
