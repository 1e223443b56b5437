"""Datasets, their versions and what was found in them."""

from sqlalchemy import Column, Float, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from workbench.store.tables.ground import Document, made, metadata

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
