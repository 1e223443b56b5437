"""Golden sets in parts; looks at the sealed part; signatures."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"

DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
MAYBE = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def made() -> tuple[sa.Column, sa.Column]:
    return sa.Column("who", sa.String(200), nullable=False), sa.Column("created", sa.String(40), nullable=False)


def key(table: str) -> tuple[sa.Column, sa.PrimaryKeyConstraint]:
    return sa.Column("id", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))


def points(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.add_column("goldens", sa.Column("parts", DOCUMENT, nullable=False, server_default="{}"))
    op.add_column("goldens", sa.Column("budget", sa.Integer(), nullable=False, server_default="5"))
    op.add_column("goldens", sa.Column("change", DOCUMENT, nullable=False, server_default="{}"))
    _looks()
    _signatures()


def _looks() -> None:
    op.create_table(
        "golden_looks",
        *key("golden_looks"),
        sa.Column("golden_id", sa.Integer(), nullable=False),
        sa.Column("evaluation_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("budget", sa.Integer(), nullable=False),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("primary", sa.String(100), nullable=True),
        sa.Column("mean", sa.Float(), nullable=True),
        sa.Column("per_row", MAYBE, nullable=True),
        sa.Column("improved", sa.Boolean(), nullable=True),
        sa.Column("finished", sa.String(40), nullable=True),
        *made(),
        points("golden_looks", "golden_id", "goldens"),
        points("golden_looks", "evaluation_id", "evaluations"),
        sa.UniqueConstraint("golden_id", "evaluation_id", name=op.f("uq_golden_looks_golden_id")),
    )


def _signatures() -> None:
    op.create_table(
        "golden_signatures",
        *key("golden_signatures"),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("golden_id", sa.Integer(), nullable=False),
        sa.Column("row_id", sa.String(64), nullable=False),
        sa.Column("text_digest", sa.String(64), nullable=False),
        sa.Column("said", sa.String(20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        *made(),
        points("golden_signatures", "dataset_id", "datasets"),
        points("golden_signatures", "golden_id", "goldens"),
    )
    op.create_index("ix_golden_signatures_dataset_id", "golden_signatures", ["dataset_id", "row_id"])
