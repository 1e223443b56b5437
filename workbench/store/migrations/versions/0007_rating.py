"""Rounds of several arms and raters: design, cards, locks, tags, grades, packs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"

DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")


def ground(table: str) -> tuple[sa.Column | sa.PrimaryKeyConstraint | sa.ForeignKeyConstraint, ...]:
    """What every table of a round begins with."""
    return (
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f(f"fk_{table}_round_id")),
    )


def upgrade() -> None:
    op.add_column("rounds", sa.Column("arm_3", sa.String(50), nullable=False, server_default=""))
    op.add_column("rounds", sa.Column("design", DOCUMENT, nullable=False, server_default="{}"))
    for column in (
        sa.Column("right", sa.String(50), nullable=False, server_default=""),
        sa.Column("card", sa.String(64), nullable=False, server_default=""),
        sa.Column("kind", sa.String(10), nullable=False, server_default="pair"),
        sa.Column("tags", DOCUMENT, nullable=False, server_default="[]"),
        sa.Column("grades", DOCUMENT, nullable=False, server_default="{}"),
        sa.Column("reference_opened", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    ):
        op.add_column("votes", column)
    _cards()
    op.create_table(
        "rating_packs",
        *ground("rating_packs"),
        sa.Column("rater", sa.String(200), nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("slots", DOCUMENT, nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
        sa.Column("brought", sa.String(40), nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("created", sa.String(40), nullable=False),
        sa.UniqueConstraint("seal", name=op.f("uq_rating_packs_seal")),
    )
    op.create_index("ix_rating_packs_round_id", "rating_packs", ["round_id"])


def _cards() -> None:
    op.create_table(
        "rating_cards",
        *ground("rating_cards"),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("row_id", sa.String(64), nullable=False),
        sa.Column("arm_1", sa.String(50), nullable=False),
        sa.Column("arm_2", sa.String(50), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("rater", sa.String(200), nullable=False),
        sa.Column("twin", sa.String(64), nullable=False),
        sa.Column("other_row", sa.String(64), nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.UniqueConstraint("round_id", "key", name=op.f("uq_rating_cards_round_id")),
    )
    op.create_index("ix_rating_cards_round_id", "rating_cards", ["round_id", "missing"])
    op.create_table(
        "rating_locks",
        *ground("rating_locks"),
        sa.Column("card_id", sa.Integer(), nullable=False),
        sa.Column("rater", sa.String(200), nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["card_id"], ["rating_cards.id"], name=op.f("fk_rating_locks_card_id")),
        sa.UniqueConstraint("card_id", "rater", name=op.f("uq_rating_locks_card_id")),
    )
    op.create_index("ix_rating_locks_round_id", "rating_locks", ["round_id"])
