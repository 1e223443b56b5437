"""Writes the model card of a run, with what was measured of it, beside its adapter."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluators.verdict import in_percent
from training.adapters.adapter import ABOUT, CARD
from training.adapters.model_card import CAVEATS, CardText, Measured, model_card, one_line, stated
from training.plan import TrainingPlan
from workbench.errors import BadInput
from workbench.records import Evaluation, Run
from workbench.reports.pictures import answer_word
from workbench.reports.safe_file import put
from workbench.reports.sources import licences_named
from workbench.reports.tables import between, guard_rows, interval, number
from workbench.store import Store, datasets, evaluations, runs, sheets
from workbench.told import told_of


@dataclass(frozen=True)
class ModelCard:
    """The card's text; path: where it was written, None for a preview."""

    text: str
    path: Path | None


def write_model_card(
    store: Store,
    run_id: int,
    path: str | Path | None = None,
    *,
    intended_use: str = "",
    out_of_scope: str = "",
    preview: bool = False,
) -> ModelCard:
    """The card of a run's adapter with its data, its evaluations and its caveats, by default beside the adapter.

    What somebody stated of its use before stays, here or by hand in the card. A metric stands in the head only where it
    was measured: of dev rows the newest evaluation, of sealed rows only a look that is the standing best. Raises
    BadInput for a run without an adapter.
    """
    run = runs.get(store, run_id)
    folder = runs.folder(store, run.id) / "adapter"
    try:
        about = json.loads((folder / ABOUT).read_text("utf-8"))
        before = (folder / CARD).read_text("utf-8") if (folder / CARD).is_file() else ""
    except (OSError, ValueError):
        raise BadInput(f"Run {run_id} has no adapter that a card could stand beside. Train it first.") from None
    measured = _newest(store, run)
    text = CardText(
        name=f"{run.dataset}, run {run.id}",
        languages=sheets.sheet_of(store, run.dataset).languages,
        intended_use=intended_use.strip() or stated(before, "Intended use"),
        out_of_scope=out_of_scope.strip() or stated(before, "Out of scope"),
        data=_data(store, run, measured),
        evaluation="\n\n".join(_evaluated(one) for one in measured),
        caveats=_caveats(store, measured),
        measured=[figure for one in measured for figure in _figures(one)],
    )
    plan = TrainingPlan(**about["plan"])
    card = model_card(
        plan, str(about["base"]), about.get("base_licence"), str(about["data_digest"]), about.get("result") or {}, text
    )
    if preview:
        return ModelCard(card, None)
    target = Path(path) if path is not None else folder / CARD
    target = target / CARD if target.is_dir() else target
    put(target, card)
    return ModelCard(card, target)


def _newest(store: Store, run: Run) -> list[Evaluation]:
    """The newest finished evaluation of each part, sealed first: it weighs more."""
    found: dict[str, Evaluation] = {}
    for one in evaluations.listed(store, finished=True):
        if one.run_id == run.id and one.summary:
            part = one.summary.get("part", "dev")
            if part not in found or one.id > found[part].id:
                found[part] = one
    return [found[part] for part in ("sealed", "dev") if part in found]


def _data(store: Store, run: Run, measured: list[Evaluation]) -> str:
    version = datasets.by_id(store, run.version_id)
    rows = datasets.rows_of(store, version)
    sheet = sheets.sheet_of(store, run.dataset)
    licences = [f"{one_line(name)} ({count:,} rows)" for name, count in licences_named(rows)[:10]]
    lines = [
        f"- {one_line(version.label)}, {version.size:,} rows, content `{version.digest}`",
        f"- Licences named by the rows: {', '.join(licences) or 'none, unknown'}"
        + (f"; the sheet allows {', '.join(map(one_line, sheet.licences))}" if sheet.licences else ""),
        f"- Held out of training as golden: {one_line(run.golden)}",
    ]
    if run.stage == "dpo":
        pairs = ((run.result or {}).get("preferences") or {}).get("pairs", "an unknown number of")
        lines.append(f"- Second stage: {pairs} pairs of replies, on top of run {run.parent_id}")
    leaks = told_of(store, measured[0])["leaks"] if measured else None
    lines.append(
        f"- {one_line(leaks['sentence'])}" if leaks else "- Leaks of golden rows into training: not looked for."
    )
    return "\n".join(lines)


def _evaluated(one: Evaluation) -> str:
    """An evaluation as Markdown: verdict, means, guards."""
    summary = one.summary or {}
    primary, part = summary["primary"], summary.get("part", "dev")
    name, unit = primary["scorer"], primary.get("unit", "")
    look = summary.get("look")
    lines = [
        f"### {one_line(summary['golden']['label'])}, {part} rows"
        + (f", look {look['number']} of {look['budget']}" if look else ""),
        "",
        f"**{answer_word(summary['verdict'])[0]}.** {summary['verdict']['sentence']}",
    ]
    if look:
        lines += ["", look["ladder"]["sentence"]]
    lines += ["", "| metric | base | base + prompt | tuned | tuned against base |", "|---|---|---|---|---|"]
    ordered = sorted(between(summary, "base", "tuned").items(), key=lambda pair: pair[0] != name)
    for scorer, line in ordered:
        means = [number(summary["means"].get(arm, {}).get(scorer), line.get("unit", "")) for arm in
                 ("base", "prompted", "tuned")]  # fmt: skip
        arrow = "↑" if line["higher_is_better"] else "↓"
        lines.append(f"| {one_line(line['title'])} {arrow} | {' | '.join(means)} | {interval(line)} |")
    if guards := guard_rows(summary):
        lines += ["", "| guard | margin | tuned against base | rows | verdict |", "|---|---|---|---|---|"]
        lines += ["| " + " | ".join(one_line(cell) for cell in row) + " |" for row in guards]
    points = " Shares in percentage points." if in_percent(unit) else ""
    return "\n".join([*lines, "", f"The first metric decided. Differences point to better.{points}"])


def _figures(one: Evaluation) -> list[Measured]:
    """The deciding metric of the tuned model, where it may be claimed."""
    summary = one.summary or {}
    primary, look = summary["primary"], summary.get("look")
    value = summary["means"].get("tuned", {}).get(primary["scorer"])
    if value is None or (look and not look["ladder"]["improved"]):
        return []
    title = primary.get("title") or primary["scorer"]
    return [Measured(primary["scorer"], title, value, f"{summary['golden']['label']}, {summary.get('part', 'dev')}")]


def _caveats(store: Store, measured: list[Evaluation]) -> str:
    lines = [CAVEATS, ""]
    if not measured:
        return CAVEATS
    told: Mapping[str, Any] = told_of(store, measured[0])
    probes = told["probes"]
    lines.append(
        f"- Forgetting: {probes['verdict']['sentence']}\n- Repeating: {probes['memorised']['sentence']}" if probes
        else "- What it forgot of its base model's abilities, and what it repeats by heart, was not probed."
    )  # fmt: skip
    rounds = (told["people"] or {}).get("rounds")
    lines.append(
        f"- {rounds[0]['pairs'][rounds[0]['deciding']]['sentence']}"
        if rounds
        else "- No people have rated its answers."
    )
    return "\n".join(lines)
