"""Golden: hold out rows that training never sees, seal a part of them, sign them off, renew them."""

from __future__ import annotations

from typing import Any

import gradio as gr

from workbench.actions.freeze_golden import LARGEST_SHARE, MOST_LOOKS, SMALLEST_SHARE, Frozen, freeze_golden
from workbench.errors import BadInput
from workbench.parts import MOST_APART
from workbench.records import LOOKS
from workbench.screens.address import Look, newest_of, version_of
from workbench.screens.escape import note, plural
from workbench.screens.golden_renew import draw_renewal
from workbench.screens.golden_sign import draw_desk
from workbench.screens.golden_suspects import draw_suspects
from workbench.screens.golden_view import goldens_html, split_html
from workbench.screens.page import Page
from workbench.screens.results import view
from workbench.store import Store

TITLE, PATH = "Golden", "/golden"
SENTENCE = "Rows that the model never trains on. They decide whether it became better."
BY_SIZE, OWN = "chosen by size", "my own shares"


def draw(store: Store) -> None:
    page = Page(store, TITLE, SENTENCE, PATH)
    with gr.Tabs():
        with gr.Tab("The set"):
            fresh_sets, sets, froze = _draw_set(page, store)
        with gr.Tab("Leaks"):
            draw_suspects(page, store, PATH)
        with gr.Tab("Sign off"):
            fresh_desk, desk, signed = draw_desk(page, store, PATH)
        with gr.Tab("Renew and compare"):
            renewed = draw_renewal(page, store, PATH)
    for done in (*signed, renewed):
        page.on(done.then, fresh_sets, [], sets, quiet=True)
    for done in (froze, renewed):
        page.on(done.then, fresh_desk, [], desk, quiet=True)


def _draw_set(page: Page, store: Store) -> tuple[Any, list[Any], Any]:
    """The tab "The set". Gives what fills it, what is filled, and the event of a freeze."""
    with gr.Row(elem_classes="tools"):
        share = gr.Slider(SMALLEST_SHARE, LARGEST_SHARE, value=0.15, step=0.01, label="Share held out", scale=4,
                          info="10 % is enough from some 500 rows on; with fewer rows hold out more.")  # fmt: skip
        seed = gr.Number(
            value=0, precision=0, minimum=0, label="Seed", info="Decides the draw.", scale=1, min_width=120
        )
        look_first = gr.Button("Preview", size="sm", scale=0, min_width=110, elem_id="preview")
        freeze = gr.Button("Freeze…", variant="primary", size="sm", scale=0, min_width=110, elem_id="freeze")
    with gr.Accordion("Parts, looks and what stays together", open=False), gr.Row(elem_classes="tools"):
        how = gr.Radio([BY_SIZE, OWN], value=BY_SIZE, label="Parts", scale=2, elem_id="parts-how",
                       info="Under 60 golden rows all may be read; from 60 on half are sealed.")  # fmt: skip
        sealed = gr.Slider(0, MOST_APART, value=0.5, step=0.05, label="Sealed", scale=2, interactive=False,
                           info="Nobody reads them; they tell averages only.")  # fmt: skip
        calibration = gr.Slider(0, MOST_APART, value=0.0, step=0.05, label="Judge calibration", scale=2,
                                interactive=False, info="A model judge is held against people on them.")  # fmt: skip
        looks = gr.Number(value=None, precision=0, minimum=1, maximum=MOST_LOOKS, label="Looks", scale=1,
                          min_width=110, info=f"At sealed rows; empty: {LOOKS}, or as before.")  # fmt: skip
        together = gr.Dropdown([("copies", "copies"), ("copies and other wordings", "meaning")], value="copies",
                               label="Stay on one side", scale=2, min_width=170)  # fmt: skip
    with gr.Row(visible=False, elem_classes="tools") as sure:
        asks = view()
        yes = gr.Button("Freeze them for good", variant="stop", size="sm", scale=0, min_width=180, elem_id="freeze-yes")
        no = gr.Button("Not yet", size="sm", scale=0, min_width=110)
    drawn = view(elem_id="drawn")
    known = view(elem_id="goldens")
    knobs = [share, seed, how, sealed, calibration, looks, together]

    def show(look: Look) -> tuple[Any, ...]:
        return "", goldens_html(store, look), gr.Row(visible=False)

    def shares(look: Look, how: Any) -> tuple[Any, ...]:
        return gr.Slider(interactive=how == OWN), gr.Slider(interactive=how == OWN)

    def previewed(look: Look, *given: Any) -> tuple[Any, ...]:
        return split_html(_draw(store, look, given, preview=True)), gr.Row(visible=False)

    def ask(look: Look, *given: Any) -> tuple[Any, ...]:
        done = _draw(store, look, given, preview=True)
        gone = len(done.split.golden_ids) + len(done.split.set_aside)
        words = (
            f"<p>{plural(gone, 'row')} leave the training data for good. Nothing can unlock a "
            "frozen set; a later freeze can only add to it, and a row keeps its part.</p>"
        )
        return split_html(done), gr.Row(visible=True), words

    def frozen(look: Look, *given: Any) -> tuple[Any, ...]:
        done = _draw(store, look, given, preview=False)
        if done.golden is None or done.version is None:
            raise BadInput("Nothing was frozen.")
        fresh = Look({"dataset": done.version.dataset})
        rows = plural(done.golden.size, "row")
        said = f"{done.golden.label} is locked with {rows}; {done.version.label} is left for training."
        return *show(fresh), note(said), fresh.here(PATH)

    page.arrive(show, [], [drawn, known, sure])
    page.on(how.input, shares, [how], [sealed, calibration], quiet=True)
    page.on(look_first.click, previewed, knobs, [drawn, sure], trigger_mode="once")
    page.on(freeze.click, ask, knobs, [drawn, sure, asks], trigger_mode="once")
    page.on(no.click, lambda look: gr.Row(visible=False), [], [sure])
    froze = page.on(yes.click, frozen, knobs, [drawn, known, sure, page.say, page.go], trigger_mode="once")
    page.refresh(froze)
    return show, [drawn, known, sure], froze


def _draw(store: Store, look: Look, given: tuple[Any, ...], *, preview: bool) -> Frozen:
    share, seed, how, sealed, calibration, looks, together = given
    version = version_of(store, look)
    if newest_of(store, version).number != version.number:
        raise BadInput(f"{version.label} is an older version. A golden set is drawn from the newest one.")
    if not _number(share) or not _number(seed) or not 0 <= seed < 2**31:
        raise BadInput("Give a share between 0.10 and 0.20 and a seed of 0 or more.")
    own = how == OWN
    if not (looks is None or _number(looks)) or (own and not (_number(sealed) and _number(calibration))):
        raise BadInput("The parts and the number of looks must be numbers.")
    return freeze_golden(
        store, version.label, share=round(float(share), 4), seed=int(seed),
        sealed=round(float(sealed), 4) if own else None, calibration=round(float(calibration), 4) if own else None,
        looks=None if looks is None else int(looks), together="meaning" if together == "meaning" else "copies",
        preview=preview,
    )  # fmt: skip


def _number(given: Any) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool)
