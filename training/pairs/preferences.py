"""A second stage: the adapter of a finished run goes on learning which of two replies people preferred

Direct preference optimisation (Rafailov et al. 2023, arXiv 2305.18290) by TRL's DPOTrainer, on replies that are
rendered and labelled as in the first stage. Measured against is the run's model as it was: TRL keeps a frozen copy of
the adapter it is given, under the name "ref", so that at the first step every reward is 0.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from training.adapters.adapter import ABOUT, CARD, check_adapter, digest_of
from training.adapters.whole import is_whole
from training.errors import BadAdapter, NotResumable, PlanError, RowsError, TrainingError
from training.machine import machine_for, settle_environment
from training.methods import notes_on
from training.pairs.kept_stage import facts_of, keep_parent
from training.pairs.pair_rows import EncodedPair, encode_pairs
from training.plan import TrainingPlan, readable
from training.result import Training, read_training, write_whole
from training.run import ranks, steps
from training.run.checkpoints import full_disk
from training.run.data_digest import division, tools_lines
from training.run.lora import is_still_whole
from training.run.prepared import Run, made_from
from training.run.provenance import digest_of_model, read_provenance
from training.run.run_folder import ADAPTER, STAGE, begun_with, keep_inputs
from training.run.split import kept_aside
from training.run.trackers import refuse_missing
from training.run.watch import Report
from training.tokens.calls import unfolded
from training.tokens.encode import Encoding
from training.tokens.template import tokenizer_for

# What a second stage takes over from its run: the adapter is the one that is there.
OF_THE_RUN = ("model", "method", "rank", "alpha", "dropout", "quantization")
# Of the first stage's rate. Anchor: 5e-6 for a 7B model with an adapter (the published Zephyr DPO recipe) against 2e-4
# for its first stage; smaller models keep the same share of their higher rate, which is carried over, not measured.
RATE_SHARE = 1 / 40
# beta: .1 in Rafailov et al. 2023; with rewards a token 5, as in Tulu 3 (Lambert et al. 2024, arXiv 2411.15124, §5.1).
BETA = {"sum": 0.1, "mean": 5.0}
FEWEST = 8  # pairs: fewer do not make one batch and one to hold out
# Held out are some 15 %: of 100 pairs 15, whose accuracy has an interval of some 50 points. What 100 pairs taught shows
# on golden rows rather than here, and often not there either.
FEW = 100


class PreferencePlan(BaseModel):
    """The knobs of a second stage: two of its own, and those of training that it does not take over from its run."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    beta: float | None = Field(
        None, gt=0, le=100, title="Beta",
        description="How dearly moving away from the run's model is paid for; higher stays closer. Empty: by the loss.",
    )  # fmt: skip
    rewards: Literal["sum", "mean"] = Field(
        "sum", title="Rewards",
        description="sum over a reply's tokens, as published; mean of them, so that longer replies do not weigh more.",
    )  # fmt: skip
    training: TrainingPlan

    @classmethod
    def after(cls, run: TrainingPlan, settings: Iterable[str] = ()) -> PreferencePlan:
        """The second stage's plan on a run with that plan. settings: texts such as "beta=.2" or "epochs=1".

        Raises PlanError with a line for each wrong knob.
        """
        own: dict[str, str | None] = {}
        others = []
        for setting in settings:
            name, equals, text = (part.strip() for part in setting.partition("="))
            if equals and name in OF_THE_RUN:
                raise PlanError(f"{name} is that of the run whose adapter goes on learning; leave it out.")
            if equals and name in ("beta", "rewards"):
                own[name] = None if text.lower() in ("none", "") else text
            else:
                others.append(setting)
        kept = {name: getattr(run, name) for name in (*OF_THE_RUN, "max_length", "precision", "seed")}
        start = TrainingPlan(
            **kept, epochs=3, batch_size=4, accumulation=2, warmup=0.1, validation_share=0.15,
            evaluations_per_epoch=2, patience=3, untrainable="leave out",
        )  # fmt: skip
        try:
            return cls.model_validate({**own, "training": start.with_settings(others)})
        except ValidationError as problem:
            raise PlanError("\n".join(readable(problem))) from problem

    @property
    def strength(self) -> float:
        """The beta in force."""
        return BETA[self.rewards] if self.beta is None else self.beta


