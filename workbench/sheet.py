"""The sheet of a dataset: what its owner says it should be. Checks measure against it; nothing on it is guessed."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class EdgeCase(BaseModel):
    """A kind of question that the dataset must cover, told by words or by a tag."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    words: tuple[str, ...] = ()
    """A row covers the case when its prompt holds one of these words or phrases, whatever their case."""
    tag: str = ""
    """... or when it bears this tag."""
    fewest: int = Field(default=3, ge=1, le=100_000)


class Sheet(BaseModel):
    """What a dataset should be, as declared by a person; every field may stay empty, and then nothing is held to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    languages: tuple[str, ...] = Field(default=(), title="Languages", description="ISO 639-1 codes, such as en, de")
    refusal_share: float | None = Field(
        default=None, ge=0, le=1, title="Wanted share of refusals", description="0.05 for five in a hundred"
    )
    terms: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        title="Terms",
        description="the right term, and the ways of writing it that are wrong",
    )
    banned: tuple[str, ...] = Field(default=(), title="Banned words", description="words that no reply may hold")
    tone: tuple[str, ...] = Field(
        default=(), title="Words against the tone", description="words that do not fit the voice wanted"
    )
    edge_cases: tuple[EdgeCase, ...] = Field(default=(), title="Edge cases", description="what must be covered")
    licences: tuple[str, ...] = Field(default=(), title="Licences", description="licences that rows may carry")
    model: str = Field(default="", max_length=1_000, title="Model", description="folder of the model to be trained")
    max_length: int = Field(default=1_024, ge=16, le=1_000_000, title="Longest row, in tokens of the model")
    benchmark: str = Field(
        default="", max_length=1_000, title="Benchmark file", description="its rows must not stand in the data"
    )
    guidelines: str = Field(
        default="", max_length=100_000, title="Guidelines", description="what people at the queue read beside each row"
    )
    required: tuple[str, ...] = Field(
        default=(), title="Required phrases", description="what every answer of a model must say"
    )
    forbidden: tuple[str, ...] = Field(
        default=(), title="Forbidden phrases", description="what no answer of a model may say"
    )
    format_rules: tuple[str, ...] = Field(
        default=(), title="Format of the answers", description="rules that every answer of a model must keep"
    )
    json_schema: dict[str, Any] = Field(
        default_factory=dict,
        title="JSON schema of the answers",
        description="what every answer must be, where answers are JSON",
    )

    def demands(self) -> dict[str, Any]:
        """What every answer owes, as `evaluators.rules_of` takes it. A single row demands more by its tags."""
        return {
            "must": self.required,
            "must_not": self.forbidden,
            "format": self.format_rules,
            "json_schema": self.json_schema or None,
        }
