"""Error analysis: what people write on failed answers, the kinds that come of it, and where each kind stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluators.models.embedder import embedder
from workbench.diagnosis.policy_words import policy_words
from workbench.errors import BadInput
from workbench.records import FailureNote
from workbench.rows import Rows
from workbench.settings import EMBEDDER, models_folder, user_name
from workbench.store import Store, failure_notes
from workbench.told.failures import Analysis as Analysis
from workbench.told.failures import Counted as Counted
from workbench.told.failures import analysis as analysis
from workbench.told.failures import readable, rows_read
from workbench.told.failures import told as told

LONGEST_NOTE, LONGEST_KIND = 4_000, 100  # characters; the second is the column's width
ALIKE = 0.55  # mean cosine from which notes are proposed as one kind; a proposal only, a person names it


@dataclass(frozen=True)
class Proposed:
    """Notes that sound alike, as one kind to be named by a person. name: the words that mark them."""

    name: str
    row_ids: tuple[str, ...]
    notes: tuple[str, ...]


def note_failure(store: Store, evaluation_id: int, row_id: str, note: str, kind: str = "") -> FailureNote | None:
    """Writes down the first thing that is wrong with an answer; an empty note without a kind takes it back (None).

    Only rows of the dev and calibration parts can be noted on. Raises BadInput for an unknown row, Refused for an
    evaluation of sealed rows.
    """
    evaluation = readable(store, evaluation_id)
    if row_id not in set(rows_read(store, evaluation).row_id):
        raise BadInput(f'Evaluation {evaluation_id} asks no golden row "{row_id[:64]}" that people may read.')
    said = note.strip()[:LONGEST_NOTE], " ".join(kind.split())[:LONGEST_KIND]
    failure_notes.add(store, evaluation_id, {row_id: said}, user_name())
    mine = [one for one in failure_notes.listed(store, evaluation_id) if (one.row_id, one.who) == (row_id, user_name())]
    return mine[0] if mine else None


def name_kind(store: Store, evaluation_id: int, row_ids: tuple[str, ...], kind: str) -> int:
    """Puts rows that were noted on under one kind of failure; gives how many. Their notes stay as they are."""
    readable(store, evaluation_id)
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
