"""goldloop golden ..., as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from workbench import history
from workbench.cli import main
from workbench.rows import Rows
from workbench.store import Store, datasets, evaluations, goldens, runs


@pytest.fixture
def desk(store: Store, fifty_rows: Rows, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("GOLDLOOP_USER", "Ann")
    history.commit(store, None, fifty_rows, dataset="desk", verb="import", settings={})
    return store


def said(store: Store, *words: str, code: int = 0) -> str:
    done = CliRunner().invoke(main, ["--store", str(store.root), "golden", *words])
    assert done.exit_code == code, done.output
    return done.output


def test_a_freeze_shows_parts_and_what_their_size_can_show_before_it_is_done(desk: Store) -> None:
    told = said(desk, "freeze", "--share", "0.2", "--sealed", "0.5", "--preview")
    assert "Parts: dev 5, sealed 5" in told
    assert "pass/fail, arms differ on 50% of rows  none" in told
    assert goldens.listed(desk) == []


def test_a_small_set_says_why_nothing_is_sealed(desk: Store) -> None:
    assert "All 10 golden rows may be read (dev), none is sealed" in said(desk, "freeze", "--share", "0.2")


def test_show_names_parts_looks_and_the_sign_off(desk: Store) -> None:
    said(desk, "freeze", "--share", "0.2", "--sealed", "0.5", "--looks", "3")
    told = said(desk, "show", "--rows")
    assert "dev 5 sealed 5" in told
    assert "Looks at the sealed rows: 0 of 3." in told
    assert "Signed off: 0 of 10 rows, 0 objected to." in told
    assert "5 sealed rows are not shown." in told
    assert told.count("asked:") == 5


def test_an_erratum_is_shown_and_makes_the_next_golden_version(desk: Store) -> None:
    said(desk, "freeze", "--share", "0.2")
    row = goldens.newest(desk, "desk").ids()[0]
    assert "Preview" in said(desk, "edit", row, "--reply", "Forty days.", "--why", "wrong", "--preview")
    told = said(desk, "edit", row, "--reply", "Forty days.", "--why", "wrong")
    assert "{+Forty+}" in told
    assert "desk golden 2 holds it. Evaluate all arms anew" in told
    assert "says what" not in said(desk, "edit", row, "--why", "x", code=2)
    assert "desk golden 2 is an erratum: 1 row put right (wrong)." in said(desk, "show")


def test_a_refresh_names_what_comes_and_goes(desk: Store) -> None:
    said(desk, "freeze", "--share", "0.2")
    row = goldens.newest(desk, "desk").ids()[0]
    assert "Preview: 1 row retires" in said(desk, "refresh", "--row", row, "--preview")
    told = said(desk, "refresh", "--row", row)
    assert "desk golden 2: 1 row retires to training, fresh: 1, 9 stay. desk@3 holds the retired row" in told
    assert "not both" in said(desk, "refresh", "--row", row, "--share", "0.2", code=2)


def test_a_second_person_signs_and_the_first_may_not(desk: Store) -> None:
    said(desk, "freeze", "--share", "0.2", "--sealed", "0.5")
    assert "needs a second person: Ann froze it" in said(desk, "sign", "--all", code=2)
    assert "Signed off: 5 rows. 5 of 10 rows are signed off" in said(desk, "sign", "--all", "--who", "Bob")
    row = goldens.newest(desk, "desk").ids("dev")[0]
    told = said(desk, "sign", row, "--object", "--note", "the rule is 30 days", "--who", "Eve")
    assert "4 of 10 rows are signed off, 1 objected to" in told
    assert "the rule is 30 days" in said(desk, "sign")


def test_a_sealed_row_is_read_by_name_and_then_signed(desk: Store) -> None:
    said(desk, "freeze", "--share", "0.2", "--sealed", "0.5")
    row = goldens.newest(desk, "desk").ids("sealed")[0]
    assert "has not read it" in said(desk, "sign", row, "--who", "Bob", code=2)
    assert "user: May I" in said(desk, "read", row, "--who", "Bob")
    assert "user: May I" in said(desk, "read", "--who", "Bob")
    assert "1 of 10 rows are signed off" in said(desk, "sign", row, "--who", "Bob")


def test_looks_are_counted_even_where_there_is_none(desk: Store) -> None:
    said(desk, "freeze", "--share", "0.2", "--sealed", "0.5")
    assert said(desk, "looks") == "0 of 5 looks at the 5 sealed rows of desk golden 1.\n"


def test_golden_is_compared_with_a_file_of_real_questions(desk: Store, tmp_path: Path) -> None:
    said(desk, "freeze", "--share", "0.2")
    traffic = tmp_path / "traffic.jsonl"
    asked = [f"Can I pay my club card by bank transfer, branch {n}, account {n * 7}?" for n in range(60)]
    traffic.write_text("\n".join(json.dumps({"question": one}) for one in asked))
    told = said(desk, "compare", str(traffic))
    assert "topic: distance 1.00" in told
    assert "SKEWED" in told
    assert "10 golden rows against 60 others." in told


def test_all_rows_are_signed_but_ones_own(desk: Store) -> None:
    said(desk, "freeze", "--share", "0.2")
    row = goldens.newest(desk, "desk").ids("dev")[0]
    said(desk, "edit", row, "--reply", "Forty days, at counter 3.", "--why", "wrong", "--who", "Bob")
    told = said(desk, "sign", "--all", "--who", "Bob")
    assert "1 row waits for another person" in told
    assert "9 of 10 rows are signed off" in told


def test_the_first_figure_of_a_set_is_called_no_best(desk: Store) -> None:
    said(desk, "freeze", "--share", "0.2", "--sealed", "0.5")
    golden = goldens.newest(desk, "desk")
    run = runs.add(desk, datasets.version(desk), golden, {"model": "toy"}, "Ann", None)
    for mean in (-0.4, 0.2):
        look = goldens.add_look(desk, golden, evaluations.add(desk, run.id, golden.id, {}, "Ann").id)
        goldens.finish_look(desk, look.id, "exact_match", {}, mean, True)
    first, second = said(desk, "looks").splitlines()[-3:-1]
    assert "-0.400" in first
    assert "first figure" in first
    assert "new best" in second
