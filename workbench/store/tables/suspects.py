"""The leak guard: what it searched, what people ruled on pairs, approved phrases, and signed overrides."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from workbench.store.tables.ground import Document, made, metadata

leak_searches = Table(
    "leak_searches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version_id", ForeignKey("versions.id"), nullable=False),
    Column("golden_id", ForeignKey("goldens.id"), nullable=False),
    Column("basis", String(64), nullable=False),  # digest of all that the result hangs on
    Column("model", String(100), nullable=False),
    Column("counts", Document, nullable=False),
    Column("seconds", Float, nullable=False),
    *made(),
    UniqueConstraint("version_id", "golden_id", "basis"),
)

leak_rulings = Table(
    "leak_rulings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dataset_id", ForeignKey("datasets.id"), nullable=False),
    Column("training_text", String(64), nullable=False),
    Column("golden_text", String(64), nullable=False),
    Column("training_id", String(64), nullable=False),
    Column("leak", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("how", Text, nullable=False),
    Column("measure", Float, nullable=False),
    Column("bulk", Integer, nullable=False),
    Column("taken_back", String(40)),  # when; null while it holds
    *made(),
    Index("ix_leak_rulings_dataset_id", "dataset_id", "training_text"),
)

leak_overrides = Table(
    "leak_overrides",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version_id", ForeignKey("versions.id"), nullable=False),
    Column("golden_id", ForeignKey("goldens.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("pairs", Document, nullable=False),
    Column("counts", Document, nullable=False),
    Column("taken_back", String(40)),
    *made(),
    Index("ix_leak_overrides_version_id", "version_id", "golden_id"),
)

approved_phrases = Table(
    "approved_phrases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dataset_id", ForeignKey("datasets.id"), nullable=False),
    Column("phrase", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("taken_back", String(40)),
    *made(),
    Index("ix_approved_phrases_dataset_id", "dataset_id"),
)