@dataclass
class PairRun(Run):
    """A second stage between its attempts. parent: the folder of the adapter it starts from and is measured against."""

    stage: PreferencePlan | None = None
    parent: Path = Path()
    pairs: list[EncodedPair] = field(default_factory=list)
    held_out: list[EncodedPair] = field(default_factory=list)


def train_preferences(
    plan: PreferencePlan,
    pairs: pl.DataFrame,
    parent: Path,
    out: Path,
    *,
    report: Report | None = None,
    resume: bool = False,
    threads: int | None = None,
) -> Training:
    """The adapter in `parent`, trained on to prefer the chosen reply of each pair.

    pairs: columns row_id, messages (a conversation whose last message is the chosen reply), rejected (text of the
    other), and group where pairs belong together. `out` gets what a first stage leaves (`training.run.lora`), with
    preferences.json and parent/ beside it, the adapter it began from, and in metrics.jsonl margin and accuracy of the
    rewards: eval_ of the pairs held out. threads: how many compute on a CPU, by default as many as torch takes.
    Stopping, killing and resuming work as in the first stage. Raises TrainingError and its children.
    """
    settle_environment()
    begun = time.monotonic()
    if is_whole(parent):
        raise BadAdapter(
            f"{parent} is a whole model, not an adapter; a second stage needs an adapter. Train a run with method=lora."
        )
    check_adapter(parent)
    if ranks.count() > 1:
        raise TrainingError("a second stage learns in one process: begin it without accelerate launch.")
    facts = facts_of(plan, parent)
    refuse_missing(plan.training.report_to)
    _same_stage(out, facts, resume)
    digest = digest_of_pairs(pairs)
    earlier = read_provenance(out) if resume else None
    model = digest_of_model(plan.training.model) if Path(plan.training.model).is_dir() else None
    before = begun_with(out, plan.training, digest, resume=resume, model_digest=model, older=digest_of_texts(pairs))
    done = read_training(out) if before else None
    if done is not None and is_still_whole(out / ADAPTER):
        _tell_on_card(out, plan.training, digest, facts)  # where it was killed just before
        return done
    with steps.computing_with(threads or (earlier or {}).get("threads")):
        try:
            keep_inputs(plan.training, pairs, out)
            write_whole(out / STAGE, json.dumps(facts, indent=2))
            kept = keep_parent(parent, out)
            run = _prepared(plan, pairs, kept, out, report or (lambda done, line: None), digest, before, begun)
            run.provenance = made_from(run, pairs.height, model, earlier)
            run.remember()
            from training.pairs.pair_trainer import attempt

            result = steps.with_less_memory(run, lambda this: attempt(this))  # type: ignore[arg-type]
            _tell_on_card(out, plan.training, digest, facts)
        except Exception as problem:
            full = full_disk(problem, out)
            if full is None or isinstance(problem, TrainingError):
                raise
            raise full from problem
    run.report(1.0, f"adapter of step {result.best_step} saved")
    return result


def _prepared(
    plan: PreferencePlan, pairs: pl.DataFrame, parent: Path, out: Path, tell: Report, digest: str,
    before: Mapping[str, Any], begun: float,
) -> PairRun:  # fmt: skip
    tell(0.0, f"reading {pairs.height} pairs")
    training = plan.training
    tokenizer = tokenizer_for(training.model)
    encoded, skipped = encode_pairs(pairs, tokenizer, max_length=training.max_length)
    if len(encoded) < FEWEST:
        first = f' The first one left out: {skipped[0].row_id}, "{skipped[0].reason}".' if skipped else ""
        raise RowsError(f"{len(encoded)} pairs can be learned from; at least {FEWEST} are needed.{first}")
    kept = pairs.filter(pl.col("row_id").cast(pl.String).is_in([one.row_id for one in encoded]))
    aside = set(kept_aside(kept, share=training.validation_share, seed=training.seed))
    trained = [one for place, one in enumerate(encoded) if place not in aside]
    held_out = [one for place, one in enumerate(encoded) if place in aside]
    batch_size = before.get("batch_size", training.batch_size)
    return PairRun(
        plan=training,
        out=out,
        rows=[one.as_row() for one in trained],
        validation=[one.as_row() for one in held_out],
        encoding=Encoding([one.as_row() for one in encoded], skipped),
        machine=machine_for(training.precision, training.quantization),
        digest=digest,
        tokenizer=tokenizer,
        report=tell,
        batch_size=batch_size,
        accumulation=before.get("accumulation", training.accumulation),
        eval_batch=before.get("eval_batch") or batch_size,
        notes=before.get("notes") or [*_notes(len(encoded), len(skipped), len(held_out)), *notes_on(training)],
        begun=begun,
        stage=plan,
        parent=parent,
        pairs=trained,
        held_out=held_out,
    )


