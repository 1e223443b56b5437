"""Pairs of training and golden rows that may be leaks, and what people ruled on them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"

DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")


def made() -> tuple[sa.Column, sa.Column]:
    return sa.Column("who", sa.String(200), nullable=False), sa.Column("created", sa.String(40), nullable=False)


def key(table: str) -> tuple[sa.Column, sa.PrimaryKeyConstraint]:
    return sa.Column("id", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))


def points(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    _searched()
    _ruled()


def _searched() -> None:
    op.create_table(
        "leak_searches",
        *key("leak_searches"),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("golden_id", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(64), nullable=False),
        sa.Column("model", sa.String(100), nullable=False),
        sa.Column("counts", DOCUMENT, nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        *made(),
        points("leak_searches", "version_id", "versions"),
        points("leak_searches", "golden_id", "goldens"),
        sa.UniqueConstraint("version_id", "golden_id", "basis", name=op.f("uq_leak_searches_version_id")),
    )
    op.create_table(
        "leak_overrides",
        *key("leak_overrides"),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("golden_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("pairs", DOCUMENT, nullable=False),
        sa.Column("counts", DOCUMENT, nullable=False),
        sa.Column("taken_back", sa.String(40), nullable=True),
        *made(),
        points("leak_overrides", "version_id", "versions"),
        points("leak_overrides", "golden_id", "goldens"),
    )
    op.create_index("ix_leak_overrides_version_id", "leak_overrides", ["version_id", "golden_id"])


def _ruled() -> None:
    op.create_table(
        "leak_rulings",
        *key("leak_rulings"),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("training_text", sa.String(64), nullable=False),
        sa.Column("golden_text", sa.String(64), nullable=False),
        sa.Column("training_id", sa.String(64), nullable=False),
        sa.Column("leak", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("measure", sa.Float(), nullable=False),
        sa.Column("bulk", sa.Integer(), nullable=False),
        sa.Column("taken_back", sa.String(40), nullable=True),
        *made(),
        points("leak_rulings", "dataset_id", "datasets"),
    )
    op.create_index("ix_leak_rulings_dataset_id", "leak_rulings", ["dataset_id", "training_text"])
    op.create_table(
        "approved_phrases",
        *key("approved_phrases"),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("phrase", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("taken_back", sa.String(40), nullable=True),
        *made(),
        points("approved_phrases", "dataset_id", "datasets"),
    )
    op.create_index("ix_approved_phrases_dataset_id", "approved_phrases", ["dataset_id"])
