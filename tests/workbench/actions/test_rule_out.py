"""A ruling holds for the same text in every version, and never for changed text."""

from collections.abc import Callable

import pytest

from workbench import history
from workbench.actions.edit_row import edit_row
from workbench.actions.rule_out import rule_out, take_back_ruling
from workbench.actions.run_checks import run_checks
from workbench.actions.set_limit import set_limit
from workbench.actions.set_sheet import set_sheet
from workbench.errors import BadInput, NotFound
from workbench.rows import Rows, message
from workbench.sheet import Sheet
from workbench.store import Store, datasets, findings, rulings, sheets
from workbench.where import rows_where

MAIL = "Write to ada.lovelace@lovelace-mills.co.uk at any time of the day."
ROWS = Rows.of(("How do I reach you?", MAIL), ("Is the shop open?", "Yes, from nine to five."), ("Where?", MAIL))
CHECK = "personal_data"


@pytest.fixture
def desk(store: Store) -> Store:
    history.commit(store, None, ROWS, dataset="desk", verb="import", settings={})
    run_checks(store, only=[CHECK])
    return store


def flagged(store: Store) -> list[int]:
    return findings.flagged(store, datasets.version(store))["row"].to_list()


def test_what_is_ruled_out_is_no_longer_flagged_at_once_and_after_the_next_check(desk: Store) -> None:
    assert flagged(desk) == [0, 2]
    (ruling,) = rule_out(desk, CHECK, ["row-1"], reason="a public address", who="ann")
    assert (ruling.who, ruling.reason, ruling.row_id) == ("ann", "a public address", "row-1")
    assert flagged(desk) == [2]
    run_checks(desk, only=[CHECK])
    assert flagged(desk) == [2]
    (run,) = findings.runs(desk, datasets.version(desk))
    assert (run.flagged, run.ruled) == (1, 1)


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], object]]:
    """What somebody else does just before the next findings are saved."""
    save, waiting = findings.save, list[Callable[[], object]]()

    def slow(*given: object) -> None:
        if waiting:
            waiting.pop()()
        save(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(findings, "save", slow)
    return waiting


def test_a_ruling_made_or_taken_back_while_the_checks_save_their_findings_holds_in_them(
    desk: Store, meanwhile: list[Callable[[], object]]
) -> None:
    meanwhile.append(lambda: rule_out(desk, CHECK, ["row-1"], reason="a public address"))
    checked = run_checks(desk, only=[CHECK])
    assert flagged(desk) == [2]
    assert [(run.flagged, run.ruled) for run in checked.runs] == [(1, 1)]
    meanwhile.append(lambda: take_back_ruling(desk, rulings.listed(desk, "desk")[0].id))
    checked = run_checks(desk, only=[CHECK])
    assert flagged(desk) == [0, 2]
    assert [(run.flagged, run.ruled) for run in checked.runs] == [(2, 0)]


def test_a_ruling_made_or_taken_back_while_a_limit_is_saved_holds_in_what_it_judged(
    desk: Store, meanwhile: list[Callable[[], object]]
) -> None:
    limit = findings.runs(desk, datasets.version(desk))[0].limit
    assert limit is not None
    meanwhile.append(lambda: rule_out(desk, CHECK, ["row-1"], reason="a public address"))
    run = set_limit(desk, CHECK, limit)
    assert (run.flagged, run.ruled, flagged(desk)) == (1, 1, [2])
    meanwhile.append(lambda: take_back_ruling(desk, rulings.listed(desk, "desk")[0].id))
    run = set_limit(desk, CHECK, limit)
    assert (run.flagged, run.ruled, flagged(desk)) == (2, 0, [0, 2])


def test_a_ruling_holds_in_later_versions_and_for_every_copy_of_the_text_but_not_for_changed_text(desk: Store) -> None:
    rule_out(desk, CHECK, ["row-1"], reason="public")
    copied = ROWS.plus(ROWS.having(["row-1"]).renamed(["copy"]))
    history.commit(desk, datasets.version(desk), copied, verb="edit", settings={})
    run_checks(desk, only=[CHECK])
    assert flagged(desk) == [2]
    edit_row(desk, "row-1", [message("user", "How do I reach you?"), message("assistant", MAIL + " Or not.")])
    run_checks(desk, only=[CHECK])
    assert flagged(desk) == [0, 2]


def test_a_ruling_made_on_an_older_version_holds_at_once_in_the_newest(desk: Store) -> None:
    edit_row(desk, "row-2", [message("user", "Is the shop open?"), message("assistant", "Until six.")])
    run_checks(desk, only=[CHECK])
    assert flagged(desk) == [0, 2]
    (ruling,) = rule_out(desk, CHECK, ["row-1"], version="desk@1", reason="a public address")
    assert flagged(desk) == [2]
    take_back_ruling(desk, ruling.id, version="desk@1")
    assert flagged(desk) == [0, 2]


def test_a_moved_limit_and_a_filter_leave_ruled_rows_out(desk: Store) -> None:
    rule_out(desk, CHECK, ["row-1"], reason="public")
    assert set_limit(desk, CHECK, 0.0).flagged == 1
    of = datasets.version(desk)
    assert rows_where(desk, of, ROWS, f"check={CHECK}").to_list() == [False, False, True]
    edit_row(desk, "row-2", [message("user", "Q"), message("assistant", "Other.")])
    fresh = datasets.version(desk)  # nobody has checked this one: measured now
    assert rows_where(desk, fresh, datasets.rows_of(desk, fresh), f"check={CHECK}").to_list() == [False, False, True]


def test_a_ruling_that_is_taken_back_is_raised_again(desk: Store) -> None:
    (ruling,) = rule_out(desk, CHECK, ["row-1"], reason="public")
    take_back_ruling(desk, ruling.id)
    assert flagged(desk) == [0, 2]
    assert rulings.listed(desk, "desk") == []
    assert rulings.get(desk, ruling.id).reason == "public"
    assert rule_out(desk, CHECK, ["row-1"], reason="after all")[0].reason == "after all"


def test_the_first_word_on_a_text_stays(desk: Store) -> None:
    rule_out(desk, CHECK, ["row-1"], reason="first")
    assert [one.reason for one in rule_out(desk, CHECK, ["row-1", "row-3"], reason="second")] == ["second", "first"]


def test_a_ruling_of_one_check_says_nothing_to_another(desk: Store) -> None:
    rule_out(desk, CHECK, ["row-1"], reason="public")
    assert list(rulings.ruled_out(desk, "desk", ROWS)) == [CHECK]
    assert rulings.ruled_out(desk, "shop", ROWS) == {}
    assert rulings.listed(desk, "desk", "cut_off") == []


@pytest.mark.parametrize(
    ("given", "error", "why"),
    [
        ({"check": "ugly"}, NotFound, "no check"),
        ({"row_ids": ["row-9"]}, NotFound, "has no row row-9"),
        ({"row_ids": []}, BadInput, "No row was named"),
        ({"reason": "  "}, BadInput, "why this is not a problem"),
    ],
)
def test_a_ruling_that_cannot_be_is_refused(desk: Store, given: dict, error: type[Exception], why: str) -> None:
    with pytest.raises(error, match=why):
        rule_out(desk, **{"check": CHECK, "row_ids": ["row-1"], "reason": "public", **given})


def test_a_sheet_is_kept_and_a_dataset_without_one_has_an_empty_one(desk: Store) -> None:
    assert sheets.sheet_of(desk, "desk") == Sheet()
    set_sheet(desk, "desk", Sheet(languages=("en",), terms={"e-mail": ("Email", "eMail")}))
    set_sheet(desk, "desk", Sheet(languages=("de",), guidelines="Be\x00 kind."))
    assert sheets.sheet_of(desk, "desk") == Sheet(languages=("de",), guidelines="Be kind.")
    with pytest.raises(NotFound):
        set_sheet(desk, "shop", Sheet())
