"""Evaluations, answers, blind votes and gaps."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from workbench.store.tables.ground import Document, made, metadata

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
