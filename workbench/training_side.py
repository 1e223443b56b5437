"""The training side of a version: what may be trained on, after the leak guard has had its say."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from evaluators.errors import EvaluationError
from evaluators.models import embedded
from training.errors import TrainingError
from training.forecast.cards import cards_here
from training.forecast.estimate import Cost, estimate
from training.forecast.measure import Measured, kept
from training.forecast.sizes import ModelSize, size_of
from training.forecast.workload import measures_of, workload
from training.machine import cpu_has_bf16
from training.plan import TrainingPlan
from training.run.split import groups_of, validation_places
from training.run.trackers import refuse_missing
from training.tokens.calls import calls_of, unfolded
from training.tokens.encode import EncodedRow, Encoding, encode
from training.tokens.template import tokenizer_for
from training.tokens.tools import COLUMN as TOOLS
from workbench import leak_search
from workbench.errors import BadInput, Refused
from workbench.records import Golden, Pair, Version
from workbench.rows import Rows
from workbench.settings import DEFAULT_MODEL, Report, models_folder, no_report
from workbench.splits import copy_groups
from workbench.store import Store, datasets, goldens

MEASUREMENTS = "measurements"  # folder of the store: steps that were timed, by machine, model and knobs
FEWEST_ROWS = 8  # fewer do not fill one batch, let alone a validation part
SHOWN = 5  # offending pairs spelled out in a refusal
MOST_UNREAD = 2_000  # texts: half a minute of reading on two cores, the longest that a person is kept waiting
SEALED = "sealed"  # said in place of the id of a golden row that nobody may see


@dataclass(frozen=True)
class Prepared:
    """A version ready to be trained on. rows: those that can be; left_out: (row id, reason) of the others."""

    version: Version
    golden: Golden
    plan: TrainingPlan
    rows: Rows
    left_out: tuple[tuple[str, str], ...]

    def table(self) -> pl.DataFrame:
        """What training takes: row_id, messages, group, so that copies share a side of the validation split, and
        tools, where a row offers some."""
        labels = [str(label) for label in copy_groups(self.rows)]
        return trainable(self.rows).with_columns(pl.Series("group", labels, dtype=pl.String))


def trainable(rows: Rows) -> pl.DataFrame:
    """What training reads of rows: row_id, messages, and tools where a row offers some."""
    table = rows.frame.select("row_id", "messages")
    tools = pl.Series(TOOLS, rows.tools, dtype=pl.String)
    return table if tools.null_count() == len(tools) else table.with_columns(tools)


def prepare(
    store: Store,
    version: str | None = None,
    *,
    model: str | None = None,
    settings: Iterable[str] = (),
    golden: Golden | None = None,
    wait: bool = True,
    report: Report = no_report,
) -> Prepared:
    """The plan and the rows of a run, before anything is started.

    golden: by default the set in force; an earlier one for runs that stand beside runs made under it.

    The leak guard searches the version unless it has. wait: however long that takes; without, a version with many texts
    that the embedding model has not read yet is held against golden by its words only, for faces that start a run in a
    process of its own, which then waits. Raises NotFound without a golden set, Refused with the offending pairs while
    any stops training, BadInput when too few rows are left, PlanError for a wrong knob, ModelUnusable for a model that
    is not there.
    """
    of = datasets.version(store, version)
    plan = TrainingPlan(model=model or DEFAULT_MODEL).with_settings(settings)
    refuse_missing(plan.report_to)
    golden = golden or goldens.newest(store, of.dataset)
    rows = store.row_files.verified(of.digest)
    refuse_leaks(store, of, rows, golden, wait=wait, report=report)
    usable, left_out = _usable(rows)
    if len(usable) < FEWEST_ROWS:
        raise BadInput(f"{of.label} has {len(usable)} rows to train on; at least {FEWEST_ROWS} are needed.")
    embedded.resolve(plan.model, models_folder())  # a model that is not there is told now, not by a failed job
    return Prepared(of, golden, plan, usable, left_out)


@dataclass(frozen=True)
class Costed:
    """What a run on prepared rows would compute and need. plan: with the model's folder on this machine."""

    plan: TrainingPlan
    encoding: Encoding
    training: tuple[EncodedRow, ...]
    model: ModelSize
    cost: Cost


def costed(store: Store, prepared: Prepared, *, measured: Measured | None = None) -> Costed:
    """The cost of a run on these rows, by steps that were timed on this machine, where they were, else by formula.

    measured: fresh steps; None takes those kept in the store for the same machine, model and knobs. Raises what
    `training.tokens.encode.encode` raises, and ModelError or ModelUnusable when the model is not there.
    """
    folder = embedded.resolve(prepared.plan.model, models_folder())
    plan = prepared.plan.model_copy(update={"model": str(folder)})
    table = prepared.table()
    encoding = encode(table, tokenizer_for(folder), max_length=plan.max_length)
    known = table.filter(pl.col("row_id").is_in([row.row_id for row in encoding.rows]))
    aside = set(validation_places(groups_of(known), share=plan.validation_share, seed=plan.seed))
    training = [row for place, row in enumerate(encoding.rows) if place not in aside]
    validation = [row for place, row in enumerate(encoding.rows) if place in aside]
    device: Literal["cpu", "cuda"] = "cuda" if cards_here() else "cpu"
    work = workload(plan, measures_of(training), measures_of(validation), device=device)
    model = size_of(folder)
    found = measured or kept(plan, store.folder(MEASUREMENTS))
    cost = estimate(
        plan,
        model,
        rows=len(encoding.rows),
        tokens=encoding.tokens,
        device=device,
        cores=os.cpu_count() or 1,
        bf16=computes_in_bf16(plan, device, found),
        work=work,
        measured=found if found is not None and found.device == device else None,
    )
    return Costed(plan, encoding, tuple(training), model, cost)


