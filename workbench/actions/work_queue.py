"""Work through a queue: take the next row, decide it, go back, see how far everybody is."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, get_args

import polars as pl

from evaluators.statistics.krippendorff_alpha import krippendorff_alpha
from workbench.checks.context import Context
from workbench.errors import BadInput, Conflict, Refused
from workbench.fixes.fix import fix_named
from workbench.outcomes import makes, outcomes
from workbench.records import Action, Agreement, Decision, Disagreement, Item, Progress, Queue
from workbench.rows import Rows, storable
from workbench.settings import LONGEST_NAME
from workbench.store import Store, datasets, decisions, leases, queues, sheets
from workbench.store.queues import Place
from workbench.turns_said import valid_turns

NONCE = re.compile(r"[\w.:-]{1,80}")
LONGEST_NOTE = 2_000  # characters
MOST_TAGS, LONGEST_TAG = 50, 200


def next_item(store: Store, queue_id: int, who: str, *, have: Sequence[str] = ()) -> Item | None:
    """The next row that needs this person, leased to them; None where there is none just now.

    A row that they hold already comes again, unless `have` names it: the ids of rows that the browser holds, for
    whoever fetches ahead. Rows that they decided or skipped do not come again. Raises Refused when the queue is closed.
    """
    queue = _open(queues.get(store, queue_id))
    found = leases.lease_next(store, queue, _person(who), have)
    return None if found is None else _item(store, queue, found[0], who, found[1])


def item(store: Store, queue_id: int, row_id: str, who: str) -> Item:
    """One row of the queue, to go back to; leased to the person where nobody else holds it and it is still open."""
    queue = queues.get(store, queue_id)
    place = queues.row(store, queue_id, row_id)
    until = leases.lease(store, queue, row_id, _person(who)) if queue.state == "open" else None
    return _item(store, queue, place, who, until)


def renew(store: Store, queue_id: int, row_id: str, who: str) -> float | None:
    """Holds the row for another lease and says until when (seconds since the epoch, by the store's clock).

    None where somebody else holds it by now, or nobody is needed any more: what was typed can still be decided.
    """
    return leases.lease(store, _open(queues.get(store, queue_id)), row_id, _person(who))


def decide(
    store: Store,
    queue_id: int,
    row_id: str,
    who: str,
    *,
    nonce: str,
    action: Action,
    messages: Sequence[Mapping[str, Any]] | None = None,
    fix: str = "",
    tags: Sequence[str] | None = None,
    note: str = "",
    settles: bool = False,
) -> Progress:
    """Saves what a person decided on a row, once: the same nonce again changes nothing.

    keep, drop, flag (something for others to look at) and tag need no more; edit takes the new `messages`, fix the
    name of a fix that mends a row by itself; `tags` replace the row's tags with any of them. skip decides nothing. undo
    takes back what the person decided on that row, else the last of their decisions. Another decision on the same row
    replaces one's own. settles: counts in place of what others decided, to end a conflict or a disagreement.

    An expired lease is no obstacle. Raises Conflict, with theirs and mine, when as many others as were wanted have
    decided the row meanwhile: mine is kept with the disagreements and does not count. Raises Refused when the queue is
    closed or a fix changes nothing here, BadInput for a decision that is none.
    """
    queue = queues.get(store, queue_id)
    if not isinstance(nonce, str) or not NONCE.fullmatch(nonce):
        raise BadInput("A decision needs a nonce of 1 to 80 letters, digits, dots, colons or dashes.")
    if action not in get_args(Action):
        raise BadInput(f'"{str(action)[:20]}" is no decision: it is one of {", ".join(get_args(Action))}.')
    if action == "undo":
        saved = decisions.take_back(store, queue, _person(who), nonce, row_id, _note(note))
        return queues.progress(store, queue_id, saved.given_back)
    place = queues.row(store, queue_id, row_id)
    turns, wanted = None, action
    if action == "edit":
        turns = valid_turns(messages or ())
    elif action == "fix":
        turns = _fixed(store, queue, place, fix)
        wanted = "fix" if turns is not None else "drop"  # a fix may mend a row by taking it out
    if action == "tag" and not tags:
        raise BadInput("To tag a row, name at least one tag.")
    said = Decision(
        row_id=row_id, who=_person(who), action=wanted, messages=None if turns is None else tuple(turns),
        fix=fix if action == "fix" else "", tags=_tags(tags), note=_note(note), settles=settles, when="",
    )  # fmt: skip
    saved = decisions.save(store, queue, said, nonce)
    if saved.theirs is not None:
        raise _conflict(store, queue, place, said, saved.theirs)
    return queues.progress(store, queue_id)


def progress(store: Store, queue_id: int) -> Progress:
    """How far the queue is, who decided how much, who holds what. Raises NotFound."""
    return queues.progress(store, queue_id)


def agreement(store: Store, queue_id: int) -> Agreement:
    """How far people agree on what becomes of the rows that two or more of them decided; see `Agreement`."""
    said = outcomes(decisions.of_queue(store, queue_id, shared=True)[0]).values()
    told = [{one.who: one for one in outcome.said} for outcome in said if len(outcome.said) > 1]
    pairs: dict[tuple[str, str], list[bool]] = defaultdict(list)
    same_text: list[bool] = []
    for by_person in told:
        for a, b in combinations(sorted(by_person), 2):
            one, other = by_person[a], by_person[b]
            pairs[a, b].append(one.kind == other.kind)
            if one.kind == other.kind == "change":
                same_text.append(makes(one) == makes(other))
    both = [alike for told_by in pairs.values() for alike in told_by]
    return Agreement(
        rows=len(told),
        percent=100 * sum(both) / len(both) if both else None,
        krippendorff_alpha=krippendorff_alpha([[str(one.kind) for one in said.values()] for said in told]),
        pairs={pair: (len(alike), 100 * sum(alike) / len(alike)) for pair, alike in sorted(pairs.items())},
        same_text=sum(same_text),
        both_changed=len(same_text),
    )


def disagreements(store: Store, queue_id: int) -> list[Disagreement]:
    """The rows on which people decided differently, in the order of the queue, with the decisions.

    Late decisions are among them. A row is settled, and no longer listed, once somebody decided it with `settles`.
    """
    queue = queues.get(store, queue_id)
    said = outcomes(decisions.of_queue(store, queue_id, shared=True)[0], late=True).values()
    found = [(queues.row(store, queue_id, one.row_id), one.said) for one in said if one.decision is None]
    found.sort(key=lambda pair: pair[0].place)
    return [Disagreement(place.row_id, place.place, _turns(_row(store, queue, place)), said) for place, said in found]


def _open(queue: Queue) -> Queue:
    if queue.state != "open":
        raise Refused(f'The queue "{queue.name}" is closed: nothing is decided in it any more.')
    return queue


def _person(who: str) -> str:
    if not who.strip() or len(who) > LONGEST_NAME:
        raise BadInput("A decision needs the name of who decides.")
    return who


def _note(note: str) -> str:
    return storable(note).strip()[:LONGEST_NOTE]


def _tags(tags: Sequence[str] | None) -> tuple[str, ...] | None:
    if tags is None:
        return None
    plain = [storable(tag).strip()[:LONGEST_TAG] for tag in tags]
    return tuple(tag for tag in Counter(plain) if tag)[:MOST_TAGS]


def _row(store: Store, queue: Queue, place: Place) -> Rows:
    return datasets.row_at(store, datasets.version(store, queue.version), place.position)


def _turns(row: Rows) -> tuple[dict[str, Any], ...]:
    return tuple(row.messages[0])


def _item(store: Store, queue: Queue, place: Place, who: str, until: float | None) -> Item:
    row = _row(store, queue, place)
    return Item(
        queue.id, place.row_id, place.place, queue.size, _turns(row), tuple(row.tags[0] or ()), place.flags, until,
        decisions.mine(store, queue.id, place.row_id, who),
    )  # fmt: skip


def _fixed(store: Store, queue: Queue, place: Place, fix: str) -> list[dict[str, Any]] | None:
    """The row's turns after a fix, None where the fix takes the row out."""
    row, chosen = _row(store, queue, place), fix_named(fix)
    fixed = chosen.mended(row, pl.Series([True]), Context(sheet=sheets.sheet_of(store, queue.dataset)))
    if len(fixed) == 0:
        return None
    if fixed.text_digests == row.text_digests:
        raise Refused(f"{chosen.name} finds nothing to change in this row: edit it, or decide otherwise.")
    return list(fixed.messages[0])


def _conflict(store: Store, queue: Queue, place: Place, mine: Decision, theirs: Decision) -> Conflict:
    base = _turns(_row(store, queue, place))
    return Conflict(
        f"{theirs.who} decided this row meanwhile ({theirs.action}). Yours ({mine.action}) is kept beside it and does "
        "not count; to let yours count instead, decide it again as settled.",
        row_id=place.row_id, who=theirs.who, base=base,
        mine=_after(mine, base), theirs=_after(theirs, base),
    )  # fmt: skip


def _after(one: Decision, base: tuple[dict[str, Any], ...]) -> Sequence[Mapping[str, Any]] | None:
    """The row's turns as a decision leaves them, None where it takes the row out."""
    return None if one.kind == "drop" else one.messages or base
