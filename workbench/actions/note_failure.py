"""Error analysis: what people write on failed answers, the kinds that come of it, and where each kind stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluators.models.embedder import embedder
from evaluators.statistics.estimate import Estimate
from evaluators.statistics.wilson import wilson
from workbench.diagnosis.failures import topic
from workbench.diagnosis.policy_words import policy_words
from workbench.errors import BadInput, Refused
from workbench.records import Evaluation, FailureNote
from workbench.rows import Rows
from workbench.settings import EMBEDDER, models_folder, user_name
from workbench.store import Store, evaluations, failure_notes, goldens

LONGEST_NOTE, LONGEST_KIND = 4_000, 100  # characters; the second is the column's width
ALIKE = 0.55  # mean cosine from which notes are proposed as one kind; a proposal only, a person names it
ENOUGH_WITHOUT_NEW = 15  # notes in a row without a new kind: reading more seldom finds one (practice: 15 to 60)
SMALL = 10  # rows; below it a slice has counts and no share


@dataclass(frozen=True)
class Proposed:
    """Notes that sound alike, as one kind to be named by a person. name: the words that mark them."""

    name: str
    row_ids: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Counted:
    """One kind of failure: in how many of the rows that were read, and by slice as (slice, rows, rows read there)."""

    kind: str
    rows: int
    share: Estimate
    slices: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Analysis:
    """How far reading is. read: rows noted by anybody, of all there are; since_new: notes since the last new kind."""

    read: int
    of: int
    counted: tuple[Counted, ...]
    without_kind: int
    since_new: int

    @property
    def saturated(self) -> bool:
        return self.since_new >= ENOUGH_WITHOUT_NEW


def note_failure(store: Store, evaluation_id: int, row_id: str, note: str, kind: str = "") -> FailureNote | None:
    """Writes down the first thing that is wrong with an answer; an empty note without a kind takes it back (None).

    Only rows of the dev and calibration parts can be noted on. Raises BadInput for an unknown row, Refused for an
    evaluation of sealed rows.
    """
    evaluation = _readable(store, evaluation_id)
    if row_id not in set(_rows(store, evaluation).row_id):
        raise BadInput(f'Evaluation {evaluation_id} asks no golden row "{row_id[:64]}" that people may read.')
    said = note.strip()[:LONGEST_NOTE], " ".join(kind.split())[:LONGEST_KIND]
    failure_notes.add(store, evaluation_id, {row_id: said}, user_name())
    mine = [one for one in failure_notes.listed(store, evaluation_id) if (one.row_id, one.who) == (row_id, user_name())]
    return mine[0] if mine else None


def name_kind(store: Store, evaluation_id: int, row_ids: tuple[str, ...], kind: str) -> int:
    """Puts rows that were noted on under one kind of failure; gives how many. Their notes stay as they are."""
    _readable(store, evaluation_id)
    kind = " ".join(kind.split())[:LONGEST_KIND]
    if not kind:
        raise BadInput("A kind of failure needs a name.")
    standing = {one.row_id: one for one in failure_notes.listed(store, evaluation_id)}
    unknown = [row_id for row_id in row_ids if row_id not in standing]
    if unknown:
        raise BadInput(f'Nobody noted anything on row "{unknown[0][:64]}" yet.')
    by_person: dict[str, dict[str, tuple[str, str]]] = {}
    for one in failure_notes.listed(store, evaluation_id):
        if one.row_id in row_ids:
            by_person.setdefault(one.who, {})[one.row_id] = (one.note, kind)
    for who, said in by_person.items():  # a note stays its writer's, also where another person groups it
        failure_notes.add(store, evaluation_id, said, who)
    return len(set(row_ids))


def propose_kinds(store: Store, evaluation_id: int) -> tuple[Proposed, ...]:
    """Groups the notes that have no kind yet by how alike they sound, largest first; nothing is saved."""
    open_notes = [one for one in failure_notes.listed(store, evaluation_id) if not one.kind and one.note]
    if not open_notes:
        return ()
    texts = [one.note for one in open_notes]
    embed = embedder(models_folder() / EMBEDDER, corpus=texts)
    labels = _grouped(np.asarray(embed(texts)))
    as_rows = Rows.of(*[(text, "") for text in texts])
    found = []
    for label in sorted(set(labels)):
        places = [place for place, own in enumerate(labels) if own == label]
        words = policy_words(places, as_rows) or texts[places[0]].split()[:4]
        row_ids = tuple(open_notes[place].row_id for place in places)
        found.append(Proposed(" ".join(words[:3]), row_ids, tuple(texts[place] for place in places)))
    return tuple(sorted(found, key=lambda one: (-len(one.row_ids), one.row_ids)))


def analysis(store: Store, evaluation_id: int) -> Analysis:
    """The kinds found so far with their shares of the rows read, by slice, and whether new kinds still turn up."""
    evaluation = _readable(store, evaluation_id)
    rows = _rows(store, evaluation)
    slices = dict(zip(rows.row_id, map(topic, rows.tags), strict=True))
    notes = [one for one in failure_notes.listed(store, evaluation_id) if one.row_id in slices]
    read = {one.row_id for one in notes}
    in_slice = Counter(slices[row_id] for row_id in read)
    kinds: dict[str, set[str]] = {}
    new_at = 0
    for place, one in enumerate(notes, 1):
        if one.kind and one.kind not in kinds:
            new_at = place
        if one.kind:
            kinds.setdefault(one.kind, set()).add(one.row_id)
    counted = []
    for kind, row_ids in kinds.items():
        here = Counter(slices[row_id] for row_id in row_ids)
        spread = tuple((name, count, in_slice[name]) for name, count in here.most_common())
        counted.append(Counted(kind, len(row_ids), wilson(len(row_ids), len(read)), spread))
    counted.sort(key=lambda one: (-one.rows, one.kind))
    without = len({one.row_id for one in notes if not one.kind})
    return Analysis(len(read), len(rows), tuple(counted), without, len(notes) - new_at if notes else 0)


def told(store: Store, evaluation_id: int) -> dict[str, Any] | None:
    """For a report: {"read", "of", "saturated", "kinds": [{"kind", "rows", "share", "low", "high", "slices"}]}."""
    found = analysis(store, evaluation_id)
    if not found.read:
        return None
    kinds: list[Mapping[str, Any]] = [
        {
            "kind": one.kind, "rows": one.rows, "share": one.share.value, "low": one.share.low, "high": one.share.high,
            "slices": [list(part) for part in one.slices],
        }
        for one in found.counted
    ]  # fmt: skip
    return {"read": found.read, "of": found.of, "saturated": found.saturated, "kinds": kinds}


def _readable(store: Store, evaluation_id: int) -> Evaluation:
    evaluation = evaluations.get(store, evaluation_id)
    if (evaluation.summary or {}).get("part") == "sealed":
        raise Refused(f"Evaluation {evaluation_id} was made on sealed rows: nobody reads their answers.")
    return evaluation


def _rows(store: Store, evaluation: Evaluation) -> Rows:
    """The golden rows of an evaluation that were answered and may be read."""
    rows = goldens.readable(store, goldens.by_id(store, evaluation.golden_id))
    return rows.having([one.row_id for one in evaluations.answers_of(store, evaluation.id, "tuned")])


def _grouped(vectors: Any) -> list[int]:
    """(N,) labels: texts whose mean cosine to a group reaches `ALIKE` share one."""
    if len(vectors) < 2:
        return [0] * len(vectors)
    from sklearn.cluster import AgglomerativeClustering

    distance = np.clip(1.0 - vectors @ vectors.T, 0.0, 2.0)
    model = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=1.0 - ALIKE
    )
    return [int(label) for label in model.fit_predict(distance)]
