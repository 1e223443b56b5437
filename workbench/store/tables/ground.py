"""What every table has: one metadata, documents, and who made a line when."""

from sqlalchemy import JSON, Column, MetaData, String
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
Document = JSON().with_variant(JSONB(), "postgresql")
Maybe = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")  # the same, None as SQL's null


def made() -> tuple[Column, Column]:
    """Who made a line and when (ISO 8601, UTC)."""
    return Column("who", String(200), nullable=False), Column("created", String(40), nullable=False)
