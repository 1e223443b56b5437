"""Puts two versions, two runs or two evaluations side by side."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from evaluators.compare import Comparison
from evaluators.compare import compare as paired
from evaluators.sample import Score, catalogue
from evaluators.statistics.estimate import ALPHA
from evaluators.verdict import figures, verdict
from workbench.diff import diff
from workbench.errors import BadInput
from workbench.records import Evaluation, Run
from workbench.reports.tables import arm_name, interval, number, table
from workbench.store import Store, datasets, evaluations, goldens, runs

REFERENCE = re.compile(r"(?P<kind>run|evaluation):\s*(?P<number>\d{1,9})")
Kind = Literal["versions", "runs", "evaluations"]
Lines = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Compared:
    """Two things side by side. head and rows: a table of texts; notes: what can and cannot be concluded from it."""

    kind: Kind
    title: str
    head: tuple[str, ...]
    rows: Lines
    notes: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The table and the notes as lines of text."""
        return (*table(self.head, self.rows).split("\n"), *self.notes)


def compare(store: Store, a: str, b: str) -> Compared:
    """What differs between a and b: versions ("support@3", "3"), runs ("run:1") or evaluations ("evaluation:1").

    Two evaluations on the same rows are compared row by row, with an interval. Raises BadInput for two things of
    different kinds and for evaluations on different golden versions or parts, NotFound for what is not there.
    """
    kinds = {_kind(a), _kind(b)}
    if len(kinds) != 1:
        raise BadInput(
            f"{a} and {b} are different kinds of things. Compare two versions (support@1 support@2), two runs "
            "(run:1 run:2) or two evaluations (evaluation:1 evaluation:2)."
        )
    kind = kinds.pop()
    if kind == "run":
        return _runs(store, runs.get(store, _number(a)), runs.get(store, _number(b)))
    if kind == "evaluation":
        return _evaluations(store, evaluations.get(store, _number(a)), evaluations.get(store, _number(b)))
    return _versions(store, a, b)


def _kind(reference: str) -> str:
    match = REFERENCE.fullmatch(str(reference).strip())
    return match["kind"] if match else "version"


def _number(reference: str) -> int:
    match = REFERENCE.fullmatch(str(reference).strip())
    assert match is not None
    return int(match["number"])


def _versions(store: Store, a: str, b: str) -> Compared:
    old, new = datasets.version(store, a), datasets.version(store, b)
    difference = diff(datasets.rows_of(store, old), datasets.rows_of(store, new))
    rows = (
        ("rows", f"{old.size:,}", f"{new.size:,}"),
        ("made by", old.change.verb, new.change.verb),
        ("who", old.change.who, new.change.who),
        ("when (UTC)", _when(old.change.when), _when(new.change.when)),
        ("why", old.change.why, new.change.why),
        ("content hash", old.digest[:16], new.digest[:16]),
    )
    note = (
        f"From {old.label} to {new.label}: {len(difference.added):,} rows added, {len(difference.removed):,} removed, "
        f"{len(difference.changed):,} changed."
    )
    return Compared("versions", f"{old.label} and {new.label}", ("", old.label, new.label), rows, (note,))


def _runs(store: Store, a: Run, b: Run) -> Compared:
    knobs = [name for name in {**a.plan, **b.plan} if a.plan.get(name) != b.plan.get(name)]
    rows = [
        ("version", a.version, b.version),
        ("golden", a.golden, b.golden),
        *((name.replace("_", " "), _text(a.plan.get(name)), _text(b.plan.get(name))) for name in knobs),
        *((title, _text(_fact(a.result, key)), _text(_fact(b.result, key))) for title, key in RUN_FACTS),
    ]
    notes = ["Only the knobs that differ are shown." if knobs else "Both runs had the same knobs."]
    if a.version_id == b.version_id and a.plan.get("seed") == b.plan.get("seed"):
        notes.append("Both trained on the same version with the same seed, so their validation losses can be compared.")
    else:
        notes.append("Their validation rows differ, so the losses cannot be compared; evaluate both on one golden set.")
    return Compared("runs", f"run {a.id} and run {b.id}", ("", f"run {a.id}", f"run {b.id}"), tuple(rows), tuple(notes))


RUN_FACTS = (
    ("steps", "steps"), ("best step", "best_step"), ("last training loss", "losses"),
    ("lowest validation loss", "validation_losses"), ("learning rate used", "learning_rate"), ("tokens read", "tokens"),
    ("seconds", "seconds"), ("training rows", "train_rows"), ("rows cut", "cut_rows"), ("device", "device"),
    ("ended", "ended"),
)  # fmt: skip


