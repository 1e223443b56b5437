"""Mask passwords, keys and tokens

Puts [SECRET] in the place of each password, key and token that was found, in every turn and in the arguments of tool
calls; the words around it stay.

Known limits
    Masks what the check `secrets` can find. Masking a key in the data does not make it safe again where it opens
    something: have it changed there. Tags and the other columns of a row are not touched: training does not read them,
    an export does.
"""

from __future__ import annotations

import polars as pl

from workbench.checks.safety.secret_patterns import find_secrets
from workbench.fixes.fix import fix
from workbench.fixes.mask_personal_data import masked_rows
from workbench.rows import Rows

MASK = "[SECRET]"


@fix(
    mends=("secrets",),
    safe=True,
    before=Rows.of(("I cannot log in.", "Your password is Winter!2187, please change it.")),
    after=Rows.of(("I cannot log in.", "Your password is [SECRET], please change it.")),
)
def mask_secrets(rows: Rows, where: pl.Series) -> Rows:
    """The rows with secrets masked where `where` marks them."""
    return masked_rows(rows, where, without_secrets)


def without_secrets(text: str) -> str:
    """The text with [SECRET] for each secret in it."""
    for piece in reversed(find_secrets(text)):
        text = text[: piece.start] + MASK + text[piece.end :]
    return text
