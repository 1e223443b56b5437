"""The leak guard on a version of a store: searched once, remembered, and held to what people ruled and signed."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from evaluators.models import embedded
from workbench.checks.duplicates.meaning import vectors_of
from workbench.guard import EDITION, Suspect, suspects
from workbench.guard.lineage import Parents, parents_of
from workbench.guard.meaning import Read, texts_read
from workbench.records import Golden, LeakSearch, Override, Pair, Version
from workbench.rows import Rows
from workbench.settings import EMBEDDER, Report, models_folder, no_report, user_name
from workbench.store import Store, datasets, goldens
from workbench.store import suspects as kept
from workbench.store.row_files import write_whole
from workbench.store.vectors import VectorCache

WIDTH = 384  # of MiniLM's vectors
FOLDER = "suspects"
COLUMNS = {
    "training_id": pl.String,
    "golden_id": pl.String,
    "training_text": pl.String,
    "golden_text": pl.String,
    "tier": pl.String,
    "ways": pl.String,  # JSON: [[name, measure, in words, tier], ...]
}
FORMER = "\0wording "  # between a golden row's id and the number of a wording that an erratum ended
FORMER_SAID = ", in its wording before an erratum"
PARAPHRASES_OFF = (
    "Paraphrase check off: the embedding model is not here, so rows that say in other words what a golden row says "
    f"are not seen. Fetch it: goldloop models fetch {EMBEDDER}"
)


@dataclass(frozen=True)
class Found:
    """A search of a version and its pairs, the surest first, each with the ruling that holds on it.

    overrides: the signatures that hold on this version; fresh: searched just now; read: texts that the model had to
    read for it, those read before not counted.
    """

    search: LeakSearch
    pairs: tuple[Pair, ...]
    overrides: tuple[Override, ...]
    fresh: bool = False
    read: int = 0

    @property
    def stopping(self) -> tuple[Pair, ...]:
        """The pairs that stop training: certain ones, suspects without a ruling, and what was ruled a leak."""
        return tuple(one for one in self.pairs if one.stops)

    @property
    def open(self) -> tuple[Pair, ...]:
        """Those of them that nobody has signed for."""
        signed = {key for one in self.overrides for key in one.pairs}
        return tuple(one for one in self.stopping if one.key not in signed)

    @property
    def note(self) -> str:
        """What a person should know beside the pairs, "" where there is nothing."""
        return "" if self.search.model else PARAPHRASES_OFF


def reader(store: Store, report: Report = no_report) -> Read | None:
    """What gives vectors of texts, through the store's cache; None where the embedding model is not fetched."""
    cache = vector_cache(store)
    return None if cache is None else lambda texts: cache(texts, report)


def vector_cache(store: Store) -> VectorCache | None:
    """The cache of the embedding model's vectors; None where the model is not fetched."""
    if not embedded.is_ready(EMBEDDER, models_folder()):
        return None
    folder = models_folder() / EMBEDDER
    return VectorCache(store, EMBEDDER, lambda texts: vectors_of(texts, folder), WIDTH)


def look(store: Store, version: Version, golden: Golden) -> Found | None:
    """What the guard found on a version as it would search now; None where it was not searched so."""
    search = kept.search_of(store, version.id, golden.id, _basis(store, version, golden))
    if search is None or not _path(store, search.id).exists():
        return None
    return _held_to_rulings(store, version, golden, search, pl.read_parquet(_path(store, search.id)))


def search(
    store: Store,
    version: Version,
    golden: Golden,
    *,
    rows: Rows | None = None,
    anew: bool = False,
    report: Report = no_report,
) -> Found:
    """What the guard finds on a version, from memory where it was searched so before.

    rows: those of the version, where they are at hand. anew: search even so. Sealed golden rows are compared like all
    others; of them only digests leave this function.
    """
    if not anew and (known := look(store, version, golden)) is not None:
        return known
    started = time.monotonic()
    report(0.0, f"Comparing {version.label} with {golden.label}")
    cache = vector_cache(store)
    read = None if cache is None else lambda texts: cache(texts, lambda done, line: report(0.9 * done, line))
    frame = _pairs(store, version, golden, rows, read)
    made = kept.add_search(
        store,
        version,
        golden,
        _basis(store, version, golden),
        model=EMBEDDER if cache else "",
        counts=Counter(frame["tier"].to_list()),
        seconds=round(time.monotonic() - started, 2),
        who=user_name(),
    )
    store.folder(FOLDER)
    write_whole(_path(store, made.id), lambda part: frame.write_parquet(part))
    report(1.0, f"{frame.height:,} pairs")
    done = _held_to_rulings(store, version, golden, made, frame)
    return replace(done, fresh=True, read=cache.read_now if cache else 0)


