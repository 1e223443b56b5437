"""Evaluations and answers."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint

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
