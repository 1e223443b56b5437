"""Pairs of training and golden rows that may be leaks, and what people ruled on them."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Nothing yet."""
