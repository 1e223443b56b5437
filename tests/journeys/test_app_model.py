"""Through the app with a browser, the half about the model: golden, training, evaluation, rating, gaps, report.

The run and the evaluation are made up and written through the store's functions (see tests/workbench/conftest.py); all
that happens in the browser afterwards is real.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from workbench.actions.open_round import open_round
from workbench.blind.plan import Design
from workbench.rows import Rows
from workbench.store import Store, gaps, goldens, ratings

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
THINGS = (
    "kettle", "toaster", "lamp", "fan", "clock", "radio", "mixer", "heater", "scale", "iron", "drill", "stove",
    "mirror", "carpet", "ladder", "piano", "tent", "canoe", "bicycle", "telescope",
)  # fmt: skip
ACTS = ("return", "repair", "clean", "order", "wrap", "store")
ROOT = Path(__file__).parents[2]
PAIRS = 23  # of 24 golden rows one has the same answer twice
pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="SKIPPED LOUDLY: Chromium is not installed (apt: chromium)"),
]

_spec = importlib.util.spec_from_file_location("fabricated", ROOT / "tests" / "workbench" / "conftest.py")
assert _spec is not None
assert _spec.loader is not None
fabricated = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(fabricated)


def many_rows() -> Rows:
    """120 different conversations in six topics."""
    records = []
    for i, thing in enumerate(THINGS):
        for k, act in enumerate(ACTS):
            day = 3 + 11 * i + k
            asked = f"Could I {act} the {thing}? My slip says {4000 + day * 17}, {act} or {thing}."
            said = (
                f"The {thing} has {day} days to {act}; put {thing.upper()}-{day} on it, counter {day % 13} takes every "
                f"{thing} you {act}."
            )
            records.append(
                {
                    "row_id": f"{thing}-{act}",
                    "tags": [f"topic:{act}"],
                    "source": "many.jsonl",
                    "line": len(records) + 1,
                    "messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": said}],
                }
            )
    return Rows.from_records(records)


class App:
    """A store and the app open on it, in a process of its own that can be ended and begun again."""

    def __init__(self, folder: Path, port: int) -> None:
        self.store = Store.open(folder / "store")
        self.folder = folder
        self.port = port
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        environment = {**os.environ, "GOLDLOOP_MODELS": str(self.folder / "no-models"), "GOLDLOOP_USER": "Ann"}
        with (self.folder / "app.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "app.py", "--store", str(self.store.root), "--port", str(self.port)],
                cwd=ROOT, env=environment, stdout=log, stderr=log,
            )  # fmt: skip
        end = time.monotonic() + 300
        while time.monotonic() < end and self.process.poll() is None:
            try:
                urllib.request.urlopen(self.url, timeout=60).close()
                return
            except OSError:
                time.sleep(0.25)
        raise AssertionError((self.folder / "app.log").read_text())

    def end(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, free_port: Callable[[], int]) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("app")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOLDLOOP_MODELS", str(folder / "no-models"))
        running = App(folder, free_port())
        fabricated.fabricate(running.store, many_rows())
        fabricated.answer(running.store, 1, tuned_right=2)
        running.begin()
        yield running
    running.end()
    running.store.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS, headless=True, timeout=120_000)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any, app: App) -> Iterator[Any]:
    """A fresh tab; afterwards: nothing hostile ran, no page broke, and nobody but the app was asked for anything."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(120_000)
    tab = context.new_page()
    broken: list[str] = []
    asked: set[str] = set()
    tab.on("pageerror", lambda error: broken.append(str(error)))
    tab.on("request", lambda request: asked.add(request.url))
    yield tab
    tab.wait_for_function("window.__xss === undefined")  # outlives the reload after an app that was away
    context.close()
    assert broken == []
    assert [url for url in asked if not url.startswith((app.url, "data:", "blob:", "about:"))] == []


def go(page: Any, app: App, path: str, wait: str) -> None:
    page.goto(app.url + path)
    page.wait_for_selector(wait)
    page.wait_for_selector("html[data-arrived]")


def rating(page: Any, app: App, rater: str, evaluation: int = 1) -> None:
    """The rating screen with an open round and a first pair on it."""
    open_round(
        app.store, evaluation, design=Design(raters=9, overlap_rows=99, repeats=0, known=0)
    )  # once; then it stands
    go(page, app, f"/rating?evaluation={evaluation}&rater={rater}", ".title h2")
    page.wait_for_selector("#rate .cards:not([hidden])")


def saved(page: Any, count: int) -> None:
    page.wait_for_function(
        f"document.querySelector('#rate .count')?.textContent.startsWith('{count} of') && "
        "document.querySelector('#rate .save')?.textContent === 'All votes saved'",
    )  # fmt: skip


def votes(app: App, rater: str) -> int:
    this = next(one for one in ratings.rounds_of(app.store, 1) if not one.closed)
    return len(ratings.standing(ratings.votes_of(app.store, this.id, rater)))


