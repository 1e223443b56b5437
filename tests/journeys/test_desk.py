"""An expert at the desk: findings worked off, a queue by keyboard alone, two people at once, versions and the sheet."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.actions.edit_row import edit_row
from workbench.actions.open_queue import open_queue
from workbench.actions.run_checks import run_checks
from workbench.rows import Rows
from workbench.sheet import Sheet
from workbench.store import Store, datasets, decisions, findings, queues, rulings
from workbench.store.sheets import sheet_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1800)]

ATTACK = "<img src=x onerror='window.__xss=1'> ${window.__xss=2} {{window.__xss=3}}"
LOOP = "do it now please " * 9
ROWS = Rows.of(
    ("May I return the lamp?", "Yes, within thirty days of delivery."),
    ("How do I clean the kettle?", "<p>Pour in vinegar and <b>wait an hour</b>.</p>"),
    ("Can I repair the fan?", LOOP),
    (ATTACK, f"{ATTACK} and more."),
    ("Is the clock loud?", "<p>It ticks, and the <b>tick</b> can be turned off.</p>"),
    ("Where is the radio made?", "In the workshop behind the shop."),
)
CHECKS = ["leftover_markup", "repetition"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A store with two datasets of the same six rows, one for findings and one for queues."""
    made = tmp_path_factory.mktemp("desk")
    store = Store.open(made)
    for name in ("desk", "team", "tree"):
        counts = {"added": len(ROWS), "removed": 0, "changed": 0}
        version = datasets.add_version(
            store, name, ROWS, parent=None, verb="import", settings={}, counts=counts, who="test"
        )
        run_checks(store, version.label, only=CHECKS)
    store.close()
    return made


@pytest.fixture(scope="module")
def app(open_app, browser, folder):
    return open_app(folder)


@pytest.fixture
def store(folder):
    opened = Store.open(folder)
    yield opened
    opened.close()


def replies(store: Store, dataset: str) -> list[str]:
    return datasets.rows_of(store, datasets.version(store, dataset)).reply


def test_an_unsafe_fix_is_gone_through_and_only_what_was_accepted_changes(app, page, go, store):
    go(f"{app}/checks?dataset=desk&check=leftover_markup")
    page.wait_for_selector(".examples mark")
    page.click("[data-steps=strip_markup]")
    page.wait_for_selector(".step-body del:has-text('<p>')")
    page.keyboard.press("s")  # leaves row 2 as it is
    page.wait_for_selector(".panel-top:has-text('2 of')")
    page.keyboard.press("a")
    page.click("[data-act=apply-accepted]")
    page.wait_for_selector(".note.ok:has-text('1 row')")
    found = replies(store, "desk")
    assert found[1] == ROWS.reply[1]
    assert found[4] == "It ticks, and the tick can be turned off."
    # the app measures the new version behind the message; the next journeys begin from what it found
    page.wait_for_selector(".check[data-check=leftover_markup] .check-count strong:text-is('1')")
    assert findings.runs(store, datasets.version(store, "desk"))


def test_a_finding_that_is_no_problem_is_kept_with_its_reason(app, page, go, store):
    go(f"{app}/rows?dataset=desk&check=repetition")
    page.click("[data-rule=repetition]")
    page.fill(".way input", "It is a chant, and meant to be one")
    page.keyboard.press("Enter")
    page.wait_for_selector(".note.ok:has-text('not raised again')")
    assert [one.reason for one in rulings.listed(store, "desk")] == ["It is a chant, and meant to be one"]
    go(f"{app}/rows?dataset=desk&check=repetition")
    page.wait_for_selector(".grid .empty:has-text('No row matches')")


def test_a_row_shows_what_changed_since_it_came_in(app, page, go):
    go(f"{app}/rows?dataset=desk&row=row-5")
    page.click("[data-view=import]")
    page.wait_for_selector(".view del:has-text('<p>')")
    assert "Against version 1" in page.inner_text(".view")


def test_the_reason_is_marked_where_it_stands_in_the_text(app, page, go):
    go(f"{app}/rows?dataset=team&row=row-2")
    page.wait_for_selector(".bubble.assistant mark")
    assert page.inner_text(".bubble.assistant mark >> nth=0").startswith("<p>")


def test_rows_come_in_the_order_that_was_chosen_and_the_url_keeps_it(app, page, go):
    go(f"{app}/rows?dataset=team&order=reply-long")
    page.wait_for_selector(".detail strong:text-is('Row 3')")
    page.reload()
    page.wait_for_selector(".detail strong:text-is('Row 3')")


