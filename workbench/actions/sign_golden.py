"""The second pair of eyes: another person signs golden rows off, or objects to them with a note."""

from __future__ import annotations

from collections.abc import Iterable

from workbench.errors import BadInput, NotFound, Refused
from workbench.records import Golden, RowState, Said
from workbench.rows import Rows
from workbench.settings import LONGEST_NAME, user_name
from workbench.store import Store, golden_signatures, goldens
from workbench.store.golden_signatures import states

LONGEST_NOTE = 2_000  # characters


def sign_golden(
    store: Store,
    golden: Golden,
    rows: Iterable[str],
    *,
    who: str | None = None,
    note: str = "",
    objects: bool = False,
) -> tuple[RowState, ...]:
    """Signs rows off, or objects to them, in the wording that they have now; gives their new states.

    A later edit of a row takes its signature away, since another text was signed. Who froze a row or edited it last
    cannot sign it; anybody can object. Sealed rows need to have been read by the same person (`read_sealed`). Raises
    Refused for either, BadInput for an objection without a note, NotFound for an unknown row.
    """
    who, wanted = _name(who), list(dict.fromkeys(rows))
    if objects and not note.strip():
        raise BadInput("An objection needs a note: say what is wrong with the row.")
    if not wanted:
        raise BadInput("Name the rows to sign.")
    known = states(store, golden)
    for row_id in wanted:
        if row_id not in known:
            raise NotFound(f"{golden.label} has no row {row_id}.")
        _refuse(known[row_id], who, objects)
    rows_now = goldens.rows_of(store, golden)
    texts = dict(zip(rows_now.row_id, rows_now.text_digests, strict=True))
    said: Said = "objected" if objects else "signed"
    for row_id in wanted:
        golden_signatures.add(store, golden, row_id, texts[row_id], said, note.strip()[:LONGEST_NOTE], who)
    after = states(store, golden)
    return tuple(after[row_id] for row_id in wanted)


def read_sealed(store: Store, golden: Golden, row_id: str, *, who: str | None = None) -> Rows:
    """One sealed row to be signed off, and the record that this person has read it, which reports print.

    The only way to a sealed text, and open only until the first look. Raises Refused after it, and to whoever froze the
    set: a second person is asked; NotFound for a row that is not there, BadInput for one that is not sealed.
    """
    who = _name(who)
    state = states(store, golden).get(row_id)
    if state is None:
        raise NotFound(f"{golden.label} has no row {row_id}.")
    if state.part != "sealed":
        raise BadInput(f"Row {row_id} is not sealed; it is shown with the other rows of {golden.label}.")
    if goldens.looks(store, golden):
        raise Refused(
            f"The sealed rows of {golden.label} were looked at already: from then on nobody reads them. What is not "
            "signed stays unsigned, and reports say so."
        )
    _refuse_own(state, who)
    row = goldens.rows_in(store, golden, "sealed").having([row_id])
    if who not in state.readers:
        golden_signatures.add(store, golden, row_id, row.text_digests[0], "read", "", who)
    return row


def _refuse(state: RowState, who: str, objects: bool) -> None:
    if not objects:
        _refuse_own(state, who)
    if state.part == "sealed" and who not in state.readers:
        raise Refused(
            f"Row {state.row_id} is sealed and {who} has not read it. Read it once before the first look: "
            f"goldloop golden read {state.row_id}"
        )


def _refuse_own(state: RowState, who: str) -> None:
    if who in (state.froze, state.edited_by):
        did = "edited it" if who == state.edited_by else "froze it"
        raise Refused(f"Row {state.row_id} needs a second person: {who} {did}. Ask somebody else to sign it off.")


def _name(who: str | None) -> str:
    name = (who if who is not None else user_name()).strip()[:LONGEST_NAME]
    if not name:
        raise BadInput("A signature needs a name.")
    return name