def computes_in_bf16(plan: TrainingPlan, device: str, measured: Measured | None) -> bool:
    """Whether a run computes in bf16 here, told without loading torch; of a card that was not measured, supposed."""
    if measured is not None:
        return measured.precision == "bf16"
    card = cards_here()[0].card if device == "cuda" else None
    able = cpu_has_bf16() if device == "cpu" else card is None or bool(card.bf16)
    return able if plan.precision == "auto" else plan.precision == "bf16"


def predicted_for(store: Store, prepared: Prepared) -> dict[str, Any] | None:
    """What the plan card says of this run, when steps of it were timed on this machine; None when it was not measured.

    A prediction is no condition of a run: what cannot be predicted is not.
    """
    try:
        cost = costed(store, prepared).cost
    except (TrainingError, EvaluationError, OSError):
        return None
    return cost.told() if cost.measured is not None else None


def refuse_leaks(
    store: Store, version: Version, rows: Rows, golden: Golden, *, wait: bool = True, report: Report = no_report
) -> None:
    """Raises Refused with the pairs that stop training and that nobody has signed for; see `prepare` for `wait`."""
    found = leak_search.look(store, version, golden)
    if found is None:
        held = goldens.rows_of(store, golden)
        if not wait and leak_search.unread(store, rows, held) > MOST_UNREAD:
            found = leak_search.by_words(store, version, golden, rows)
        else:
            found = leak_search.search(store, version, golden, rows=rows, report=report)
    if found.open:
        raise Refused(
            _refusal(store, version, rows, golden, found),
            tuple((one.training_id, one.golden_id or SEALED, one.measure, one.how) for one in found.open),
        )


def _refusal(store: Store, version: Version, rows: Rows, golden: Golden, found: leak_search.Found) -> str:
    """Why training is refused: the surest pairs, and the ways out. Of sealed golden rows no text is told."""
    stopping = found.open
    gone = {one.training_id for one in stopping if one.tier == "certain" or (one.ruling and one.ruling.leak)}
    asked = {one.training_id for one in stopping} - gone
    head = []
    if gone:
        noun = "1 row" if len(gone) == 1 else f"{len(gone)} rows"
        head.append(
            f"Training is refused: {noun} of {version.label} would show the model what stands in {golden.label}, which "
            "it must never see."
        )
    if asked:
        noun = "1 row" if len(asked) == 1 else f"{len(asked)} rows"
        start = "Besides" if gone else "Training is refused"
        verb = "resembles" if len(asked) == 1 else "resemble"
        head.append(f"{start}: {noun} of {version.label} {verb} golden rows, and nobody has ruled on it yet.")
    readable = goldens.readable(store, golden)
    shown = [_pair(rows, readable, one) for one in stopping[:SHOWN]]
    more = [f"... and {len(stopping) - SHOWN} more pairs"] if len(stopping) > SHOWN else []
    ways_out = []
    if gone:
        ways_out.append(f"Take the training rows out with: goldloop golden suspects {version.label} --drop")
    if asked:
        ways_out.append(f"Look at them on the Golden screen, or with: goldloop golden suspects {version.label}")
        ways_out.append("Rule on them with: goldloop golden rule PAIR... --no-leak --reason WHY (or --leak)")
    note = [found.note] if found.note else []
    return "\n".join([*head, *shown, *more, *ways_out, *note])


def _pair(rows: Rows, readable: Rows, pair: Pair) -> str:
    ours = rows.having([pair.training_id])
    place = f"line {ours.frame['line'][0]} of {ours.frame['source'][0]}"
    found = f"({pair.how}, likeness {pair.measure:.2f}; pair {pair.key})"
    mine = f'  row {pair.training_id} ({place}): "{_short(ours.prompt[0])}"\n'
    if pair.sealed:
        return f"{mine}  a sealed golden row {found}"
    return f'{mine}  golden {pair.golden_id}: "{_short(readable.having([pair.golden_id]).prompt[0])}" {found}'


def _short(text: str) -> str:
    return " ".join(text.split())[:90]


def _usable(rows: Rows) -> tuple[Rows, tuple[tuple[str, str], ...]]:
    """The rows that end in a reply of words or of tool calls, and the others with the reason."""
    left_out = []
    for row_id, turns, reply in zip(rows.row_id, rows.messages, rows.reply, strict=True):
        if not turns or turns[-1]["role"] != "assistant":
            left_out.append((row_id, "does not end in a reply"))
        elif not reply.strip() and not calls_of(unfolded(turns[-1])):
            left_out.append((row_id, "its reply is empty"))
    return rows.without([row_id for row_id, _ in left_out]), tuple(left_out)
