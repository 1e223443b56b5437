"""The part of the Golden screen on which people rule on suspect pairs, drop leaks, or sign for what is left."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from workbench import jobs
from workbench.actions.drop_leaks import drop_leaks
from workbench.actions.find_suspects import find_suspects, known_suspects
from workbench.actions.override_leaks import override_leaks
from workbench.actions.rule_suspect import rule_suspect, take_back_leak_ruling
from workbench.errors import BadInput, NotFound
from workbench.leak_search import Found, unread
from workbench.records import Pair
from workbench.screens.address import Look, version_of
from workbench.screens.escape import empty, note, plural
from workbench.screens.golden_suspects_view import list_html, pair_html, state_html
from workbench.screens.page import Page
from workbench.screens.results import CSS as RESULTS
from workbench.settings import user_name
from workbench.store import Store, datasets, goldens
from workbench.suspect_filter import HELP, pairs_where
from workbench.training_side import MOST_UNREAD

CSS = RESULTS + (Path(__file__).parent / "golden_suspects.css").read_text(encoding="utf-8")
OPEN = "state=open"
REASONS = (
    "asks for another thing",
    "the same words, another fact",
    "the same question in other words",
    "the same fact, taught in several wordings by design",
)


VIEWS = 4  # the state, the pair, the list, the key of the pair shown


def draw_suspects(page: Page, store: Store, path: str) -> None:
    """Draws the section; keys: j next, k previous, n no leak, l leak, u take the last ruling back."""
    said = gr.HTML("", css_template=CSS, apply_default_css=False, elem_id="leak-state")
    with gr.Row(elem_classes="tools"):
        which = gr.Textbox(OPEN, label="Show pairs", info=HELP, scale=5, elem_id="which-pairs")
        search = gr.Button("Search", size="sm", scale=0, min_width=100, elem_id="search-leaks")
    shown = gr.HTML("", css_template=CSS, apply_default_css=False, elem_id="pair")
    with gr.Row(elem_classes="tools"):
        reason = gr.Dropdown(list(REASONS), value=None, allow_custom_value=True, label="Reason", scale=4, elem_id="why",
                             info="Kept with your name; choose one or write your own.")  # fmt: skip
        who = gr.Textbox(user_name(), label="Your name", scale=1, min_width=130, elem_id="who-rules")
    with gr.Row(elem_classes="tools"):
        back = gr.Button("Previous (k)", size="sm", min_width=110, elem_id="key-k")
        ahead = gr.Button("Next (j)", size="sm", min_width=110, elem_id="key-j")
        fine = gr.Button("No leak (n)", variant="primary", size="sm", min_width=110, elem_id="key-n")
        leak = gr.Button("Leak (l)", variant="stop", size="sm", min_width=110, elem_id="key-l")
        undo = gr.Button("Take ruling back (u)", size="sm", min_width=150, elem_id="key-u")
    with gr.Accordion("Rule on many, drop leaks, or sign", open=False), gr.Row(elem_classes="tools"):
        all_fine = gr.Button("Rule all pairs shown: no leak", size="sm", min_width=200, elem_id="all-no-leak")
        all_leak = gr.Button("Rule all pairs shown: leak", size="sm", min_width=190, elem_id="all-leak")
        drop = gr.Button("Drop rows that leak", variant="stop", size="sm", min_width=160, elem_id="drop-leaks")
        sign = gr.Button("Train in spite of them, signed", size="sm", min_width=200, elem_id="sign-leaks")
    listed = gr.HTML("", css_template=CSS, apply_default_css=False, elem_id="pairs")
    at = gr.State("")  # the key of the pair on the screen
    seen = gr.State("")  # the last search job and its state
    views = [said, shown, listed, at]  # `VIEWS` of them
    desk = Desk(store, path)
    page.arrive(desk.arrived, [], views)
    page.tick(desk.later, [which, at, seen], [*views, seen])
    page.on(which.submit, lambda look, where: desk.show(look, where, ""), [which], views)
    page.on(search.click, desk.searched, [which], [*views, page.say], trigger_mode="once", show_progress="minimal")
    page.on(back.click, desk.move(-1), [which, at], views)
    page.on(ahead.click, desk.move(1), [which, at], views)
    for button, is_leak in ((fine, False), (leak, True)):
        page.on(button.click, desk.ruled(is_leak), [which, at, reason, who], [*views, page.say], trigger_mode="once")
    for button, is_leak in ((all_fine, False), (all_leak, True)):
        page.on(button.click, desk.ruled_all(is_leak), [which, reason, who], [*views, page.say], trigger_mode="once")
    page.on(undo.click, desk.took_back, [which, at], [*views, page.say], trigger_mode="once")
    page.refresh(page.on(drop.click, desk.dropped, [which, reason], [*views, page.say, page.go], trigger_mode="once"))
    page.on(sign.click, desk.signed, [which, reason, who], [*views, page.say], trigger_mode="once")


@dataclass(frozen=True)
class Desk:
    """What the buttons of the section do."""

    store: Store
    path: str

    def show(self, look: Look, where: Any, key: str) -> tuple[Any, ...]:
        return _views(self.store, look, str(where or ""), key)

    def arrived(self, look: Look) -> tuple[Any, ...]:
        return self.show(look, OPEN, look.get("pair"))

    def searched(self, look: Look, where: Any) -> tuple[Any, ...]:
        version = version_of(self.store, look)
        golden = goldens.newest(self.store, version.dataset)
        texts = unread(self.store, datasets.rows_of(self.store, version), goldens.rows_of(self.store, golden))
        if texts > MOST_UNREAD:
            jobs.start(self.store, "suspects", {"version": version.label, "anew": True})
            return *self.show(look, where, ""), note(f"Searching in the background: {texts:,} texts are read first.")
        found = find_suspects(self.store, version.label, anew=True)
        return *self.show(look, where, ""), note(f"Searched: {plural(len(found.open), 'pair')} must be settled.")

    def move(self, step: int) -> Any:
        def moved(look: Look, where: Any, key: str) -> tuple[Any, ...]:
            return _views(self.store, look, str(where or ""), key, step)

        return moved

    def ruled(self, is_leak: bool) -> Any:
        def rule(look: Look, where: Any, key: str, why: Any, name: Any) -> tuple[Any, ...]:
            if not key:
                raise BadInput("There is no pair on the screen to rule on.")
            following = _neighbour(self.store, look, str(where or ""), key)
            version = version_of(self.store, look)
            rule_suspect(self.store, [key], leak=is_leak, reason=str(why or ""), version=version.label, who=_name(name))
            return *self.show(look, where, following), note("Ruled: leak." if is_leak else "Ruled: no leak.")

        return rule

    def ruled_all(self, is_leak: bool) -> Any:
        def rule(look: Look, where: Any, why: Any, name: Any) -> tuple[Any, ...]:
            version = version_of(self.store, look)
            done = rule_suspect(self.store, where=str(where or "") or "all", leak=is_leak, reason=str(why or ""),
                                version=version.label, who=_name(name))  # fmt: skip
            verdict = "a leak" if is_leak else "no leak"
            return *self.show(look, where, ""), note(f"{plural(len(done.pairs), 'pair')} ruled {verdict}.")

        return rule

    def took_back(self, look: Look, where: Any, key: str) -> tuple[Any, ...]:
        found = known_suspects(self.store, version_of(self.store, look).label)
        pair = next((one for one in found.pairs if one.key == key), None) if found else None
        if pair is None or pair.ruling is None:
            raise BadInput('Nobody has ruled on the pair on the screen. Show "state=ruled" to see the others.')
        take_back_leak_ruling(self.store, pair.ruling.id)
        return *self.show(look, where, key), note("The ruling is taken back: the pair counts again.")

    def dropped(self, look: Look, where: Any, why: Any) -> tuple[Any, ...]:
        done = drop_leaks(self.store, version_of(self.store, look).label, why=str(why or ""))
        assert done.after is not None, "a drop that is not a preview makes a version"
        fresh = Look({"dataset": done.after.dataset})
        return (
            *self.show(fresh, where, ""),
            note(f"{done.after.label}: {done.difference.summary}."),
            fresh.here(self.path),
        )

    def signed(self, look: Look, where: Any, why: Any, name: Any) -> tuple[Any, ...]:
        done = override_leaks(self.store, version_of(self.store, look).label, reason=str(why or ""), who=_name(name))
        return *self.show(look, where, ""), note(f"{done.who} signed for {plural(len(done.pairs), 'pair')}.")

    def later(self, look: Look, where: Any, key: str, before: str) -> tuple[Any, ...]:
        last = jobs.listed(self.store, kind="suspects", limit=1)
        now = f"{last[0].id} {last[0].state}" if last else ""
        if now == before or not last or not last[0].over:
            return *[gr.skip()] * VIEWS, now
        return *self.show(look, where, key), now


def _name(given: Any) -> str | None:
    return str(given or "").strip()[:200] or None


def _meant(store: Store, look: Look, where: str) -> tuple[Found | None, list[Pair]]:
    """The pairs that a filter means. Copies of one training row make pairs of the same two texts, which are ruled on at
    once: they are shown as one, or "next" would never get past them."""
    found = known_suspects(store, version_of(store, look).label)
    pairs = () if found is None else pairs_where(store, found, where)
    return found, list({one.key: one for one in reversed(pairs)}.values())[::-1]


def _neighbour(store: Store, look: Look, where: str, key: str) -> str:
    """The pair after this one, so that ruling goes on from there."""
    _, pairs = _meant(store, look, where)
    keys = [one.key for one in pairs]
    return keys[keys.index(key) + 1] if key in keys[:-1] else ""


def _views(store: Store, look: Look, where: str, key: str, step: int = 0) -> tuple[Any, ...]:
    """State, the pair meant, the list, and the key of the pair shown; step: so many pairs further on."""
    try:
        version = version_of(store, look)
        goldens.newest(store, version.dataset)
    except NotFound as error:
        return "", empty(str(error)), "", ""
    found, pairs = _meant(store, look, where)
    if found is None or not pairs:
        nothing = (
            "" if found is None else empty(f'No pair is meant by "{where or "all"}". Show "all" to see every one.')
        )
        return state_html(found, version.label), nothing, "", ""
    keys = [one.key for one in pairs]
    place = (keys.index(key) if key in keys else 0) + (step if key in keys else 0)
    place = min(max(place, 0), len(pairs) - 1)
    pair = pairs[place]
    return (
        state_html(found, version.label),
        pair_html(store, found, pair, place + 1, len(pairs)),
        list_html(store, found, pairs),
        pair.key,
    )
