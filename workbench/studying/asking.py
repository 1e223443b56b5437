"""A question made ready: its design, and everything that stops it before any minute is spent"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.asked import DEV
from workbench.errors import BadInput
from workbench.records import Golden, Run
from workbench.settings import Report, no_report
from workbench.store import Store, datasets, goldens, runs
from workbench.studying import measuring, trainable
from workbench.studying.arms import Drawing, carried, drawn
from workbench.studying.design import BITS, LOSS, MOST_MINUTES, Design, model_of
from workbench.studying.questions import Question, leaves_out
from workbench.studying.row_sets import SHARES, Pool
from workbench.studying.trainable import Trainable
from workbench.training_side import Prepared, prepare

FEWEST_PART = 4  # rows of the smallest part: fewer fill no batch


@dataclass(frozen=True)
class Asked:
    """A question made ready: the design, the version with its rows, and these as each model will read them."""

    design: Design
    prepared: Prepared
    seen: tuple[Trainable, ...] = ()


def asked(
    store: Store, question: Question, flagged: Collection[str] = (), *, wait: bool = False, report: Report = no_report
) -> Asked:
    """The design of a question; nothing is written down. flagged: row ids with open findings, for the kind "rows".

    wait: as `training_side.prepare` takes it, for the leak guard's search.
    Raises what `training_side.prepare` raises, BadInput for a question that cannot be put, RowsError where the plan
    stops at rows that train on nothing.
    """
    if question.minutes is not None and not 0 < question.minutes <= MOST_MINUTES:
        raise BadInput(f"{question.minutes:g} minutes are no budget; give more than 0.")
    if not 0 <= question.useful < float("inf"):
        raise BadInput("The smallest gain worth having is 0 or more nats per token.")
    old = _old_run(store, question) if question.kind == "rebase" else None
    version, settings = question.version, question.settings
    if old is not None:
        version = old.version
        settings = (*carried(old)[0], f"seed={old.plan.get('seed', 0)}", *settings)
        question = replace(question, settings=settings)
    model = model_of(question.models[0] if question.models else None)
    prepared = prepare(store, version, model=model, settings=settings, wait=wait, report=report)
    if old is not None:
        golden = goldens.with_errata(store, goldens.by_id(store, old.golden_id))
        prepared = replace(prepared, golden=golden)
    samples = measuring.dev_rows(store, prepared.golden, prepared.version)
    decides, reason = measuring.chosen_metric(samples)
    if not question.answers and decides != LOSS:
        decides, reason = LOSS, "the references are only read, as was asked for"
    table = prepared.table()
    models = dict.fromkeys(map(model_of, question.models)) if question.kind == "duel" else (model,)
    seen = tuple(trainable.look(one, table, prepared.plan.max_length) for one in models)
    gone = {row for one in seen for row, _ in one.skipped} if leaves_out(question, prepared.plan) else set()
    pool = Pool.of(prepared.rows, table)
    pool = pool.only(set(pool.ids) - gone) if gone else pool
    arms, sets, aside, notes, sweep = drawn(Drawing(store, question, prepared, pool, frozenset(flagged), old))
    if question.kind in ("duel", "rebase") and decides == LOSS:
        decides, reason = BITS, "models with different tokenizers can only be compared per byte of the reply"
    if gone:
        noun = "1 row that trains" if len(gone) == 1 else f"{len(gone):,} rows that train"
        notes.append(f"Left out of every run: {noun} on nothing, such as an empty reply or one behind the longest row.")
    else:
        trainable.refuse(seen, prepared.plan, {*aside, *(row for ids in sets.values() for row in ids)})
    bases = list(dict.fromkeys(arm.model for arm in arms))
    most = question.max_new_tokens or measuring.longest_answer(bases, samples)
    design = Design(
        question.kind, prepared.version.label, prepared.golden.id, tuple(arms), sets, aside, decides, reason,
        question.answers, most, question.useful, sweep,
        {"severity": question.severity, "same_steps": question.same_steps, "minutes": question.minutes,
         "seeds": sorted({arm.seed for arm in arms}), "shares": list(SHARES)},
        (*_common(prepared.golden, samples, question), *notes),
    )  # fmt: skip
    for arm in design.arms:
        if len(sets[arm.rows]) < FEWEST_PART:
            raise BadInput(f"{arm.name} would train on {len(sets[arm.rows])} rows; at least {FEWEST_PART} are needed.")
    return Asked(design, prepared, seen)


def _old_run(store: Store, question: Question) -> Run:
    if question.run is None:
        raise BadInput("A rebase needs the run that it is measured against: --run N")
    run = runs.get(store, question.run)
    if run.result is None or run.stage != "sft":
        raise BadInput(f"Run {run.id} has no finished adapter of supervised training to stand against.")
    if question.version and datasets.version(store, question.version).label != run.version:
        raise BadInput(
            f"Run {run.id} was trained on {run.version}, and a rebase keeps the data. Leave the version out, or train "
            f"on {question.version} first."
        )
    return run


def _common(golden: Golden, samples: Sequence[Any], question: Question) -> list[str]:
    how = "answered with the same decoding and their replies read" if question.answers else "read, not answered"
    return [
        f"Measured on the {len(samples)} {DEV} rows of {golden.label}, {how}. Sealed rows are not touched, and no look "
        "is spent."
    ]
