"""System prompt that varies

A model follows the system prompt that it was trained with. Where most rows bear one text and a few bear a slightly
other one ("helpful assistant" here, "helpfull assistent" there), or none, the model learns that its wording does not
matter much, and follows it less.

Known limits
    A variant is a rarer text that is nearly the same as one borne by at least three times as many rows, three at the
    least. Texts that differ only in numbers or in names (words with a capital letter) are taken for filled-in
    templates, and those that differ widely for other tasks; both pass. A row without a system text is flagged only
    where nine in ten of at least ten rows bear one and the same. Of the texts, the five most frequent are compared
    to.
Source
    Near-equal: the normalised indel likeness of rapidfuzz, on texts in lower case without runs of blanks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

import polars as pl
from rapidfuzz import fuzz, process

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.structure.roles import LEADS
from workbench.rows import Rows, message

COMMON = 5  # texts that others are compared to
FEWEST = 3  # rows that bear a common text
TIMES = 3  # as many rows as its variant
NEARLY_ALL = 0.9  # rows that bear one system text, before a row without one stands out
FEWEST_ROWS = 10  # ... and as many rows at least
COMPARED = 4_000  # characters of a text
SLOT = re.compile(r"\d+|(?<=[^\s.!?:]\s)[A-Z][\w-]*")  # a number, or a word with a capital letter inside a sentence


def _row(system: str) -> list[dict]:
    return [message("system", system), message("user", "When do you open?"), message("assistant", "At nine.")]


@check(
    severity="info",
    scope="set",
    flags=Rows.of(
        _row("You answer customers of a tea shop. Be brief and friendly"),
        _row("You answer the customers of a tea shop. Be brief and freindly."),
    ),
    passes=Rows.of(
        *[_row("You answer customers of a tea shop. Be brief and friendly.")] * 9,
        _row("You translate German product texts into English."),
    ),
    mend="one_system_text",
)
def system_varies(rows: Rows, *, least: float = 0.8) -> Findings:
    """Measure: likeness (0 to 1) of a row's system text to the common one that it varies, 1 where it is left out."""
    leads = rows.turns.filter(pl.col("role").is_in(LEADS)).unique("row", keep="first", maintain_order=True)
    text_of = dict(zip(leads["row"].to_list(), leads["content"].to_list(), strict=True))
    place_of = dict(zip(leads["row"].to_list(), leads["turn"].to_list(), strict=True))
    counts = Counter(text_of.values())
    variants = variants_of(counts, least)
    usual = usual_text(counts, len(rows), variants)
    measure: list[float | None] = [None] * len(rows)
    notes = [""] * len(rows)
    spans: list[list[Span]] = [[] for _ in range(len(rows))]
    for row in range(len(rows)):
        text = text_of.get(row)
        if text is None or not text.strip():
            if usual:
                measure[row], notes[row] = 1.0, f"has no system text; nearly all rows have {_quoted(usual)}"
            continue
        common, likeness = variants.get(text, ("", 0.0))
        measure[row] = likeness
        if common:
            alike = f"{counts[common]:,} rows have nearly the same: {_quoted(common)}"
            notes[row] = f"{counts[text]:,} {'row has' if counts[text] == 1 else 'rows have'} this system text, {alike}"
            spans[row] = [(place_of[row], *_where_they_differ(text, common))]
    return above(measure, least, notes, spans)


def variants_of(counts: Mapping[str, int], least: float = 0.8) -> dict[str, tuple[str, float]]:
    """Each rarer text that all but repeats a common one -> that text and the likeness."""
    ranked = sorted((text for text in counts if text.strip()), key=lambda text: (-counts[text], text))
    common = [text for text in ranked[:COMMON] if counts[text] >= FEWEST]
    found: dict[str, tuple[str, float]] = {}
    plain = {text: " ".join(text[:COMPARED].lower().split()) for text in ranked}
    for usual in common:
        rarer = [text for text in ranked if text not in found and counts[text] * TIMES <= counts[usual]]
        hits = process.extract(
            plain[usual], [plain[text] for text in rarer], scorer=fuzz.ratio, score_cutoff=100 * least, limit=None
        )
        for _, score, place in hits:
            if SLOT.sub("", rarer[place]) != SLOT.sub("", usual):
                found[rarer[place]] = (usual, score / 100)
    return found


def usual_text(counts: Mapping[str, int], rows: int, variants: Mapping[str, tuple[str, float]]) -> str:
    """The system text that nearly all rows bear, itself or as a variant; "" where there is none."""
    if not counts or rows < FEWEST_ROWS:
        return ""
    usual = max(counts, key=lambda text: (counts[text], text))
    bearers = sum(count for text, count in counts.items() if text == usual or variants.get(text, ("",))[0] == usual)
    return usual if usual.strip() and bearers >= NEARLY_ALL * rows else ""


def _where_they_differ(text: str, common: str) -> tuple[int, int]:
    """From the first character of the text that differs to the last, and at least one."""
    shorter = min(len(text), len(common))
    start = next((i for i in range(shorter) if text[i] != common[i]), shorter)
    back = next((i for i in range(shorter - start) if text[-1 - i] != common[-1 - i]), shorter - start)
    start = min(start, len(text) - 1)
    return start, max(start + 1, len(text) - back)


def _quoted(text: str) -> str:
    line = " ".join(text.split())
    return f'"{line[:60]}{"…" if len(line) > 60 else ""}"'
