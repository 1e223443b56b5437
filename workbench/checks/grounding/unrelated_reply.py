"""Reply that has nothing to do with its prompt

Prompt and reply share no word, the reply's own words stand in another prompt of the dataset, and that prompt's reply
does not fit it either: mostly rows whose replies were swapped or shifted by a line on the way. The other prompt is
named, so that they can be put right.

Known limits
    Judges by the beginnings of words, so a good answer in other words than the question is passed over only because no
    other prompt fits it better: look before you act. Short prompts and replies, translations, code and scripts
    without blanks between words are not judged, nor are refusals and conversations with several questions.
Measured
    One reply in twenty swapped: 9 of 10 flags right on two sets of instructions, recall .07 and .10. Replies shifted
    by a line: one row in nine is flagged. 2 flags in 10,662 sound rows. A hint, since so little is found.
"""

from __future__ import annotations

import re
from typing import Any

import polars as pl

from workbench.checks.balance.stop_words import OTHER_LANGUAGES, TASK_WORDS
from workbench.checks.check import Findings, above, check
from workbench.checks.duplicates.place import places, shortened
from workbench.checks.safety.refusal_patterns import refusal_opening
from workbench.rows import Rows

STEM = 5  # letters of a word that count, so that "refunds" is "refund"
BEGINNING = rf"\b[\p{{L}}]{{3,{STEM}}}"
LOOKED_AT = 4_000  # characters of a prompt or a reply
FEWEST = 4  # different content words of a reply, and 2 of a prompt
CLOSEST = 0.3  # cosine to the other prompt from which the reply belongs there; 1 is the same words
BLOCK = 2_000  # replies compared at a time
MOST = 20_000  # replies compared; more than that cannot all have been swapped
OTHER_TASK = re.compile(
    r"\b(?:translat\w+|rewrite in|convert|code|program|function|python|sql|html|übersetz\w*|tradu\w+|rhyme"
    r"|anagram|emoji\w*|morse)\b",
    re.I,
)
COMMON = frozenset(
    [
        "about",
        "above",
        "after",
        "again",
        "all",
        "also",
        "and",
        "any",
        "are",
        "because",
        "been",
        "before",
        "being",
        "below",
        "between",
        "both",
        "but",
        "can",
        "could",
        "did",
        "does",
        "doing",
        "down",
        "during",
        "each",
        "few",
        "for",
        "from",
        "further",
        "had",
        "has",
        "have",
        "having",
        "her",
        "here",
        "hers",
        "him",
        "his",
        "how",
        "into",
        "its",
        "just",
        "more",
        "most",
        "not",
        "now",
        "off",
        "once",
        "only",
        "other",
        "our",
        "out",
        "over",
        "own",
        "same",
        "she",
        "should",
        "some",
        "such",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "through",
        "too",
        "under",
        "until",
        "very",
        "was",
        "were",
        "what",
        "when",
        "where",
        "which",
        "while",
        "who",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
        "yours",
        "like",
        "get",
        "got",
        "make",
        "made",
        "one",
        "two",
        "three",
        "first",
        "many",
        "much",
        "may",
        "might",
        "must",
        "shall",
        "well",
        "way",
        "use",
        "used",
        "using",
        "good",
        "great",
        "best",
        "new",
        "time",
        "people",
        "thing",
        "things",
        "know",
        "see",
        "say",
        "says",
        "said",
        "want",
        "need",
        "help",
    ]
)
COLUMNS = {"prompt": pl.String, "reply": pl.String, "asked": pl.Int64}
SKIPPED = sorted({word[:STEM] for word in (*COMMON, *OTHER_LANGUAGES, *TASK_WORDS) if len(word) >= 3})


