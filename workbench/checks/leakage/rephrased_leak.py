"""A golden or benchmark question in other words

A question that was rephrased teaches its answer all the same, and no rule on runs of words can see it: the field's
13-word rule finds none of 1,319 rephrased questions.

Known limits
    A list to look through, not a verdict: two questions of one kind look the same. Copies and near copies are left to
    `golden_leak` and `benchmark_leak`. Where the small language model is fetched, it compares prompts and replies, both
    of which must be near, for the 500 likeliest rows (all rows of a smaller dataset); numbers, quoted words and names
    that contradict each other excuse a row. Where it is not, only rephrasings that keep the telling words and numbers
    are found, and a question about another thing in the same words is flagged. Questions of fewer than four words are
    left out.
Measured
    By words, without the model: MMLU in other words, half of the originals held out, among 7,100 other prompts: of
    47 algebra questions 38 are found, 13 of them by `golden_leak` as near copies, with 3 false; of 99 on sociology
    37, none false; of HumanEval's 73, where names and numbers were changed too, none. On halves of one instruction
    set 16 in 1,000 are flagged. With the model: see the table of `benchmarks/check_precision.py`.
Source
    LLM-Decontaminator, arXiv 2311.04850, for why; all-MiniLM-L6-v2. Score without the model: .8 cosine of the words'
    weights + .2 common numbers, less half of what its five next neighbours have in common with the held-out question
    (CSLS, Conneau et al. 2018).
"""

from __future__ import annotations

import re

import numpy as np

from evaluators.models import embedded
from workbench.checks.check import Findings, above, check
from workbench.checks.context import Context
from workbench.checks.duplicates.meaning import FEWEST_WORDS as FEWEST_REPLY_WORDS
from workbench.checks.duplicates.meaning import in_meaning, told_apart, vectors_of
from workbench.checks.duplicates.place import shortened
from workbench.checks.leakage.word_weights import likest
from workbench.checks.similarity import near_copy_score, words_of
from workbench.errors import NotRun
from workbench.rows import Rows
from workbench.settings import EMBEDDER, models_folder

NUMBER = re.compile(r"\d+(?:\.\d+)?")
NUMBERS_COUNT = 0.2  # of the score; F1 .939 with and .831 without on number-rich questions
HUB = 0.5  # how much of a held-out question's usual likeness is taken off
FEWEST_WORDS = 4
LEAST_IN_MEANING = 0.72  # mean cosine of prompts and of replies, as MiniLM reads them
LESS_ALONE = 0.1  # taken off where there is only a prompt to compare: .82, precision .97, recall .96 on GSM8K rephrased
LOOKED_AT = 0.3  # score from which numbers are compared, too
MOST_LOOKED_AT = 500  # rows that the language model reads: some ten seconds

TRIED = 3  # likest examples of which one may be it

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
def rephrased_leak(rows: Rows, context: Context, *, least: float = 0.5, meaning: bool = True) -> Findings:
    """Measure: likeness of the row to the likest held-out example, 0 to 1: as a language model reads both where
    `meaning` is wanted and the model is fetched, else by the words of the questions.

    Raises NotRun where there is neither a golden set nor a benchmark.
    """
    sets = [one for one in (context.golden, context.benchmark) if one is not None]
    pairs = list(dict.fromkeys(pair for one in sets for pair in zip(one.prompt, one.reply, strict=True)))
    pairs = [pair for pair in pairs if len(words_of(pair[0])) >= FEWEST_WORDS]
    held = [prompt for prompt, _ in pairs]
    if not held:
        raise NotRun(
            "There is neither a golden set nor a benchmark to compare with. Freeze a golden set, or name a file."
        )
    unread = _sealed_prompts(context)
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
    if meaning and embedded.is_ready(EMBEDDER, models_folder()):
        score, best = _in_meaning(rows, pairs, cosine, best)
        least = max(least, LEAST_IN_MEANING)
    notes = [""] * len(rows)
    for row in np.flatnonzero(score > least).tolist():
        told = f': "{shortened(held[best[row]], 100)}"' if held[best[row]] not in unread else " in a sealed golden row"
        notes[row] = f"asks nearly what is held out{told}"
    return above(score.tolist(), least, notes)


def _sealed_prompts(context: Context) -> set[str]:
    """The golden prompts that no note may tell."""
    if context.golden is None or not context.sealed:
        return set()
    golden = context.golden
    return {one for row_id, one in zip(golden.row_id, golden.prompt, strict=True) if row_id in context.sealed}


def _numbers(text: str) -> frozenset[str]:
    return frozenset(NUMBER.findall(text.replace(",", "")))


def _in_meaning(
    rows: Rows, pairs: list[tuple[str, str]], cosine: np.ndarray, best: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(N,) likeness in meaning to the likest held-out example and (N,) which it is; 0 for rows not looked at.

    A dataset too large to be read whole is compared with the example that is likest by its words alone.
    """
    folder, prompts, replies = models_folder() / EMBEDDER, rows.prompt, rows.reply
    chosen = [
        row
        for row in np.argsort(-cosine, kind="stable")[:MOST_LOOKED_AT].tolist()
        if len(words_of(prompts[row])) >= FEWEST_WORDS
    ]
    whole = len(rows) <= MOST_LOOKED_AT >= len(pairs)
    asked = list(range(len(pairs))) if whole else sorted({int(best[row]) for row in chosen})
    found, likest_one = np.zeros(len(rows)), best.copy()
    if not chosen:
        return found, likest_one
    texts = [*(prompts[row] for row in chosen), *(pairs[place][0] for place in asked)]
    texts += [*(replies[row] for row in chosen), *(pairs[place][1] for place in asked)]
    mine, theirs, said, held_said = np.split(
        vectors_of(texts, folder), np.cumsum([len(chosen), len(asked), len(chosen)])
    )
    short = [len(words_of(replies[row])) < FEWEST_REPLY_WORDS for row in chosen]
    held_short = [len(words_of(pairs[place][1])) < FEWEST_REPLY_WORDS for place in asked]
    alone = np.logical_or.outer(short, held_short)
    likeness = in_meaning(mine @ theirs.T, said @ held_said.T, only_prompts=alone) - LESS_ALONE * alone
    for place, row in enumerate(chosen):
        order = np.argsort(-likeness[place], kind="stable")
        if not whole:
            order = np.array([asked.index(int(best[row]))])
        for one in order[:TRIED].tolist():
            prompt, reply = pairs[asked[one]]
            copied = near_copy_score(prompts[row], prompt) is not None
            if not copied and not told_apart(prompts[row], prompt) and not told_apart(replies[row], reply):
                found[row], likest_one[row] = max(0.0, float(likeness[place, one])), asked[one]
                break
    return found, likest_one
