"""Probe runs: what a tuned model forgot, learned by heart, and where it drifted."""

from sqlalchemy import Column, ForeignKey, Integer, Table

from workbench.store.tables.ground import Document, Maybe, made, metadata

probe_runs = Table(
    "probe_runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", ForeignKey("runs.id"), nullable=False, index=True),
    Column("job_id", ForeignKey("jobs.id")),
    Column("settings", Document, nullable=False),
    Column("summary", Maybe),
    *made(),
)
