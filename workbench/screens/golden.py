"""Golden: hold out rows that training never sees, and lock them for good."""

from __future__ import annotations

from typing import Any

import gradio as gr

from workbench.actions.freeze_golden import LARGEST_SHARE, SMALLEST_SHARE, Frozen, freeze_golden
from workbench.errors import BadInput, GoldloopError, NotFound
from workbench.records import Golden, Version
from workbench.screens.address import Look, address, newest_of, version_of
from workbench.screens.escape import badge, empty, esc, note, plural, table
from workbench.screens.page import Page
from workbench.screens.results import view
from workbench.splits import leaks
from workbench.store import Store, datasets, goldens

TITLE, PATH = "Golden", "/golden"
SENTENCE = "Rows that the model never trains on. They decide whether it became better."
MOST_STRATA, MOST_LEAKS, MOST_GROUPS = 40, 20, 5
ROWS_CHECKED_ON_ARRIVAL = 20_000  # comparing more with the golden set takes longer than a page should


def draw(store: Store) -> None:
    page = Page(store, TITLE, SENTENCE, PATH)
    with gr.Row(elem_classes="tools"):
        share = gr.Slider(SMALLEST_SHARE, LARGEST_SHARE, value=0.15, step=0.01, label="Share held out", scale=4,
                          info="10 % is enough from some 500 rows on; with fewer rows hold out more.")  # fmt: skip
        seed = gr.Number(
            value=0, precision=0, minimum=0, label="Seed", info="Decides the draw.", scale=1, min_width=120
        )
        look_first = gr.Button("Preview", size="sm", scale=0, min_width=110, elem_id="preview")
        freeze = gr.Button("Freeze…", variant="primary", size="sm", scale=0, min_width=110, elem_id="freeze")
    with gr.Row(visible=False, elem_classes="tools") as sure:
        asks = view()
        yes = gr.Button("Freeze them for good", variant="stop", size="sm", scale=0, min_width=180, elem_id="freeze-yes")
        no = gr.Button("Not yet", size="sm", scale=0, min_width=110)
    drawn = view(elem_id="drawn")
    known = view(elem_id="goldens")

    def show(look: Look) -> tuple[Any, ...]:
        return "", goldens_html(store, look), gr.Row(visible=False)

    def previewed(look: Look, share: Any, seed: Any) -> tuple[Any, ...]:
        return split_html(_draw(store, look, share, seed, preview=True)), gr.Row(visible=False)

    def ask(look: Look, share: Any, seed: Any) -> tuple[Any, ...]:
        done = _draw(store, look, share, seed, preview=True)
        gone = len(done.split.golden_ids) + len(done.split.set_aside)
        words = (
            f"<p>{plural(gone, 'row')} leave the training data for good. Nothing can unlock a "
            "frozen set; a later freeze can only add to it.</p>"
        )
        return split_html(done), gr.Row(visible=True), words

    def frozen(look: Look, share: Any, seed: Any) -> tuple[Any, ...]:
        done = _draw(store, look, share, seed, preview=False)
        if done.golden is None or done.version is None:
            raise BadInput("Nothing was frozen.")
        fresh = Look({"dataset": done.version.dataset})
        rows = plural(done.golden.size, "row")
        said = f"{done.golden.label} is locked with {rows}; {done.version.label} is left for training."
        return *show(fresh), note(said), fresh.here(PATH)

    page.arrive(show, [], [drawn, known, sure])
    page.on(look_first.click, previewed, [share, seed], [drawn, sure], trigger_mode="once")
    page.on(freeze.click, ask, [share, seed], [drawn, sure, asks], trigger_mode="once")
    page.on(no.click, lambda look: gr.Row(visible=False), [], [sure])
    page.refresh(
        page.on(yes.click, frozen, [share, seed], [drawn, known, sure, page.say, page.go], trigger_mode="once")
    )


def _draw(store: Store, look: Look, share: Any, seed: Any, *, preview: bool) -> Frozen:
    version = version_of(store, look)
    if newest_of(store, version).number != version.number:
        raise BadInput(f"{version.label} is an older version. A golden set is drawn from the newest one.")
    if not isinstance(share, (int, float)) or not isinstance(seed, (int, float)) or not 0 <= seed < 2**31:
        raise BadInput("Give a share between 0.10 and 0.20 and a seed of 0 or more.")
    return freeze_golden(store, version.label, share=round(float(share), 4), seed=int(seed), preview=preview)


