"""Small instruct models that people tune: size, licence, languages, chat template, as their model cards are remembered

Written down from memory in 2025 and looked up for none of them: a licence can change, so read the one that comes with
the files. No benchmark scores: they say little about your rows, a run on them says more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

NOTED = "as remembered from the publishers' model cards, 2025, not looked up"
System = Literal["own role", "put into the first question", "none"]

EUROPE = ("de", "en", "es", "fr", "it", "pt")
LLAMA = (*EUROPE, "hi", "th")
QWEN2 = (*EUROPE, "ar", "ja", "ko", "ru", "th", "vi", "zh")
PHI = (*EUROPE, "ar", "cs", "da", "fi", "he", "hu", "ja", "ko", "nl", "no", "pl", "ru", "sv", "th", "tr", "uk", "zh")
MANY = (*PHI, "bg", "bn", "ca", "el", "et", "fa", "hi", "hr", "id", "lt", "lv", "ms", "ro", "sk", "sl", "sr", "ta",
        "te", "ur", "vi")  # fmt: skip


@dataclass(frozen=True)
class Base:
    """A base model. languages: ISO 639-1 codes that its publisher names; conditions: "" for a free licence."""

    name: str
    parameters: float
    licence: str
    conditions: str
    context: int
    languages: tuple[str, ...]
    system: System
    note: str = ""

    @property
    def free(self) -> bool:
        """Whether the licence allows any use, commercial use too, with no more than a notice."""
        return not self.conditions

    @property
    def card(self) -> str:
        return f"https://huggingface.co/{self.name}"


LLAMA_TERMS = "a licence of Meta's own: its name must be shown, and very large companies need to ask"
GEMMA_TERMS = "terms of Google's own, with a list of uses that are not allowed"

BASES = (
    Base("HuggingFaceTB/SmolLM2-135M-Instruct", 0.135e9, "Apache-2.0", "", 8_192, ("en",), "own role"),
    Base("HuggingFaceTB/SmolLM2-360M-Instruct", 0.362e9, "Apache-2.0", "", 8_192, ("en",), "own role"),
    Base("Qwen/Qwen2.5-0.5B-Instruct", 0.494e9, "Apache-2.0", "", 32_768, QWEN2, "own role"),
    Base("Qwen/Qwen3-0.6B", 0.6e9, "Apache-2.0", "", 32_768, MANY, "own role", "thinks aloud unless told not to"),
    Base("google/gemma-3-1b-it", 1.0e9, "Gemma", GEMMA_TERMS, 32_768, ("en",), "put into the first question"),
    Base("meta-llama/Llama-3.2-1B-Instruct", 1.24e9, "Llama 3.2", LLAMA_TERMS, 131_072, LLAMA, "own role"),
    Base("Qwen/Qwen2.5-1.5B-Instruct", 1.54e9, "Apache-2.0", "", 32_768, QWEN2, "own role"),
    Base("HuggingFaceTB/SmolLM2-1.7B-Instruct", 1.71e9, "Apache-2.0", "", 8_192, ("en",), "own role"),
    Base("Qwen/Qwen3-1.7B", 1.7e9, "Apache-2.0", "", 32_768, MANY, "own role", "thinks aloud unless told not to"),
    Base("HuggingFaceTB/SmolLM3-3B", 3.08e9, "Apache-2.0", "", 65_536, EUROPE, "own role"),
    Base("Qwen/Qwen2.5-3B-Instruct", 3.09e9, "Qwen Research", "no commercial use", 32_768, QWEN2, "own role"),
    Base("meta-llama/Llama-3.2-3B-Instruct", 3.21e9, "Llama 3.2", LLAMA_TERMS, 131_072, LLAMA, "own role"),
    Base("microsoft/Phi-3.5-mini-instruct", 3.82e9, "MIT", "", 131_072, PHI, "own role"),
    Base("Qwen/Qwen3-4B", 4.0e9, "Apache-2.0", "", 32_768, MANY, "own role", "thinks aloud unless told not to"),
    Base("google/gemma-3-4b-it", 4.3e9, "Gemma", GEMMA_TERMS, 131_072, MANY, "put into the first question"),
    Base("mistralai/Mistral-7B-Instruct-v0.3", 7.25e9, "Apache-2.0", "", 32_768, ("en",),
         "put into the first question"),
    Base("Qwen/Qwen2.5-7B-Instruct", 7.62e9, "Apache-2.0", "", 32_768, QWEN2, "own role"),
    Base("meta-llama/Llama-3.1-8B-Instruct", 8.03e9, "Llama 3.1", LLAMA_TERMS, 131_072, LLAMA, "own role"),
    Base("Qwen/Qwen3-8B", 8.2e9, "Apache-2.0", "", 32_768, MANY, "own role", "thinks aloud unless told not to"),
)  # fmt: skip


def base_of(model: str, parameters: int) -> Base | None:
    """The entry of a model by its hub name or its folder's name; None when it is not in the list."""
    wanted = "".join(letter for letter in model.rstrip("/").rpartition("/")[2].lower() if letter.isalnum())
    for one in BASES:
        known = "".join(letter for letter in one.name.rpartition("/")[2].lower() if letter.isalnum())
        if wanted in (known, known.removesuffix("instruct"), known.removesuffix("it")):
            return one if abs(one.parameters / max(1, parameters) - 1) < 0.25 else None
    return None
