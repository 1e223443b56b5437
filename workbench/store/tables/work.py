"""Jobs, training runs, and studies: several runs that answer one question."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, String, Table, Text

from workbench.store.tables.ground import Document, Maybe, made, metadata

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
    Column("stage", String(20), nullable=False, server_default="sft"),
    Column("parent_id", Integer),
    Column("study_id", Integer, index=True),
    Column("arm", Maybe),
    Column("predicted", Maybe),
    Column("provenance", Maybe),
    *made(),
)

studies = Table(
    "studies",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dataset_id", ForeignKey("datasets.id"), nullable=False, index=True),
    Column("job_id", ForeignKey("jobs.id")),
    Column("kind", String(30), nullable=False),
    Column("settings", Document, nullable=False),
    Column("result", Maybe),
    *made(),
)
