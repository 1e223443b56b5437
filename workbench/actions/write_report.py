"""Writes the report of an evaluation: one HTML file for people who were not there, and its JSON twin."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluators.sample import Scorer, catalogue
from evaluators.statistics.wilson import highest_unseen_rate
from workbench import __version__
from workbench.blind.results import results_of
from workbench.errors import BadInput, StoreError
from workbench.records import Answer, Evaluation, Golden, Run
from workbench.reports.asked import asked
from workbench.reports.report import ArmFacts, Case, ReportData, VersionLine, as_html, as_json
from workbench.reports.tables import smallest_differences
from workbench.reports.tally import RoundResult
from workbench.rows import Rows
from workbench.settings import user_name
from workbench.store import Store, datasets, evaluations, findings, gaps, goldens, ratings, runs
from workbench.store.store import now

BASE, PROMPTED, TUNED = "base", "prompted", "tuned"
MOST_REGRESSIONS, MOST_WINS, FEWEST_SHOWN = 8, 4, 3
SAME = 1e-9  # scores closer than this are equal
LICENCE_KEYS = ("license", "licence")


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
    _write(done.html, as_html(data, stamp))
    _write(done.json, as_json(data, stamp))
    return done


def gather(store: Store, evaluation_id: int) -> ReportData:
    """Every fact of a report, from the store.

    While people rate the answers blind, from the first vote until the round is closed, the golden rows with the arms'
    answers are left out: they would tell a rater which is which.
    """
    evaluation = evaluations.get(store, evaluation_id)
    if not evaluation.summary:
        raise BadInput(f"Evaluation {evaluation_id} is not finished, so there is nothing to report yet.")
    summary = evaluation.summary
    run, golden = runs.get(store, evaluation.run_id), goldens.by_id(store, evaluation.golden_id)
    version = datasets.by_id(store, run.version_id)
    history = [one for one in datasets.listed(store, version.dataset) if one.number <= version.number]
    rows = datasets.rows_of(store, version)
    rounds = ratings.rounds_of(store, evaluation_id)
    being_rated = is_being_rated(store, evaluation_id)
    scorer = catalogue()[summary["primary"]["scorer"]]
    ordered = [] if being_rated else cases(store, evaluation, goldens.readable(store, golden), scorer)
    worse = [one for one in ordered if one.change is not None and one.change < -SAME]
    better = [one for one in reversed(ordered) if one.change is not None and one.change > SAME]
    rest = [one for one in _lowest(ordered, scorer) if one not in worse]
    return ReportData(
        evaluation=evaluation_id, run=run.id, dataset=version.dataset, who=user_name(), when=evaluation.when,
        summary={**summary, "adapter_digest": summary.get("adapter_digest") or adapter_digest(store, run)},
        arms=_arms(summary, run), version=version.label, version_digest=version.digest,
        golden=golden.label, golden_digest=golden.digest, strata=tuple(_strata(golden)),
        regressions=tuple(worse[:MOST_REGRESSIONS]), lowest=tuple(rest[: max(0, FEWEST_SHOWN - len(worse))]),
        wins=tuple(better[:MOST_WINS]),
        ratings=tuple(_closed(store, evaluation_id)), open_rounds=sum(not one.closed for one in rounds),
        being_rated=being_rated,
        gaps=tuple(gaps.listed(store, evaluation_id)), plan=run.plan, trained=run.result or {},
        history=tuple(
            VersionLine(one.label, one.size, one.change.verb, one.change.why, one.change.counts, one.change.who,
                        one.change.when, one.id == version.id)
            for one in history
        ),
        checks_before=tuple(findings.runs(store, history[0])), checks_after=tuple(findings.runs(store, version)),
        sources=tuple(Counter(source or "unknown" for source in rows.frame["source"].to_list()).most_common()),
        licences=tuple(_licences(rows)), limits=tuple(limits(summary, run, golden, any(one.closed for one in rounds))),
        commands=tuple(commands(evaluation, run, golden)), edition=__version__,
    )  # fmt: skip


def is_being_rated(store: Store, evaluation_id: int) -> bool:
    """Whether an open round of blind rating has a vote: from then on nothing may name whose answer is whose."""
    still_open = [one for one in ratings.rounds_of(store, evaluation_id) if not one.closed]
    return any(ratings.votes_of(store, one.id) for one in still_open)


def adapter_digest(store: Store, run: Run) -> str | None:
    """SHA-256 of a run's adapter weights, None where they are not there (any more)."""
    path = runs.folder(store, run.id) / "adapter" / "adapter_model.safetensors"
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


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


