"""What is known of a golden set without a text of it: parts, looks, sign-off, errata, and what its size can show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evaluators.statistics.detectable_table import Detectable, detectable
from evaluators.statistics.estimate import ALPHA
from evaluators.statistics.looks import alpha_of_look
from workbench.records import PARTS, Evaluation, Golden, Look
from workbench.store import Store, goldens
from workbench.store.golden_signatures import states, summed


def told(store: Store, of: Golden | Evaluation) -> dict[str, Any]:
    """The facts of a golden set, or of the one that an evaluation was made on, as JSON-ready values.

    label, number, digest, rows, who, when; parts: rows per part; budget; looks: [{number, budget, over, why, who, when,
    evaluation, primary, mean, improved, ladder: in words}]; sign_off: {rows, signed, objected, unsigned, by_part,
    signers, readers_of_sealed} (`golden_signatures.summed`); change: {verb, reason, edited: [{row, reason, who,
    sealed}], retired, fresh} against the set before; shows: part -> `size_table` of the rows that decide (sealed at
    the level of one look). No text of a golden row is in it, and no id of a sealed one.
    """
    golden = of if isinstance(of, Golden) else goldens.by_id(store, of.golden_id)
    sizes = {part: len(golden.ids(part)) for part in PARTS}
    change = golden.change
    return {
        "label": golden.label, "number": golden.number, "digest": golden.digest, "rows": golden.size,
        "who": golden.who, "when": golden.when, "parts": sizes, "budget": golden.budget,
        "looks": look_lines(goldens.looks(store, golden)) if sizes["sealed"] else [],
        "sign_off": summed(states(store, golden)),
        "change": {
            "verb": change.get("verb", "freeze"), "reason": change.get("reason", ""),
            "edited": [
                {"row": None if golden.part_of(row_id) == "sealed" else row_id, "reason": one["reason"],
                 "who": one["who"], "sealed": golden.part_of(row_id) == "sealed"}
                for row_id, one in change.get("edited", {}).items()
            ],
            "retired": len(change.get("retired", ())), "fresh": len(change.get("fresh", ())),
        },
        "shows": {
            part: size_table(sizes[part], golden.budget if part == "sealed" else 1)
            for part in ("dev", "sealed") if sizes[part]
        },
    }  # fmt: skip


def look_lines(looks: Sequence[Look]) -> list[dict[str, Any]]:
    """Looks without their scores per row. ladder: "first figure", "new best", "no change proven" or "not finished";
    nothing came before the first figure of a set and a metric, so it is no best, and may well be a loss."""
    had: set[tuple[int, str | None]] = set()
    lines = []
    for one in looks:
        word = {True: "new best", False: "no change proven", None: "not finished"}[one.improved]
        if one.improved:
            word = word if (one.golden_id, one.primary) in had else "first figure"
            had.add((one.golden_id, one.primary))
        lines.append({**_look_line(one), "ladder": word})
    return lines


def _look_line(one: Look) -> dict[str, Any]:
    return {
        "number": one.number, "budget": one.budget, "over": one.over, "why": one.why, "who": one.who, "when": one.when,
        "evaluation": one.evaluation_id, "primary": one.primary, "mean": one.mean, "improved": one.improved,
    }  # fmt: skip


def size_table(n: int, looks: int = 1) -> dict[str, Any]:
    """What n rows can show, known before any run: `Detectable` as JSON-ready values.

    looks: how many looks share the 5 % level, the budget for sealed rows. changes and preferences are lists of
    {share or ties, smallest}, smallest None where nothing can be shown.
    """
    alpha = round(alpha_of_look(looks) if looks > 1 else ALPHA, 6)
    found: Detectable = detectable(n, alpha=alpha)
    return {
        "n": n, "alpha": alpha,
        "changes": [{"share": share, "smallest": one} for share, one in found.changes.items()],
        "preferences": [{"ties": ties, "smallest": one} for ties, one in found.preferences.items()],
        "in_sds": found.in_sds, "half_width": found.half_width, "unseen": found.unseen,
    }  # fmt: skip
