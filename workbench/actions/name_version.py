"""Give a version a name and a note, so that people find it again."""

from __future__ import annotations

from workbench.errors import BadInput
from workbench.records import Version
from workbench.rows import storable
from workbench.store import Store, datasets

LONGEST_NAME = 100
LONGEST_NOTE = 2_000  # characters


def name_version(store: Store, version: str, name: str = "", note: str = "") -> Version:
    """Names a version, such as "as sent to the lawyers"; an empty name or note takes the one there was away.

    A name stands once in a dataset. Raises BadInput for one that cannot be a name or is taken.
    """
    of = datasets.version(store, version)
    wanted = name.strip()
    if wanted:
        _check(wanted)
    for other in datasets.listed(store, of.dataset):
        if wanted and other.id != of.id and other.name == wanted:
            raise BadInput(f'{other.label} is called "{wanted}" already: take that name away first, or choose another.')
    return datasets.name(store, of, wanted, storable(note).strip()[:LONGEST_NOTE])


def _check(name: str) -> None:
    """Raises BadInput for what cannot be called a version's name: it is shown in lists and in one line."""
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise BadInput(
            f"A version's name is one line of at most {LONGEST_NAME} characters. Write what is longer into its note "
            "(--note)."
        )
