"""How a gap looks: its card for the writer, the training rows near it, and what became of it later."""

from __future__ import annotations

from typing import Any

from workbench.actions.follow_gaps import FollowUp
from workbench.diagnosis.failures import KINDS
from workbench.records import Gap
from workbench.screens.address import address
from workbench.screens.escape import badge, esc, plural, table
from workbench.screens.results import percent
from workbench.store import Store, datasets, evaluations, gaps, runs

COLOURS = {"open": "warning", "done": "ok", "dismissed": ""}
BECAME = {"closed": "ok", "smaller": "info", "as before": "warning", "read again": ""}


def gap_html(store: Store, gap: Gap) -> str:
    """One gap: what fails, what may be the reason, what to do, and the nearest training rows."""
    evidence = gap.evidence
    version = str(evidence.get("version", ""))
    means = evidence.get("means", {})
    unit = " · ".join(f"{esc(arm)} {_mean(value)}" for arm, value in means.items() if value is not None)
    link = address("/rows", gap=gap.id, **place_of(store, gap))
    rows = "".join(_neighbour(one, version) for one in gap.neighbours)
    badges = badge(gap.slice) + badge(gap.failure, "warning") + badge(gap.state, COLOURS[gap.state])
    diagnosis = badge(gap.diagnosis, "info") if gap.diagnosis else ""
    written = gaps.rows_for(store, gap.id)
    done = f"<p>{plural(len(written), 'row')} written for it.</p>" if written else ""
    return (
        f'<div class="badges">{badges}{diagnosis}</div>'
        f'<p class="lead">{esc(KINDS.get(gap.failure, gap.failure))}.</p>'
        f"<p>{plural(len(gap.golden_rows), 'golden row')} of {esc(evidence.get('of', '?'))} in this slice. {unit}</p>"
        f"<h3>Likely cause</h3><p>{esc(gap.cause)} {_counted(evidence)}</p>"
        f"<h3>What to do</h3><p>{esc(gap.action)}</p>{done}"
        f'<p><a class="go" href="{esc(link)}">Open the nearest rows as a task</a></p>'
        f"{_copied(evidence.get('copied'), version)}"
        f"<h3>Training rows nearest to the questions</h3>"
        f'<p class="quiet">Of {esc(version)}, by {esc(evidence.get("compared_by", "?"))}; from '
        f"{esc(evidence.get('near_from', '?'))} on a row counts as near.</p>"
        f"{rows or '<p>There is no training row at all.</p>'}{_near_answers(evidence, version)}"
    )


def follow_html(found: FollowUp) -> str:
    """What became of the gaps of the evaluation before, gap by gap, and what broke."""
    lines = [
        [f"<b>{esc(one.gap.slice)}</b>: {esc(one.gap.failure)}", esc(one.gap.diagnosis), esc(one.written),
         f"{one.failing} of {one.rows}", badge(one.became, BECAME[one.became])]
        for one in found.gaps
    ]  # fmt: skip
    broke = "".join(
        f"<li>{plural(len(one.row_ids), 'row')} of {esc(one.slice)}: {esc(one.kind)}</li>" for one in found.broken
    )
    broken = f"<h3>Broke since</h3><ul>{broke}</ul>" if broke else "<p>Nothing broke that was sound before.</p>"
    return (
        f"<h3>What became of the gaps of evaluation {found.before}</h3>"
        f'<p class="lead">{esc(found.sentence)}</p>'
        f"{table(['gap', 'diagnosis', 'rows written', 'still failing', 'became'], lines)}{broken}"
        '<p class="quiet">Counted on rows that people may read. Whether it holds on rows nobody read is for the sealed '
        "part to say.</p>"
    )


def _counted(evidence: Any) -> str:
    """Where the failed rows of a gap do not all point to one cause, how they divide."""
    found = evidence.get("diagnoses") or {}
    if len(found) < 2:
        return ""
    named = ", ".join(f"{esc(name)} {count}" for name, count in sorted(found.items(), key=lambda i: -i[1]))
    return f'<span class="quiet">(rows by diagnosis: {named})</span>'


def _copied(found: Any, version: str) -> str:
    if not found:
        return ""
    rows = ", ".join(_link(row, version) for row in found["rows"])
    more = f" and {found['holders'] - len(found['rows'])} more" if found["holders"] > len(found["rows"]) else ""
    return (
        f"<h3>Longest run copied from training</h3><p>{found['words']} of the {found['of']} words of one answer, in "
        f'rows {rows}{more}:</p><div class="cell below"><div class="words">{esc(found["text"])}</div></div>'
    )


def _near_answers(evidence: Any, version: str) -> str:
    found = evidence.get("near_answers") or ()
    if not found:
        return ""
    rows = "".join(_neighbour(one, version) for one in found)
    return (
        "<details><summary>Training rows whose replies are nearest to the wrong answers</summary><p class='quiet'>"
        f"Similar, and possibly responsible: only a run without them would prove it.</p>{rows}</details>"
    )


def _mean(value: float) -> str:
    return percent(value) if 0 <= value <= 1 else f"{value:.2f}"


def place_of(store: Store, gap: Gap) -> dict[str, Any]:
    """The dataset of a gap, for a link: its newest version, since that is the one to mend."""
    run = runs.get(store, evaluations.get(store, gap.evaluation_id).run_id)
    return {"dataset": datasets.by_id(store, run.version_id).dataset}


def _link(row_id: str, version: str) -> str:
    dataset, _, number = version.rpartition("@")
    return f'<a href="{esc(address("/rows", dataset=dataset, version=number, row=row_id))}">{esc(row_id)}</a>'


def _neighbour(one: Any, version: str) -> str:
    near = badge(f"likeness {one['likeness']:.2f}", "info" if one["near"] else "")
    far = "" if one["near"] else ' <span class="quiet">far away</span>'
    return (
        f'<div class="cell below">{near}{far} row {_link(one["row_id"], version)}'
        f'<div class="words"><b>{esc(one["prompt"])}</b></div><div class="words">{esc(one["reply"])}</div></div>'
    )
