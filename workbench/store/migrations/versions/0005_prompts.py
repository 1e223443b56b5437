"""Saved prompts and climbs of the prompt ladder."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Nothing yet."""
