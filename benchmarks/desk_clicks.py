"""How long a click takes at the expert's desk on a large dataset, from the press to the painted answer

    python benchmarks/desk_clicks.py [--rows 100000] [--clicks 25] [--store FOLDER] [--browser /usr/bin/chromium]

Makes a store of synthesised rows with planted faults, checks it, opens a queue over all of it, serves the app and
drives a real Chromium. A time begins with the browser's own pointer or key event and ends two frames after the answer
stands in the page, so it holds the network, the server, the script and the paint. Printed as a Markdown table: median
and 95th percentile in milliseconds for each kind of click. With --store the made store is kept and used again.
"""

from __future__ import annotations

import argparse
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from workbench.actions.open_queue import open_queue  # noqa: E402
from workbench.actions.run_checks import run_checks  # noqa: E402
from workbench.rows import Rows, frame_of, message  # noqa: E402
from workbench.store import Store, datasets  # noqa: E402

BOUND_MS = 300
MOST_EDITS = 10  # each makes a version
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
# Checks that need no other row, so that making the store takes a minute and not ten; the number of findings is what
# a click has to cope with.
CHECKED = ("leftover_markup", "mojibake", "repetition", "personal_data", "refusal", "empty_turn", "cut_off",
           "placeholder", "role_order", "missing_reply")  # fmt: skip
FAULTS: tuple[Callable[[str], str], ...] = (
    lambda text: f"<p>{text}</p><br/>",
    lambda text: text.replace("a", "Ã¤", 3),
    lambda text: "do it now please " * 14,
    lambda text: f"{text} Write to anna.berg@mail-server.net.",
    lambda text: "I'm sorry, but I can't help with that request.",
    lambda text: "",
    lambda text: text.removesuffix(".") + " and the",
    lambda text: f"Dear [CUSTOMER NAME], {text}",
)
SYLLABLES = (("ka", "lo", "mi", "ter", "son", "pre", "dul"), ("ra", "nd", "me", "st", "vi"),
             ("", "ing", "ed", "s", "ly", "a", "or", "us", "en", "ic"))  # fmt: skip
WORDS = [a + b + c for a in SYLLABLES[0] for b in SYLLABLES[1] for c in SYLLABLES[2]]

PAINTED = """(seen) => {
  const cond = new Function('return ' + seen);
  window.__took = null;
  const began = event => { window.__began = event.timeStamp; };
  if (!window.__listening) {
    window.__listening = true;
    for (const kind of ['pointerdown', 'keydown']) document.addEventListener(kind, began, true);
  }
  window.__began = null;
  const look = () => {
    if (window.__began === null || !cond()) return requestAnimationFrame(look);
    requestAnimationFrame(() => requestAnimationFrame(now => { window.__took = now - window.__began; }));
  };
  requestAnimationFrame(look);
}"""


