"""Drop the rows

For rows that cannot be mended: nothing to learn from, or wrong from beginning to end. They stay in the earlier version.
"""

from __future__ import annotations

import polars as pl

from workbench.fixes.fix import fix
from workbench.rows import Rows, message


@fix(
    mends=("role_order", "empty_turn", "missing_reply", "refusal", "cut_off"),
    safe=False,
    before=Rows.of(("When do you open?", "We open at nine."), [message("user", "Hello?")], ("Hello", "")),
    after=Rows.of(("When do you open?", "We open at nine.")),
)
def drop_rows(rows: Rows, where: pl.Series) -> Rows:
    """The rows without those that `where` marks."""
    return rows.keep(~where)