@check(
    severity="info",
    scope="set",
    flags=Rows.of(
        (
            "How do I descale the coffee machine with vinegar?",
            "Parcels to Norway take five working days and need a customs form.",
        ),
        (
            "How long do parcels to Norway take, and which customs form do they need?",
            "Fill the coffee machine with vinegar and let it descale.",
        ),
    ),
    passes=Rows.of(
        ("Which plants like shade in the garden?", "Ferns and hostas grow well in a shady garden."),
        ("Is the museum open on Mondays?", "Yes, from nine to five."),
    ),
)
def unrelated_reply(rows: Rows, *, closest: float = CLOSEST) -> Findings:
    """Measure: likeness of the reply to another row's prompt (0 to 1) where it shares no word with its own, else 0.

    None for rows that are not judged. closest: likeness to the other prompt from which a row is flagged.
    """
    asked = [sum(turn["role"] == "user" for turn in turns) for turns in rows.messages]
    frame = pl.DataFrame({"prompt": rows.prompt, "reply": rows.reply, "asked": asked}, schema=COLUMNS).with_row_index(
        "row"
    )
    beginnings = lambda name: (  # noqa: E731
        pl.col(name).str.slice(0, LOOKED_AT).str.to_lowercase().str.extract_all(BEGINNING).list.unique()
    )
    words = frame.with_columns(q=beginnings("prompt"), a=beginnings("reply")).with_columns(
        q=pl.col("q").list.set_difference(pl.lit(SKIPPED, dtype=pl.List(pl.String))),
        a=pl.col("a").list.set_difference(pl.lit(SKIPPED, dtype=pl.List(pl.String))),
    )
    judged = (pl.col("a").list.len() >= FEWEST) & (pl.col("q").list.len() >= 2) & (pl.col("asked") == 1)
    words = words.with_columns(judged=judged, shared=pl.col("q").list.set_intersection("a").list.len())
    measure: list[float | None] = [0.0 if one else None for one in words["judged"]]
    notes = [""] * len(rows)
    alone = [
        row
        for row in words.filter(pl.col("judged") & (pl.col("shared") == 0))["row"].to_list()[:MOST]
        if not OTHER_TASK.search(rows.prompt[row]) and not refusal_opening(rows.reply[row])
    ]
    if alone and len(rows) > 1:
        where, parted = places(rows), set(alone)
        for row, other, likeness in _nearest_prompts(words["q"].to_list(), words["a"].to_list(), alone):
            if other not in parted:
                continue  # the other prompt has a reply of its own, so this one did not come from there
            measure[row] = likeness
            if likeness > closest:
                ask = shortened(rows.prompt[other])
                notes[row] = (
                    f'prompt and reply share no word; the reply would fit the prompt of {where[other]}: "{ask}"'
                )
    return above(measure, closest, notes)


def _nearest_prompts(
    prompts: list[list[str]], replies: list[list[str]], alone: list[int]
) -> list[tuple[int, int, float]]:
    """For each reply in `alone` the prompt most like it, and the cosine of their TF-IDF vectors."""
    import numpy as np
    import scipy.sparse as sp

    held = {word for row in alone for word in replies[row]}
    number = {word: place for place, word in enumerate(sorted(held))}
    seen = np.zeros(len(number))
    for words in prompts:
        for word in words:
            if word in held:
                seen[number[word]] += 1
    rarity = np.log((1 + len(prompts)) / (1 + seen)) + 1

    def matrix(texts: list[list[str]], everything: bool) -> Any:
        places = [[number[word] for word in words if word in held] for words in texts]
        left_out = [len(words) - len(kept) for words, kept in zip(texts, places, strict=True)]
        rows = np.repeat(np.arange(len(texts)), [len(kept) for kept in places])
        columns = np.array([place for kept in places for place in kept], dtype=np.int64)
        weights = rarity[columns] if len(columns) else np.zeros(0)
        norms = np.bincount(rows, weights**2, minlength=len(texts)) + (
            np.array(left_out) * rarity.max() ** 2 if everything else 0
        )
        made = sp.csr_matrix((weights, (rows, columns)), shape=(len(texts), len(number)))
        return sp.diags(1 / np.sqrt(np.maximum(norms, 1e-12))) @ made

    asked = matrix(prompts, True).T.tocsr()
    found = []
    for start in range(0, len(alone), BLOCK):
        block = alone[start : start + BLOCK]
        likeness = (matrix([replies[row] for row in block], False) @ asked).tocsr()
        for place, row in enumerate(block):
            begin, end = likeness.indptr[place], likeness.indptr[place + 1]
            if end > begin:
                best = begin + int(likeness.data[begin:end].argmax())
                found.append((row, int(likeness.indices[best]), round(float(likeness.data[best]), 6)))
    return found