def synthesised(count: int, seed: int = 0) -> Rows:
    """Rows of some 80 words in invented ones, every eighth with a planted fault in its reply."""
    chance = random.Random(seed)

    def text(words: int) -> str:
        return " ".join(chance.choices(WORDS, k=words)).capitalize() + "."

    records = []
    for number in range(count):
        asked, said = text(chance.randint(6, 30)), text(chance.randint(20, 90))
        if number % 8 == 3:
            said = FAULTS[(number // 8) % len(FAULTS)](said)
        turns = [message("user", asked), message("assistant", said)]
        records.append({
            "row_id": f"{number:016x}", "messages": turns, "tags": [f"topic:{number % 12}"], "source": "made.jsonl",
            "line": number + 1, "extra": None,
        })  # fmt: skip
    return Rows(frame_of(records))


def made_store(folder: Path, count: int) -> Store:
    """The store in that folder, made first where it is new."""
    store = Store.open(folder)
    if "desk" in datasets.names(store):
        return store
    rows = synthesised(count)
    counts = {"added": len(rows), "removed": 0, "changed": 0}
    version = datasets.add_version(
        store, "desk", rows, parent=None, verb="import", settings={}, counts=counts, who="benchmark"
    )
    run_checks(store, version.label, only=CHECKED)
    open_queue(store, "everything", version=version.label, where="all")
    return store


def served(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """The app on a free port of this computer, once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, str(ROOT / "app.py"), "--store", str(folder), "--port", str(port)]
    app = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            urllib.request.urlopen(address, timeout=5).read()
            return app, address
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    app.terminate()
    sys.exit("The app did not answer within two minutes.")


class Desk:
    """A browser at the desk that takes the times of clicks."""

    def __init__(self, page: Any, address: str, clicks: int) -> None:
        self.page, self.address, self.clicks = page, address, clicks
        self.times: dict[str, list[float]] = {}

    def timed(self, kind: str, act: Callable[[], Any], seen: str) -> None:
        """Acts, and notes how long it took from the press until `seen`, an expression in the page, was painted."""
        self.page.evaluate(PAINTED, seen)
        act()
        self.page.wait_for_function("window.__took !== null")
        self.times.setdefault(kind, []).append(self.page.evaluate("window.__took"))

    def rows(self, chance: random.Random) -> None:
        page = self.page
        page.goto(f"{self.address}/rows?dataset=desk")
        page.wait_for_selector(".detail strong:text-is('Row 1')")
        for turn in range(self.clicks):
            # the list scrolls by itself; rows near its top are on screen whatever was opened before
            at = 1 + chance.randrange(5) if turn % 2 else 6 + chance.randrange(5)
            line = page.locator(".grid tbody tr").nth(at)
            number = line.locator("td").first.inner_text()
            seen = f"document.querySelector('.detail strong').textContent === 'Row {int(number):,}'"
            line.scroll_into_view_if_needed()
            self.timed("open a row", line.click, seen)
        for turn in range(self.clicks):
            first = 100 * (turn + 1) + 1
            seen = f"document.querySelector('.range').textContent.startsWith('{first:,} to')"
            self.timed("next page", lambda: page.click("[data-step='1']"), seen)
        box = page.get_by_placeholder("words to look for")
        before = ""
        for _ in range(self.clicks):
            word = " ".join(chance.choices(WORDS, k=2))
            box.fill(word)
            seen = f"location.search.includes('text={word.replace(' ', '+')}') && !!document.querySelector('.range')"
            self.timed("search", lambda: box.press("Enter"), seen)
            before = word
        assert before
        page.click("text=Clear filters")
        page.wait_for_selector(f".range:has-text('of {datasets_size(page)}')")
        self.choices("filter by a check", "#by-check input", ("leftover", "broken", "personal", "repeats"), "check")
        page.click("text=Clear filters")
        self.choices("sort", "#by-order input", ("shortest reply", "longest reply", "longest question"), "order")
        page.goto(f"{self.address}/rows?dataset=desk")
        page.wait_for_selector(".detail strong:text-is('Row 1')")
        self.edits(min(self.clicks, MOST_EDITS))

    def edits(self, count: int) -> None:
        """Saves edits; each makes a version of all rows with one of them changed."""
        page = self.page
        note = "(document.querySelector('.note.ok') || {textContent: ''})"
        read = "!document.querySelector('.edit')"
        for turn in range(count):
            page.wait_for_selector("[data-act=edit]")
            page.keyboard.press("e")
            page.locator(".edit textarea").last.fill(f"An answer that was mended, number {turn} at {time.time():.0f}.")
            page.wait_for_selector(".changes ins")
            was = page.evaluate(f"{note}.textContent")
            seen = f"{note}.textContent.startsWith('Saved as') && {note}.textContent !== {was!r} && {read}"
            self.timed("save an edit", lambda: page.click("[data-act=save]"), seen)

    def choices(self, kind: str, box: str, words: tuple[str, ...], parameter: str) -> None:
        """Chooses entries of a dropdown by typing, as a person with a keyboard would."""
        page = self.page
        for turn in range(self.clicks):
            old = page.evaluate(f"new URLSearchParams(location.search).get('{parameter}') || ''")
            page.click(box)
            page.fill(box, words[turn % len(words)])
            page.wait_for_selector("ul.option-list")
            seen = (
                f"(new URLSearchParams(location.search).get('{parameter}') || '') !== '{old}' && "
                "document.querySelectorAll('.grid tbody tr').length > 0"
            )
            self.timed(kind, lambda: page.keyboard.press("Enter"), seen)

    def findings(self) -> None:
        page = self.page
        page.goto(f"{self.address}/checks?dataset=desk")
        page.wait_for_selector(".board [data-check]")
        lines = page.locator(".board > [data-check]")
        for turn in range(self.clicks):
            line = lines.nth((turn + 1) % lines.count())
            title = line.locator(".check-title span").first.inner_text()
            seen = f"(document.querySelector('.panel h3') || {{}}).textContent === {title!r}"
            self.timed("open a finding", line.click, seen)

    def queue(self) -> None:
        page = self.page
        page.goto(f"{self.address}/queue?dataset=desk&who=benchmark")
        page.wait_for_selector(".desk-row strong:has-text('Row')")
        page.wait_for_timeout(1500)
        place = "document.querySelector('.desk-row strong')"
        for _ in range(self.clicks):
            now = page.evaluate(f"{place}.textContent")
            seen = f"({place} || {{}}).textContent !== {now!r} && !document.querySelector('.desk-row .empty')"
            self.timed("next row of a queue", lambda: page.keyboard.press("k"), seen)
            page.wait_for_function("document.querySelector('.save').textContent === 'All decisions saved'")
            page.wait_for_timeout(250)  # a person reads the row; what was fetched ahead has arrived by then
        for _ in range(self.clicks):
            saved = "document.querySelector('.save').textContent === 'All decisions saved'"
            done = page.evaluate("document.querySelector('.desk .count').textContent")
            seen = f"{saved} && document.querySelector('.desk .count').textContent !== {done!r}"
            self.timed("decision saved by the server", lambda: page.keyboard.press("k"), seen)
            page.wait_for_timeout(250)


def datasets_size(page: Any) -> str:
    """The number of rows as the header's chip tells it: "desk · v1 · 100,000 rows"."""
    return str(page.inner_text(".chip").rsplit(" · ", 1)[1].removesuffix(" rows"))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=100_000)
    options.add_argument("--clicks", type=int, default=25)
    options.add_argument("--store", type=Path)
    options.add_argument("--browser", default="/usr/bin/chromium")
    given = options.parse_args()
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory(prefix="desk-") as made:
        folder = given.store or Path(made)
        store = made_store(folder, given.rows)
        version = datasets.version(store, "desk")
        store.close()
        app, address = served(folder)
        try:
            with sync_playwright() as driver:
                browser = driver.chromium.launch(executable_path=given.browser, args=FLAGS)
                page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
                desk = Desk(page, address, given.clicks)
                desk.rows(random.Random(0))
                desk.findings()
                desk.queue()
                browser.close()
        finally:
            app.terminate()
            app.wait(20)
    print(f"\n{version.size:,} rows, {given.clicks} clicks of each kind, {os.cpu_count()} cores\n")
    print("| click | median, ms | 95th percentile, ms |\n|---|---|---|")
    for kind, times in desk.times.items():
        ordered = sorted(times)
        high = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
        print(f"| {kind} | {statistics.median(times):.0f} | {high:.0f} |")
    slow = [kind for kind, times in desk.times.items() if statistics.median(times) > BOUND_MS]
    sys.exit(f"Slower than {BOUND_MS} ms at the median: {', '.join(slow)}" if slow else 0)


if __name__ == "__main__":
    main()
