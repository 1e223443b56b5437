"""Notes on failed answers, and how a gap's work stands."""

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Nothing yet."""
