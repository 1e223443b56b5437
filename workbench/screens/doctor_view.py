"""How the run doctor's findings look: what was seen, the figures it rests on, what to do."""

from __future__ import annotations

from collections.abc import Sequence

from training.doctor import Finding
from workbench.screens.escape import badge, esc

WELL = "The run doctor sees nothing to worry about in these curves."
TITLES = {
    "not a number": "Not a number",
    "diverging": "Diverging",
    "rises": "Loss rises",
    "rate too high": "Learning rate too high",
    "rate too low": "Learning rate too low",
    "does not fall": "Loss does not fall",
    "order": "Rows are read sorted",
    "overfitting": "Overfitting",
    "recites": "Recites its rows",
    "by heart": "Known by heart",
    "no gain": "No gain",
    "too few steps": "Too few steps",
    "rows alike": "Rows all alike",
    "always clipped": "Gradient always clipped",
    "jump": "A jump",
    "unfinished": "Not finished learning",
}
LOOK = {"error": "error", "warning": "warning", "hint": "info"}


def findings_html(findings: Sequence[Finding], *, running: bool = False) -> str:
    """Findings as a list; where there are none, one quiet sentence. running: the run is not over yet."""
    if not findings:
        return f'<p class="quiet doctor">{esc(WELL)}{" So far." if running else ""}</p>'
    return f'<ul class="doctor">{"".join(_one(finding) for finding in findings)}</ul>'


def _one(finding: Finding) -> str:
    told = "".join(f"<li>{esc(line)}</li>" for line in finding.evidence)
    proof = f"<details><summary>Evidence</summary><ul>{told}</ul></details>" if told else ""
    return (
        f"<li>{badge(TITLES[finding.kind], LOOK[finding.severity])} {esc(finding.seen)}"
        f"<p><b>What to do:</b> {esc(finding.advice)}</p>{proof}</li>"
    )
