"""Speaks as a machine

1 when the output calls itself an AI, a language model or a chatbot, speaks of its training or knowledge cutoff, or
names a model maker as its own, and the reference does not; lower is better. A product's voice that breaks.

Known limits
    English, German, Russian and Chinese phrases. Not judged where the reference speaks so too.
Source
    Phrases written for this project after reading replies of small instruction models.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from evaluators.sample import Example, Sample, Score, scorer

PERSONA = re.compile(
    r"\b(?:as|i am|i'm|i'm just|i am just|i am only|being) an? (?:\w+ ){0,2}(?:ai|a\.i\.|artificial intelligence|"
    r"language model|llm|chatbot|virtual assistant|machine learning model)\b|"
    r"\bmy (?:training data|knowledge cut-?off|training cut-?off|programming)\b|"
    r"\b(?:as of|since) my (?:last|latest) (?:update|training)\b|"
    r"\bi (?:was|am|have been) (?:trained|developed|created|made) (?:by|on)\b|"
    r"\bi (?:do not|don't) have (?:personal )?(?:feelings|emotions|opinions|experiences|a body)\b|"
    r"\bals (?:eine? )?(?:ki|künstliche intelligenz|(?:ki-)?sprachmodell|chatbot)\b|"
    r"\bich bin (?:nur )?(?:eine? )?(?:ki|künstliche intelligenz|(?:ki-)?sprachmodell|chatbot)\b|"
    r"\b(?:как|я)(?: всего лишь)?,? (?:ии|искусственный интеллект|языковая модель|чат-бот)\b|"
    r"(?:作为|我是)(?:一个|一名|一款)?(?:ai|人工智能|(?:大型)?语言模型|聊天机器人)",
    re.IGNORECASE,
)


def leak(text: str) -> str:
    """The words by which a text shows that a machine speaks, or ""."""
    found = PERSONA.search(" ".join(text.replace("\u2019", "'").split()))
    return found[0] if found else ""


def judged(sample: Sample) -> Score:
    """1 for a leak, with its words as note."""
    if leak(sample.reference):
        return Score(None, "the reference speaks so too")
    said = leak(sample.output or "")
    return Score(float(bool(said)), said)


@scorer(
    higher_is_better=False,
    pass_fail=True,
    unit="0 or 1",
    examples=[
        Example("As an AI language model, I would open the lid.", "Open the lid.", 1.0),
        Example("Our AI sorts the parcels.", "We sort them by hand.", 0.0),
        Example("Als KI kann ich das nicht wissen.", "Am Montag.", 1.0),
        Example("As an AI, I cannot.", "I am a chatbot.", None),
    ],
)
def persona_leak(samples: Sequence[Sample]) -> list[Score]:
    """1 where the output speaks as a machine."""
    return [judged(s) for s in samples]
