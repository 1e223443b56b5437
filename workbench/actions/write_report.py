"""Writes the report of an evaluation: one HTML file for people who were not there, and its JSON twin."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from evaluators.sample import Scorer, catalogue
from evaluators.verdict import in_percent
from training.adapters.model_card import ADAPTER_KNOBS
from workbench import __version__
from workbench.errors import BadInput
from workbench.records import Answer, Evaluation, Golden, Run
from workbench.reports.asked import asked
from workbench.reports.cautions import cautions
from workbench.reports.limits import commands, limits, next_steps, not_tested
from workbench.reports.report import (
    ArmFacts,
    Case,
    CostLine,
    Mended,
    ReportData,
    RowLine,
    VersionLine,
    as_html,
    as_json,
)
from workbench.reports.representative import compared
from workbench.reports.safe_file import put
from workbench.reports.sources import licences_named, without_personal_data
from workbench.rows import Rows
from workbench.settings import user_name
from workbench.store import Store, datasets, evaluations, findings, gaps, goldens, ratings, runs, sheets
from workbench.store.store import now
from workbench.told import told_of
from workbench.told.adapter import adapter_digest

BASE, PROMPTED, TUNED = "base", "prompted", "tuned"
MOST_REGRESSIONS, MOST_WINS, MOST_BOTH_BAD = 8, 4, 4
SAME = 1e-9  # scores closer than this are equal
HALF = 0.5  # of a share: an answer below it is called bad
MOST_COMPARED = 20_000  # training rows held against golden; more take longer than somebody waits for a report
PACKAGES = ("torch", "transformers", "peft", "trl", "numpy", "scipy", "polars")


@dataclass(frozen=True)
class Written:
    """Where a report lies."""

    html: Path
    json: Path


def write_report(store: Store, evaluation_id: int, path: str | Path | None = None) -> Written:
    """Writes the report as HTML to `path` and as JSON beside it; by default into the run's folder.

    Raises BadInput for an evaluation that is not finished and for a path that cannot be written.
    """
    data = gather(store, evaluation_id)
    if path is None:
        html = runs.folder(store, data.run) / f"evaluation-{evaluation_id}" / "report.html"
        html.parent.mkdir(parents=True, exist_ok=True)
    else:
        html = Path(path)
        if html.is_dir():
            html = html / "report.html"
        if html.suffix.lower() not in (".html", ".htm"):
            raise BadInput(f"{html.name} should end in .html; the JSON twin gets the same name with .json.")
    stamp = now()
    done = Written(html, html.with_suffix(".json"))
    put(done.html, as_html(data, stamp))
    put(done.json, as_json(data, stamp))
    return done


def gather(store: Store, evaluation_id: int) -> ReportData:
    """Every fact of a report, from the store.

    While people rate the answers blind, from the first vote until the round is closed, the golden rows with the arms'
    answers are left out: they would tell a rater which is which. A report on sealed rows never holds a row.
    """
    evaluation = evaluations.get(store, evaluation_id)
    if not evaluation.summary:
        raise BadInput(f"Evaluation {evaluation_id} is not finished, so there is nothing to report yet.")
    summary = evaluation.summary
    part = summary.get("part", "dev")
    run, golden = runs.get(store, evaluation.run_id), goldens.by_id(store, evaluation.golden_id)
    version = datasets.by_id(store, run.version_id)
    history = [one for one in datasets.listed(store, version.dataset) if one.number <= version.number]
    rows = datasets.rows_of(store, version)
    told = without_personal_data(told_of(store, evaluation))
    being_rated = is_being_rated(store, evaluation_id)
    scorer = catalogue()[summary["primary"]["scorer"]]
    answers = evaluations.answers_of(store, evaluation_id)
    hidden = being_rated or part == "sealed"
    ordered = [] if hidden else [
        one for one in cases(store, evaluation, goldens.readable(store, golden), scorer)
        if golden.part_of(one.row_id) == "dev"
    ]  # fmt: skip
    worse, better, bad = picked(ordered, scorer)
    found = gaps.listed(store, evaluation_id)
    newest = goldens.newest(store, golden.dataset)
    rated = bool((told["people"] or {}).get("rounds"))
    return ReportData(
        evaluation=evaluation_id, run=run.id, dataset=version.dataset, who=user_name(), when=evaluation.when,
        part=part, told=told,
        summary={**summary, "adapter_digest": summary.get("adapter_digest") or adapter_digest(store, run)},
        arms=_arms(summary, run), version=version.label, version_digest=version.digest,
        golden=golden.label, golden_digest=golden.digest, strata=tuple(_strata(golden)),
        errata_since=tuple(_errata_since(store, golden)),
        cautions=cautions(
            summary, told, part=part, newer_golden=newest.label if newest.number > golden.number else ""
        ),
        regressions=worse[:MOST_REGRESSIONS], wins=better[:MOST_WINS], both_bad=bad[:MOST_BOTH_BAD],
        both_bad_rule=bad_rule(scorer),
        counts={"rows": len(ordered), "regressions": len(worse), "wins": len(better), "both_bad": len(bad)},
        rows=tuple(RowLine(one.row_id, one.tags, one.scores, one.change) for one in ordered),
        being_rated=being_rated, open_rounds=sum(not one.closed for one in ratings.rounds_of(store, evaluation_id)),
        gaps=tuple(found), plan=_knobs(run), trained=run.result or {},
        history=tuple(
            VersionLine(one.label, one.size, one.change.verb, one.change.why, one.change.counts, one.change.who,
                        one.change.when, one.id == version.id)
            for one in history
        ),
        checks_before=tuple(findings.runs(store, history[0])), checks_after=tuple(findings.runs(store, version)),
        sources=tuple(Counter(source or "unknown" for source in rows.frame["source"].to_list()).most_common()),
        licences=tuple(licences_named(rows)), declared_licences=sheets.sheet_of(store, version.dataset).licences,
        represented=_represented(goldens.readable(store, golden), rows),
        limits=tuple(limits(summary, run, golden, rated)), not_tested=tuple(not_tested(summary, told, run.id)),
        next_steps=tuple(next_steps(evaluation_id, part, summary, told, found, run.id)), cost=tuple(_cost(answers)),
        commands=tuple(commands(evaluation, run, golden)), environment=tuple(_environment()), edition=__version__,
    )  # fmt: skip


def is_being_rated(store: Store, evaluation_id: int) -> bool:
    """Whether an open round of blind rating has a vote: from then on nothing may name whose answer is whose."""
    still_open = [one for one in ratings.rounds_of(store, evaluation_id) if not one.closed]
    return any(ratings.votes_of(store, one.id) for one in still_open)


def cases(store: Store, evaluation: Evaluation, golden: Rows, scorer: Scorer) -> list[Case]:
    """Every golden row with all answers, the largest loss of tuned against base first; rows not judged stand last."""
    said: dict[str, dict[str, Answer]] = {}
    for one in evaluations.answers_of(store, evaluation.id):
        said.setdefault(one.row_id, {})[one.arm] = one
    sign = 1 if scorer.higher_is_better else -1
    found = []
    for row_id, turns, reply, tags in zip(golden.row_id, golden.messages, golden.reply, golden.tags, strict=True):
        answers = said.get(row_id, {})
        scores = {arm: one.scores.get(scorer.name) for arm, one in answers.items()}
        base, tuned = scores.get(BASE), scores.get(TUNED)
        change = sign * (tuned - base) if tuned is not None and base is not None else None
        notes = {arm: one.notes[scorer.name] for arm, one in answers.items() if one.notes.get(scorer.name)}
        outputs = {arm: one.output for arm, one in answers.items()}
        found.append(Case(row_id, tuple(tags), asked(turns), reply, outputs, scores, notes, change))
    return sorted(found, key=lambda one: (one.change is None, one.change or 0.0, one.row_id))


def picked(ordered: Sequence[Case], scorer: Scorer) -> tuple[tuple[Case, ...], tuple[Case, ...], tuple[Case, ...]]:
    """(regressions, wins, both bad) by a rule and not by hand: worst first, largest gain first, lowest first."""
    worse = tuple(one for one in ordered if one.change is not None and one.change < -SAME)
    better = tuple(one for one in reversed(ordered) if one.change is not None and one.change > SAME)
    moved = {one.row_id for one in (*worse, *better)}
    sign = 1 if scorer.higher_is_better else -1
    judged = [(sign * value, one.row_id, one) for one in ordered if (value := one.scores.get(TUNED)) is not None]
    judged.sort(key=lambda line: line[:2])
    if in_percent(scorer.unit):
        bad = [
            one for value, row, one in judged
            if row not in moved and (value < HALF if sign > 0 else -value > HALF)
        ]  # fmt: skip
    else:
        bad = [one for _, row, one in judged if row not in moved][: max(1, len(judged) // 10)]
    return worse, better, tuple(bad)


def bad_rule(scorer: Scorer) -> str:
    """How the rows on which neither is good were picked, in words."""
    if in_percent(scorer.unit):
        side = "below half" if scorer.higher_is_better else "above half"
        return f"neither better nor worse than base, and {side} of the deciding metric; the worst first"
    return "neither better nor worse than base, and in the worst tenth by the deciding metric"


def _knobs(run: Run) -> dict[str, Any]:
    """The knobs that acted: a run that tuned every weight has no adapter, whatever its plan says of one."""
    whole = run.plan.get("method") == "full"
    return {name: value for name, value in run.plan.items() if not (whole and name in ADAPTER_KNOBS)}


def _arms(summary: Mapping[str, Any], run: Run) -> tuple[ArmFacts, ...]:
    prompted = summary["arms"].get(PROMPTED, {})
    system, examples = prompted.get("system") or "", prompted.get("examples") or ()
    shots = tuple((str(pair[0]), str(pair[1])) for pair in examples) if isinstance(examples, list) else ()
    how = [
        *(["a better system text"] if system else []),
        *([f"{len(shots)} training rows as examples before the question"] if shots else []),
    ]
    if prompted.get("saved_prompt"):
        how = [f"saved prompt {prompted['saved_prompt']} ({prompted['title']})"]
        if prompted.get("k"):
            how.append(f"{prompted['k']} {prompted['chosen']} training rows as examples before each question")
    return (
        ArmFacts(BASE, "The model as it comes, with the golden question alone.", "", ()),
        ArmFacts(PROMPTED, f"The same model with {' and '.join(how) or 'nothing added'}; no training.", system, shots),
        ArmFacts(TUNED, f"{_tuned(run)}, with the golden question alone.", "", ()),
    )


def _tuned(run: Run) -> str:
    """What answered as tuned, and on which base: both arms always have the same one."""
    if run.plan.get("method") == "full":
        return f"The model of run {run.id}, whose every weight was tuned"
    stage = f", a second stage on run {run.parent_id}" if run.stage == "dpo" else ""
    if run.plan.get("quantization") == "4bit":
        return (
            f"The same model with the adapter of run {run.id}{stage}, which was trained on it in 4 bit; here all arms "
            "are in full precision"
        )
    return f"The same model with the adapter of run {run.id}{stage}"


def _strata(golden: Golden) -> list[str]:
    """ "returns 6" for each stratum: how many golden rows it gave."""
    told = []
    for name, counts in golden.strata.items():
        held = counts.get("golden") if isinstance(counts, Mapping) else counts
        told.append(f"{name} {held}" if held is not None else str(name))
    return told


def _errata_since(store: Store, golden: Golden) -> list[Mended]:
    """What later golden versions put right in rows of this one; of sealed rows only that it happened, and by whom."""
    found = []
    for later in sorted(goldens.listed(store, golden.dataset), key=lambda one: one.number):
        for row_id, one in later.change.get("edited", {}).items() if later.number > golden.number else ():
            if row_id in golden.groups:
                open_row = "sealed" not in (golden.part_of(row_id), later.part_of(row_id))
                found.append(Mended(
                    later.label, row_id if open_row else "", one["reason"] if open_row else "", one["who"]
                ))  # fmt: skip
    return found


def _represented(golden: Rows, training: Rows) -> dict[str, Any] | None:
    """How like the training side's questions the readable golden ones are; None where there are too many rows.

    Sealed rows are left out: the name of a topic that they have alone would be made of their words.
    """
    return None if len(training) > MOST_COMPARED else compared(golden, training).as_json()


def _cost(answers: Sequence[Answer]) -> list[CostLine]:
    """Mean tokens and seconds of an answer in each arm."""

    def mean(arm: str, name: str) -> float | None:
        known = [one.measured[name] for one in answers if one.arm == arm and name in one.measured]
        return sum(known) / len(known) if known else None

    return [CostLine(arm, mean(arm, "output_tokens"), mean(arm, "seconds")) for arm in (BASE, PROMPTED, TUNED)]


def _environment() -> list[tuple[str, str]]:
    """What stands where the report is written."""
    found = [("Goldloop", __version__), ("Python", platform.python_version())]
    for name in PACKAGES:
        try:
            found.append((name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            found.append((name, "not installed"))
    return found
