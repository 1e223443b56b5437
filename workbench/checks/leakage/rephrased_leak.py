"""A golden or benchmark question in other words

A question that was rephrased teaches its answer all the same, and no rule on runs of words can see it: the field's
13-word rule finds none of 1,319 rephrased questions.

Known limits
    A list to look through, not a verdict: two questions of one kind ("Write a story of 50 words", "... of 30 words")
    look the same. Copies and near copies are left to `golden_leak` and `benchmark_leak`. Found
    are rephrasings that keep the telling words and numbers; with `meaning` the likeliest ones are
    judged by a language model (minutes, and the model must be fetched). Questions of fewer than five words
    are left out.
Measured
    MMLU in other words, half of the originals held out, among 7,100 other prompts: of 47 algebra questions 38 are
    found, 13 of them by `golden_leak` as near copies, with 3 false; of 99 on sociology 37, none false; of HumanEval's
    73, where names and numbers were changed too, none. On halves of one instruction set 16 in 1,000 are flagged.
Source
    LLM-Decontaminator, arXiv 2311.04850, for why. Score: .8 cosine of the words' weights + .2 common numbers, less half
    of what its five next neighbours have in common with the held-out question (CSLS, Conneau et al. 2018).
"""

from __future__ import annotations

import re

import numpy as np

from evaluators.models import embedded
from evaluators.models.embedder import MiniLM
from workbench.checks.check import Findings, above, check
from workbench.checks.context import Context
from workbench.checks.duplicates.place import shortened
from workbench.checks.leakage.word_weights import likest
from workbench.checks.similarity import near_copy_score, words_of
from workbench.errors import NotRun
from workbench.rows import Rows
from workbench.settings import EMBEDDER, models_folder

NUMBER = re.compile(r"\d+(?:\.\d+)?")
NUMBERS_COUNT = 0.2  # of the score; F1 .939 with and .831 without on number-rich questions
HUB = 0.5  # how much of a held-out question's usual likeness is taken off
FEWEST_WORDS = 5
LEAST_IN_MEANING = 0.82  # cosine of MiniLM vectors: precision .97, recall .96 on GSM8K in other words
LOOKED_AT = 0.3  # score from which a language model looks
MOST_LOOKED_AT = 2_000  # rows that it reads: a minute

HELD = "If 3 gardeners plant 45 tulips before lunch, how many tulips do 7 gardeners plant in that time?"


@check(
    severity="info",
    scope="set",
    example=Context(golden=Rows.of((HELD, "105"))),
    flags=Rows.of(
        ("Before lunch 3 gardeners plant 45 tulips. How many tulips would be planted by 7 gardeners?", "105")
    ),
    passes=Rows.of(
        ("How many tulips are in a bunch?", "Ten."), ("What do gardeners do before lunch on Mondays?", "They weed.")
    ),
)
def rephrased_leak(rows: Rows, context: Context, *, least: float = 0.5, meaning: bool = False) -> Findings:
    """Measure: likeness of the row's prompt to the likest held-out question, 0 to 1; with `meaning` the cosine of the
    two as a language model reads them, for the likeliest rows, and 0 for the others.

    Raises NotRun where there is neither a golden set nor a benchmark, or where the model is not fetched.
    """
    held = [
        *(context.golden.prompt if context.golden else ()),
        *(context.benchmark.prompt if context.benchmark else ()),
    ]
    held = [text for text in held if len(words_of(text)) >= FEWEST_WORDS]
    if not held:
        raise NotRun(
            "There is neither a golden set nor a benchmark to compare with. Freeze a golden set, or name a file."
        )
    prompts = rows.prompt
    cosine, best, usual = likest(prompts, held)
    score = np.zeros(len(rows))
    for row in np.flatnonzero(cosine > LOOKED_AT).tolist():
        mine, theirs = _numbers(prompts[row]), _numbers(held[best[row]])
        copied = near_copy_score(prompts[row], held[best[row]]) is not None  # what golden_leak and benchmark_leak find
        if not copied and len(words_of(prompts[row])) >= FEWEST_WORDS:
            common = len(mine & theirs) / len(mine | theirs) if mine or theirs else None
            likeness = cosine[row] if common is None else (1 - NUMBERS_COUNT) * cosine[row] + NUMBERS_COUNT * common
            score[row] = likeness - HUB * usual[best[row]]
    if meaning:
        score = _in_meaning(prompts, held, best, score)
        least = max(least, LEAST_IN_MEANING)
    notes = [""] * len(rows)
    for row in np.flatnonzero(score > least).tolist():
        notes[row] = f'asks nearly what is held out: "{shortened(held[best[row]], 100)}"'
    return above(score.tolist(), least, notes)


def _numbers(text: str) -> frozenset[str]:
    return frozenset(NUMBER.findall(text.replace(",", "")))


def _in_meaning(prompts: list[str], held: list[str], best: np.ndarray, score: np.ndarray) -> np.ndarray:
    if not embedded.is_ready(EMBEDDER, models_folder()):
        raise NotRun(f"The model that reads the questions is not here yet. Fetch it: goldloop models fetch {EMBEDDER}")
    rows = [row for row in np.argsort(-score)[:MOST_LOOKED_AT].tolist() if score[row] > LOOKED_AT]
    vectors = MiniLM(models_folder() / EMBEDDER)([*(prompts[row] for row in rows), *(held[best[row]] for row in rows)])
    fresh = np.zeros(len(score))
    fresh[rows] = (vectors[: len(rows)] * vectors[len(rows) :]).sum(axis=1)
    return fresh
