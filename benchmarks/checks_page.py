"""docs/checks.md: the catalogue with what each check was measured at, out of measured.json."""

from __future__ import annotations

from typing import Any

from workbench.checks.check import Check, catalogue

HEAD = """# The checks, and how often each is right

{count} checks in {families} families. This page is written by `python -m benchmarks.check_precision --write`; the app
shows the same figures beside each finding. Each check's own page, with its limits and sources, stands in the app and at
the head of its file.

- **grave**: error (nearly every flag is a real fault), warning, or hint (a queue to look through, not a fault).
- **planted**: precision and recall on the faults put into `data/planted/`, whose rows were written from the checks'
  names before anybody looked at how they decide. Small files: read them as direction. In brackets the faults.
- **real**: the same on real data whose truth is known, by people or because the fault was put there.
- **on clean text**: flags per 1,000 of {rows:,} rows of real text (instructions, chats, sentences in 20 languages) that
  nobody planted anything in. An upper bound of the false alarms, since a flag there may be right.
"""


def page_of(measured: dict[str, Any]) -> str:
    """The page as Markdown. measured: what check_precision found, by check."""
    known = catalogue()
    families = sorted({check.family for check in known.values()})
    rows = max((one["clean"]["rows"] for one in measured.values() if one["clean"]), default=0)
    parts = [HEAD.format(count=len(known), families=len(families), rows=rows)]
    for family in families:
        parts += [f"## {family.capitalize()}", "", "| check | what it finds | grave | planted | real | on clean text |"]
        parts.append("|---|---|---|---|---|---|")
        parts += [_line(check, measured.get(check.name)) for check in known.values() if check.family == family]
        parts.append("")
    notes = _real_truths(measured)
    return "\n".join([*parts, "## The real truths one by one\n", *notes, ""])


def _line(check: Check, entry: dict[str, Any] | None) -> str:
    grave = "hint" if check.severity == "info" else check.severity
    if entry is None:
        return f"| `{check.name}` | {check.title} | {grave} | not measured | | |"
    planted = [one for one in entry["truths"] if one["on"] == "planted faults"]
    real = [one for one in entry["truths"] if one["on"] != "planted faults"]
    silence = entry["false_alarms_per_1000"]
    said = "needs a context" if silence is None else f"{silence:g}"
    return f"| `{check.name}` | {check.title} | {grave} | {_pooled(planted)} | {_pooled(real)} | {said} |"


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
            if one["on"] != "planted faults":
                counts = f"{one['hits']} / {one['flagged']} / {one['true']}"
                shares = f"{_share(one['hits'], one['flagged'])} | {_share(one['hits'], one['true'])}"
                lines.append(f"| `{name}` | {one['on']} | {shares} | {counts} |")
    return lines
