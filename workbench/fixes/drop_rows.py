"""Drop the rows

For rows that cannot be mended: nothing to learn from, or wrong from beginning to end. They stay in the earlier version.
Unless told which rows, it drops those whose shape is broken. What another check flags, a refusal or a reply cut off,
may be sound: look at the rows, then name the check.
"""

from __future__ import annotations

import polars as pl

from workbench.fixes.fix import fix
from workbench.rows import Rows, message


@fix(
    mends=("role_order", "unknown_role", "empty_turn", "missing_reply", "trains_on_nothing", "preference_pair"),
    safe=False,
    before=Rows.of(("When do you open?", "We open at nine."), [message("user", "Hello?")], ("Hello", "")),
    after=Rows.of(("When do you open?", "We open at nine.")),
)
def drop_rows(rows: Rows, where: pl.Series) -> Rows:
    """The rows without those that `where` marks."""
    return rows.keep(~where)
