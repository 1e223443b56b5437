"""Golden rows as an evaluation asks them: samples, their slices, and training rows as examples"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from evaluators.beside import Embed
from evaluators.rules import rules_of
from evaluators.sample import Sample
from evaluators.slices import question_of, slices_of
from training.tokens.calls import as_tool_calls, unfolded
from training.tokens.learned import context_mark
from training.tokens.tools import BadTools, tools_of
from workbench.errors import BadInput
from workbench.records import Golden, Run
from workbench.rows import Rows
from workbench.settings import EMBEDDER, models_folder
from workbench.sheet import Sheet
from workbench.splits import askable
from workbench.store import Store, datasets, goldens

DEV, SEALED = "dev", "sealed"
PARTS = (DEV, SEALED)


def asked_rows(store: Store, golden: Golden, part: str, sheet: Sheet | None = None) -> list[Sample]:
    """The rows that an evaluation of a part asks: dev and calibration together, or the sealed ones. Raises BadInput."""
    if part not in PARTS:
        raise BadInput(f'There is no part "{part}" to evaluate. Evaluate dev (the default) or sealed.')
    if part == SEALED:
        if not golden.ids("sealed"):
            goldens.may_look(store, golden)  # raises, and says how to get sealed rows
        rows = goldens.rows_in(store, golden, "sealed")
    else:
        rows = goldens.readable(store, golden)
    samples = samples_of(rows, golden, None if sheet is None else sheet.demands())
    if not any(golden.part_of(one.id) == part for one in samples):
        raise BadInput(f"{golden.label} has no {part} row that can be asked, so there is nothing to evaluate.")
    return samples


def samples_of(rows: Rows, golden: Golden, demands: Mapping[str, Any] | None = None) -> list[Sample]:
    """Golden rows as samples: the turns before the final reply, and that reply as the reference.

    Rows that cannot be asked (no user turn or no reply; sets frozen by early editions hold some) are left out, so the
    number of samples is the number of rows asked. A turn's other keys (name, tool_calls) stand beside its content.
    demands: what the dataset's sheet demands of every answer; a row's tags may demand more.
    """
    groups = golden.groups
    counts: dict[int, int] = {}
    for label in groups.values():
        counts[label] = counts.get(label, 0) + 1
    samples = []
    rows = rows.keep(askable(rows))
    for row_id, turns, reply, tags, offered in zip(
        rows.row_id, rows.messages, rows.reply, rows.tags, rows.tools, strict=True
    ):
        own = groups.get(row_id)
        asked = [as_asked(turn) for turn in turns[:-1]]
        group = str(own) if own is not None and counts[own] > 1 else None
        samples.append(
            Sample(
                id=row_id,
                prompt=tuple(asked),
                output=None,
                reference=reply,
                tags=tuple(tags),
                group=group,
                rules=rules_of(tags, demands),
                tools=tools_asked_with(offered),
            )
        )
    return samples


def as_asked(turn: Mapping[str, Any]) -> dict[str, Any]:
    """A turn as a model is asked with it, and as training showed it: its other keys (name, tool_calls) beside its text.

    The arguments of a tool call are an object, as templates want them, also where a file had them as text.
    """
    return {**as_tool_calls(unfolded(turn)), "content": turn["content"] or ""}


def tools_asked_with(offered: str | None) -> tuple[dict[str, Any], ...]:
    """A row's tools as a model is asked with them, and as training showed them; none where they cannot be read."""
    try:
        return tuple(tools_of(offered) or ())
    except BadTools:
        return ()


def slices_for(samples: Sequence[Sample], sheet: Sheet, *, topics: bool) -> dict[str, tuple[str, ...]]:
    """The slices of each golden row; its topic by the same clustering that the data's pictures show.

    topics: off for sealed rows, since a topic is named by words of its questions.
    """
    named = {}
    if topics:
        from workbench.checks.balance.topics import find_topics

        found = find_topics([question_of(one) for one in samples])
        named = {one.id: found.names[label] for one, label in zip(samples, found.label, strict=True) if label >= 0}
    cases = [(case.name, case.words, case.tag) for case in sheet.edge_cases]
    return slices_of(samples, edge_cases=cases, topics=named)


def examples_of(store: Store, run: Run, count: int) -> tuple[tuple[str, str], ...]:
    """`count` single-turn training rows as (question, reply), drawn by the run's seed."""
    rows = datasets.rows_of(store, datasets.by_id(store, run.version_id))
    single = [
        (prompt, reply)
        for prompt, reply, turns in zip(rows.prompt, rows.reply, rows.messages, strict=True)
        if reply.strip()
        and [m["role"] for m in turns if m["role"] != "system"] == ["user", "assistant"]
        and context_mark(unfolded(turns[-1])) is None
    ]
    return tuple(random.Random(run.plan.get("seed", 0)).sample(single, min(count, len(single))))


def embedder_for(texts: Sequence[str]) -> Embed | None:
    """The embedding model, where it is there: without one the likeness of meaning is not measured."""
    from evaluators.models.embedder import embedder

    found = embedder(models_folder() / EMBEDDER, corpus=texts[:1])
    return found if found.meaning else None
