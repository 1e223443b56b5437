"""Saved prompts and climbs of the prompt ladder."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from workbench.store.tables.ground import Document, Maybe, made, metadata

prompts = Table(
    "prompts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dataset_id", ForeignKey("datasets.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("name", String(200), nullable=False),
    Column("system", Text, nullable=False),
    Column("examples_mode", String(20), nullable=False),
    Column("k", Integer, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("version_id", ForeignKey("versions.id"), nullable=False),  # whose rows are shown as examples
    Column("parent", Integer),  # a number of the same dataset
    Column("origin", String(20), nullable=False),
    Column("measured", Document, nullable=False),
    *made(),
    UniqueConstraint("dataset_id", "number"),
)

climbs = Table(
    "climbs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dataset_id", ForeignKey("datasets.id"), nullable=False),
    Column("version_id", ForeignKey("versions.id"), nullable=False),
    Column("golden_id", ForeignKey("goldens.id"), nullable=False),
    Column("job_id", ForeignKey("jobs.id")),
    Column("settings", Document, nullable=False),
    Column("summary", Maybe),
    *made(),
    Index("ix_climbs_dataset_id", "dataset_id"),
)
