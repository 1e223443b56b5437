"""Saved prompts as arms of an evaluation: which training rows may be shown to which question, and the arm itself"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from evaluators.evaluate import Arm
from evaluators.models.embedder import MiniLM, TfIdf
from evaluators.prompting.examples import Pool, random_examples, similar_examples
from evaluators.prompting.recipe import Mode, Recipe
from evaluators.sample import Sample
from evaluators.slices import question_of
from training.tokens.calls import unfolded
from training.tokens.learned import context_mark
from workbench import leak_search
from workbench.asked import samples_of
from workbench.errors import BadInput
from workbench.guard.meaning import Read
from workbench.records import Golden, Prompt, Version
from workbench.rows import Rows
from workbench.settings import Report, no_report
from workbench.splits import copy_groups
from workbench.store import Store, datasets, goldens

MOST_POOL = (
    5_000  # rows to choose examples from; more are drawn down to that by the seed, or reading them takes minutes
)
TOGETHER = ("conversation:", "customer:", "thread:", "template:", "author:")  # tags that say that rows belong together


@dataclass(frozen=True)
class Shown:
    """What may stand before a question: the pool, and the rows that could not be in it.

    left_out: training rows without a single question and reply, or beyond the 5,000 that are read. read: gives vectors
    by meaning; None where the embedding model is not here, and questions are compared by their words.
    """

    pool: Pool
    left_out: int
    read: Read | None = None

    @property
    def embedder(self) -> dict[str, Any]:
        """How likeness is told: name, and whether paraphrases are seen."""
        kind = TfIdf if self.read is None else MiniLM
        return {"name": kind.name, "meaning": kind.meaning}

    @cached_property
    def _embed(self) -> Callable[[Sequence[str]], Any]:
        return TfIdf(self.pool.questions) if self.read is None else self.read

    @cached_property
    def _vectors(self) -> Any:
        return self._embed(self.pool.questions)

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
        return self._embed([question_of(one) for one in samples]) @ self._vectors.T


def shown_from(
    training: Rows,
    asked: Rows,
    *,
    seed: int = 0,
    suspects: Mapping[str, set[str]] | None = None,
    read: Read | None = None,
) -> Shown:
    """The training rows that may be shown to the asked rows: one question with its reply each, copies told apart.

    An asked row is never shown a training row that is an exact or near copy of it in question, reply or as a whole,
    that shares a conversation, customer, thread, template or author by its tags, or that `suspects` (asked row id ->
    training row ids; what the leak guard found and nobody ruled out) names. A row of the same id is never in the pool.
    """
    training = training.without(asked.row_id)
    single = [
        bool(reply.strip())
        and [turn["role"] for turn in turns if turn["role"] != "system"] == ["user", "assistant"]
        and context_mark(unfolded(turns[-1])) is None
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
    return Shown(ready, len(training) - len(pool), read)


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
    golden = goldens.newest(store, prompt.dataset) if golden is None else golden
    version = datasets.by_id(store, prompt.version_id)
    shown = golden_side(store, version, golden, seed=recipe.seed)
    if not len(shown.pool):
        raise BadInput(
            f"{version.label} has no training row with a single question and reply, so no example can be shown."
        )
    return shown.arm(recipe, name, samples_of(goldens.rows_of(store, golden), golden))


def golden_side(
    store: Store, version: Version, golden: Golden, *, seed: int = 0, guarded: bool = True, report: Report = no_report
) -> Shown:
    """What of a version may be shown to the rows of a golden set.

    guarded: the leak guard searches the version unless it has, which may take minutes; without, only what it found
    before is barred beside the copies, enough to count tokens by.
    """
    rows, held = datasets.rows_of(store, version), goldens.rows_of(store, golden)
    found = leak_search.look(store, version, golden)
    if found is None and guarded:
        found = leak_search.search(store, version, golden, rows=rows, report=report)
    stopping = () if found is None else found.stopping
    # of a pair with a sealed row nobody learns which one it is, so its training row is shown to no question at all
    nobody = {one.training_id for one in stopping if not one.golden_id}
    suspects: dict[str, set[str]] = defaultdict(set)
    for one in stopping:
        suspects[one.golden_id].add(one.training_id)
    read = leak_search.reader(store)
    return shown_from(rows.without(nobody), held, seed=seed, suspects=suspects, read=read)
