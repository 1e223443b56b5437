"""Strip invisible characters

Takes out control characters, zero-width spaces and marks of direction that nobody sees, and writes words of
look-alike letters in one script. What was a dash or an apostrophe of Windows becomes one again, a form feed a line
break.

Known limits
    Takes out what the check `invisible_characters` finds: joiners in emoji and in Persian or Indic writing stay.
"""

from __future__ import annotations

import polars as pl

from workbench.checks.text.invisible import without_hidden
from workbench.fixes.fix import fix
from workbench.rows import Rows


@fix(
    mends=("invisible_characters",),
    safe=True,
    before=Rows.of(("Where\u200b do I pay?", "At p\u0430ypal.example, that\x92s all.\x07")),
    after=Rows.of(("Where do I pay?", "At paypal.example, that’s all.")),
)
def strip_invisible(rows: Rows, where: pl.Series) -> Rows:
    """The rows without invisible characters where `where` marks them."""
    return rows.map_content(without_hidden, where)
