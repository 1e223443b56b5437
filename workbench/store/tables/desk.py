"""What people declare, rule and decide at the queue."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from workbench.store.tables.ground import Document, Maybe, made, metadata

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
