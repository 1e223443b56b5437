"""Probe runs: forgetting, memorising, drift."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"

DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
MAYBE = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "probe_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("settings", DOCUMENT, nullable=False),
        sa.Column("summary", MAYBE, nullable=True),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("created", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_probe_runs")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_probe_runs_run_id")),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_probe_runs_job_id")),
    )
    op.create_index("ix_probe_runs_run_id", "probe_runs", ["run_id"])
