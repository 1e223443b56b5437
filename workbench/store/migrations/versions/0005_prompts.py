"""Saved prompts and climbs of the prompt ladder."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"

DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")


def made() -> tuple[sa.Column, sa.Column]:
    return sa.Column("who", sa.String(200), nullable=False), sa.Column("created", sa.String(40), nullable=False)


def key(table: str) -> tuple[sa.Column, sa.PrimaryKeyConstraint]:
    return sa.Column("id", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))


def points(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "prompts",
        *key("prompts"),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("examples_mode", sa.String(20), nullable=False),
        sa.Column("k", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("parent", sa.Integer(), nullable=True),
        sa.Column("origin", sa.String(20), nullable=False),
        sa.Column("measured", DOCUMENT, nullable=False),
        *made(),
        points("prompts", "dataset_id", "datasets"),
        points("prompts", "version_id", "versions"),
        sa.UniqueConstraint("dataset_id", "number", name=op.f("uq_prompts_dataset_id")),
    )
    op.create_table(
        "climbs",
        *key("climbs"),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("golden_id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("settings", DOCUMENT, nullable=False),
        sa.Column("summary", DOCUMENT, nullable=True),
        *made(),
        points("climbs", "dataset_id", "datasets"),
        points("climbs", "version_id", "versions"),
        points("climbs", "golden_id", "goldens"),
        points("climbs", "job_id", "jobs"),
    )
    op.create_index("ix_climbs_dataset_id", "climbs", ["dataset_id"])
