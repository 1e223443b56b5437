"""What can go wrong, in words for the person in front of it.

A face (command line, screen) shows `str(error)` of a `GoldloopError` and no traceback; any other exception is a
defect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Turns = Sequence[Mapping[str, Any]]
"""The messages of one row."""


class GoldloopError(Exception):
    """Something the user can mend: says what happened, to which thing, and the way out."""


class BadInput(GoldloopError):
    """A file, a value or an option that cannot be used as it is."""


class NotFound(GoldloopError):
    """A version, run, job or file that is not there."""


class Refused(GoldloopError):
    """Something that Goldloop will not do, such as training on golden rows.

    `pairs` holds what the refusal rests on, as (training row id, golden row id, likeness 0 to 1, how).
    """

    def __init__(self, message: str, pairs: tuple[tuple[str, str, float, str], ...] = ()) -> None:
        super().__init__(message)
        self.pairs = pairs


class Conflict(GoldloopError):
    """Somebody else changed the same thing in between; nothing was overwritten.

    Where it is about a row, `row_id`, `who` (the other person) and three states of its turns: `mine` as it was to be,
    `theirs` as the other person left it (None: taken out), `base` as it was before both (None where not known).
    `rows`: the ids of all rows that collide.
    """

    def __init__(
        self,
        message: str,
        *,
        row_id: str = "",
        who: str = "",
        mine: Turns | None = None,
        theirs: Turns | None = None,
        base: Turns | None = None,
        rows: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.row_id, self.who, self.rows = row_id, who, rows or ((row_id,) if row_id else ())
        self.mine, self.theirs, self.base = mine, theirs, base


class StoreError(GoldloopError):
    """The store itself cannot be read or written: disk full, wrong owner, newer edition."""


class NotRun(GoldloopError):
    """A check that could not run here, and why; it is reported as such and never as a pass."""


class Cancelled(Exception):
    """Raised by `report` inside a long function when a stop was asked for. Not a mistake."""


GROUND = ("training.errors", "evaluators.errors")  # by name: this floor imports neither


def is_mistake(error: BaseException) -> bool:
    """True for what the user can mend, so that its words are enough: our errors, training's and evaluators'."""
    return isinstance(error, GoldloopError) or any(kind.__module__ in GROUND for kind in type(error).__mro__)
