"""Judges, what they said, and their cards."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"

DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")


def made() -> tuple[sa.Column, sa.Column]:
    return sa.Column("who", sa.String(200), nullable=False), sa.Column("created", sa.String(40), nullable=False)


def key(table: str) -> tuple[sa.Column, sa.PrimaryKeyConstraint]:
    return sa.Column("id", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))


def points(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "judges",
        *key("judges"),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(20), nullable=False),
        sa.Column("rubric", sa.Text(), nullable=False),
        sa.Column("source", DOCUMENT, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        *made(),
        sa.UniqueConstraint("name", "number", name=op.f("uq_judges_name")),
    )
    op.create_table(
        "judge_replies",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("judge_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("tokens_in", sa.Integer(), nullable=False),
        sa.Column("tokens_out", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("cut", sa.Boolean(), nullable=False),
        sa.Column("cost", sa.Float(), nullable=False),
        sa.Column("created", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_judge_replies")),
        points("judge_replies", "judge_id", "judges"),
    )
    op.create_table(
        "judge_runs",
        *key("judge_runs"),
        sa.Column("judge_id", sa.Integer(), nullable=False),
        sa.Column("evaluation_id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("work", sa.String(10), nullable=False),
        sa.Column("settings", DOCUMENT, nullable=False),
        sa.Column("summary", DOCUMENT, nullable=True),
        *made(),
        points("judge_runs", "judge_id", "judges"),
        points("judge_runs", "evaluation_id", "evaluations"),
        points("judge_runs", "job_id", "jobs"),
    )
    op.create_index("ix_judge_runs_evaluation_id", "judge_runs", ["evaluation_id", "judge_id"])
    op.create_table(
        "judge_scores",
        *key("judge_scores"),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("row_id", sa.String(64), nullable=False),
        sa.Column("arm", sa.String(50), nullable=False),
        sa.Column("against", sa.String(50), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("detail", DOCUMENT, nullable=False),
        points("judge_scores", "run_id", "judge_runs"),
        sa.UniqueConstraint("run_id", "row_id", "arm", "against", name=op.f("uq_judge_scores_run_id")),
    )
