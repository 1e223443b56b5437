"""What the model will see: a row in token colours, the rows that are cut or train on nothing, what the template does

    sight = Sight(page, store, model, form)     # in `draw`, where the section is to stand; it hangs its own handlers

`sight_html` is the findings with the counts, `tokens_html` one row token by token.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import gradio as gr

from training.tokens.preflight import Preflight, SeenRow
from training.tokens.template_look import Sign
from workbench.actions.see import Seen, see, see_row
from workbench.errors import BadInput, NotFound
from workbench.screens.address import Look, version_of
from workbench.screens.escape import badge, esc, plural
from workbench.screens.results import CSS
from workbench.store import Store

LOOKS = CSS + (Path(__file__).parent / "sight.css").read_text(encoding="utf-8")
MOST_ROWS = 2_000  # looked at in the app, evenly through the version: some seconds; the command line looks at all
MOST_TOKENS = 4_000  # shown; a row beyond that is cut by every plan that fits two cores, and the page stays quick
BADGES = {"error": "error", "warning": "warning", "hint": "info"}
KINDS = {  # of rows to step through
    "all": "all rows",
    "cut": "rows whose reply is cut",
    "nothing": "rows that train on nothing",
    "last": "rows of which only the last reply trains",
}
BREAK, SHOWN_BREAK = "\n", "↵\n"  # a line break is a token too, and one that is easily missed
WORDS = {"trained": "trained", "masked": "read only", "cut": "cut off"}


class Sight:
    """The section: a button to look, what was found, and one row at a time."""

    def __init__(self, page: Any, store: Store, model: Any, form: Any) -> None:
        """model: the component that names the base model; form: that of the plan, whose knobs count."""
        self.store, self.form = store, form
        with gr.Accordion("What the model will see", open=False, elem_id="sight"):
            look = gr.Button("Look at the rows as the model will", size="sm", elem_id="see")
            found = gr.HTML("", css_template=LOOKS, apply_default_css=False, elem_id="sight-findings")
            with gr.Row(elem_classes="tools", visible=False) as tools:
                which = gr.Dropdown(label="Show", choices=[(KINDS["all"], "all")], value="all", scale=3, min_width=200)
                row = gr.Textbox(
                    label="Row id", placeholder="a row's id, then Enter", max_lines=1, scale=3, min_width=150
                )
                back = gr.Button("Previous row (p)", size="sm", scale=0, min_width=130, elem_id="key-p")
                on = gr.Button("Next row (n)", size="sm", scale=0, min_width=110, elem_id="key-n")
            tokens = gr.HTML("", css_template=LOOKS, apply_default_css=False, elem_id="sight-row")
        state = gr.State({})  # ids to step through, and which plan they were looked at with
        row_out = [state, row, tokens]
        page.on(
            look.click, self.looked, [model, *form.inputs], [found, tools, which, *row_out],
            trigger_mode="once", show_progress="minimal",
        )  # fmt: skip
        page.on(which.input, self.chosen, [state, which], row_out)
        page.on(row.submit, self.searched, [state, row], row_out)
        page.on(back.click, lambda look, state: self.stepped(state, -1), [state], row_out, trigger_mode="once")
        page.on(on.click, lambda look, state: self.stepped(state, 1), [state], row_out, trigger_mode="once")

    def looked(self, look: Look, model: Any, *values: Any) -> tuple[Any, ...]:
        """Everything anew, for the version in the URL and the knobs in the form."""
        if not str(model or "").strip():
            raise BadInput("Choose a base model first.")
        version, settings = version_of(self.store, look), self.form.settings(values)
        seen = see(self.store, version.label, model=str(model).strip(), settings=settings, most=MOST_ROWS)
        ids = ids_of(seen.preflight)
        kind = "nothing" if ids["nothing"] else "cut" if ids["cut"] else "all"
        choices = [
            (f"{words} ({len(ids[name]):,})", name) for name, words in KINDS.items() if ids[name] or name == "all"
        ]
        state = {"version": version.label, "model": str(model).strip(), "settings": settings, "ids": ids, "kind": kind}
        shown = self._at({**state, "at": 0})
        return sight_html(seen), gr.Row(visible=True), gr.Dropdown(choices=choices, value=kind), *shown

    def chosen(self, look: Look, state: Any, which: Any) -> tuple[Any, ...]:
        """The first row of another kind."""
        return self._at({**_whole(state), "kind": which if which in KINDS else "all", "at": 0})

    def searched(self, look: Look, state: Any, row: Any) -> tuple[Any, ...]:
        """The row with this id; every row can be looked at, also one that was not among those looked through."""
        known, wanted = _whole(state), str(row or "").strip()
        ids = known["ids"]["all"]
        place = ids.index(wanted) if wanted in ids else -1
        return self._at({**known, "kind": "all", "at": max(0, place)}, wanted if place < 0 else None)

    def stepped(self, state: Any, way: int) -> tuple[Any, ...]:
        """The next or the previous row of the kind, in a circle."""
        known = _whole(state)
        return self._at({**known, "at": known["at"] + way})

    def _at(self, state: dict[str, Any], row_id: str | None = None) -> tuple[Any, ...]:
        ids = state["ids"][state["kind"]]
        if not ids and row_id is None:
            return state, "", '<p class="quiet">There is no such row.</p>'
        at = state["at"] % max(1, len(ids))
        wanted = row_id or ids[at]
        seen = see_row(self.store, state["version"], wanted, model=state["model"], settings=state["settings"])
        place = "" if row_id else f"{at + 1:,} of {len(ids):,}, {KINDS[state['kind']]}"
        return {**state, "at": at}, wanted, tokens_html(seen, place)


def _whole(state: Any) -> dict[str, Any]:
    if not isinstance(state, dict) or "ids" not in state:
        raise NotFound("Look at the rows first.")
    return state


def ids_of(sight: Preflight) -> dict[str, list[str]]:
    """The ids of the rows of each kind, in their order."""
    return {
        "all": [row.row_id for row in sight.rows],
        "cut": [row.row_id for row in sight.cut if row.lost],
        "nothing": [row.row_id for row in sight.untrained],
        "last": [row.row_id for row in sight.rows if row.last_reply_only],
    }


def sight_html(seen: Seen) -> str:
    """What was found, the gravest first, over the counts."""
    sight = seen.preflight
    some = "" if seen.rows == seen.of else f" Looked at {seen.rows:,} of {seen.of:,} rows, evenly through the version."
    cut = sum(row.lost > 0 for row in sight.cut)
    facts = [
        (f"{len(sight.rows):,}", "rows"),
        (f"{sight.trained:,}", "tokens trained"),
        (f"{sight.masked:,}", "tokens read only"),
        (f"{cut:,}", "replies cut"),
        (f"{len(sight.untrained):,}", "rows that train on nothing"),
    ]
    shown = "".join(f"<div><b>{esc(value)}</b><span>{esc(name)}</span></div>" for value, name in facts)
    grave = [sign for sign in sight.findings if sign.severity != "hint"]
    hints = [sign for sign in sight.findings if sign.severity == "hint"]
    clean = "" if grave else f"<p>{badge('fine', 'ok')} Nothing stands in the way of training on these rows.</p>"
    more = f"<details><summary>{plural(len(hints), 'hint')} on the chat template</summary>{_signs(hints)}</details>"
    title = f"{esc(seen.version.label)} through the chat template of {esc(seen.plan.model)}.{esc(some)}"
    return f'<p class="quiet">{title}</p>{clean}{_signs(grave)}<div class="facts">{shown}</div>{more if hints else ""}'


def _signs(signs: Sequence[Sign]) -> str:
    lines = []
    for sign in signs:
        proof = f'<br><code class="seen">{esc(sign.evidence)}</code>' if sign.evidence else ""
        what = "stops the run" if sign.stops else sign.severity
        lines.append(f"<li>{badge(what, BADGES[sign.severity])} {esc(sign.text)}{proof}<br>{esc(sign.way_out)}</li>")
    return f'<ul class="signs">{"".join(lines)}</ul>' if lines else ""


def legend_html(counts: Sequence[tuple[str, int]]) -> str:
    """What the looks of tokens mean, each with its number: underlined, plain, struck through, besides the colour."""
    keys = "".join(
        f'<span class="token {kind}">{WORDS[kind]}</span> <span class="num">{count:,}</span>   '
        for kind, count in counts
    )
    return f'<p class="token-legend">{keys}</p>'


def tokens_html(seen: SeenRow, place: str = "") -> str:
    """One row as the model reads it: trained tokens underlined, read-only ones plain, cut ones struck through."""
    sight = seen.sight
    counts = (("trained", sight.trained), ("masked", sight.masked), ("cut", sight.cut))
    why = f"<p>{badge('trains on nothing', 'error')} {esc(sight.reason)}</p>" if sight.reason else ""
    if sight.note:
        why += f"<p>{badge('context only', 'info')} {esc(sight.note)}</p>"
    if sight.lost:
        end = ", and with them its end of turn" if sight.end_lost else ""
        why += f"<p>{badge('reply cut', 'warning')} {plural(sight.lost, 'reply token')} cut off{end}.</p>"
    pieces = seen.pieces[:MOST_TOKENS]
    text = "".join(
        f'<span class="run {kind}" role="group" aria-label="{WORDS[kind]}">{_tokens(kind, run)}</span>'
        for kind, run in groupby(pieces, key=lambda piece: piece.kind)
    )
    rest = len(seen.pieces) - len(pieces)
    more = f'<p class="quiet">and {plural(rest, "more token")}</p>' if rest > 0 else ""
    where = f' <span class="quiet">{esc(place)}</span>' if place else ""
    head = f"<h4>Row {esc(sight.row_id)}{where}</h4>"
    return f'{head}{why}{legend_html(counts)}<div class="words tokens" tabindex="0">{text}</div>{more}'


def _tokens(kind: str, pieces: Any) -> str:
    return "".join(
        f'<span class="token {kind}">{esc(piece.text.replace(BREAK, SHOWN_BREAK))}</span>' for piece in pieces
    )
