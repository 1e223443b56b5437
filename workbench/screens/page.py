"""A screen while it is drawn: title, message line, the URL as input, and handlers that end in words.

    def draw(store: Store) -> None:
        page = Page(store, "Gaps", "Where the tuned model still fails, and what to do about it.", PATH)
        box, go_on = gr.Textbox(label="Note"), gr.Button("Save")

        def show(look: Look) -> str: ...             # on arrival, and whenever you call it
        def save(look: Look, text: str) -> tuple: ...  # raise a GoldloopError for anything a person can mend

        page.arrive(show, [], [shown])
        page.on(go_on.click, save, [box], [shown, page.say, page.go])

`page.say` takes `note("Saved.")`; left out of the outputs it is cleared by itself. `page.go` takes an address: on the
same path it only rewrites the URL, else the browser goes there. An event of a `gr.HTML` with data
(`trigger("open", {id})`) reaches a handler that has a parameter `event: dict`. `page.refresh(dependency)` brings the
header up to date at once after a handler that made a version or started a job.
"""

from __future__ import annotations

import inspect
import logging
import secrets
from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from workbench.errors import is_mistake
from workbench.screens.address import Look
from workbench.screens.escape import esc, note
from workbench.store import Store

log = logging.getLogger("goldloop.screens")

TICK_SECONDS = 2.0  # between two looks at running jobs: .8 s behind was measured at 1, and 2 is enough for a person
# For lists: what is clicked while the answer to the first click is awaited is asked for once that has come. Gradio then
# sends the data of the first click again, so the last one comes with the query; `address.last_opened` reads it.
OPEN_LAST = """(_, ...rest) => {
  const query = new URLSearchParams(location.search);
  query.set('open', goldloop.row);
  return ['?' + query, ...rest];
}"""
WITH_QUERY = "(_, ...rest) => [location.search, ...rest]"
# Clicks that come before the answer to the last of these are held back by `look.HEAD`: the form is still empty.
ARRIVING = "(_, ...rest) => { goldloop.arriving(); return [location.search, ...rest]; }"
ARRIVED = "() => goldloop.arrived()"
GO = """to => {
  if (!to) return;
  const target = new URL(to, location.origin);
  if (target.origin !== location.origin) return;
  if (target.pathname === location.pathname) history.pushState(null, '', target.pathname + target.search);
  else location.assign(target.href);
}"""


class Page:
    """The frame of one screen. Make it first in `draw(store)`; it draws the title row and the message line."""

    def __init__(self, store: Store, title: str, sentence: str, path: str, *, own_jobs: Sequence[str] = ()) -> None:
        """own_jobs: kinds of job that this screen shows in a card of its own and the header strip leaves out."""
        from workbench.screens import header  # the header is a component of every page and needs Page itself

        self.store, self.path = store, path
        self.query = gr.Textbox(visible=False)
        self.go = gr.Textbox(visible=False)
        self.timer = gr.Timer(TICK_SECONDS)
        self.say = gr.HTML("", apply_default_css=False, elem_classes="say", render=False)
        self.head, self._head_now = header.draw(self, title, own_jobs)
        gr.HTML(f'<div class="title"><h2>{esc(title)}</h2><p>{esc(sentence)}</p></div>', elem_classes="title-row")
        self.say.render()
        self.go.change(None, [self.go], None, js=GO, queue=False)

    def on(
        self, event: Any, do: Callable[..., Any], inputs: Sequence[Any] = (), outputs: Sequence[Any] = (),
        *, quiet: bool = False, js: str = WITH_QUERY, **options: Any,
    ) -> Any:  # fmt: skip
        """Hangs `do(look, *inputs)` on an event; gives the dependency, for `.then`.

        quiet: leave the message line as it is when all went well, for what happens without a person.
        js: runs first in the browser; it puts the URL's query in front of the inputs.

        `do` returns one value per output (the value itself where there is one). A GoldloopError shows in the message
        line and leaves every output as it is; any other exception is logged under a number that the person can report.
        """
        own = [at for at, output in enumerate(outputs) if output is self.say]
        shown = list(outputs) if own else [*outputs, self.say]
        settings = {
            "queue": False,
            "show_progress": "hidden",
            "api_visibility": "private",
            "trigger_mode": "multiple",
            **options,
        }
        handler = _handler(do, len(outputs), len(shown), own[0] if own else len(outputs), quiet)
        return event(handler, [self.query, *inputs], shown, js=js, **settings)

    def arrive(self, do: Callable[..., Any], inputs: Sequence[Any] = (), outputs: Sequence[Any] = ()) -> Any:
        """Runs `do(look, *inputs)` when the page is opened, reloaded or come back to.

        A button pressed before the answer came is pressed when it has come.
        """
        opened = self.on(gr.context.Context.root_block.load, do, inputs, outputs, quiet=True, js=ARRIVING)
        opened.then(None, js=ARRIVED, queue=False)
        return opened

    def tick(self, do: Callable[..., Any], inputs: Sequence[Any] = (), outputs: Sequence[Any] = ()) -> Any:
        """Runs `do(look, *inputs)` every TICK_SECONDS; let it return gr.skip() for what did not change."""
        return self.on(self.timer.tick, do, inputs, outputs, quiet=True, trigger_mode="once")

    def refresh(self, dependency: Any) -> Any:
        """After an event that made a version or started a job: the header shows it at once, not at the next tick."""
        return self.on(dependency.then, self._head_now, [], [self.head], quiet=True)


def words(error: Exception) -> str | None:
    """What to tell a person, or None when the exception is a defect of ours."""
    return str(error) if is_mistake(error) else None


def _handler(do: Callable[..., Any], given: int, shown: int, say_at: int, quiet: bool) -> Callable[..., Any]:
    """A Gradio handler around `do`. given: how many values it returns; shown: how many outputs there are."""

    def run(query: str, values: Sequence[Any], extra: dict[str, Any]) -> list[Any]:
        try:
            answer = do(Look.read(query), *values, **extra)
            answers = list(answer) if given != 1 and answer is not None else [answer] * given
            return answers if shown == given else [*answers, gr.skip() if quiet else ""]
        except Exception as error:
            told = words(error)
            if told is None:
                incident = secrets.token_hex(4)
                log.exception("incident %s in %s", incident, getattr(do, "__qualname__", do))
                told = f"Something went wrong inside Goldloop; nothing was saved. Its log says more under {incident}."
            answers = [gr.skip() for _ in range(shown)]
            answers[say_at] = note(told, "bad")
            return answers

    if "event" in inspect.signature(do).parameters:

        def with_event(event: gr.EventData, query: str, *values: Any) -> Any:
            data = event._data
            return _one(run(query, values, {"event": data if isinstance(data, dict) else {}}))

        return with_event

    def handler(query: str, *values: Any) -> Any:
        return _one(run(query, values, {}))

    return handler


def _one(answers: list[Any]) -> Any:
    return answers[0] if len(answers) == 1 else tuple(answers)
