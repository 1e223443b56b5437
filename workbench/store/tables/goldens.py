"""Golden sets, the looks at their sealed part, and who signed which row off."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from workbench.store.tables.ground import Document, Maybe, made, metadata

goldens = Table(
    "goldens",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dataset_id", ForeignKey("datasets.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("drawn_from", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("share", Float, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("strata", Document, nullable=False),
    Column("groups", Document, nullable=False),
    Column("parts", Document, nullable=False, server_default="{}"),
    Column("budget", Integer, nullable=False, server_default="5"),  # looks at the sealed part
    Column("change", Document, nullable=False, server_default="{}"),  # against the set before
    *made(),
    UniqueConstraint("dataset_id", "number"),
)

golden_looks = Table(
    "golden_looks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("golden_id", ForeignKey("goldens.id"), nullable=False),
    Column("evaluation_id", ForeignKey("evaluations.id"), nullable=False),
    Column("number", Integer, nullable=False),  # among all looks at these sealed rows, from 1
    Column("budget", Integer, nullable=False),
    Column("over", Boolean, nullable=False),
    Column("why", Text, nullable=False),
    Column("primary", String(100)),  # the deciding metric; null until the look is finished, as what follows
    Column("mean", Float),
    Column("per_row", Maybe),
    Column("improved", Boolean),
    Column("finished", String(40)),
    *made(),
    UniqueConstraint("golden_id", "evaluation_id"),
)

golden_signatures = Table(
    "golden_signatures",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dataset_id", ForeignKey("datasets.id"), nullable=False),
    Column("golden_id", ForeignKey("goldens.id"), nullable=False),
    Column("row_id", String(64), nullable=False),
    Column("text_digest", String(64), nullable=False),
    Column("said", String(20), nullable=False),  # signed, objected, read
    Column("note", Text, nullable=False),
    *made(),
    Index("ix_golden_signatures_dataset_id", "dataset_id", "row_id"),
)
