"""Notes on failed answers, what a gap was diagnosed with, and the rows written for it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def made() -> tuple[sa.Column, sa.Column]:
    return sa.Column("who", sa.String(200), nullable=False), sa.Column("created", sa.String(40), nullable=False)


def upgrade() -> None:
    op.add_column("gaps", sa.Column("diagnosis", sa.String(40), nullable=False, server_default=""))
    op.add_column("gaps", sa.Column("policy", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "failure_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("evaluation_id", sa.Integer(), nullable=False),
        sa.Column("row_id", sa.String(64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(100), nullable=False),
        *made(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failure_notes")),
        sa.ForeignKeyConstraint(["evaluation_id"], ["evaluations.id"], name=op.f("fk_failure_notes_evaluation_id")),
    )
    op.create_index("ix_failure_notes_evaluation_id", "failure_notes", ["evaluation_id", "row_id"])
    op.create_table(
        "gap_rows",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gap_id", sa.Integer(), nullable=False),
        sa.Column("row_id", sa.String(64), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        *made(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gap_rows")),
        sa.ForeignKeyConstraint(["gap_id"], ["gaps.id"], name=op.f("fk_gap_rows_gap_id")),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_gap_rows_version_id")),
    )
    op.create_index("ix_gap_rows_gap_id", "gap_rows", ["gap_id"])
