"""Sheets, rulings, names of versions, and the expert's queue."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"

DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")


def made() -> tuple[sa.Column, sa.Column]:
    return sa.Column("who", sa.String(200), nullable=False), sa.Column("created", sa.String(40), nullable=False)


def key(table: str) -> tuple[sa.Column, sa.PrimaryKeyConstraint]:
    return sa.Column("id", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))


def points(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.add_column("versions", sa.Column("name", sa.String(200), nullable=False, server_default=""))
    op.add_column("versions", sa.Column("note", sa.Text(), nullable=False, server_default=""))
    op.add_column("check_runs", sa.Column("ruled", sa.Integer(), nullable=False, server_default="0"))
    _what_people_declare()
    _queues()
    _decisions()


def _what_people_declare() -> None:
    op.create_table(
        "sheets",
        *key("sheets"),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("sheet", DOCUMENT, nullable=False),
        *made(),
        points("sheets", "dataset_id", "datasets"),
    )
    op.create_index("ix_sheets_dataset_id", "sheets", ["dataset_id"])
    op.create_table(
        "rulings",
        *key("rulings"),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("check", sa.String(100), nullable=False),
        sa.Column("text_digest", sa.String(64), nullable=False),
        sa.Column("row_id", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("taken_back", sa.String(40), nullable=True),
        *made(),
        points("rulings", "dataset_id", "datasets"),
    )
    op.create_index("ix_rulings_dataset_id", "rulings", ["dataset_id", "check"])


def _queues() -> None:
    op.create_table(
        "queues",
        *key("queues"),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("where", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("overlap", sa.Integer(), nullable=False),
        sa.Column("overlap_share", sa.Float(), nullable=False),
        sa.Column("lease_minutes", sa.Float(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("guidelines", sa.Text(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("closed_as", sa.Integer(), nullable=True),
        *made(),
        points("queues", "version_id", "versions"),
        points("queues", "closed_as", "versions"),
    )
    op.create_table(
        "queue_rows",
        *key("queue_rows"),
        sa.Column("queue_id", sa.Integer(), nullable=False),
        sa.Column("row_id", sa.String(64), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("flags", DOCUMENT, nullable=False),
        points("queue_rows", "queue_id", "queues"),
        sa.UniqueConstraint("queue_id", "row_id", name=op.f("uq_queue_rows_queue_id")),
    )
    to_do = sa.text("missing > 0")
    op.create_index(
        "ix_queue_rows_to_do", "queue_rows", ["queue_id", "place"], sqlite_where=to_do, postgresql_where=to_do
    )
    op.create_table(
        "queue_people",
        *key("queue_people"),
        sa.Column("queue_id", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("decided", sa.Integer(), nullable=False),
        sa.Column("finished", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        points("queue_people", "queue_id", "queues"),
        sa.UniqueConstraint("queue_id", "who", name=op.f("uq_queue_people_queue_id")),
    )


def _decisions() -> None:
    op.create_table(
        "leases",
        *key("leases"),
        sa.Column("queue_id", sa.Integer(), nullable=False),
        sa.Column("queue_row_id", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
        points("leases", "queue_id", "queues"),
        points("leases", "queue_row_id", "queue_rows"),
        sa.UniqueConstraint("queue_row_id", "who", name=op.f("uq_leases_queue_row_id")),
    )
    op.create_index("ix_leases_queue_id", "leases", ["queue_id", "who"])
    op.create_table(
        "decisions",
        *key("decisions"),
        sa.Column("nonce", sa.String(80), nullable=False),
        sa.Column("queue_id", sa.Integer(), nullable=False),
        sa.Column("queue_row_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("messages", DOCUMENT, nullable=True),
        sa.Column("fix", sa.String(100), nullable=False),
        sa.Column("tags", DOCUMENT, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("settles", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        *made(),
        points("decisions", "queue_id", "queues"),
        points("decisions", "queue_row_id", "queue_rows"),
        sa.UniqueConstraint("nonce", name=op.f("uq_decisions_nonce")),
    )
    op.create_index("ix_decisions_queue_row_id", "decisions", ["queue_row_id"])
    op.create_index("ix_decisions_by_person", "decisions", ["queue_id", "who", "state", "id"])
    op.create_index("ix_decisions_by_time", "decisions", ["queue_id", "at"])