def _notes(pairs: int, skipped: int, held_out: int) -> list[str]:
    notes = [f"second stage on {pairs} pairs of replies, of which {held_out} only say when to stop"]
    if pairs < FEW:
        notes.append(
            f"{pairs} pairs are few: under {FEW} the likely outcome on golden rows is that nobody can tell a difference"
        )
    if skipped:
        notes.append(f"{skipped} pairs were left out: see skipped_rows")
    if not held_out:
        notes.append("no pairs held out: there are too few groups to keep one aside, so the last step is taken")
    return notes


def _same_stage(out: Path, facts: Mapping[str, Any], resume: bool) -> None:
    """Raises NotResumable when the stage in this folder was begun with another beta, loss or adapter."""
    try:
        before = json.loads((out / STAGE).read_text("utf-8"))
    except (OSError, ValueError):
        return
    if resume:
        changed = [name for name in ("beta", "rewards", "parent") if before.get(name) != facts[name]]
        if changed:
            raise NotResumable(
                f"the second stage in {out} was begun with another {', '.join(changed)}. "
                "Resume it as it was begun, or begin a new one in another folder."
            )


def _tell_on_card(out: Path, plan: TrainingPlan, digest: str, facts: Mapping[str, Any]) -> None:
    """What the second stage was, in the adapter's card and beside it; told once."""
    from training.adapters.model_card import SECOND_STAGE, model_card

    folder = out / ADAPTER
    about = json.loads((folder / ABOUT).read_text("utf-8"))
    if SECOND_STAGE in about["result"]:
        return
    last = next((line for line in reversed(_lines(out)) if "eval_accuracy" in line), None)
    told = {SECOND_STAGE: f"DPO, beta {facts['beta']:g}, rewards the {facts['rewards']} over a reply's tokens"}
    if last:
        told["Preferred on pairs held out"] = (
            f"{last['eval_accuracy']:.0%} of {last['eval_pairs']} "
            f"(95 % interval {last['eval_accuracy_low']:.0%} to {last['eval_accuracy_high']:.0%})"
        )
    about["result"] = {**told, **about["result"]}
    card = model_card(plan, str(about["base"]), about.get("base_licence"), digest, about["result"])
    write_whole(folder / CARD, card)
    write_whole(folder / ABOUT, json.dumps(about, indent=2))  # last: it says that the card was written


def _lines(out: Path) -> list[dict[str, Any]]:
    from training.result import read_metrics

    return read_metrics(out)


def digest_of_pairs(pairs: pl.DataFrame) -> str:
    """SHA-256 of the pairs, in their order, and of what divides them. Raises RowsError where a column is missing."""
    missing = [name for name in ("row_id", "messages", "rejected") if name not in pairs.columns]
    if missing:
        raise RowsError(
            f"the pairs have no column {' and no column '.join(missing)}; they have: {', '.join(pairs.columns)}."
        )
    return digest_of([*_texts(pairs), *division(pairs), *tools_lines(pairs)])


def digest_of_texts(pairs: pl.DataFrame) -> str:
    """SHA-256 of the pairs alone, as earlier versions took it."""
    return digest_of(_texts(pairs))


def _texts(pairs: pl.DataFrame) -> list[str]:
    return [
        json.dumps([[unfolded(message) for message in one["messages"] or ()], one["rejected"]], sort_keys=True)
        for one in pairs.iter_rows(named=True)
    ]


def interval_of(right: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share. Source: Wilson 1927; Brown, Cai & DasGupta 2001 for why not the simple one."""
    if count == 0:
        raise TrainingError("no pairs were held out, so nothing was measured on them.")
    z, share = 1.959963984540054, right / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0.0, middle - half), min(1.0, middle + half)