def test_two_people_who_change_one_row_see_both_texts(app, page, go, store):
    go(f"{app}/rows?dataset=desk&row=row-1")
    page.wait_for_selector(".detail strong:text-is('Row 1')")
    page.keyboard.press("e")
    page.locator(".edit textarea").last.fill("Yes, within thirty days; keep the bill.")
    turns = [{"role": "user", "content": "May I return the lamp?"}, {"role": "assistant", "content": "Yes, always."}]
    edit_row(store, "row-1", turns, version=datasets.version(store, "desk").label)
    page.click("[data-act=save]")
    page.wait_for_selector(".conflict ins:has-text('bill')")
    assert replies(store, "desk")[0] == "Yes, always."
    page.click("[data-act=keep-mine]")
    page.wait_for_selector(".note.ok:has-text('Saved as version')")
    assert replies(store, "desk")[0] == "Yes, within thirty days; keep the bill."


def test_a_queue_is_worked_off_by_keyboard_alone_and_closed_into_one_version(app, page, go, store):
    go(f"{app}/queue?dataset=team&open=1")
    page.get_by_label("Guidelines, shown beside each row").fill("Facts only. No markup.")
    page.click("#open-queue")
    page.wait_for_selector(".desk-row strong:text-is('Row 1 of 6')")
    assert page.inner_text(".guide-words") == "Facts only. No markup."

    def press(key: str, place: int) -> None:
        page.keyboard.press(key)
        page.wait_for_selector(f".desk-row strong:text-is('Row {place} of 6')")

    press("k", 2)
    page.keyboard.press("f")
    page.wait_for_selector(".desk-row del:has-text('<p>')")
    press("f", 3)
    press("d", 4)
    press("u", 3)  # the drop is taken back
    press("d", 4)
    assert ATTACK in page.inner_text(".bubble.user")  # a hostile row reads as text
    page.keyboard.press("t")
    page.wait_for_selector("input[aria-label^=Tags]:focus")
    page.keyboard.type("odd, to look at")
    press("Enter", 5)
    page.keyboard.press("e")
    page.wait_for_selector(".edit textarea:focus")
    page.keyboard.press("Control+a")
    page.keyboard.type("It ticks softly.")
    press("Control+Enter", 6)
    page.keyboard.press("Backspace")  # destroys nothing
    page.keyboard.press("k")
    page.wait_for_selector(".desk-row .empty:has-text('Every row of this queue is decided')")
    page.wait_for_selector(".save:text-is('All decisions saved')")
    page.click("#close-queue")
    page.wait_for_selector("#closing del:has-text('do it now please')")
    page.click("#close-yes")
    page.wait_for_selector(".note.ok:has-text('is closed; it made version 2')")
    rows = datasets.rows_of(store, datasets.version(store, "team"))
    assert rows.row_id == ["row-1", "row-2", "row-4", "row-5", "row-6"]
    assert rows.reply[3] == "It ticks softly."
    assert rows.tags[2] == ["odd", "to look at"]
    assert "<p>" not in rows.reply[1]
    assert page.evaluate("window.__xss") is None


def test_a_decision_stays_in_the_browser_until_the_server_has_it(app, browser, store):
    queue = open_queue(store, "outbox", version=datasets.version(store, "tree").label, where="all")
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(120_000)
    page = context.new_page()  # not the watched page: this one is cut off on purpose
    page.goto(f"{app}/queue?dataset=tree&queue={queue.id}&who=anna")
    page.wait_for_selector(".desk-row strong:text-is('Row 1 of 6')")
    page.wait_for_selector("html[data-arrived]")
    page.route("**/component_server/**", lambda route: route.abort())
    page.route("**/component_server", lambda route: route.abort())
    page.keyboard.press("k")
    page.keyboard.press("d")
    page.wait_for_selector(".save.bad:has-text('Not saved yet (2). Trying again...')")
    assert queues.progress(store, queue.id).done == 0
    page.unroute_all()
    page.reload()
    page.wait_for_selector(".save:text-is('All decisions saved')")
    said = [decisions.mine(store, queue.id, row, "anna") for row in ("row-1", "row-2")]
    assert [one.action for one in said if one] == ["keep", "drop"]
    context.close()


def test_nobody_gets_the_row_that_somebody_else_holds(app, browser, store):
    queue = open_queue(store, "both", version=datasets.version(store, "tree").label, where="all")
    shown = []
    contexts = [browser.new_context() for _ in range(2)]
    for who, context in zip(("anna", "ben"), contexts, strict=True):
        context.set_default_timeout(120_000)
        page = context.new_page()
        page.goto(f"{app}/queue?dataset=tree&queue={queue.id}&who={who}")
        page.wait_for_selector(".desk-row strong:has-text('Row')")
        shown.append(page.inner_text(".desk-row strong"))
    assert shown == ["Row 1 of 6", "Row 4 of 6"]  # anna's browser holds three
    for context in contexts:
        context.close()


