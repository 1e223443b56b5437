"""Gaps, the notes of those who read failed answers, and the rows that were written for a gap."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from workbench.store.tables.ground import Document, made, metadata

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
    Column("diagnosis", String(40), nullable=False, server_default=""),
    Column("policy", Text, nullable=False, server_default=""),
)

failure_notes = Table(
    "failure_notes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("evaluation_id", ForeignKey("evaluations.id"), nullable=False),
    Column("row_id", String(64), nullable=False),
    Column("note", Text, nullable=False),
    Column("kind", String(100), nullable=False),  # "" until it is grouped
    *made(),
    Index("ix_failure_notes_evaluation_id", "evaluation_id", "row_id"),
)

gap_rows = Table(
    "gap_rows",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("gap_id", ForeignKey("gaps.id"), nullable=False),
    Column("row_id", String(64), nullable=False),
    Column("version_id", ForeignKey("versions.id"), nullable=False),
    *made(),
    Index("ix_gap_rows_gap_id", "gap_id"),
)
