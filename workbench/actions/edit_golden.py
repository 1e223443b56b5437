"""Put a golden row right: an erratum with its reason makes the next golden version; the older one stays readable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.errors import BadInput, Conflict, NotFound, Refused
from workbench.records import Golden
from workbench.rows import Rows
from workbench.settings import user_name
from workbench.splits import askable, golden_groups
from workbench.store import Store, golden_signatures, goldens
from workbench.turns_said import valid_turns

LONGEST_REASON = 2_000  # characters


@dataclass(frozen=True)
class Corrected:
    """before, after: the row in its two wordings; golden: the new version, None for a preview."""

    before: Rows
    after: Rows
    golden: Golden | None


def edit_golden(
    store: Store,
    row_id: str,
    messages: Sequence[Mapping[str, Any]] | None = None,
    *,
    reason: str,
    question: str | None = None,
    reply: str | None = None,
    dataset: str | None = None,
    who: str | None = None,
    preview: bool = False,
) -> Corrected:
    """Gives a golden row other turns, or another last question or reply, as the next golden version.

    Every arm has to be evaluated anew on it: a figure of one golden version is never set beside one of another. What
    the row said before stays barred from training. A sealed row can be put right only before the first look, by
    somebody who read it to sign it off. Raises BadInput for a missing reason or a row that could no longer be asked,
    NotFound for an unknown row, Refused for a sealed row or where nothing changed.
    """
    golden = goldens.in_force(store, dataset)
    editor = who or user_name()
    if not reason.strip():
        raise BadInput("An erratum needs a reason: say what was wrong with the row. (--why)")
    if row_id not in golden.groups:
        raise NotFound(f"{golden.label} has no row {row_id}.")
    _refuse_sealed(store, golden, row_id, editor)
    rows = goldens.rows_of(store, golden)
    before = rows.having([row_id])
    turns = valid_turns(messages if messages is not None else _with_words(before.messages[0], question, reply))
    fresh = rows.edit({row_id: turns})
    after = fresh.having([row_id])
    if after.text_digests == before.text_digests:
        raise Refused("Nothing was changed in this row: no new golden version was made.")
    if not askable(after)[0]:
        raise BadInput("A golden row needs a question of a user and a reply with words; this one would have lost one.")
    if preview:
        return Corrected(before, after, None)
    erratum = {"was": before.text_digests[0], "reason": reason.strip()[:LONGEST_REASON], "who": editor}
    change = {"verb": "edit", "reason": reason.strip()[:LONGEST_REASON], "edited": {row_id: erratum}}
    return Corrected(before, after, _next(store, golden, fresh, change, editor))


def _next(store: Store, golden: Golden, rows: Rows, change: Mapping[str, Any], who: str) -> Golden:
    """The next version of a golden set with other texts of the same rows."""
    digest = store.row_files.save(rows)
    groups = golden_groups(rows)
    with store.write() as connection:
        if goldens.newest_number(connection, golden.dataset_id) != golden.number:
            raise Conflict(f"{golden.dataset} got another golden version meanwhile. Nothing was changed; look again.")
        key = goldens.add(
            connection, dataset_id=golden.dataset_id, number=golden.number + 1, drawn_from=golden.drawn_from,
            digest=digest, size=len(rows), share=golden.share, seed=golden.seed, strata=golden.strata, groups=groups,
            who=who, parts=golden.parts, budget=golden.budget, change=change,
        )  # fmt: skip
    return goldens.by_id(store, key)


def _refuse_sealed(store: Store, golden: Golden, row_id: str, who: str) -> None:
    if golden.part_of(row_id) != "sealed":
        return
    if goldens.looks(store, golden):
        raise Refused(
            f"Row {row_id} is sealed and was looked at already: it can no longer be edited. Retire it to training in "
            f"place of that: goldloop golden refresh --row {row_id}"
        )
    read = any(
        one.row_id == row_id and one.who == who and one.said == "read"
        for one in golden_signatures.listed(store, golden)
    )
    if not read:
        raise Refused(
            f"Row {row_id} is sealed. Only who has read it for signing may put it right, before the first look: "
            f"goldloop golden read {row_id}"
        )


def _with_words(turns: Sequence[Mapping[str, Any]], question: str | None, reply: str | None) -> list[dict[str, Any]]:
    """The turns with another last user turn, and another final reply, where they are given."""
    fresh = [dict(turn) for turn in turns]
    if reply is not None:
        fresh[-1]["content"] = reply
    if question is not None:
        last = max(place for place, turn in enumerate(fresh) if turn["role"] == "user")
        fresh[last]["content"] = question
    return fresh