def test_ten_quick_presses_are_ten_votes_and_undo_takes_one_back(page, app):
    rating(page, app, "Ann")
    for key in "1234123412":
        page.wait_for_selector("#rate .cards:not([hidden])")  # none is in front while the server is asked for more
        page.keyboard.press(key)
    saved(page, 10)
    assert votes(app, "Ann") == 10
    page.keyboard.press("u")
    saved(page, 9)
    assert votes(app, "Ann") == 9
    page.reload()
    page.wait_for_function(f"document.querySelector('#rate .count')?.textContent === '9 of {PAIRS}'")


def test_typing_a_reason_votes_for_nothing_and_goes_with_the_next_vote(page, app):
    rating(page, app, "Ben")
    page.keyboard.press("n")
    page.keyboard.type("1 and 2 and s")
    page.keyboard.press("Escape")
    page.click("[data-tag='made up']")
    assert page.locator("#rate .count").inner_text() == f"0 of {PAIRS}"
    page.keyboard.press("2")
    saved(page, 1)
    this = ratings.rounds_of(app.store, 1)[0]
    [vote] = ratings.votes_of(app.store, this.id, "Ben")
    assert (vote.reason, vote.tags, vote.choice) == ("1 and 2 and s", ("made up",), "b")


def test_votes_given_while_the_app_is_dead_are_saved_once_when_it_is_back(page, app):
    rating(page, app, "Cleo")
    app.end()
    for key in "123":
        page.keyboard.press(key)
    page.wait_for_function("document.querySelector('#rate .save')?.textContent.startsWith('Not saved yet (3)')")
    app.begin()
    saved(page, 3)
    assert votes(app, "Cleo") == 3


def test_a_vote_left_in_the_browser_survives_a_reload(page, app):
    rating(page, app, "Dora")
    page.route("**/component_server/**", lambda route: route.abort())
    page.keyboard.press("1")
    page.wait_for_function("document.querySelector('#rate .save')?.textContent.startsWith('Not saved yet (1)')")
    page.unroute("**/component_server/**")
    page.reload()
    saved(page, 1)
    assert votes(app, "Dora") == 1


def test_nothing_that_reaches_a_raters_browser_names_an_arm(page, app):
    sent: list[Any] = []
    page.on("response", lambda r: sent.append(r) if "component_server" in r.url else None)
    rating(page, app, "Eve")
    for key in "13":
        page.keyboard.press(key)
    saved(page, 2)
    while len(sent) < 3:  # the pairs and two votes; the browser tells of an answer after the page has it
        page.wait_for_timeout(50)
    texts = [one.text().lower() for one in sent]
    assert not any(word in text for text in texts for word in ("tuned", "base", "prompted", "left"))
    assert "tuned" not in page.locator("#rate").inner_html().lower()


def test_the_evaluation_screen_hides_the_answers_while_people_rate_them(page, app):
    go(page, app, "/evaluation?evaluation=1", "#results .verdict")
    page.wait_for_selector("#reveal")
    assert not page.locator("#answer-list").is_visible()
    page.click("#reveal")
    page.wait_for_selector("#answer-list tbody tr")


def test_a_forged_vote_is_refused_in_words(app):
    from workbench.screens.rating_desk import server_functions

    for call in server_functions(app.store):
        assert call({"round": "1", "rater": "x"}) == {"error": "The call did not arrive whole. Reload the page."}
        assert call(None) == {"error": "The call did not arrive whole. Reload the page."}
        assert "error" in call({"round": 999, "rater": "Finn", "key": "x", "choice": "a"})
        assert "error" in call({"round": 1, "rater": " ", "key": "x", "choice": "a"})
    save = server_functions(app.store)[1]
    assert "error" in save({"round": 1, "rater": "Finn", "key": "x", "choice": "a", "grades": {"a": {"x": 9}}})


def test_closing_the_round_takes_two_clicks_and_then_shows_the_result(page, app):
    rating(page, app, "Gus")
    page.click("#close-round")
    page.click("#close-yes")
    page.wait_for_selector("#rate-results .lead")
    assert "Rated blind by" in page.locator("#rate-results .lead").inner_text()
    assert ratings.rounds_of(app.store, 1)[0].closed
    page.wait_for_selector("#rate .choices", state="hidden")


def test_hostile_answers_show_as_text_beside_the_others(page, app):
    first = goldens.rows_of(app.store, goldens.listed(app.store)[0]).row_id[0]
    go(page, app, f"/evaluation?evaluation=1&row={first}", "#answer .cell.tuned")
    assert "<script>window.__xss=1</script>" in page.locator("#answer .cell.tuned").inner_text()
    assert page.locator("#answer .cell").count() >= 5


