"""Rounds of blind rating, their cards, locks, votes and packs."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from workbench.store.tables.ground import Document, made, metadata

rounds = Table(
    "rounds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("evaluation_id", ForeignKey("evaluations.id"), nullable=False),
    Column("arm_1", String(50), nullable=False),
    Column("arm_2", String(50), nullable=False),
    Column("seed", Integer, nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("arm_3", String(50), nullable=False, server_default=""),
    Column("design", Document, nullable=False, server_default="{}"),
    *made(),
)

rating_cards = Table(
    "rating_cards",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("round_id", ForeignKey("rounds.id"), nullable=False),
    Column("key", String(64), nullable=False),  # drawn by chance: says nothing of the arms
    Column("row_id", String(64), nullable=False),
    Column("arm_1", String(50), nullable=False),
    Column("arm_2", String(50), nullable=False),
    Column("kind", String(10), nullable=False),  # pair, same, known, repeat, guess
    Column("rater", String(200), nullable=False),  # whose repeat or guess it is, else ""
    Column("twin", String(64), nullable=False),
    Column("other_row", String(64), nullable=False),
    Column("words", Integer, nullable=False),
    Column("wanted", Integer, nullable=False),
    Column("missing", Integer, nullable=False),
    Column("place", Integer, nullable=False),
    UniqueConstraint("round_id", "key"),
    Index("ix_rating_cards_round_id", "round_id", "missing"),
)

rating_locks = Table(
    "rating_locks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("round_id", ForeignKey("rounds.id"), nullable=False),
    Column("card_id", ForeignKey("rating_cards.id"), nullable=False),
    Column("rater", String(200), nullable=False),
    Column("until", Float, nullable=False),  # seconds since the epoch by the database's own clock
    UniqueConstraint("card_id", "rater"),
    Index("ix_rating_locks_round_id", "round_id"),
)

votes = Table(
    "votes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("nonce", String(80), nullable=False, unique=True),
    Column("round_id", ForeignKey("rounds.id"), nullable=False),
    Column("rater", String(200), nullable=False),
    Column("row_id", String(64), nullable=False),
    Column("left", String(50), nullable=False),
    Column("choice", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    Column("milliseconds", Integer, nullable=False),
    Column("created", String(40), nullable=False),
    Column("right", String(50), nullable=False, server_default=""),
    Column("card", String(64), nullable=False, server_default=""),
    Column("kind", String(10), nullable=False, server_default="pair"),
    Column("tags", Document, nullable=False, server_default="[]"),
    Column("grades", Document, nullable=False, server_default="{}"),
    Column("reference_opened", Boolean, nullable=False, server_default=text("false")),
    Index("ix_votes_round_rater", "round_id", "rater"),
)

rating_packs = Table(
    "rating_packs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("round_id", ForeignKey("rounds.id"), nullable=False),
    Column("rater", String(200), nullable=False),
    Column("seal", String(64), nullable=False, unique=True),
    Column("secret", String(64), nullable=False),
    Column("slots", Document, nullable=False),
    Column("until", Float, nullable=False),
    Column("brought", String(40), nullable=False),
    *made(),
    Index("ix_rating_packs_round_id", "round_id"),
)
