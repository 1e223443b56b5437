"""What became of gaps in the next evaluation: which closed, which stayed, and what broke that was sound before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from evaluators.sample import Scorer, catalogue
from evaluators.statistics.estimate import ALPHA
from evaluators.statistics.mcnemar import mcnemar
from workbench.diagnosis.failures import BASE, PROMPTED, TUNED, failures, topic
from workbench.errors import BadInput
from workbench.records import Answer, Evaluation, Gap
from workbench.store import Store, evaluations, gaps, goldens, runs

Became = Literal["closed", "smaller", "as before", "read again"]


@dataclass(frozen=True)
class Followed:
    """One gap in the later evaluation. rows: golden rows in it; failing: how many of them still fail, in any kind.

    to_read: rows that only people had called failed, by a note or a vote, and rows that the later evaluation could not
    judge; whether they are mended takes people again.
    written: training rows that were written for the gap.
    """

    gap: Gap
    rows: int
    failing: int
    to_read: int
    written: int

    @property
    def became(self) -> Became:
        if not self.failing:
            return "read again" if self.to_read else "closed"
        return "smaller" if self.failing + self.to_read < self.rows else "as before"


@dataclass(frozen=True)
class Broken:
    """Rows of a slice that were sound before and fail now, in one kind."""

    slice: str
    kind: str
    row_ids: tuple[str, ...]


@dataclass(frozen=True)
class FollowUp:
    """Two evaluations of the same golden set. rows: those judged in both, since a row that could not be judged is no
    pass. mended, broke: rows that fail no more, and that fail only now.

    p: exact McNemar over these rows, two-sided; None where no row changed sides.
    """

    before: int
    after: int
    rows: int
    failing_before: int
    failing_after: int
    mended: int
    broke: int
    p: float | None
    gaps: tuple[Followed, ...]
    broken: tuple[Broken, ...]

    @property
    def sentence(self) -> str:
        """What happened, for a person."""
        closed = sum(one.became == "closed" for one in self.gaps)
        moved = f"{self.failing_before} of {self.rows} rows failed before, {self.failing_after} fail now"
        sides = f"{self.mended} mended, {self.broke} broke"
        sure = "" if self.p is None else f" (exact McNemar p {self.p:.3f})"
        return f"{closed} of {len(self.gaps)} gaps closed; {moved}: {sides}, {self.verdict}{sure}."

    @property
    def verdict(self) -> str:
        """better, worse or can't tell, by the exact test over the rows that changed sides."""
        if self.p is None:
            return "no row changed sides"
        return "can't tell" if self.p >= ALPHA else "better" if self.mended > self.broke else "worse"


def follow_gaps(store: Store, before_id: int, after_id: int) -> FollowUp:
    """Holds the gaps of one evaluation against a later one of the same golden version.

    A row counts as failed by the same rules that found the gaps, votes left out, since the later answers were not
    rated. Dev rows only: whether it holds on rows that nobody read is the sealed part's to say. Raises BadInput where
    the two stand on different golden versions or the first has no gaps.
    """
    before, after = evaluations.get(store, before_id), evaluations.get(store, after_id)
    if before.golden_id != after.golden_id:
        raise BadInput(
            f"Evaluation {before_id} stands on {before.golden} and evaluation {after_id} on {after.golden}: gaps can "
            "only be followed on the same golden version."
        )
    found = gaps.listed(store, before_id)
    if not found:
        raise BadInput(f"Evaluation {before_id} has no gaps. Find them first: goldloop gaps {before_id}")
    scorer = catalogue()[_summary(before)["primary"]["scorer"]]
    first, second = _failed(store, before, scorer), _failed(store, after, scorer)
    rows = goldens.readable(store, goldens.by_id(store, before.golden_id))
    both = [row_id for row_id in rows.row_id if row_id in first[0] and row_id in second[0]]
    slices = dict(zip(rows.row_id, map(topic, rows.tags), strict=True))
    failed_then = {row_id for row_id in both if row_id in first[1]}
    failed_now = {row_id: second[1][row_id][0] for row_id in both if row_id in second[1]}
    fresh: dict[tuple[str, str], list[str]] = {}
    for row_id, kind in failed_now.items():
        if row_id not in failed_then:
            fresh.setdefault((slices[row_id], kind), []).append(row_id)
    mended, broke = len(failed_then - set(failed_now)), sum(map(len, fresh.values()))
    return FollowUp(
        before_id, after_id, len(both), len(failed_then), len(failed_now), mended, broke,
        mcnemar(mended, broke).exact if mended + broke else None,
        tuple(
            _followed(gap, failed_then, set(failed_now), len(gaps.rows_for(store, gap.id)))
            for gap in found
        ),
        tuple(Broken(name, kind, tuple(ids)) for (name, kind), ids in sorted(fresh.items(), key=lambda i: -len(i[1]))),
    )  # fmt: skip


