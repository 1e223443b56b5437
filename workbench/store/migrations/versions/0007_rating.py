"""Rounds of several arms and raters: design, locks, tags and Likert."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Nothing yet."""