def _lowest(found: list[Case], scorer: Scorer) -> list[Case]:
    """The rows with the worst score of the tuned model, worst first."""
    sign = 1 if scorer.higher_is_better else -1
    judged = [(sign * value, one.row_id, one) for one in found if (value := one.scores.get(TUNED)) is not None]
    return [one for _, _, one in sorted(judged, key=lambda line: line[:2])]


def _arms(summary: Mapping[str, Any], run: Run) -> tuple[ArmFacts, ...]:
    prompted = summary["arms"].get(PROMPTED, {})
    system, examples = prompted.get("system") or "", prompted.get("examples") or ()
    shots = tuple((str(pair[0]), str(pair[1])) for pair in examples) if isinstance(examples, list) else ()
    how = [
        *(["a better system text"] if system else []),
        *([f"{len(shots)} training rows as examples before the question"] if shots else []),
    ]
    return (
        ArmFacts(BASE, "The model as it comes, with the golden question alone.", "", ()),
        ArmFacts(PROMPTED, f"The same model with {' and '.join(how) or 'nothing added'}; no training.", system, shots),
        ArmFacts(TUNED, f"The same model with the adapter of run {run.id}, with the golden question alone.", "", ()),
    )


def _strata(golden: Golden) -> list[str]:
    """ "returns 6" for each stratum: how many golden rows it gave."""
    told = []
    for name, counts in golden.strata.items():
        held = counts.get("golden") if isinstance(counts, Mapping) else counts
        told.append(f"{name} {held}" if held is not None else str(name))
    return told


def _closed(store: Store, evaluation_id: int) -> list[RoundResult]:
    """The results of the closed rounds, newest first; one for each pair of arms of a round."""
    closed = [one for one in ratings.rounds_of(store, evaluation_id) if one.closed]
    return [found for this in closed for found in results_of(store, this)]


def _licences(rows: Rows) -> list[tuple[str, int]]:
    """How many rows name which licence in their own record."""
    found: Counter[str] = Counter()
    for extra in rows.frame["extra"].to_list():
        if extra and any(f'"{key}"' in extra for key in LICENCE_KEYS):
            record = json.loads(extra)
            found[str(next((record[key] for key in LICENCE_KEYS if record.get(key)), "not named"))[:100]] += 1
    return found.most_common()


def limits(summary: Mapping[str, Any], run: Run, golden: Golden, rated: bool) -> list[str]:
    """What the evaluation cannot show, each as a sentence."""
    n = summary["rows"]
    told = smallest_differences(summary)
    told += [
        f"A mistake that {n} rows never showed may still happen in {highest_unseen_rate(n):.1%} of such questions.",
        f"One training run with one seed ({run.plan.get('seed', 0)}): another seed gives somewhat other answers.",
        f"The golden rows were drawn from the same data ({golden.share:.0%}, seed {golden.seed}): the result holds for "
        "questions like these, and says nothing of topics that the data do not hold.",
        "Not tested: what the model forgot of its abilities in general, safety, other languages, long talks, speed.",
    ]
    primary = summary["primary"]["scorer"]
    left_out = [line for line in summary["comparisons"] if line["scorer"] == primary and line.get("not_judged")]
    if left_out:
        told.append(
            f"{max(line['not_judged'] for line in left_out)} golden rows could not be judged by the deciding metric."
        )
    if not rated:
        told.append("No people have judged the answers; metrics see facts and likelihood, not tone or helpfulness.")
    if len(set(golden.groups.values())) < len(golden.groups):
        told.append(
            "Some golden rows are wordings of the same thing; they are counted as groups, which widens the intervals."
        )
    return told


def commands(evaluation: Evaluation, run: Run, golden: Golden) -> list[str]:
    """The command lines that lead to the same result."""
    from training.plan import TrainingPlan

    defaults = {name: field.default for name, field in TrainingPlan.model_fields.items()}
    changed = [f"--set {k}={v}" for k, v in run.plan.items() if k in defaults and k != "model" and v != defaults[k]]
    model = f"--model {run.plan['model']} " if run.plan.get("model") != defaults["model"] else ""
    drawn = f"{golden.dataset}@{golden.drawn_from}"
    prompt = "--prompt prompt.txt " if evaluation.settings.get("prompt") else ""
    return [
        f"goldloop golden freeze {drawn} --share {golden.share:g} --seed {golden.seed}",
        " ".join(f"goldloop train {run.version} {model}{' '.join(changed)}".split()),
        f"goldloop evaluate {run.id} {prompt}".rstrip(),
        f"goldloop gaps {evaluation.id}",
        f"goldloop report {evaluation.id}",
    ]


def _write(path: Path, text: str) -> None:
    """Puts a file in place whole, or leaves what was there."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", errors="replace") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StoreError(
            f"The report could not be written to {path} ({error.strerror}). Nothing was changed."
        ) from None
