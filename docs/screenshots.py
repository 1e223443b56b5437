"""Takes the pictures of the README from a store on which the demo was run: `make screenshots`

Opens the app on a free port of this computer, visits every screen with a real Chromium and writes PNG files beside
this one.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, TimeoutError, sync_playwright

from workbench.actions.find_copies import find_copies, known_copies
from workbench.actions.open_queue import open_queue
from workbench.store import Store, judges, probes, prompts, queues, runs

HERE = Path(__file__).parent
BROWSER = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCREENS = {
    "home": "",
    "data": "data",
    "checks": "checks?dataset=demo&version=1",
    "copies": "copies?dataset=demo&version=1",
    "rows": "rows?dataset=demo&version=1&check=leftover_markup",
    "queue": "queue?dataset=demo",
    "golden": "golden",
    "training": "training?preset=simple+task",
    "runs": "runs?run=1",
    "studies": "studies",
    "ship": "ship?run=1",
    "evaluation": "evaluation",
    "rating": "rating",
    "errors": "errors?evaluation=1&answers=shown",
    "gaps": "gaps",
}
MADE_ON_REQUEST = {  # shown where the store holds one: the demo itself leaves these out for their minutes
    "prompts": ("prompts", lambda store: bool(prompts.climbs_of(store, "demo"))),
    "forgetting": ("forgetting", lambda store: bool(probes.listed(store, finished=True))),
    "judges": ("judges", lambda store: bool(judges.listed(store))),
}
PRESSED = {  # pictures of what a click shows: name -> address, what is pressed, what then stands in the page
    "pictures": ("data?dataset=demo&version=1", "#glance", "#pictures svg"),
    "tokens": ("rows?dataset=demo&version=1&check=leftover_markup", "[data-view=tokens]", ".tokens"),
    "quality": ("checks?dataset=demo", "#quality", "#aside svg"),
    "plan": ("training?dataset=demo", "#plan", "#planned .plan-card"),
}
IN_A_FOLD = {  # the same, behind a fold that is opened first: name -> address, fold, what is pressed, what then stands
    "sight": ("training?dataset=demo", "#sight > button", "#see", "#sight-row .tokens"),
}
WITH_TWO_RUNS = {"runs-compare": "runs?runs=1,2&a=1&b=2"}  # shown where the store holds a second run
WIDTH, HEIGHT = 1440, 960
SETTLE_MS = 2500  # a screen fetches its data after it is drawn
START_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(address: str) -> None:
    """Returns when the app answers; gives up after a minute."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(address, timeout=2)
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    sys.exit(f"The app did not answer at {address} within {START_SECONDS} seconds.")


def opened(page: Page, address: str) -> None:
    """Goes to a screen and waits until it has read its address and drawn what it shows."""
    page.goto(address)
    page.wait_for_selector("html[data-arrived]", state="attached", timeout=60_000)
    page.wait_for_timeout(SETTLE_MS)


def take(page: Page, address: str, name: str, *, whole: bool = False) -> None:
    opened(page, address)
    page.screenshot(path=HERE / f"{name}.png", full_page=whole)
    print(HERE / f"{name}.png")


def pressed(page: Page, address: str, name: str, what: str, seen: str, *, fold: str = "") -> None:
    opened(page, address)
    if fold:
        page.click(fold)
    page.click(what)
    try:
        page.wait_for_selector(seen, timeout=60_000)
    except TimeoutError:
        print(f"{name}: {seen} did not come up; no picture was taken")
        return
    page.locator(seen).first.scroll_into_view_if_needed()
    page.wait_for_timeout(SETTLE_MS)
    page.screenshot(path=HERE / f"{name}.png")
    print(HERE / f"{name}.png")


def prepare(folder: str) -> None:
    """What the demo leaves undone and the pictures show: its copies found, a queue of its flagged rows opened."""
    store = Store.open(folder)
    if known_copies(store, "demo@1") is None:
        find_copies(store, "demo@1")
    if not queues.listed(store, "demo"):
        guide = "Facts come from the policy only.\nKeep the voice of the desk: short and friendly.\nNo personal data."
        open_queue(store, "Flagged rows", version="demo@1", guidelines=guide)
    store.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--store", default="data/local")
    options.add_argument("--report", help="the report's HTML file, for a picture of it")
    given = options.parse_args()
    prepare(given.store)
    store = Store.open(given.store)
    made = [(name, path) for name, (path, there) in MADE_ON_REQUEST.items() if there(store)]
    if len(runs.listed(store)) > 1:
        made += list(WITH_TWO_RUNS.items())
    store.close()
    port = free_port()
    app = subprocess.Popen([sys.executable, HERE.parent / "app.py", "--store", given.store, "--port", str(port)])
    try:
        wait_for(f"http://127.0.0.1:{port}")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
            page = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}).new_page()
            for name, path in SCREENS.items():
                take(page, f"http://127.0.0.1:{port}/{path}", name)
            for name, path in made:
                take(page, f"http://127.0.0.1:{port}/{path}", name)
            for name, (path, what, seen) in PRESSED.items():
                pressed(page, f"http://127.0.0.1:{port}/{path}", name, what, seen)
            for name, (path, fold, what, seen) in IN_A_FOLD.items():
                pressed(page, f"http://127.0.0.1:{port}/{path}", name, what, seen, fold=fold)
            dark = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="dark").new_page()
            take(dark, f"http://127.0.0.1:{port}/{SCREENS['checks']}", "checks-dark")
            if given.report:
                take(page, Path(given.report).resolve().as_uri(), "report-file")
            browser.close()
    finally:
        app.terminate()
        app.wait(timeout=20)


if __name__ == "__main__":
    main()
