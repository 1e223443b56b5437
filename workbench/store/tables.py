"""The tables, as SQLAlchemy Core sees them; a change here needs a migration beside it."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
Document = JSON().with_variant(JSONB(), "postgresql")
Maybe = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")  # the same, None as SQL's null


def made() -> tuple[Column, Column]:
    """Who made a line and when (ISO 8601, UTC)."""
    return Column("who", String(200), nullable=False), Column("created", String(40), nullable=False)


datasets = Table(
    "datasets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("head", Integer, nullable=False),
    Column("touched", String(40), nullable=False),
)

versions = Table(
    "versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dataset_id", ForeignKey("datasets.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("parent", Integer),
    Column("size", Integer, nullable=False),
    Column("verb", String(100), nullable=False),
    Column("settings", Document, nullable=False),
    Column("why", Text, nullable=False),
    Column("counts", Document, nullable=False),
    Column("restores", Integer),
    Column("name", String(200), nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    *made(),
    UniqueConstraint("dataset_id", "number"),
)

check_runs = Table(
    "check_runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version_id", ForeignKey("versions.id"), nullable=False),
    Column("check", String(100), nullable=False),
    Column("family", String(50), nullable=False),
    Column("severity", String(20), nullable=False),
    Column("edition", Integer, nullable=False),
    Column("knobs", Document, nullable=False),
    Column("limit", Float),
    Column("side", String(10), nullable=False),
    Column("flagged", Integer, nullable=False),
    Column("ruled", Integer, nullable=False, server_default="0"),
    Column("measured", Integer, nullable=False),
    Column("not_run", Text, nullable=False),
    Column("seconds", Float, nullable=False),
    UniqueConstraint("version_id", "check"),
)

goldens = Table(
    "goldens",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dataset_id", ForeignKey("datasets.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("drawn_from", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("share", Float, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("strata", Document, nullable=False),
    Column("groups", Document, nullable=False),
    *made(),
    UniqueConstraint("dataset_id", "number"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(50), nullable=False),
    Column("settings", Document, nullable=False),
    Column("state", String(20), nullable=False),
    Column("done", Float, nullable=False),
    Column("line", Text, nullable=False),
    Column("result", Document),
    Column("error", Text, nullable=False),
    Column("stop", Boolean, nullable=False),
    Column("host", String(255)),
    Column("pid", Integer),
    Column("pid_created", Float),
    Column("beat", Float, nullable=False),
    Column("finished", String(40)),
    *made(),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version_id", ForeignKey("versions.id"), nullable=False),
    Column("golden_id", ForeignKey("goldens.id"), nullable=False),
    Column("job_id", ForeignKey("jobs.id")),
    Column("plan", Document, nullable=False),
    Column("result", Document),
    *made(),
)

evaluations = Table(
    "evaluations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", ForeignKey("runs.id"), nullable=False),
    Column("golden_id", ForeignKey("goldens.id"), nullable=False),
    Column("job_id", ForeignKey("jobs.id")),
    Column("settings", Document, nullable=False),
    Column("summary", Document),
    *made(),
)

answers = Table(
    "answers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("evaluation_id", ForeignKey("evaluations.id"), nullable=False),
    Column("arm", String(50), nullable=False),
    Column("row_id", String(64), nullable=False),
    Column("output", Text, nullable=False),
    Column("measured", Document, nullable=False),
    Column("scores", Document, nullable=False),
    Column("notes", Document, nullable=False),
    UniqueConstraint("evaluation_id", "arm", "row_id"),
)

rounds = Table(
    "rounds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("evaluation_id", ForeignKey("evaluations.id"), nullable=False),
    Column("arm_1", String(50), nullable=False),
    Column("arm_2", String(50), nullable=False),
    Column("seed", Integer, nullable=False),
    Column("closed", Boolean, nullable=False),
    *made(),
)

votes = Table(
    "votes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("nonce", String(80), nullable=False, unique=True),
    Column("round_id", ForeignKey("rounds.id"), nullable=False),
    Column("rater", String(200), nullable=False),
    Column("row_id", String(64), nullable=False),
    Column("left", String(50), nullable=False),
    Column("choice", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    Column("milliseconds", Integer, nullable=False),
    Column("created", String(40), nullable=False),
    Index("ix_votes_round_rater", "round_id", "rater"),
)

gaps = Table(
    "gaps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("evaluation_id", ForeignKey("evaluations.id"), nullable=False),
    Column("slice", Text, nullable=False),
    Column("failure", String(100), nullable=False),
    Column("cause", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("golden_rows", Document, nullable=False),
    Column("neighbours", Document, nullable=False),
    Column("evidence", Document, nullable=False),
    Column("state", String(20), nullable=False),
    Column("note", Text, nullable=False),
)

sheets = Table(
    "sheets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dataset_id", ForeignKey("datasets.id"), nullable=False),
    Column("sheet", Document, nullable=False),
    *made(),
    Index("ix_sheets_dataset_id", "dataset_id"),
)

rulings = Table(
    "rulings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dataset_id", ForeignKey("datasets.id"), nullable=False),
    Column("check", String(100), nullable=False),
    Column("text_digest", String(64), nullable=False),
    Column("row_id", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    Column("taken_back", String(40)),  # when; null while it holds
    *made(),
    Index("ix_rulings_dataset_id", "dataset_id", "check"),
)

queues = Table(
    "queues",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("version_id", ForeignKey("versions.id"), nullable=False),
    Column("where", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("overlap", Integer, nullable=False),
    Column("overlap_share", Float, nullable=False),
    Column("lease_minutes", Float, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("guidelines", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("closed_as", ForeignKey("versions.id")),
    *made(),
)

queue_rows = Table(
    "queue_rows",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("queue_id", ForeignKey("queues.id"), nullable=False),
    Column("row_id", String(64), nullable=False),
    Column("place", Integer, nullable=False),  # in the queue, from 1
    Column("position", Integer, nullable=False),  # in the version's rows, from 0
    Column("wanted", Integer, nullable=False),  # how many people are to decide it
    Column("missing", Integer, nullable=False),  # how many of them have not yet
    Column("flags", Document, nullable=False),
    UniqueConstraint("queue_id", "row_id"),
)
# what is still to do, in order: finding the next row must not pass over those that are done
Index(
    "ix_queue_rows_to_do",
    queue_rows.c.queue_id,
    queue_rows.c.place,
    sqlite_where=queue_rows.c.missing > 0,
    postgresql_where=queue_rows.c.missing > 0,
)

queue_people = Table(
    "queue_people",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("queue_id", ForeignKey("queues.id"), nullable=False),
    Column("who", String(200), nullable=False),
    Column("decided", Integer, nullable=False),  # rows on which a decision of theirs stands
    Column("finished", Integer, nullable=False),  # rows that needed nobody any more through them; the sum is "done"
    Column("place", Integer, nullable=False),  # of the row that they decided last
    UniqueConstraint("queue_id", "who"),
)

leases = Table(
    "leases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("queue_id", ForeignKey("queues.id"), nullable=False),
    Column("queue_row_id", ForeignKey("queue_rows.id"), nullable=False),
    Column("who", String(200), nullable=False),
    Column("until", Float, nullable=False),  # seconds since the epoch by the database's own clock
    UniqueConstraint("queue_row_id", "who"),
    Index("ix_leases_queue_id", "queue_id", "who"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("nonce", String(80), nullable=False, unique=True),
    Column("queue_id", ForeignKey("queues.id"), nullable=False),
    Column("queue_row_id", ForeignKey("queue_rows.id"), nullable=False),
    Column("action", String(20), nullable=False),
    Column("messages", Maybe),  # the row's new turns; null where they stay
    Column("fix", String(100), nullable=False),
    Column("tags", Maybe),  # the row's new tags; null where they stay
    Column("note", Text, nullable=False),
    Column("settles", Boolean, nullable=False),  # counts in place of what others decided
    Column("state", String(20), nullable=False),  # stands, replaced, undone, late
    Column("at", Float, nullable=False),  # seconds since the epoch by the database's own clock
    *made(),
    Index("ix_decisions_queue_row_id", "queue_row_id"),
    Index("ix_decisions_by_person", "queue_id", "who", "state", "id"),
    Index("ix_decisions_by_time", "queue_id", "at"),
)