def _fact(result: Mapping[str, Any] | None, key: str) -> Any:
    """One figure of a training result; lists become the figure that matters."""
    value = (result or {}).get(key)
    if key == "losses":
        return value[-1] if value else None
    if key == "validation_losses":
        return min((loss for step, loss in value or () if step > 0), default=None)
    return len(value) if isinstance(value, list) else value


def _text(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,.4g}" if isinstance(value, float) else f"{value:,}" if type(value) is int else str(value)


def _when(stamp: str) -> str:
    return stamp[:16].replace("T", " ")


def _evaluations(store: Store, a: Evaluation, b: Evaluation) -> Compared:
    for one in (a, b):
        if one.summary is None:
            raise BadInput(f"Evaluation {one.id} is not finished.")
    assert a.summary is not None
    assert b.summary is not None
    _refuse_apart(store, a, b)
    title = f"evaluation {a.id} and evaluation {b.id}"
    known = catalogue()
    means = a.summary["means"]["tuned"], b.summary["means"]["tuned"]
    names = [name for name in known if name in means[0] and name in means[1]]
    primary = b.summary["primary"]["scorer"]
    names.sort(key=lambda name: name != primary)
    pairs = {name: _paired(store, a, b, name) for name in names}
    rows = [
        (
            known[name].title + (" *" if name == primary else ""),
            *(number(one[name], known[name].unit) for one in means),
            _span(pairs[name]),
        )
        for name in names
    ]
    head = ("tuned model's", f"evaluation {a.id}", f"evaluation {b.id}", "difference")
    return Compared("evaluations", title, head, tuple(rows), _notes(a, b, pairs.get(primary)))


def _refuse_apart(store: Store, a: Evaluation, b: Evaluation) -> None:
    """Raises BadInput for two evaluations that do not stand on the same rows."""
    first, second = goldens.by_id(store, a.golden_id), goldens.by_id(store, b.golden_id)
    if first.digest != second.digest:
        raise BadInput(
            f"Evaluation {a.id} stands on {first.label} and evaluation {b.id} on {second.label}. Their rows differ, so "
            "a difference between them may come from the questions and not from the models, and they are not set side "
            f"by side. Evaluate both runs on one golden version: goldloop evaluate {min(a.run_id, b.run_id)}"
        )
    parts = [(one.summary or {}).get("part", "dev") for one in (a, b)]
    if parts[0] != parts[1]:
        raise BadInput(
            f"Evaluation {a.id} is of the {parts[0]} rows of {first.label} and evaluation {b.id} of its {parts[1]} "
            "rows: they share no row. Compare two evaluations of the same part."
        )


def _notes(a: Evaluation, b: Evaluation, deciding: Comparison | None) -> tuple[str, ...]:
    assert a.summary is not None
    assert b.summary is not None
    notes = [f"evaluation {one.id}: run {one.run_id}, {one.golden}" for one in (a, b)]
    if a.summary.get("decoding") != b.summary.get("decoding"):
        notes.append("The two were decoded with different settings, so a difference may come from there.")
    if b.summary.get("part") == "sealed":
        notes.append("Sealed rows: whether the later one is a new best is the Ladder's to say, in its own verdict.")
    if deciding is not None:
        word = verdict(deciding)
        who, other = f"{arm_name('tuned')} of evaluation {b.id}", f"that of evaluation {a.id}"
        told = f"{who} is {word} than {other}"
        if word == "can't tell":
            told = f"whether {who} is better than {other} can't be told"
        notes.append(f"On the deciding metric {told} {figures(deciding)}.")
    return tuple(notes)


def _paired(store: Store, a: Evaluation, b: Evaluation, scorer: str) -> Comparison:
    """The tuned model of b against the tuned model of a on the rows that both answered."""
    golden = goldens.by_id(store, a.golden_id)
    part = (b.summary or {}).get("part", "dev")
    counted = set(golden.ids(part))
    said = [
        {one.row_id: Score(one.scores.get(scorer)) for one in evaluations.answers_of(store, this.id, "tuned")}
        for this in (a, b)
    ]
    both = [row for row in said[0] if row in said[1] and row in counted]
    labels = {row: str(label) for row, label in golden.groups.items()}
    shared = len(set(labels.values())) < len(labels)
    groups = {row: labels.get(row, f"row:{row}") for row in both} if shared else None
    return paired(
        {row: said[0][row] for row in both}, {row: said[1][row] for row in both}, catalogue()[scorer],
        names=(f"evaluation {a.id}", f"evaluation {b.id}"), groups=groups,
        alpha=min((one.summary or {}).get("alpha", ALPHA) for one in (a, b)),
    )  # fmt: skip


def _span(found: Comparison) -> str:
    one = found.difference
    return interval({"difference": one.value, "low": one.low, "high": one.high}, found.unit)
