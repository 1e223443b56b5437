"""What answers must be is held to what the metrics understand, before it is kept."""

import pytest

from workbench import history
from workbench.actions.set_sheet import set_sheet
from workbench.errors import BadInput
from workbench.rows import Rows
from workbench.sheet import Sheet
from workbench.store import sheets

ROWS = Rows.of(("Is the shop open?", "Yes, from nine to five."))


@pytest.mark.parametrize(
    ("sheet", "named"),
    [
        (Sheet(format_rules=("no markdown", "be nice")), 'the format rule "be nice"'),
        (Sheet(json_schema={"pattern": "a"}), '"pattern" is not understood'),
    ],
)
def test_a_demand_that_no_metric_could_judge_is_refused_and_not_kept(store, sheet, named):
    history.commit(store, None, ROWS, dataset="desk", verb="import", settings={})
    with pytest.raises(BadInput, match=named):
        set_sheet(store, "desk", sheet)
    assert sheets.sheet_of(store, "desk") == Sheet()


def test_demands_are_kept_and_told_to_the_evaluation(store):
    history.commit(store, None, ROWS, dataset="desk", verb="import", settings={})
    sheet = Sheet(
        required=("30 days",), forbidden=("promise",), format_rules=("no list",), json_schema={"type": "array"}
    )
    set_sheet(store, "desk", sheet)
    assert sheets.sheet_of(store, "desk").demands() == {
        "must": ("30 days",),
        "must_not": ("promise",),
        "format": ("no list",),
        "json_schema": {"type": "array"},
    }
