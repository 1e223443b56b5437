"""What several checks work out of the same table, worked out once.

Checks run one after the other over one table, so it is enough to remember the newest one. It is held weakly: when the
table goes, so does what was made of it.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from workbench.rows import Rows

Made = TypeVar("Made")
_newest: tuple[weakref.ref[Rows], dict[Hashable, Any]] | None = None


def remembered(rows: Rows, key: Hashable, make: Callable[[], Made]) -> Made:
    """What `make` gives for this table, made at the first call; key: what it is, and all that it depends on."""
    global _newest
    newest = _newest
    if newest is None or newest[0]() is not rows:  # by identity: to compare tables, their texts would be hashed
        newest = _newest = (weakref.ref(rows, _forget), {})
    made = newest[1]
    if key not in made:
        made[key] = make()
    found: Made = made[key]
    return found


def _forget(gone: weakref.ref[Rows]) -> None:
    global _newest
    newest = _newest
    if newest is not None and newest[0] is gone:
        _newest = None