def test_copies_are_found_and_a_person_chooses_which_row_stays(app, page, go, store):
    twice = ("Where does the parcel go?", "It goes to the counter beside the door, where a clerk weighs it at once.")
    rows = Rows.of(twice, twice, ("Is there a bus?", "Two lines stop there."))
    counts = {"added": len(rows), "removed": 0, "changed": 0}
    datasets.add_version(store, "twins", rows, parent=None, verb="import", settings={}, counts=counts, who="test")
    go(f"{app}/copies?dataset=twins")
    page.click("#find-copies")
    page.click("[data-keep=row-2]")
    page.wait_for_selector(".member.stays:has-text('Row 2')")
    page.click(".copies-bar >> text=Preview")
    page.wait_for_selector("#preview .row-diff")
    page.click("[data-act=drop-copies]")
    page.wait_for_selector(".note.ok:has-text('Version 2')")
    assert datasets.rows_of(store, datasets.version(store, "twins")).row_id == ["row-2", "row-3"]


def test_a_version_is_named_and_gone_back_to_and_the_undo_is_redone(app, page, go, store):
    edit_row(store, "row-1", [{"role": "user", "content": "New?"}, {"role": "assistant", "content": "New."}],
             version=datasets.version(store, "tree").label)  # fmt: skip
    go(f"{app}/data?dataset=tree")
    page.click("[data-name='1']")
    page.fill(".naming input >> nth=0", "as it came")
    page.keyboard.press("Enter")
    page.wait_for_selector(".version-name:text-is('as it came')")
    page.click("[data-restore='1']")
    page.wait_for_selector("#restoring del")
    page.click("#restore-yes")
    page.wait_for_selector(".note.ok:has-text('has the rows of version 1')")
    page.click("#undo")
    page.wait_for_selector(".note.ok:has-text('Undone: restore')")
    page.click("#redo")
    page.wait_for_selector(".note.ok:has-text('Redone: restore')")
    assert replies(store, "tree") == ROWS.reply


def test_what_a_dataset_should_be_is_saved_and_a_wrong_box_is_told(app, page, go, store):
    go(f"{app}/data?dataset=tree")
    page.click("text=What this dataset should be")
    page.wait_for_selector("#sheet-languages textarea")
    # what the fields hold is given to them once more in the frame after the one in which they appear
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.fill("#sheet-languages textarea", "en\nde")
    page.fill("#sheet-terms textarea", "e-mail: email, E-Mail")
    page.fill("#sheet-edge_cases textarea", "Returns: return, refund [returns] (5)")
    page.fill("#sheet-refusal_share input, #sheet-refusal_share textarea", "much")
    page.click("#save-sheet")
    page.wait_for_selector(".note.bad:has-text('Wanted share of refusals')")
    page.fill("#sheet-refusal_share input, #sheet-refusal_share textarea", "0.05")
    page.click("#save-sheet")
    page.wait_for_selector(".note.ok:has-text('The sheet of tree is saved')")
    case = {"name": "Returns", "words": ("return", "refund"), "tag": "returns", "fewest": 5}
    wanted = {"languages": ("en", "de"), "terms": {"e-mail": ("email", "E-Mail")}, "edge_cases": (case,)}
    assert sheet_of(store, "tree") == Sheet.model_validate({**wanted, "refusal_share": 0.05})


def test_the_pictures_have_titles_and_no_screen_is_wider_than_1024_pixels(app, browser):
    context = browser.new_context(viewport={"width": 1024, "height": 800}, color_scheme="dark")
    context.set_default_timeout(120_000)
    page = context.new_page()
    for path in ("/data", "/checks", "/copies", "/rows", "/queue", "/queue?open=1"):
        page.goto(f"{app}{path}{'&' if '?' in path else '?'}dataset=tree")
        page.wait_for_selector(".chip:has-text('tree')")
        assert page.evaluate("document.documentElement.scrollWidth") <= 1024, path
    page.goto(f"{app}/data?dataset=tree")
    page.click("#glance")
    page.wait_for_selector("#pictures svg")
    titles = page.locator("#pictures svg > title").all_text_contents()
    assert len(titles) == page.locator("#pictures svg").count() == 4
    context.close()


def test_the_folder_of_the_store_was_not_left_without_its_index(folder):
    assert list(Path(folder, "index").glob("rows-*.parquet"))
