"""A person in front of the app: the sample, its checks, a fix, an undo, an edit by hand, a hostile file."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from workbench.store import Store, datasets

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1800)]

ATTACKS = (
    "<script>window.__xss=1</script>",
    "<img src=x onerror='window.__xss=2'>",
    "<img src=https://evil.example/beacon.png>",
    "${window.__xss=3}",
    "${Object.assign(window,{__xss:4})}",
    "{{window.__xss=5}} {{constructor}}",
    "a lone ${",
    "</textarea><svg onload=window.__xss=6>",
    "<p>left over</p> mail bob@mail-server.net",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def app(open_app, browser, folder):
    return open_app(folder)


def versions(folder: Path, dataset: str) -> list[str]:
    store = Store.open(folder)
    try:
        return [version.change.verb for version in datasets.listed(store, dataset)]
    finally:
        store.close()


def test_the_sample_is_imported_checked_mended_and_taken_back(app, page, go, said_in_url, folder):
    go(app)
    page.click("[data-sample]")
    page.wait_for_url("**/checks?dataset=support")
    page.wait_for_selector("html[data-arrived]")
    page.click("#run-checks")
    page.click("[data-check=personal_data]")
    page.wait_for_selector(".panel h3:text-is('Personal data')")
    said_in_url("check", "personal_data")
    page.click("text=Preview fix")
    page.wait_for_selector("#preview del")
    assert page.inner_text("#preview .counts").endswith("changed")
    page.click("text=Apply: make a new version")
    page.wait_for_selector(".note.ok:has-text('Version 2')")
    page.wait_for_selector(".chip:has-text('v2')")
    page.wait_for_selector(".clear [data-check=personal_data]", state="attached")  # measured again: nothing is left
    page.click("#undo")
    page.wait_for_selector(".note.ok:has-text('Undone')")
    page.wait_for_selector(".board > [data-check=personal_data]")
    assert versions(folder, "support") == ["import", "fix mask_personal_data", "undo"]


def test_a_row_is_edited_by_hand_and_the_url_shows_the_same_after_a_reload(app, page, go, said_in_url, folder):
    go(f"{app}/rows?dataset=support")
    page.click(".grid tr >> nth=4")
    page.wait_for_selector(".detail strong:text-is('Row 5')")
    said_in_url("row", page.locator(".grid tr >> nth=4").get_attribute("data-id"))
    page.keyboard.press("e")
    box = page.locator(".edit textarea").last
    box.fill(box.input_value() + " ${window.__xss=9} <script>window.__xss=9</script>")
    page.wait_for_selector(".changes ins:has-text('window.__xss')")
    page.reload()  # the draft is kept
    page.wait_for_selector(".changes ins:has-text('window.__xss')")
    page.fill(".edit-foot input", "tried by a test")
    page.click("[data-act=save]")
    page.wait_for_selector(".note.ok:has-text('Saved as version 4')")
    page.reload()
    page.wait_for_selector(".bubble.assistant:has-text('<script>window.__xss=9</script>')")
    assert page.inner_text(".detail strong") == "Row 5"
    assert page.evaluate("window.__xss") is None
    assert versions(folder, "support")[-1] == "edit"


def test_keys_walk_the_rows_and_back_returns(app, page, go, said_in_url):
    go(f"{app}/rows?dataset=support")
    page.wait_for_selector(".detail strong:text-is('Row 1')")
    for _ in range(3):
        page.keyboard.press("j")
    page.wait_for_selector(".detail strong:text-is('Row 4')")
    ids = page.eval_on_selector_all(".grid tr", "lines => lines.map(line => line.dataset.id)")
    said_in_url("row", ids[3])
    fourth = page.url
    page.keyboard.press("k")
    page.wait_for_selector(".detail strong:text-is('Row 3')")
    said_in_url("row", ids[2])
    page.go_back()
    page.wait_for_selector(".detail strong:text-is('Row 4')")
    assert page.url == fourth


def test_of_rows_clicked_while_the_app_is_slow_the_last_one_is_shown(app, page, go):
    go(f"{app}/rows?dataset=support")
    page.wait_for_selector(".detail strong:text-is('Row 1')")
    late = []

    def hold_the_first(route):
        if not late and '"event_data":{"id"' in (route.request.post_data or ""):
            late.append(route)
        else:
            route.continue_()

    page.route("**/gradio_api/run/**", hold_the_first)
    page.click(".grid tr >> nth=1")
    while not late:
        page.wait_for_timeout(20)
    page.click(".grid tr >> nth=2")
    page.click(".grid tr >> nth=3")
    page.wait_for_selector(".grid tr.current >> nth=0")
    late[0].continue_()
    page.wait_for_selector(".detail strong:text-is('Row 4')")


def test_filters_stand_in_the_url_and_narrow_the_list(app, page, go, said_in_url):
    go(f"{app}/rows?dataset=support&check=refusal")
    page.wait_for_selector(".range:has-text('of 3')")
    page.fill("[placeholder^=words]", "no such words ${")
    page.press("[placeholder^=words]", "Enter")
    page.wait_for_selector(".grid .empty:has-text('No row matches')")
    said_in_url("text", "no such words ${")
    page.click("text=Clear filters")
    page.wait_for_selector(".range:has-text('of 261')")


def test_two_versions_are_compared_and_the_comparison_has_an_address(app, page, go, said_in_url):
    go(f"{app}/data?dataset=support")
    page.click("[data-number='1']")
    page.click("[data-number='4']")
    page.click("text=Compare v1 and v4")
    page.wait_for_selector("#difference ins")
    said_in_url("a", "1")
    page.reload()
    page.wait_for_selector("#difference ins")
    assert page.inner_text("#difference h3") == "From v1 to v4"


def test_a_hostile_file_shows_as_text_on_every_screen(app, page, go, tmp_path, folder):
    from playwright.sync_api import expect

    lines = [
        {
            "messages": [{"role": "user", "content": f"{attack} ?"}, {"role": "assistant", "content": attack}],
            "tags": [attack],
        }
        for attack in ATTACKS
    ]
    path = tmp_path / "hostile.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines) + "broken <script>window.__xss=7</script>\n")
    go(f"{app}/data")
    page.set_input_files("#bring input[type=file]", str(path))
    page.wait_for_selector(".peek .bubble:has-text('<script>window.__xss=1')")
    expect(page.get_by_label("Name of the dataset")).to_have_value("hostile", timeout=120_000)
    page.get_by_label("Why (optional)").fill("<img src=x onerror=window.__xss=8>")
    page.click("#import")
    page.wait_for_selector(".note.ok:has-text('hostile@1 has 9 rows. 1 record could not be read')")
    page.wait_for_selector("td.why:has-text('<img src=x onerror=window.__xss=8>')")
    go(f"{app}/checks?dataset=hostile&check=personal_data")
    page.click("#run-checks")
    page.wait_for_selector(".fixes")
    page.click("text=Preview fix")
    page.wait_for_selector("#preview .row-diff:has-text('<p>left over</p>')")
    go(f"{app}/rows?dataset=hostile")
    for number, attack in enumerate(ATTACKS):
        page.click(f".grid tr >> nth={number}")
        page.wait_for_selector(f".detail strong:text-is('Row {number + 1}')")
        assert page.inner_text(".bubble.assistant .words") == attack
        assert page.inner_text(".detail-top .badge") == attack
    page.keyboard.press("e")
    page.wait_for_selector(".edit textarea")
    for path_ in ("/", "/data", "/golden", "/training", "/runs", "/evaluation", "/rating", "/gaps", "/report"):
        go(f"{app}{path_}?dataset=hostile")
        page.wait_for_selector(".chip:has-text('hostile')")
    assert page.evaluate("window.__xss") is None
    assert versions(folder, "hostile") == ["import"]


def test_a_mistake_is_told_in_words_on_the_page(app, page, go, tmp_path):
    path = tmp_path / "empty.jsonl"
    path.write_text("\n")
    go(f"{app}/data?dataset=support")
    page.wait_for_selector(".versions table")
    page.set_input_files("#bring input[type=file]", str(path))
    page.wait_for_selector(".note.bad:has-text('empty.jsonl')")
    assert "Traceback" not in page.inner_text("body")


def test_no_screen_is_wider_than_1024_pixels_or_broken_in_the_dark(app, browser):
    context = browser.new_context(viewport={"width": 1024, "height": 800}, color_scheme="dark")
    context.set_default_timeout(120_000)
    page = context.new_page()
    for path in ("/", "/data", "/checks", "/rows"):
        page.goto(f"{app}{path}?dataset=support")
        page.wait_for_selector(".chip:has-text('support')")
        assert page.evaluate("document.documentElement.scrollWidth") <= 1024
        assert page.evaluate("document.body.classList.contains('dark')")
    context.close()


def asked(address: str, *, data: bytes | None = None, **headers: str) -> int:
    request = urllib.request.Request(address, data=data, headers={k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_the_served_app_refuses_foreign_pages_and_names(app):
    assert asked(app) == 200
    assert asked(app, Origin="https://evil.example") == 403
    assert asked(app, Host="evil.example") == 403
    assert asked(f"{app}/gradio_api/component_server", data=b"{}", Origin="null", Content_Type="text/plain") == 403
    assert asked(f"{app}/gradio_api/run/start", data=b"{}", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="cors") == 403


def test_the_served_app_gives_no_file_of_this_computer_away(app, folder):
    for path in ("/etc/passwd", str(folder / "goldloop.db"), str(Path.home() / ".bashrc")):
        assert asked(f"{app}/gradio_api/file={path}") in (403, 404)
    for name in ("docs", "redoc", "openapi.json"):
        assert asked(f"{app}/{name}") == 404


def called(app: str, number: int, path: str) -> tuple[int, str]:
    """What the handler of the upload box answers to a file at `path`, asked past the page."""
    given = {"path": path, "orig_name": "x.jsonl", "meta": {"_type": "gradio.FileData"}}
    body = json.dumps({"data": ["", given], "fn_index": number, "session_hash": "forged"}).encode()
    request = urllib.request.Request(
        f"{app}/gradio_api/run/predict", data=body, headers={"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return int(answer.status), answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def uploaded(app: str, text: str) -> str:
    """A file brought past the page; gives where the app put it."""
    edge = "edge-of-a-part"
    body = (
        f'--{edge}\r\nContent-Disposition: form-data; name="files"; filename="x.jsonl"\r\n'
        f"Content-Type: application/json\r\n\r\n{text}\r\n--{edge}--\r\n"
    ).encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={edge}"}
    request = urllib.request.Request(f"{app}/gradio_api/upload", data=body, headers=kind)
    with urllib.request.urlopen(request, timeout=120) as answer:
        return str(json.loads(answer.read())[0])


def test_only_a_file_that_was_uploaded_can_be_imported(app, folder):
    with urllib.request.urlopen(f"{app}/config", timeout=120) as answer:
        config = json.loads(answer.read())
    boxes = {one["id"] for one in config["components"] if one["props"].get("elem_id") == "bring"}
    numbers = [one["id"] for one in config["dependencies"] if any(target[0] in boxes for target in one["targets"])]
    assert len(numbers) == 1
    line = '{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}]}'
    state, said = called(app, numbers[0], uploaded(app, line))
    assert (state, "1 row" in said) == (200, True)
    for path in (
        "/etc/passwd",
        str(folder / "goldloop.db"),
        str(Path(__file__).parents[2] / "data/demo/support.jsonl"),
    ):
        state, said = called(app, numbers[0], path)
        assert state != 200
        assert "row" not in said
