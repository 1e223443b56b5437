"""Golden sets in parts: dev, sealed and judge calibration."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"

DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("goldens", sa.Column("parts", DOCUMENT, nullable=False, server_default="{}"))
