"""Gaps: what failed on golden, what in the training data may be the reason, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from workbench import jobs
from workbench.actions.find_gaps import settle_gap, state_policy
from workbench.actions.follow_gaps import earlier_with_gaps, follow_gaps
from workbench.actions.write_for_gap import write_for_gap
from workbench.diagnosis.failures import KINDS
from workbench.errors import BadInput, GoldloopError, NotFound
from workbench.records import Gap
from workbench.screens.address import Look, address, last_opened
from workbench.screens.escape import empty, note, plural, short
from workbench.screens.gap_view import COLOURS, follow_html, gap_html
from workbench.screens.page import OPEN_LAST, Page
from workbench.screens.progress import Card
from workbench.screens.results import evaluation_of, number_of, picker, view
from workbench.screens.rows import LIST_HTML, LIST_JS
from workbench.store import Store, evaluations, gaps

TITLE, PATH = "Gaps", "/gaps"
SENTENCE = "Every failure on golden as a piece of work on the training data. Golden texts stay out of sight here."


def draw(store: Store) -> None:
    page = Page(store, TITLE, SENTENCE, PATH, own_jobs=("gaps",))
    with gr.Row(elem_classes="tools"):
        which = gr.Dropdown(label="Evaluation", choices=[], interactive=True, scale=4)
        find = gr.Button("Find gaps", variant="primary", size="sm", scale=0, min_width=120, elem_id="find-gaps")
    card = Card(page, kinds=("gaps",))
    became = view(elem_id="gaps-followed")
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=360):
            grid = gr.HTML(None, html_template=LIST_HTML.replace(" · <kbd>e</kbd> edit", ""), js_on_load=LIST_JS,
                           apply_default_css=False, elem_id="gap-list")  # fmt: skip
        with gr.Column(scale=7, min_width=420):
            detail = view(elem_id="gap-detail")
            with gr.Row(visible=False, elem_classes="tools") as settling:
                remark = gr.Textbox(label="Note", max_lines=2, scale=4, placeholder="what was done about it")
                done = gr.Button("Done", size="sm", scale=0, min_width=90, elem_id="gap-done")
                dismiss = gr.Button("Dismiss", size="sm", scale=0, min_width=90)
                again = gr.Button("Open again", size="sm", scale=0, min_width=110)
            with gr.Accordion("Write rows for this gap", open=False, visible=False, elem_id="gap-write") as writing:
                policy = gr.Textbox(label="Policy", lines=2, max_lines=6, elem_id="gap-policy",
                                    info="What the right answer must say. Never the golden reply.")  # fmt: skip
                question = gr.Textbox(label="Question", lines=2, max_lines=6, elem_id="gap-question")
                reply = gr.Textbox(label="Reply", lines=3, max_lines=10, elem_id="gap-reply")
                with gr.Row(elem_classes="tools"):
                    keep = gr.Button("Save the policy", size="sm", scale=0, min_width=130)
                    add = gr.Button("Add the row", variant="primary", size="sm", scale=0, min_width=120,
                                    elem_id="gap-add")  # fmt: skip
    shown = [which, became, grid, detail, settling, remark, writing, policy, question, reply]
    buttons = Buttons(store, card)
    page.arrive(buttons.show, [], shown)
    page.on(which.input, buttons.choose, [which], [*shown[1:], page.go])
    page.refresh(page.on(find.click, buttons.start, [which], [card.shown, page.go], trigger_mode="once"))
    page.on(card.shown.ended, buttons.show, [], shown, quiet=True)
    page.on(grid.open, buttons.opened, [], [*shown[3:], page.go], js=OPEN_LAST, trigger_mode="always_last")
    for button, state in ((done, "done"), (dismiss, "dismissed"), (again, "open")):
        page.on(button.click, buttons.settle(state), [remark], [*shown[2:], page.say], trigger_mode="once")
    page.on(keep.click, buttons.kept, [policy], [*shown[3:6], page.say], trigger_mode="once")
    page.refresh(
        page.on(add.click, buttons.added, [policy, question, reply], [*shown[3:], page.say], trigger_mode="once")
    )


@dataclass(frozen=True)
class Buttons:
    """What the buttons of the screen do."""

    store: Store
    card: Card

    def show(self, look: Look) -> tuple[Any, ...]:
        return picker(self.store, look), _followed(self.store, look), *_both(self.store, look)

    def choose(self, look: Look, which: Any) -> tuple[Any, ...]:
        wanted = Look({"evaluation": str(number_of(which, "an evaluation"))})
        return _followed(self.store, wanted), *_both(self.store, wanted), wanted.here(PATH)

    def start(self, look: Look, which: Any) -> tuple[Any, ...]:
        evaluation = evaluations.get(self.store, number_of(which, "an evaluation"))
        job = jobs.start(self.store, "gaps", {"evaluation": evaluation.id})
        return self.card.of(job), address(PATH, evaluation=evaluation.id, job=job.id)

    def opened(self, look: Look, event: dict[str, Any]) -> tuple[Any, ...]:
        wanted = last_opened(look, event, "gap")
        return *_detail(self.store, wanted), wanted.here(PATH)

    def settle(self, state: str) -> Any:
        def act(look: Look, remark: Any) -> tuple[Any, ...]:
            gap = _chosen(self.store, look)
            settle_gap(self.store, gap.id, state, str(remark or ""))
            wanted = Look({**look.params, "gap": str(gap.id)})
            return *_both(self.store, wanted), note(f"Gap {gap.id} is {'open again' if state == 'open' else state}.")

        return act

    def kept(self, look: Look, policy: Any) -> tuple[Any, ...]:
        gap = _chosen(self.store, look)
        state_policy(self.store, gap.id, str(policy or ""))
        wanted = Look({**look.params, "gap": str(gap.id)})
        return *_detail(self.store, wanted)[:3], note(f"The policy of gap {gap.id} is saved.")

    def added(self, look: Look, policy: Any, question: Any, reply: Any) -> tuple[Any, ...]:
        gap = _chosen(self.store, look)
        state_policy(self.store, gap.id, str(policy or ""))
        done = write_for_gap(self.store, gap.id, [(str(question or ""), str(reply or ""))])
        assert done.version is not None
        wanted = Look({**look.params, "gap": str(gap.id)})
        said = f"The row stands in {done.version.label}. It can be undone on the Rows screen."
        return *_detail(self.store, wanted), note(said)


def _followed(store: Store, look: Look) -> str:
    """What became of the last gaps, where an earlier evaluation on the same golden version had any."""
    evaluation = evaluation_of(store, look)
    try:
        before = earlier_with_gaps(store, evaluation.id) if evaluation else None
        return follow_html(follow_gaps(store, before.id, evaluation.id)) if before and evaluation else ""
    except GoldloopError:  # an evaluation of sealed rows has no gaps to follow
        return ""


def _chosen(store: Store, look: Look) -> Gap:
    gap = _gap_of(store, look)
    if gap is None:
        raise BadInput("Choose a gap first.")
    return gap


def _listed(store: Store, look: Look) -> list[Gap]:
    evaluation = evaluation_of(store, look)
    found = gaps.listed(store, evaluation.id) if evaluation else []
    order = list(KINDS)
    return sorted(
        found, key=lambda gap: (gap.state != "open", order.index(gap.failure) if gap.failure in order else 99)
    )


def _gap_of(store: Store, look: Look) -> Gap | None:
    """The gap in the URL, else the first of the list."""
    if wanted := look.number("gap"):
        try:
            return gaps.get(store, wanted)
        except NotFound:
            return None
    found = _listed(store, look)
    return found[0] if found else None


def _both(store: Store, look: Look) -> tuple[Any, ...]:
    found, current = _listed(store, look), _gap_of(store, look)
    lines = [
        {
            "id": str(gap.id), "number": len(gap.golden_rows), "prompt": f"{gap.slice}: {gap.failure}",
            "reply": short(f"{gap.diagnosis}. {gap.cause}" if gap.diagnosis else gap.cause, 120),
            "flags": [(gap.state, COLOURS[gap.state])] if gap.state != "open" else [],
        }
        for gap in found[:200]
    ]  # fmt: skip
    evaluation = evaluation_of(store, look)
    words = "Nothing was looked for yet: press Find gaps." if evaluation else "Evaluate a run first."
    still = sum(gap.state == "open" for gap in found)
    listing = {
        "rows": lines, "range": f"{still} open of {plural(len(found), 'gap')}" if found else "", "page": 1, "pages": 1,
        "current": str(current.id) if current else "", "empty": words,
    }  # fmt: skip
    return (listing, *_detail(store, look))


def _detail(store: Store, look: Look) -> tuple[Any, ...]:
    gap = _gap_of(store, look)
    if gap is None:
        nothing = (
            ""
            if evaluation_of(store, look)
            else empty("Gaps come from an evaluation.", "Evaluate a run", "/evaluation")
        )
        return nothing, gr.Row(visible=False), "", gr.Accordion(visible=False), "", "", ""
    return gap_html(store, gap), gr.Row(visible=True), gap.note, gr.Accordion(visible=True), gap.policy, "", ""
