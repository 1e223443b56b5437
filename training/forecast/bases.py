"""Small instruct models that people tune: size, licence, languages, chat template, and how each of these is known

Held in November 2026 against stored copies of what the publishers say; each entry names where, and what of it still
stands from memory. How a template treats a system prompt was read from the templates themselves, as SmolLM2's files,
Hugging Face's TRL 1.16 and code that renders them hold them. A licence can change, so read the one that comes with the
files. No benchmark scores: they say little about your rows, a run on them says more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LOOKED_UP = "November 2026"
COPIES = "copies of its model card"
QWEN3_SAYS = "copies of its model card and of Qwen3's announcement"
GEMMA_SAYS = "copies of its model card and of Hugging Face's announcement"
META = "Meta's model card and licence"
System = Literal["own role", "put into the first question", "put into the last question"]

EUROPE = ("de", "en", "es", "fr", "it", "pt")
LLAMA = (*EUROPE, "hi", "th")
QWEN2 = (*EUROPE, "ar", "ja", "ko", "ru", "th", "vi", "zh")
GRANITE = (*EUROPE, "ar", "cs", "ja", "ko", "nl", "zh")
LIQUID = ("ar", "de", "en", "es", "fr", "ja", "ko", "zh")
PHI = (*EUROPE, "ar", "cs", "da", "fi", "he", "hu", "ja", "ko", "nb", "nl", "nn", "no", "pl", "ru", "sv", "th", "tr",
       "uk", "zh")  # fmt: skip
# Those of the 119 languages and dialects of Qwen3's announcement (qwenlm.github.io/blog/qwen3) that have a short code.
QWEN3 = (*PHI, "af", "as", "az", "ba", "be", "bg", "bn", "bs", "ca", "cy", "el", "et", "eu", "fa", "fo", "ga", "gl",
         "gu", "hi", "hr", "ht", "hy", "id", "is", "jv", "ka", "kk", "km", "kn", "lb", "li", "lo", "lt", "lv", "mk",
         "ml", "mr", "ms", "mt", "my", "ne", "oc", "or", "pa", "ro", "sc", "sd", "si", "sk", "sl", "sq", "sr", "su",
         "sw", "ta", "te", "tg", "tl", "tt", "ur", "uz", "vi", "yi")  # fmt: skip


@dataclass(frozen=True)
class Base:
    """A base model. languages: ISO 639-1 codes that its publisher names; conditions: "" for a free licence; context:
    tokens as its files are set, not stretched; source: where all of it was looked up, "" where it was not; remembered:
    what of it stands from memory all the same."""

    name: str
    parameters: float
    licence: str
    conditions: str
    context: int
    languages: tuple[str, ...]
    system: System
    note: str = ""
    source: str = COPIES
    remembered: str = ""

    @property
    def free(self) -> bool:
        """Whether the licence allows any use, commercial use too, with no more than a notice."""
        return not self.conditions

    @property
    def card(self) -> str:
        return f"https://huggingface.co/{self.name}"

    @property
    def known(self) -> str:
        """How these facts are known, in words that follow a name."""
        if not self.source:
            return "from memory, not looked up"
        memory = f"; from memory: {self.remembered}" if self.remembered else ""
        return f"looked up in {LOOKED_UP} in {self.source}{memory}"


LLAMA_TERMS = "a licence of Meta's own: its name must be shown, and very large companies need to ask"
GEMMA_TERMS = "terms of Google's own, with a list of uses that are not allowed"
LIQUID_TERMS = "a licence of Liquid AI's own: companies with 10 million dollars of revenue a year or more need to ask"
QWEN_TERMS = "for research and evaluation only, no commercial use"
ADDS = "its template adds a system prompt of its own where there is none"
THINKS = "thinks aloud unless told not to"
DATED = "its template writes a date into the system prompt"

BASES = (
    Base("HuggingFaceTB/SmolLM2-135M-Instruct", 0.135e9, "Apache-2.0", "", 8_192, ("en",), "own role", ADDS,
         "its own files and copies of its model card"),
    Base("HuggingFaceTB/SmolLM2-360M-Instruct", 0.362e9, "Apache-2.0", "", 8_192, ("en",), "own role", ADDS,
         remembered="context and template"),
    Base("Qwen/Qwen2.5-0.5B-Instruct", 0.494e9, "Apache-2.0", "", 32_768, QWEN2, "own role", ADDS),
    Base("Qwen/Qwen3-0.6B", 0.6e9, "Apache-2.0", "", 32_768, QWEN3, "own role", THINKS, QWEN3_SAYS),
    Base("google/gemma-3-1b-it", 1.0e9, "Gemma", GEMMA_TERMS, 32_768, ("en",), "put into the first question",
         source=GEMMA_SAYS),
    Base("LiquidAI/LFM2.5-1.2B-Instruct", 1.17e9, "LFM 1.0", LIQUID_TERMS, 32_768, LIQUID, "own role"),
    Base("meta-llama/Llama-3.2-1B-Instruct", 1.23e9, "Llama 3.2", LLAMA_TERMS, 131_072, LLAMA, "own role", DATED, META),
    Base("Qwen/Qwen2.5-1.5B-Instruct", 1.54e9, "Apache-2.0", "", 32_768, QWEN2, "own role", ADDS),
    Base("HuggingFaceTB/SmolLM2-1.7B-Instruct", 1.71e9, "Apache-2.0", "", 8_192, ("en",), "own role", ADDS,
         remembered="context and template"),
    Base("Qwen/Qwen3-1.7B", 1.7e9, "Apache-2.0", "", 32_768, QWEN3, "own role", THINKS, QWEN3_SAYS),
    Base("HuggingFaceTB/SmolLM3-3B", 3.08e9, "Apache-2.0", "", 65_536, EUROPE, "own role", f"{THINKS}; {DATED}",
         "copies of its announcement and its template"),
    Base("Qwen/Qwen2.5-3B-Instruct", 3.09e9, "Qwen Research", QWEN_TERMS, 32_768, QWEN2, "own role", ADDS,
         "its model card"),
    Base("meta-llama/Llama-3.2-3B-Instruct", 3.21e9, "Llama 3.2", LLAMA_TERMS, 131_072, LLAMA, "own role", DATED, META),
    Base("ibm-granite/granite-4.1-3b", 3.4e9, "Apache-2.0", "", 131_072, GRANITE, "own role",
         remembered="how it treats a system prompt"),
    Base("microsoft/Phi-3.5-mini-instruct", 3.82e9, "MIT", "", 131_072, PHI, "own role",
         source="its model card and NVIDIA's copy of it"),
    Base("microsoft/Phi-4-mini-instruct", 3.84e9, "MIT", "", 131_072, PHI, "own role",
         source="copies of its model card and its template"),
    Base("Qwen/Qwen3-4B", 4.0e9, "Apache-2.0", "", 32_768, QWEN3, "own role", THINKS, QWEN3_SAYS),
    Base("Qwen/Qwen3-4B-Instruct-2507", 4.0e9, "Apache-2.0", "", 262_144, QWEN3, "own role", "never thinks aloud",
         "the README of Qwen3 and copies of its model card", "that its languages are those of Qwen3"),
    Base("google/gemma-3-4b-it", 4.3e9, "Gemma", GEMMA_TERMS, 131_072, QWEN3, "put into the first question",
         "takes images too", GEMMA_SAYS,
         "which languages: Google says over 140 and names none"),
    Base("mistralai/Mistral-7B-Instruct-v0.3", 7.25e9, "Apache-2.0", "", 32_768, ("en",), "put into the last question",
         remembered="its languages: the card names none"),
    Base("Qwen/Qwen2.5-7B-Instruct", 7.61e9, "Apache-2.0", "", 32_768, QWEN2, "own role", ADDS, "its model card"),
    Base("meta-llama/Llama-3.1-8B-Instruct", 8.03e9, "Llama 3.1", LLAMA_TERMS, 131_072, LLAMA, "own role", DATED, META),
    Base("Qwen/Qwen3-8B", 8.2e9, "Apache-2.0", "", 32_768, QWEN3, "own role", THINKS, QWEN3_SAYS),
)  # fmt: skip


def base_of(model: str, parameters: int) -> Base | None:
    """The entry of a model by its hub name or its folder's name; None when it is not in the list."""
    wanted = "".join(letter for letter in model.rstrip("/").rpartition("/")[2].lower() if letter.isalnum())
    for one in BASES:
        known = "".join(letter for letter in one.name.rpartition("/")[2].lower() if letter.isalnum())
        if wanted in (known, known.removesuffix("instruct"), known.removesuffix("it")):
            return one if abs(one.parameters / max(1, parameters) - 1) < 0.25 else None
    return None


def from_memory() -> str:
    """What of the list stands from memory, model by model; "" where nothing does."""
    parts = [(one.name.rpartition("/")[2], one.remembered if one.source else "all") for one in BASES]
    return "; ".join(f"{name} ({what})" for name, what in parts if what)
