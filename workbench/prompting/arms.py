"""Saved prompts as arms of an evaluation: which training rows may be shown to which question, and the arm itself"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from evaluators.evaluate import Arm
from evaluators.models import embedded
from evaluators.models.embedder import Embedder, embedder
from evaluators.prompting.examples import Pool, random_examples, similar_examples
from evaluators.prompting.recipe import Mode, Recipe
from evaluators.sample import Sample
from workbench.errors import BadInput
from workbench.records import Golden, Prompt, Version
from workbench.rows import Rows
from workbench.settings import EMBEDDER, models_folder
from workbench.splits import askable, copy_groups
from workbench.store import Store, datasets, goldens

MOST_POOL = (
    5_000  # rows to choose examples from; more are drawn down to that by the seed, or reading them takes minutes
)
TOGETHER = ("conversation:", "customer:", "thread:", "template:", "author:")  # tags that say that rows belong together


@dataclass(frozen=True)
class Shown:
    """What may stand before a question: the pool, and the rows that could not be in it.

    left_out: training rows without a single question and reply, or beyond the 5,000 that are read.
    """

    pool: Pool
    left_out: int

    @cached_property
    def embed(self) -> Embedder:
        """How likeness is told; its `name` says whether paraphrases are seen."""
        folder = models_folder()
        found = folder / EMBEDDER if embedded.is_ready(EMBEDDER, folder) else None
        return embedder(found, corpus=self.pool.questions)

    @cached_property
    def _vectors(self) -> Any:
        return self.embed(self.pool.questions)

    def arm(self, recipe: Recipe, name: str, samples: Sequence[Sample]) -> Arm:
        """The arm that asks these rows by the recipe."""
        asked = [one.id for one in samples]
        if recipe.mode == "none" or not asked:
            places: Mapping[str, list[int]] = {}
        elif recipe.mode == "random":
            places = random_examples(self.pool, asked, recipe.k, recipe.seed)
        else:
            places = similar_examples(self.pool, asked, self.likeness(samples), recipe.k)
        shown = {row_id: self.pool.pairs(found) for row_id, found in places.items()}
        return Arm(name, adapter=False, system=recipe.system or None, examples_by_row=shown)

    def likeness(self, samples: Sequence[Sample]) -> Any:
        """(asked, pool) cosine of the questions."""
        return self.embed([question_of(one) for one in samples]) @ self._vectors.T


def shown_from(training: Rows, asked: Rows, *, seed: int = 0, suspects: Mapping[str, set[str]] | None = None) -> Shown:
    """The training rows that may be shown to the asked rows: one question with its reply each, copies told apart.

    An asked row is never shown a training row that is an exact or near copy of it in question, reply or as a whole,
    that shares a conversation, customer, thread, template or author by its tags, or that `suspects` (asked row id ->
    training row ids) names. A row of the same id is never in the pool.
    """
    training = training.without(asked.row_id)
    single = [
        bool(reply.strip()) and [turn["role"] for turn in turns if turn["role"] != "system"] == ["user", "assistant"]
        for turns, reply in zip(training.messages, training.reply, strict=True)
    ]
    places = [place for place, fine in enumerate(single) if fine]
    if len(places) > MOST_POOL:
        places = sorted(random.Random(seed).sample(places, MOST_POOL))
    pool = training.keep([place in set(places) for place in range(len(training))])
    labels = copy_groups(pool.plus(asked)).tolist()
    mine: dict[int, set[str]] = defaultdict(set)
    kin: dict[str, set[str]] = defaultdict(set)
    for row_id, label, tags in zip(pool.row_id, labels, pool.tags, strict=False):
        mine[label].add(row_id)
        for tag in tags:
            if tag.startswith(TOGETHER):
                kin[tag].add(row_id)
    barred = {}
    for row_id, label, tags in zip(asked.row_id, labels[len(pool) :], asked.tags, strict=True):
        found = mine.get(label, set()).union(*(kin.get(tag, set()) for tag in tags), (suspects or {}).get(row_id, ()))
        if found:
            barred[row_id] = found
    ready = Pool(tuple(pool.row_id), tuple(pool.prompt), tuple(pool.reply), tuple(labels[: len(pool)]), barred)
    return Shown(ready, len(training) - len(pool))


def asked_of(rows: Rows, groups: Mapping[str, int] | None = None) -> list[Sample]:
    """Rows as samples: the turns before the final reply, and that reply as the reference.

    Rows that cannot be asked are left out. groups: of a golden set; rows that share one are dependent.
    """
    groups = groups or {}
    size: dict[int, int] = defaultdict(int)
    for label in groups.values():
        size[label] += 1
    rows, samples = rows.keep(askable(rows)), []
    for row_id, turns, reply, tags in zip(rows.row_id, rows.messages, rows.reply, rows.tags, strict=True):
        asked = []
        for turn in turns[:-1]:
            more = json.loads(turn["more"]) if turn["more"] else {}
            kept = {key: value for key, value in more.items() if value is not None}
            asked.append({**kept, "role": turn["role"], "content": turn["content"] or ""})
        own = groups.get(row_id)
        group = str(own) if own is not None and size[own] > 1 else None
        samples.append(Sample(row_id, tuple(asked), None, reply, tags=tuple(tags), group=group))
    return samples


def question_of(sample: Sample) -> str:
    """The last user turn, which is what is looked up."""
    return next((turn["content"] for turn in reversed(sample.prompt) if turn["role"] == "user"), "")


def recipe_of(prompt: Prompt) -> Recipe:
    """A saved prompt as a recipe."""
    mode: Mode = "random" if prompt.examples_mode == "random" else "similar" if prompt.k else "none"
    return Recipe(prompt.name, prompt.system, mode, prompt.k, prompt.seed)


def arm_of(store: Store, prompt: Prompt, name: str, *, golden: Golden | None = None) -> Arm:
    """A saved prompt as an arm for the rows of a golden set, the newest of its dataset where none is named.

    Its examples come from the version that it was saved with, without golden rows, their copies and suspects.
    """
    recipe = recipe_of(prompt)
    if not recipe.k:
        return Arm(name, adapter=False, system=recipe.system or None)
    if golden is None:
        golden = goldens.newest(store, prompt.dataset)
    version = datasets.by_id(store, prompt.version_id)
    shown = golden_side(store, version, golden, seed=recipe.seed)
    if not len(shown.pool):
        raise BadInput(
            f"{version.label} has no training row with a single question and reply, so no example can be shown."
        )
    return shown.arm(recipe, name, asked_of(goldens.rows_of(store, golden)))


def golden_side(store: Store, version: Version, golden: Golden, *, seed: int = 0) -> Shown:
    """What of a version may be shown to the rows of a golden set."""
    return shown_from(datasets.rows_of(store, version), goldens.rows_of(store, golden), seed=seed)