def test_a_row_of_the_evaluation_opens_by_click_and_stands_in_the_url(page, app):
    go(page, app, "/evaluation?evaluation=1", "#answer-list tbody tr")
    page.locator("#answer-list tbody tr").nth(3).click()
    page.wait_for_url("**row=*")
    row = page.evaluate("new URLSearchParams(location.search).get('row')")
    page.wait_for_function(f"document.querySelector('#answer')?.textContent.includes('{row}')")


def test_two_evaluations_are_compared_by_address(page, app):
    go(page, app, "/evaluation?evaluation=2&against=1", "#compared table")
    said = page.locator("#compared").inner_text()
    assert "evaluation 1 and evaluation 2" in said
    # right on 10 of 24 rows against 14
    assert "whether tuned of evaluation 2 is better than that of evaluation 1 can't be told" in said
    assert "42 % against 58 %" in said


def test_the_runs_screen_draws_the_curves_and_lists_the_run(page, app):
    go(page, app, "/runs", "#curves svg[data-chart=loss] path.smooth")
    page.wait_for_selector("#runs tbody tr")
    assert page.locator("#curves svg[data-chart=loss] path.line").count() == 3
    assert page.locator("#curves svg[data-chart=loss] .dot").count() == 4
    assert page.locator("#runs tbody tr").count() == 1


def test_a_curve_is_read_by_keyboard_and_its_axis_stands_in_the_url(page, app):
    go(page, app, "/runs", "#curves svg[data-chart=loss] path.smooth")
    page.focus("#curves svg[data-chart=loss]")
    page.keyboard.press("End")
    assert "step 60" in page.locator("#curves .curve-read").first.inner_text()
    page.select_option(".curve-pick select >> nth=0", "epoch")
    page.wait_for_url("**x=epoch*")
    page.reload()
    page.wait_for_selector("#curves svg[data-chart=loss] path.smooth")
    assert page.input_value(".curve-pick select >> nth=0") == "epoch"


def test_the_training_screen_says_how_to_get_the_model(page, app):
    go(page, app, "/training", "#plan")
    page.click("#plan")
    page.wait_for_selector(".say .note.bad")
    assert "goldloop models fetch" in page.locator(".say .note").inner_text()


def test_a_button_pressed_before_the_page_has_read_its_url_waits_for_it(page, app):
    late: list[Any] = []
    page.route("**/gradio_api/run/**", lambda route: late.append(route))
    page.goto(app.url + "/training?model=an-other-model")
    page.wait_for_selector("#plan")
    page.wait_for_function("goldloop.open > 0")
    page.click("#plan")
    assert page.locator("html[data-arrived]").count() == 0
    for route in late:
        route.continue_()
    page.unroute("**/gradio_api/run/**")
    page.wait_for_selector(".say .note.bad")
    assert "an-other-model" in page.locator(".say .note").inner_text()


def test_the_golden_screen_shows_the_lock_and_refuses_a_second_equal_freeze(page, app):
    go(page, app, "/golden", "#goldens table")
    lock = goldens.listed(app.store)[0].digest[:16]
    assert lock in page.locator("#goldens").inner_text()
    assert "Nothing of desk@2 that resembles desk golden 1 waits" in page.locator("#goldens").inner_text()
    page.click("#freeze")
    page.wait_for_selector(".say .note.bad")
    assert "frozen set stays" in page.locator(".say .note").inner_text()
    assert len(goldens.listed(app.store)) == 1


def test_gaps_are_found_by_a_job_and_one_is_settled(page, app):
    go(page, app, "/gaps?evaluation=1", "#find-gaps")
    page.wait_for_function("document.querySelector('#gap-list .empty')")
    page.click("#find-gaps")
    page.wait_for_selector("#gap-list tbody tr[data-id]", timeout=600_000)  # a process that begins, reads and writes
    page.wait_for_selector("#gap-detail .go")
    assert page.locator("#gap-detail .go").get_attribute("href").startswith("/rows?gap=")
    page.click("#gap-done")
    page.wait_for_function("document.querySelector('.say')?.textContent.includes('is done')")
    assert sum(gap.state == "done" for gap in gaps.listed(app.store, 1)) == 1
    page.reload()
    page.wait_for_function("document.querySelector('#gap-list')?.textContent.includes('done')")


def test_the_report_is_written_shown_without_scripts_and_offered(page, app):
    go(page, app, "/report?evaluation=1", "#report-preview .empty")
    page.click("#write-report")
    page.wait_for_selector("#report-preview iframe")
    assert page.locator("#report-preview iframe").get_attribute("sandbox") == ""
    frame = page.frame_locator("#report-preview iframe")
    assert "Measured by" in frame.locator("#verdict").inner_text()
    with page.expect_download() as download:
        page.click("#report-html")
    html = Path(download.value.path()).read_text()
    assert "Measured by" in html
    twin = app.store.root / "runs" / "1" / "evaluation-1" / "report.json"
    assert json.loads(twin.read_text())["evaluation"] == 1
