"""The head of every screen: the stations, what one looks at, and a strip while something runs elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from workbench.errors import NotFound
from workbench.screens.address import Look, address, newest_of, version_of
from workbench.screens.escape import esc, plural
from workbench.screens.page import Page
from workbench.screens.progress import card_of, running
from workbench.store import Store

HERE = Path(__file__).parent
JS = (HERE / "header.js").read_text(encoding="utf-8")
HOME = "/"
LINKS: dict[str, str] = {}
"""Title -> path of every screen, in the order of the menu; `shell` fills it once before it draws."""


def template(title: str) -> str:
    """The header's own words; nothing from a row or a file comes in here."""
    links = "".join(
        f'<a href="{esc(path)}" data-keep{" aria-current=page" if name == title else ""}>{esc(name)}</a>'
        for name, path in LINKS.items()
        if path != HOME  # the name of the app leads there
    )
    here = " aria-current=page" if LINKS.get(title) == HOME else ""
    return (
        f'<header class="head"><a class="brand" href="{HOME}" data-keep{here}><i></i>Goldloop</a>'
        f'<nav aria-label="Stations">{links}</nav>'
        '<a class="chip" hidden></a></header><div class="strip" hidden></div>'
    )


def seen(store: Store, look: Look, without: Sequence[str]) -> dict[str, Any]:
    """What the header shows: the version looked at, whether it is the newest, and the jobs that run."""
    strip = [card_of(job) for job in running(store, without)[:3]]
    try:
        version = version_of(store, look)
    except NotFound:
        return {"chip": "", "href": "/data", "old": False, "jobs": strip}
    newest = newest_of(store, version)
    old = newest.number != version.number
    words = f"{version.dataset} · v{version.number} · {plural(version.size, 'row')}"
    return {
        "chip": f"{words} · newest is v{newest.number}" if old else words,
        "href": address("/data", dataset=version.dataset),
        "old": old,
        "jobs": strip,
    }


def draw(page: Page, title: str, own_jobs: Sequence[str]) -> tuple[gr.HTML, Callable[[Look], Any]]:
    """Puts the header on a page and keeps its strip fresh; gives it and what it shows for a look."""
    shown = gr.HTML(
        None, html_template=template(title), js_on_load=JS, apply_default_css=False, elem_classes="head-row"
    )

    def now(look: Look) -> Any:
        return seen(page.store, look, own_jobs)

    def later(look: Look, before: Any) -> Any:
        fresh = seen(page.store, look, own_jobs)
        return gr.skip() if fresh == before else fresh

    page.arrive(now, [], [shown])
    page.tick(later, [shown], [shown])
    return shown, now
