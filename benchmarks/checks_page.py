"""docs/checks.md: the catalogue with what each check was measured at, out of measured.json."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from workbench.checks.check import Check, catalogue

HEAD = """# The checks, and how often each is right

{count} checks in {families} families. This page is written by `python -m benchmarks.check_precision --write`; the app
shows the same figures beside each finding. Each check's own page, with its limits and sources, stands in the app and at
the head of its file.

- **grave**: error (nearly every flag is a real fault), warning, or hint (a queue to look through, not a fault).
- **planted**: precision and recall on the faults put into `data/planted/`, whose rows were written from the checks'
  names before anybody looked at how they decide. Small files: read them as direction. In brackets the faults; of a
  group of copies any one counts, and balance checks count every row of what is too frequent.
- **at first sight**: the same before a check was mended for what it missed there (ten files had been made larger
  before, so that they are not below the sizes from which the checks speak). Over all {seen} checks together: {hits} of
  {true} faults found (recall {recall:.2f}), {hits} of {flags} flags right (precision {precision:.2f}); {whole} checks
  made no mistake at all, and the mean recall of a check was {mean:.2f}. What the misses showed was mended afterwards by
  general rules, in {repaired}; planted rows that asked for what a check's page rules out were corrected
  (`data/planted/README.md` names them). So the planted figures of these checks are no longer blind: compare them with
  the first ones, and trust the real ones.
- **real**: the same on real data whose truth is known, by people or because the fault was put there by chance. Rows
  that were flagged before the fault was put in are left out.
- **now**, over all checks together: planted {now[0]} of {now[2]} faults found, {now[0]} of {now[1]} flags right; real
  truths {real[0]:,} of {real[2]:,} found (recall {real_recall:.2f}), {real[0]:,} of {real[1]:,} flags right (precision
  {real_precision:.2f}).
- **on clean text**: flags per 1,000 of {rows:,} rows of real text (instructions, chats, sentences in 20 languages) that
  nobody planted anything in. An upper bound of the false alarms, since a flag there may be right.
"""

PLANTED = "planted faults"
FIRST_SIGHT = Path(__file__).parent / "first_sight.json"  # check -> [hits, flags, faults] on the planted rows, blind
REPAIRED = (
    "cut_off", "hidden_instructions", "impossible_request", "invented_compliments", "leftover_markdown",
    "licence_marks", "literal_escapes", "merged_examples", "missing_context", "placeholder", "preference_pair",
    "rephrased_leak", "secrets", "spelling_outlier", "template_variant", "topic_skew", "too_short",
    "toxic", "wrong_language",
)  # fmt: skip


def page_of(measured: dict[str, Any]) -> str:
    """The page as Markdown. measured: what check_precision found, by check."""
    known = catalogue()
    families = sorted({check.family for check in known.values()})
    rows = max((one["clean"]["rows"] for one in measured.values() if one["clean"]), default=0)
    first: dict[str, list[int]] = json.loads(FIRST_SIGHT.read_text(encoding="utf-8"))
    hits, flags, true = (sum(one[place] for one in first.values()) for place in range(3))
    truths = [one for entry in measured.values() for one in entry["truths"]]
    now, real = (_sums(one for one in truths if (one["on"] == PLANTED) is wanted) for wanted in (True, False))
    said = {
        "now": now, "real": real, "real_recall": real[0] / max(real[2], 1),
        "real_precision": real[0] / max(real[1], 1),
        "seen": len(first), "hits": hits, "flags": flags, "true": true, "recall": hits / true,
        "precision": hits / flags, "mean": sum(one[0] / one[2] for one in first.values()) / len(first),
        "whole": sum(len(set(one)) == 1 for one in first.values()),
        "repaired": ", ".join(f"`{name}`" for name in REPAIRED),
    }  # fmt: skip
    parts = [HEAD.format(count=len(known), families=len(families), rows=rows, **said)]
    for family in families:
        parts += [
            f"## {family.capitalize()}",
            "",
            "| check | what it finds | grave | at first sight | planted | real | on clean text |",
        ]
        parts.append("|---|---|---|---|---|---|---|")
        parts += [
            _line(check, measured.get(check.name), first.get(check.name))
            for check in known.values()
            if check.family == family
        ]
        parts.append("")
    notes = _real_truths(measured)
    return "\n".join([*parts, "## The real truths one by one\n", *notes, ""])


def _line(check: Check, entry: dict[str, Any] | None, first: list[int] | None) -> str:
    grave = "hint" if check.severity == "info" else check.severity
    if entry is None:
        return f"| `{check.name}` | {check.title} | {grave} | not measured | | | |"
    blind = f"P {_share(first[0], first[1])} R {_share(first[0], first[2])}" if first else "–"
    planted = [one for one in entry["truths"] if one["on"] == PLANTED]
    real = [one for one in entry["truths"] if one["on"] != PLANTED]
    silence = entry["false_alarms_per_1000"]
    said = "needs a context" if silence is None else f"{silence:g}"
    return f"| `{check.name}` | {check.title} | {grave} | {blind} | {_pooled(planted)} | {_pooled(real)} | {said} |"


def _sums(truths: Iterable[dict[str, Any]]) -> tuple[int, int, int]:
    """(right, flags, faults) of all of them."""
    found = list(truths)
    hits, flags, true = (sum(one[part] for one in found) for part in ("hits", "flagged", "true"))
    return hits, flags, true


def _pooled(truths: list[dict[str, Any]]) -> str:
    if not truths:
        return ""
    hits, flags, true = (sum(one[part] for one in truths) for part in ("hits", "flagged", "true"))
    return f"P {_share(hits, flags)} R {_share(hits, true)} ({true})"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2f}" if whole else "–"


def _real_truths(measured: dict[str, Any]) -> list[str]:
    lines = ["| check | measured on | precision | recall | right / flags / faults |", "|---|---|---|---|---|"]
    for name, entry in measured.items():
        for one in entry["truths"]:
            if one["on"] != PLANTED:
                counts = f"{one['hits']} / {one['flagged']} / {one['true']}"
                shares = f"{_share(one['hits'], one['flagged'])} | {_share(one['hits'], one['true'])}"
                lines.append(f"| `{name}` | {one['on']} | {shares} | {counts} |")
    return lines
