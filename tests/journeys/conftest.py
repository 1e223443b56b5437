"""A browser on the app: `open_app(folder)` serves a store on a free port, `page` watches what it loads."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ROOT = Path(__file__).parents[2]
START_SECONDS = 300  # on a crowded machine
MOST_MS = 120_000  # what the browser waits for any one thing


@pytest.fixture(scope="module")
def open_app(tmp_path_factory: pytest.TempPathFactory, free_port: Callable[[], int]) -> Iterator[Callable[[Path], str]]:
    """`open_app(folder)` serves the store in that folder by `app.py` and gives its address."""
    opened: list[subprocess.Popen[bytes]] = []

    def serve(folder: Path) -> str:
        port = free_port()
        log = tmp_path_factory.mktemp("app") / "app.log"
        command = [sys.executable, str(ROOT / "app.py"), "--store", str(folder), "--port", str(port)]
        environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT)}
        with log.open("wb") as out:
            process = subprocess.Popen(command, stdout=out, stderr=out, env=environment, cwd=ROOT)
        opened.append(process)
        address = f"http://127.0.0.1:{port}"
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and process.poll() is None:
            try:
                urllib.request.urlopen(address, timeout=60).read()
                return address
            except OSError:
                time.sleep(0.2)
        raise AssertionError(f"the app did not open:\n{log.read_text()}")

    yield serve
    for process in opened:
        process.terminate()
        process.wait(120)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium; skipped loudly where it is absent."""
    if not Path(CHROMIUM).exists():
        pytest.skip("CHROMIUM IS ABSENT: the app was not tried in a browser. Install Debian's chromium package.")
    playwright = pytest.importorskip("playwright.sync_api", reason="PLAYWRIGHT IS ABSENT: no browser journey was run")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=MOST_MS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page at 1440 px; after the test it must have asked no foreign host and logged no error."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    foreign: list[str] = []
    errors: list[str] = []
    own = ("http://127.0.0.1", "data:", "blob:")
    opened.on("request", lambda request: None if request.url.startswith(own) else foreign.append(request.url))
    opened.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.set_default_timeout(MOST_MS)
    yield opened
    context.close()
    assert foreign == []
    assert errors == []


@pytest.fixture
def go(page: Any) -> Callable[[str], None]:
    """`go(address)` opens a screen and waits until it has read its URL: the answers would undo what is done before."""

    def open_screen(address: str) -> None:
        page.goto(address)
        page.wait_for_selector("html[data-arrived]")

    return open_screen


@pytest.fixture
def said_in_url(page: Any) -> Callable[[str, str], None]:
    """`said_in_url(name, value)` waits until the URL says so: it is written just after the screen is drawn."""

    def wait(name: str, value: str) -> None:
        page.wait_for_url(lambda address: parse_qs(urlsplit(address).query).get(name) == [value])

    return wait
