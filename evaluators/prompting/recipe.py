"""One way to prompt: a system text, and how many training rows are shown before the question"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from evaluators.errors import BadRequest

Mode = Literal["none", "random", "similar"]
MODES: tuple[Mode, ...] = ("none", "random", "similar")
MOST_EXAMPLES = 8
TARGET = 0.9  # share of rows that have to be right; what is good enough is the owner's to say, before the climb


@dataclass(frozen=True)
class Recipe:
    """A system text and a way to choose examples.

    name: of the user's text, "" where there is none. system: that text. mode: "none", "random" (drawn once by the
    seed, the same for every question) or "similar" (the training rows likest to each question). k: how many, 0 to 8.
    """

    name: str = ""
    system: str = ""
    mode: Mode = "none"
    k: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise BadRequest(f'there is no way "{self.mode}" to choose examples; the ways are {", ".join(MODES)}.')
        if not 0 <= self.k <= MOST_EXAMPLES:
            raise BadRequest(f"{self.k} examples cannot be shown: give a number from 0 to {MOST_EXAMPLES}.")
        if (self.mode == "none") != (self.k == 0):
            raise BadRequest(f'{self.k} examples and the way "{self.mode}" do not go together.')

    @property
    def title(self) -> str:
        """ "desk voice + 3 similar examples", or "zero-shot" where nothing is added."""
        shown = f"{self.k} {self.mode} example{'s' * (self.k != 1)}" if self.k else ""
        return " + ".join(part for part in (self.name, shown) if part) or "zero-shot"

    @property
    def zero_shot(self) -> bool:
        """Whether the question is asked as it stands."""
        return not self.system and not self.k


def grid(
    systems: Mapping[str, str], counts: Sequence[int], modes: Sequence[Mode], *, seed: int = 0
) -> tuple[Recipe, ...]:
    """Every text (and none) with every number and choice of examples, without the zero-shot one; the simplest first.

    systems: name -> system text. counts: numbers of examples, 0 for none. modes: "random", "similar".
    """
    found = []
    bare: tuple[Mode, ...] = ("none",)
    for k in sorted(set(counts)):
        for mode in bare if k == 0 else tuple(mode for mode in modes if mode != "none"):
            for name, system in (("", ""), *systems.items()):
                recipe = Recipe(name, system, mode, k, seed if mode == "random" else 0)
                if not recipe.zero_shot:
                    found.append(recipe)
    return tuple(found)