def by_words(store: Store, version: Version, golden: Golden, rows: Rows) -> Found:
    """What the guard finds without the embedding model, which takes seconds; not remembered."""
    frame = _pairs(store, version, golden, rows, None)
    counts: Counter[str] = Counter(frame["tier"].to_list())
    made = LeakSearch(0, version.label, version.id, golden.label, golden.id, "", counts, 0.0, user_name(), "")
    return _held_to_rulings(store, version, golden, made, frame)


def of_rows(store: Store, version: Version, golden: Golden, rows: Rows, report: Report = no_report) -> Found:
    """What the guard finds on rows that are no version, such as pairs of replies; not remembered.

    version: of the dataset whose lineage and rulings hold for them.
    """
    read = reader(store, report)
    frame = _pairs(store, version, golden, rows, read)
    by = EMBEDDER if read else ""
    made = LeakSearch(0, version.label, version.id, golden.label, golden.id, by, {}, 0.0, user_name(), "")
    return _held_to_rulings(store, version, golden, made, frame)


def _pairs(store: Store, version: Version, golden: Golden, rows: Rows | None, read: Read | None) -> pl.DataFrame:
    training = datasets.rows_of(store, version) if rows is None else rows
    held = goldens.barred(store, golden)
    found = suspects(
        training,
        held.renamed(_wordings(held.row_id)),
        read=read,
        approved=[one.phrase for one in kept.phrases(store, version.dataset)],
        older=lambda ids: older_parents(store, version, ids),
    )
    return _frame(found, training, held)


def _wordings(row_ids: Sequence[str]) -> list[str]:
    """(N,) an id of its own for every wording: the row id for the first, which is in force, longer ones for former."""
    seen: Counter[str] = Counter()
    names = []
    for row_id in row_ids:
        names.append(f"{row_id}{FORMER}{seen[row_id]}" if seen[row_id] else row_id)
        seen[row_id] += 1
    return names


def unread(store: Store, rows: Rows, golden: Rows) -> int:
    """How many texts the model would have to read to search these rows; 0 where it is not fetched."""
    cache = vector_cache(store)
    return 0 if cache is None else cache.missing(texts_read(rows, golden))


def older_parents(store: Store, version: Version, row_ids: Collection[str]) -> Parents:
    """What rows that left the dataset were derived from, as the newest earlier version that holds them says."""
    wanted = set(row_ids)
    found: dict[str, tuple[str, ...]] = {}
    for one in reversed(datasets.listed(store, version.dataset)):
        if not wanted:
            break
        if one.number >= version.number:
            continue
        there = datasets.rows_of(store, one).having(wanted)
        said = parents_of(there)
        found |= said
        wanted -= set(there.row_id)
    return found


def _basis(store: Store, version: Version, golden: Golden) -> str:
    """A digest of all that the pairs hang on: another one means that the guard must search again."""
    model = EMBEDDER if embedded.is_ready(EMBEDDER, models_folder()) else ""
    approved = [one.phrase for one in kept.phrases(store, version.dataset)]
    said = json.dumps([EDITION, version.digest, golden.digest, model, approved])
    return hashlib.sha256(said.encode()).hexdigest()


def _path(store: Store, search_id: int) -> Path:
    return store.root / FOLDER / f"{search_id}.parquet"


def _frame(found: Sequence[Suspect], training: Rows, golden: Rows) -> pl.DataFrame:
    mine = dict(zip(training.row_id, training.text_digests, strict=True))
    theirs = dict(zip(_wordings(golden.row_id), golden.text_digests, strict=True))
    lines = []
    for one in found:
        golden_id, former, _ = one.golden_id.partition(FORMER)
        beside = FORMER_SAID if former else ""
        ways = [[way.name, round(way.measure, 4), way.said + beside, way.tier] for way in one.ways]
        texts = mine[one.training_id], theirs[one.golden_id]
        lines.append((one.training_id, golden_id, *texts, one.tier, json.dumps(ways)))
    return pl.DataFrame(lines, schema=COLUMNS, orient="row")


def _held_to_rulings(store: Store, version: Version, golden: Golden, search: LeakSearch, frame: pl.DataFrame) -> Found:
    ruled = kept.standing(store, version.dataset)
    pairs = []
    for line in frame.iter_rows(named=True):
        texts = line["training_text"], line["golden_text"]
        sealed = golden.parts.get(line["golden_id"], "dev") == "sealed"
        pairs.append(
            Pair(
                key=hashlib.sha256("".join(texts).encode()).hexdigest()[:12],
                training_id=line["training_id"],
                golden_id="" if sealed else line["golden_id"],
                training_text=texts[0],
                golden_text=texts[1],
                tier=line["tier"],
                ways=tuple((name, measure, said, tier) for name, measure, said, tier in json.loads(line["ways"])),
                sealed=sealed,
                ruling=ruled.get(texts),
            )
        )
    return Found(search, tuple(pairs), tuple(kept.overrides(store, version.id, golden.id)))