def split_html(done: Frozen) -> str:
    """A draw: how many rows, how they spread over the topics, which copies were kept together."""
    split = done.split
    lines = [
        [
            esc(name),
            f'<span class="num">{counts["golden"]:,}</span>',
            f'<span class="num">{counts["training"]:,}</span>',
        ]
        for name, counts in list(split.strata.items())[:MOST_STRATA]
    ]
    more = f"<p class='quiet'>and {len(split.strata) - MOST_STRATA} more</p>" if len(split.strata) > MOST_STRATA else ""
    notes = "".join(f"<li>{esc(line)}</li>" for line in split.notes)
    facts = _facts(
        ("rows held out", f"{len(done.golden_rows):,}"), ("share reached", f"{split.reached:.1%}"),
        ("groups of copies kept on one side", f"{len(split.groups):,}"),
    )  # fmt: skip
    return f"<h3>The draw</h3>{facts}<ul>{notes}</ul>{table(['topic', 'golden', 'training'], lines)}{more}"


def _facts(*pairs: tuple[str, str]) -> str:
    return (
        '<div class="facts">' + "".join(f"<div><b>{esc(v)}</b><span>{esc(k)}</span></div>" for k, v in pairs) + "</div>"
    )


def goldens_html(store: Store, look: Look) -> str:
    """The golden sets of the dataset with their locks, and training rows that repeat one of them."""
    try:
        version = version_of(store, look)
    except NotFound:
        return empty("There are no rows to draw from yet.", "Bring a file", "/data")
    found = goldens.listed(store, version.dataset)
    if not found:
        return empty(f"{version.dataset} has no golden set yet. Mend the data first: frozen rows stay as they are.")
    lines = [
        [
            f"<b>{esc(one.label)}</b>", f"{one.size:,}", f"{one.share:.0%}", esc(one.seed), f"v{one.drawn_from}",
            f'<span class="lock" title="{esc(one.digest)}">{esc(one.digest[:16])}</span> {_state(store, one)}',
            esc(one.who), esc(one.when[:16].replace("T", " ")),
        ]
        for one in reversed(found)
    ]  # fmt: skip
    head = ["golden set", "rows", "share", "seed", "drawn from", "lock (hash of its rows)", "who", "when (UTC)"]
    return (
        f"<h3>Frozen sets</h3>{table(head, lines)}<p class='quiet'>Nothing can unlock a frozen set. The newest one is "
        f"in force; training refuses rows that repeat it.</p>{leaks_html(store, version, found[-1])}"
    )


def _state(store: Store, golden: Golden) -> str:
    try:
        goldens.rows_of(store, golden)
    except GoldloopError as error:
        return badge("broken", "error") + f" {esc(error)}"
    return badge("holds", "ok")


def leaks_html(store: Store, version: Version, golden: Golden) -> str:
    """Training rows that repeat a golden row; training on this version is refused while there are any."""
    if version.size > ROWS_CHECKED_ON_ARRIVAL:
        return f"<p class='quiet'>{esc(version.label)} is too large to compare here; training does it first.</p>"
    found = leaks(datasets.rows_of(store, version), goldens.rows_of(store, golden))
    if not found:
        said = f"No row of {version.label} repeats a row of {golden.label}."
        return f"<h3>Leaks</h3><p>{badge('none', 'ok')} {esc(said)}</p>"
    lines = [
        [
            f'<a href="{esc(address("/rows", dataset=version.dataset, version=version.number, row=one.training_id))}">'
            f"{esc(one.training_id)}</a>",
            esc(one.golden_id), esc(one.how), f"{one.score:.2f}",
        ]
        for one in found[:MOST_LEAKS]
    ]  # fmt: skip
    rows = plural(len({one.training_id for one in found}), "row")
    return (
        f"<h3>Leaks</h3><p>{badge('training is refused', 'error')} {rows} of {esc(version.label)} repeat golden rows. "
        f"Open them and drop them.</p>{table(['training row', 'golden row', 'how', 'likeness'], lines)}"
    )
