"""Judges, their remembered replies, their runs and scores."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from workbench.store.tables.ground import Document, Maybe, made, metadata

judges = Table(
    "judges",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(60), nullable=False),
    Column("number", Integer, nullable=False),
    Column("form", String(20), nullable=False),
    Column("rubric", Text, nullable=False),
    Column("source", Document, nullable=False),
    Column("digest", String(64), nullable=False),
    *made(),
    UniqueConstraint("name", "number"),
)

judge_replies = Table(
    "judge_replies",
    metadata,
    Column("key", String(64), primary_key=True),  # of judge, question, texts and order
    Column("judge_id", ForeignKey("judges.id"), nullable=False),
    Column("code", String(20), nullable=False),
    Column("text", Text, nullable=False),
    Column("tokens_in", Integer, nullable=False),
    Column("tokens_out", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("cut", Boolean, nullable=False),
    Column("cost", Float, nullable=False),
    Column("created", String(40), nullable=False),
)

judge_runs = Table(
    "judge_runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("judge_id", ForeignKey("judges.id"), nullable=False),
    Column("evaluation_id", ForeignKey("evaluations.id"), nullable=False),
    Column("job_id", ForeignKey("jobs.id")),
    Column("work", String(10), nullable=False),  # card, run
    Column("settings", Document, nullable=False),
    Column("summary", Maybe),
    *made(),
    Index("ix_judge_runs_evaluation_id", "evaluation_id", "judge_id"),
)

judge_scores = Table(
    "judge_scores",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", ForeignKey("judge_runs.id"), nullable=False),
    Column("row_id", String(64), nullable=False),
    Column("arm", String(50), nullable=False),
    Column("against", String(50), nullable=False),
    Column("value", Float),
    Column("note", Text, nullable=False),
    Column("detail", Document, nullable=False),
    UniqueConstraint("run_id", "row_id", "arm", "against"),
)
