"""The tables, as SQLAlchemy Core sees them; a change here needs a migration beside it."""

from workbench.store.tables.data import check_runs, datasets, versions
from workbench.store.tables.desk import decisions, leases, queue_people, queue_rows, queues, rulings, sheets
from workbench.store.tables.gaps import failure_notes, gap_rows, gaps
from workbench.store.tables.goldens import golden_looks, golden_signatures, goldens
from workbench.store.tables.ground import Document, Maybe, made, metadata
from workbench.store.tables.judged import answers, evaluations
from workbench.store.tables.judges import judge_replies, judge_runs, judge_scores, judges
from workbench.store.tables.probes import probe_runs
from workbench.store.tables.prompts import climbs, prompts
from workbench.store.tables.ratings import rating_cards, rating_locks, rating_packs, rounds, votes
from workbench.store.tables.suspects import approved_phrases, leak_overrides, leak_rulings, leak_searches
from workbench.store.tables.work import jobs, runs, studies

__all__ = [
    "Document",
    "Maybe",
    "answers",
    "approved_phrases",
    "check_runs",
    "climbs",
    "datasets",
    "decisions",
    "evaluations",
    "failure_notes",
    "gap_rows",
    "gaps",
    "golden_looks",
    "golden_signatures",
    "goldens",
    "jobs",
    "judge_replies",
    "judge_runs",
    "judge_scores",
    "judges",
    "leak_overrides",
    "leak_rulings",
    "leak_searches",
    "leases",
    "made",
    "metadata",
    "probe_runs",
    "prompts",
    "queue_people",
    "queue_rows",
    "queues",
    "rating_cards",
    "rating_locks",
    "rating_packs",
    "rounds",
    "rulings",
    "runs",
    "sheets",
    "studies",
    "versions",
    "votes",
]
