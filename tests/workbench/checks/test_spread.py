"""Checks spread over processes say what one process says, and nothing is left behind."""

import os

import psutil
import pytest

from workbench.checks.check import above, catalogue, check_named
from workbench.checks.context import Context
from workbench.checks.run import fitting_processes, run_catalogue
from workbench.checks.spread import PIECE, one_after_the_other, run_spread
from workbench.errors import Cancelled
from workbench.rows import Rows
from workbench.sheet import Sheet

CONTEXT = Context(sheet=Sheet(refusal_share=0.05))
NAMES = ["exact_copy", "refusal_share", "missing_reply", "refusal", "golden_leak", "cut_off"]


def rows(count: int) -> Rows:
    kinds = [
        lambda n: (f"Where is shelf {n}?", f"Shelf {n} stands behind door {n * 7}, beside the stairs."),
        lambda n: (f"May I open door {n}?", "I'm sorry, but I can't help with that."),
        lambda n: ("When do you open?", "We open at nine and close at"),
        lambda n: (f"And {n}?", ""),
    ]
    return Rows.of(*[kinds[n % 4](n) for n in range(count)])


def said(results):
    return [
        (one.check.name, one.not_run, *((f.measure.to_list(), f.limit, list(f.note), f.about) if f else ()))
        for one in results
        for f in [one.findings]
    ]


def test_two_processes_say_what_one_says_also_over_several_pieces():
    few = rows(PIECE + 400)
    alone = run_catalogue(few, only=NAMES, context=CONTEXT, processes=1)
    assert said(run_catalogue(few, only=NAMES, context=CONTEXT, processes=2)) == said(alone)


def test_a_stop_ends_the_processes_at_once():
    def report(done, line):
        raise Cancelled

    with pytest.raises(Cancelled):
        run_spread(rows(400), [check_named("near_copy")], {}, None, 2, report)
    assert [one for one in psutil.Process(os.getpid()).children() if measures(one)] == []


def measures(process):
    try:
        return "workbench.checks.piece" in " ".join(process.cmdline())
    except psutil.Error:  # over: what an earlier test had started
        return False


def test_findings_of_pieces_without_places_take_empty_ones():
    joined = one_after_the_other([above([1.0], 0.5, ["a"]), above([0.0, None], 0.5, ["", ""], [[(0, 0, 1)], []])])
    assert joined.measure.to_list() == [1.0, 0.0, None]
    assert joined.spans == [(), [(0, 0, 1)], []]


def test_few_rows_are_measured_where_they_are():
    assert fitting_processes(19_999) == 1


def test_a_costly_check_runs_only_when_it_is_asked_for():
    costly = next(one for one in catalogue().values() if one.costly)
    results = {one.check.name: one for one in run_catalogue(rows(3))}
    assert results[costly.name].not_run.startswith("It takes minutes, so it runs only when it is asked for")