def _followed(gap: Gap, then: set[str], now: set[str], written: int) -> Followed:
    rows = gap.golden_rows
    only_people = sum(row not in then and row not in now for row in rows)
    return Followed(gap, len(rows), sum(row in now for row in rows), only_people, written)


def earlier_with_gaps(store: Store, evaluation_id: int) -> Evaluation | None:
    """The last evaluation before this one on the same dataset and golden version that has gaps."""
    this = evaluations.get(store, evaluation_id)
    dataset = runs.get(store, this.run_id).dataset
    for one in evaluations.listed(store, finished=True):
        same = one.golden_id == this.golden_id and runs.get(store, one.run_id).dataset == dataset
        if one.id < this.id and same and gaps.listed(store, one.id):
            return one
    return None


def told(store: Store, evaluation_id: int) -> dict[str, Any] | None:
    """For a report: the follow-up against the last evaluation that had gaps, or None where there is none.

    {"before", "after", "sentence", "rows", "mended", "broke", "p", "gaps": [{"id", "slice", "failure", "diagnosis",
    "became", "rows", "failing", "written"}], "broken": [{"slice", "kind", "rows"}]}: no golden text, no row ids.
    """
    before = earlier_with_gaps(store, evaluation_id)
    if before is None or (evaluations.get(store, evaluation_id).summary or {}).get("part") == "sealed":
        return None
    found = follow_gaps(store, before.id, evaluation_id)
    flat = asdict(found)
    return {
        **{key: flat[key] for key in ("before", "after", "rows", "failing_before", "failing_after", "mended", "broke")},
        "p": found.p, "sentence": found.sentence,
        "gaps": [
            {
                "id": one.gap.id, "slice": one.gap.slice, "failure": one.gap.failure, "diagnosis": one.gap.diagnosis,
                "became": one.became, "rows": one.rows, "failing": one.failing, "written": one.written,
            }
            for one in found.gaps
        ],
        "broken": [{"slice": one.slice, "kind": one.kind, "rows": len(one.row_ids)} for one in found.broken],
    }  # fmt: skip


def _summary(one: Evaluation) -> Mapping[str, Any]:
    if not one.summary:
        raise BadInput(f"Evaluation {one.id} is not finished.")
    if one.summary.get("part") == "sealed":
        raise BadInput(f"Evaluation {one.id} was made on sealed rows, which have no gaps that people may follow.")
    return one.summary


def _failed(store: Store, one: Evaluation, scorer: Scorer) -> tuple[set[str], dict[str, tuple[str, ...]]]:
    """The rows on which the tuned model was judged, and those that it failed with their kinds."""
    _summary(one)
    arms: dict[str, dict[str, Answer]] = {
        arm: {said.row_id: said for said in evaluations.answers_of(store, one.id, arm)}
        for arm in (BASE, PROMPTED, TUNED)
    }
    found = failures(arms, scorer, frozenset(), frozenset())
    judged = {row_id for row_id, said in arms[TUNED].items() if said.scores.get(scorer.name) is not None}
    return judged | set(found), found
