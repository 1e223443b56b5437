"""The golden screen as values and HTML: parts, sign-off desk, renewal and comparison."""

from __future__ import annotations

import pytest

from workbench import history
from workbench.actions.compare_golden import compare_golden
from workbench.actions.freeze_golden import freeze_golden
from workbench.actions.refresh_golden import refresh_golden
from workbench.actions.sign_golden import read_sealed, sign_golden
from workbench.errors import BadInput
from workbench.records import Golden
from workbench.rows import Rows
from workbench.screens import golden as screen
from workbench.screens.address import Look
from workbench.screens.golden_renew import compared_html, renewed_html
from workbench.screens.golden_sign import desk_of
from workbench.screens.golden_view import goldens_html, split_html
from workbench.store import Store, goldens

LOOK = Look({"dataset": "desk", "who": "Bob"})
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def desk(store: Store, fifty_rows: Rows, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("GOLDLOOP_USER", "Ann")
    history.commit(store, None, fifty_rows, dataset="desk", verb="import", settings={})
    return store


@pytest.fixture
def golden(desk: Store) -> Golden:
    frozen = freeze_golden(desk, share=0.2, sealed=0.5).golden
    assert frozen is not None
    return frozen


def test_a_draw_shows_its_parts_and_what_they_can_show(desk: Store) -> None:
    html = split_html(freeze_golden(desk, share=0.2, sealed=0.5, preview=True))
    assert "<b>5</b><span>sealed</span>" in html
    assert "dev, 5 rows" in html
    assert "smallest change that can be shown" in html


def test_own_shares_count_only_where_they_are_chosen(desk: Store) -> None:
    by_size = screen._draw(desk, LOOK, (0.2, 0, screen.BY_SIZE, 0.5, 0.0, 5, "copies"), preview=True)
    own = screen._draw(desk, LOOK, (0.2, 0, screen.OWN, 0.5, 0.0, 5, "copies"), preview=True)
    assert (by_size.drawn.sizes["sealed"], own.drawn.sizes["sealed"]) == (0, 5)
    with pytest.raises(BadInput, match="must be numbers"):
        screen._draw(desk, LOOK, (0.2, 0, screen.OWN, None, 0.0, 5, "copies"), preview=True)


def test_the_set_in_force_tells_sign_off_and_looks(desk: Store, golden: Golden) -> None:
    sign_golden(desk, golden, golden.ids("dev")[:2], who="Bob")
    html = goldens_html(desk, LOOK)
    assert "<b>2 of 10</b><span>signed off</span>" in html
    assert "<b>0 of 5</b><span>looks at sealed rows</span>" in html


def test_the_desk_hands_out_readable_rows_only(desk: Store, golden: Golden) -> None:
    value = desk_of(desk, LOOK)
    assert {one["id"] for one in value["rows"]} == set(golden.ids("dev"))
    assert value["sum"]["rows"] == 10


def test_the_desk_holds_a_sealed_row_once_after_it_was_opened(desk: Store, golden: Golden) -> None:
    row = read_sealed(desk, golden, golden.ids("sealed")[0], who="Bob")
    assert desk_of(desk, LOOK, row)["rows"][0]["part"] == "sealed"
    assert "sealed" not in {one["part"] for one in desk_of(desk, LOOK)["rows"]}


def test_who_froze_a_row_is_told_that_it_needs_somebody_else(desk: Store, golden: Golden) -> None:
    assert desk_of(desk, Look({"dataset": "desk", "who": "Ann"}))["rows"][0]["own"] == "You froze it"
    assert desk_of(desk, LOOK)["rows"][0]["own"] == ""


def test_objections_come_first_and_signed_rows_last(desk: Store, golden: Golden) -> None:
    signed, bad = golden.ids("dev")[0], golden.ids("dev")[3]
    sign_golden(desk, golden, [signed], who="Bob")
    sign_golden(desk, golden, [bad], who="Bob", objects=True, note="the rule is 30 days")
    rows = desk_of(desk, LOOK)["rows"]
    assert (rows[0]["id"], rows[0]["note"], rows[-1]["id"]) == (bad, "the rule is 30 days", signed)


def test_a_desk_without_a_golden_set_says_so(desk: Store) -> None:
    assert "has no golden set yet" in desk_of(desk, LOOK)["said"]


def test_a_renewal_is_told_in_numbers(desk: Store, golden: Golden) -> None:
    done = refresh_golden(desk, retire=golden.ids("sealed")[:1], preview=True)
    html = renewed_html(done)
    assert "<b>9</b><span>stay</span>" in html
    assert done.retired[0] not in html


def test_a_comparison_is_told_worst_first_and_escaped(desk: Store, golden: Golden) -> None:
    rows = goldens.readable(desk, golden)
    assert rows
    html = compared_html(compare_golden(desk, golden))
    assert "By topic" in html
    assert "10 golden rows against 40 others." in html


def test_a_note_is_no_markup(desk: Store, golden: Golden) -> None:
    refresh_golden(desk, retire=golden.ids("dev")[:1], reason=HOSTILE)
    assert HOSTILE not in goldens_html(desk, LOOK)
