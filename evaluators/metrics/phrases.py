"""Whether a text says a phrase; shared by metrics, not a metric itself."""

from __future__ import annotations

from evaluators.metrics.words import words


def holds(text: str, phrase: str) -> bool:
    """Whether the phrase's words stand in the text in one piece; a phrase without words is looked for as it stands."""
    wanted = words(phrase)
    if not wanted:
        return bool(phrase.strip()) and phrase.strip() in text
    return f" {' '.join(wanted)} " in f" {' '.join(words(text))} "
