"""How often each check is right, and how often it alarms on sound text.

    python -m benchmarks.check_precision [FOLDER OF THE REAL DATA SETS]

Prints precision and recall where people or a construction gave the truth, then the false alarms per 1,000 rows of real
text, then the seconds for 50,000 rows. A set that is not there is skipped, and said so.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks import real_sets
from workbench.checks.check import check_named
from workbench.checks.safety.personal_patterns import find_personal
from workbench.errors import NotRun
from workbench.rows import Rows

CHECKS = (
    "mojibake",
    "cut_off",
    "repetition",
    "too_long",
    "leftover_markup",
    "placeholder",
    "refusal",
    "personal_data",
    "length_spread",
    "topic_skew",
)
KINDS = {
    "EMAIL_ADDRESS": "e-mail address",
    "CREDIT_CARD": "card number",
    "IBAN_CODE": "IBAN",
    "US_SSN": "social security number",
    "IP_ADDRESS": "IP address",
    "PHONE_NUMBER": "phone number",
}
# Sets written by models, which hold true refusals and blanks by the hundred: no false alarms can be counted there.
WITH_REFUSALS = ("alpaca_en", "alpaca_zh", "halueval")
HALF_FROM = 80  # characters: shorter replies have no middle
SPEED_ROWS = 50_000


def line(check: str, measured_on: str, hits: int, flagged: int, true: int) -> None:
    """One row of the table; precision and recall as "-" where they have no meaning."""
    precision = f"{hits / flagged:.3f}" if flagged else "-"
    recall = f"{hits / true:.3f}" if true else "-"
    counts = f"{hits} right of {flagged} flagged, {true} true"
    print(f"{check:16} {measured_on:42} P {precision:>6}  R {recall:>6}   {counts}")


def on_refusals(data: Path) -> None:
    found = real_sets.refusals(data)
    if found:
        flagged = check_named("refusal").run(found[0]).flagged.to_list()
        hits = sum(f and t for f, t in zip(flagged, found[1], strict=True))
        line("refusal", "XSTest (fitted on it)", hits, sum(flagged), sum(found[1]))


def on_personal(data: Path) -> None:
    """A hit counts when it overlaps a true span of its kind."""
    texts = real_sets.personal_texts(data)
    hits, flagged, found, true = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for text, spans in texts or ():
        gold = [(KINDS[kind], start, end) for kind, start, end in spans if kind in KINDS]
        pieces = find_personal(text)
        flagged.update(piece.kind for piece in pieces)
        hits.update(p.kind for p in pieces if any(p.kind == k and s < p.end and p.start < e for k, s, e in gold))
        true.update(kind for kind, _, _ in gold)
        found.update(k for k, s, e in gold if any(p.kind == k and s < p.end and p.start < e for p in pieces))
    for kind in true:
        line("personal_data", f"Presidio, {kind}", hits[kind], flagged[kind], true[kind])


def on_encodings(data: Path) -> None:
    for kind, texts in (real_sets.encodings(data) or {}).items():
        flagged = int(check_named("mojibake").run(Rows.of(*texts)).flagged.sum())
        sound = " sound texts" if kind == "negative" else ""
        print(f"{'mojibake':16} ftfy, {kind:28} flags {flagged} of {len(texts)}{sound}")


def halves(replies: Sequence[str], rng: random.Random) -> list[str]:
    """The first half of each reply: every other one cut at a blank, the rest where the middle falls."""
    cut = []
    for reply in replies:
        middle = len(reply) // 2
        blank = reply.rfind(" ", 0, middle)
        cut.append(reply[: blank if blank > 0 and rng.random() < 0.5 else middle])
    return cut


def on_halves(clean: dict[str, Rows]) -> None:
    """A tenth of the replies of each set cut in half, so that the set keeps its style; no whole one may be flagged."""
    rng, by_group = random.Random(0), {"English": [0, 0, 0], "other languages": [0, 0, 0]}
    for name, rows in clean.items():
        if name == "chitchat":
            continue  # turns without punctuation: nobody could tell
        replies, long = list(rows.reply), [i for i, reply in enumerate(rows.reply) if len(reply) >= HALF_FROM]
        chosen = rng.sample(long, len(long) // 10)
        for place, half in zip(chosen, halves([replies[i] for i in chosen], rng), strict=True):
            replies[place] = half
        flagged = check_named("cut_off").run(Rows.of(*replies)).flagged.to_list()
        other = name == "alpaca_zh" or (name.startswith("language") and name != "language en")
        totals = by_group["other languages" if other else "English"]
        totals[0] += sum(flagged[i] for i in chosen)
        totals[1] += sum(flagged)
        totals[2] += len(chosen)
    for group, (hits, flagged_all, true) in by_group.items():
        line("cut_off", f"one reply in ten halved, {group}", hits, flagged_all, true)


def on_clean(clean: dict[str, Rows], show: bool) -> None:
    print("\nflags on real text, per 1,000 rows (a flag may be right: --show prints them)")
    for name in CHECKS:
        count, total, where = 0, 0, []
        for label, rows in clean.items():
            if name == "refusal" and label in WITH_REFUSALS:
                continue
            try:
                findings = check_named(name).run(rows)
            except NotRun as reason:
                print(f"SKIPPED: {name}: {reason}", file=sys.stderr)
                break
            flagged = findings.flagged.to_list()
            count, total = count + sum(flagged), total + len(rows)
            where += [f"{label} {sum(flagged)}"] if any(flagged) else []
            if show:
                for note in (note for note, hit in zip(findings.note, flagged, strict=True) if hit):
                    print(f"    {name}, {label}: {note[:140]}")
        if total:
            print(f"{name:16} {1000 * count / total:6.2f}   {count} of {total}: {', '.join(where) or 'none'}")


def on_speed(clean: dict[str, Rows]) -> None:
    pairs = [pair for rows in clean.values() for pair in zip(rows.prompt, rows.reply, strict=True)]
    rows = Rows.of(*(pairs * (SPEED_ROWS // len(pairs) + 1))[:SPEED_ROWS])
    _ = rows.messages, rows.reply  # made once for all checks
    size = sum(map(len, rows.text)) / 1e6
    print(f"\nseconds for {len(rows):,} rows of these texts ({size:.0f} million characters)")
    for name in CHECKS:
        start = time.perf_counter()
        try:
            check_named(name).run(rows)
        except NotRun as reason:
            print(f"SKIPPED: {name}: {reason}", file=sys.stderr)
            continue
        print(f"{name:16} {time.perf_counter() - start:6.1f} s")


def main(arguments: Sequence[str]) -> None:
    folders = [argument for argument in arguments if not argument.startswith("--")]
    data = Path(folders[0] if folders else "../shared/data")
    clean = real_sets.clean_sets(data)
    on_refusals(data)
    on_personal(data)
    on_encodings(data)
    if clean:
        on_halves(clean)
        on_clean(clean, "--show" in arguments)
        on_speed(clean)


if __name__ == "__main__":
    main(sys.argv[1:])
