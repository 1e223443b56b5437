"""How often each check is right: on planted faults, on real data with a truth, and how often it speaks on clean text.

    python -m benchmarks.check_precision [FOLDER OF THE REAL DATA SETS] [--show] [--only NAME ...] [--write]

Prints a table. --write renews docs/checks.md and workbench/checks/measured.json, which the app shows and which decides
how grave a check may be. --show prints each flag on clean text. A set that is not there is skipped, and said so.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import real_sets
from benchmarks.checks_page import page_of
from benchmarks.planted import Planted, planted_for, tally
from benchmarks.real_truth import Truth, all_truths, losses_of
from workbench.checks.check import Check, catalogue
from workbench.checks.context import Context
from workbench.errors import NotRun
from workbench.rows import Rows

MEASURED = Path(__file__).parent.parent / "workbench" / "checks" / "measured.json"
PAGE = Path(__file__).parent.parent / "docs" / "checks.md"
# Sets written by models, which hold true refusals and blanks by the hundred: no false alarms can be counted there.
NOT_CLEAN = {"refusal": ("alpaca_en", "alpaca_zh", "halueval"), "ai_disclaimer": ("alpaca_en", "alpaca_zh", "halueval")}
WITHOUT_A_PROMPT = "language "  # sets of lone sentences, with an empty prompt
NEED_A_PROMPT = ("empty_turn", "role_order", "missing_reply", "echoed_prompt", "mixed_language", "unrelated_reply")
FOR_COSTLY = ("self_instruct", "user_oriented", "instruct")  # a language model reads each row: not 10,000 of them
OWN_LOSSES = "outlying_loss"  # needs the losses of a model: here those of the embedded one


def measured_on_planted(check: Check, planted: Planted) -> Truth:
    context = planted.context
    if check.name == OWN_LOSSES:
        context = Context(losses=losses_of(planted.rows), losses_of="the embedded model")
    hits, flags, true = tally(planted, check.measured(planted.rows, context))
    return Truth(check.name, "planted faults", hits, flags, true)


def on_clean(check: Check, clean: dict[str, Rows], show: bool) -> dict[str, int] | None:
    """Flags and rows over all clean sets; None where the check cannot run there."""
    flags, rows = 0, 0
    for label, sound in clean.items():
        if label.startswith(WITHOUT_A_PROMPT) and check.name in NEED_A_PROMPT:
            continue
        if label in NOT_CLEAN.get(check.name, ()) or (check.costly and label not in FOR_COSTLY):
            continue
        try:
            findings = check.measured(sound)
        except NotRun:
            return None
        flagged = findings.flagged
        flags, rows = flags + int(flagged.sum()), rows + len(sound)
        if show:
            for place in flagged.arg_true().to_list():
                print(f"    {check.name}, {label}, row {place}: {findings.note[place][:160]}")
    return {"flags": flags, "rows": rows}


def ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", nargs="?", default="../shared/data", type=Path)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--only", nargs="*", default=None)
    asked = parser.parse_args()
    checks = [one for one in catalogue().values() if asked.only is None or one.name in asked.only]
    clean = real_sets.clean_sets(asked.data)
    truths: dict[str, list[Truth]] = defaultdict(list)
    for truth in all_truths(asked.data):
        truths[truth.check].append(truth)
    measured: dict[str, Any] = {}
    for check in checks:
        entry = measured_of(check, truths[check.name], clean, asked.show)
        measured[check.name] = entry
        print(line_of(check, entry), flush=True)
    if asked.write:
        old = json.loads(MEASURED.read_text(encoding="utf-8")) if MEASURED.exists() else {}
        kept = {name: {**old, **measured}[name] for name in catalogue() if name in {**old, **measured}}
        MEASURED.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        PAGE.write_text(page_of(kept), encoding="utf-8")
        print(f"written: {MEASURED.name} and {PAGE.name}", file=sys.stderr)


def measured_of(check: Check, truths: list[Truth], clean: dict[str, Rows], show: bool) -> dict[str, Any]:
    """What is known of a check; `precision` and `recall` pool the planted and the real truths."""
    found = list(truths)
    planted = planted_for(check.name)
    if planted is not None:
        try:
            found.insert(0, measured_on_planted(check, planted))
        except NotRun as reason:
            print(f"SKIPPED: {check.name} on planted faults: {reason}", file=sys.stderr)
    silence = on_clean(check, clean, show) if clean else None
    hits, flags, true = (sum(getattr(one, part) for one in found) for part in ("hits", "flagged", "true"))
    return {
        "edition": check.edition,
        "precision": ratio(hits, flags),
        "recall": ratio(hits, true),
        "on": "; ".join(one.on for one in found),
        "truths": [{key: value for key, value in asdict(one).items() if key != "check"} for one in found],
        "clean": silence,
        "false_alarms_per_1000": round(1000 * silence["flags"] / silence["rows"], 2) if silence else None,
    }


def line_of(check: Check, entry: dict[str, Any]) -> str:
    parts = [f"{check.severity:8} {check.name:24} P {entry['precision']}  R {entry['recall']}"]
    parts += [
        f"{one['on'][:44]}: {one['hits']} right of {one['flagged']}, {one['true']} true" for one in entry["truths"]
    ]
    silence = entry["clean"]
    parts.append(f"clean {silence['flags']} of {silence['rows']}" if silence else "clean: not run")
    return " | ".join(parts)


if __name__ == "__main__":
    main()
