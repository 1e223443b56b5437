"""What a training run was part of, what was predicted of it and from what it was made; studies of several runs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"

DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("runs", sa.Column("stage", sa.String(20), nullable=False, server_default="sft"))
    op.add_column("runs", sa.Column("parent_id", sa.Integer()))
    op.add_column("runs", sa.Column("study_id", sa.Integer()))
    op.add_column("runs", sa.Column("arm", DOCUMENT))
    op.add_column("runs", sa.Column("predicted", DOCUMENT))
    op.add_column("runs", sa.Column("provenance", DOCUMENT))
    op.create_index("ix_runs_study_id", "runs", ["study_id"])
    op.create_table(
        "studies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer()),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("settings", DOCUMENT, nullable=False),
        sa.Column("result", DOCUMENT),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("created", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_studies")),
        sa.ForeignKeyConstraint(["dataset_id"], ["datasets.id"], name=op.f("fk_studies_dataset_id")),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_studies_job_id")),
    )
    op.create_index("ix_studies_dataset_id", "studies", ["dataset_id"])
