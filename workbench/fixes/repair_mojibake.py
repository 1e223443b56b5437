"""Repair broken characters

Turns "cafÃ©" back into "café" where a text was saved in one encoding and read in another. Only the encoding: quotes,
dashes and blanks stay as they are.

Known limits
    What was lost for good (question marks, replacement characters) stays lost.
Source
    `fix_encoding` of ftfy 6. Its wider `fix_text` also changed 320 of 10,000 sound rows, so it is not used.
"""

from __future__ import annotations

import polars as pl
from ftfy import fix_encoding

from workbench.fixes.fix import fix
from workbench.rows import Rows


@fix(
    mends=("mojibake",),
    safe=True,
    before=Rows.of(("Where is the cafÃ©?", "The cafÃ© is in the station, beside the “old” hall.")),
    after=Rows.of(("Where is the café?", "The café is in the station, beside the “old” hall.")),
)
def repair_mojibake(rows: Rows, where: pl.Series) -> Rows:
    """The rows with their encoding repaired where `where` marks them."""
    return rows.map_content(fix_encoding, where)
