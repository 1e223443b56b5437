"""What lies in a run's folder besides its results: what the run was begun with, so that nothing else is needed

plan.json, rows.parquet   what the run repeats from (`python -m training plan.json rows.parquet out/`)
run.json                  what it was begun with, and what it had to change on its own account
provenance.json           with which machine and versions
checkpoints/  adapter/    where it goes on, what it made
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import polars as pl

from training.errors import NotResumable
from training.plan import TrainingPlan
from training.result import METRICS, sync_folder, write_whole
from training.run.provenance import read_provenance

RUN = "run.json"
PLAN = "plan.json"
ROWS = "rows.parquet"
CHECKPOINTS = "checkpoints"
ADAPTER = "adapter"
STAGE = "preferences.json"  # only in the folder of a second stage
FORM = 2  # of the digest of rows: since 2 what divides them counts, too
# Knobs that may change on a resume: they do not touch what is computed.
HARMLESS = ("report_to",)


def keep_inputs(plan: TrainingPlan, rows: pl.DataFrame, out: Path) -> None:
    """Puts plan.json and rows.parquet into the folder, where they are not there already."""
    out.mkdir(parents=True, exist_ok=True)
    text = plan.model_dump_json(indent=2)
    if not (out / PLAN).is_file() or (out / PLAN).read_text("utf-8") != text:
        write_whole(out / PLAN, text)
    if not (out / ROWS).is_file():
        temporary = out / f".{ROWS}.part"
        rows.write_parquet(temporary)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(out / ROWS)
        sync_folder(out)


def begin_with(out: Path, plan: TrainingPlan, data_digest: str, **facts: Any) -> None:
    """Writes down what a run is begun with. facts: batch_size, accumulation, eval_batch, notes."""
    known = {"plan": plan.model_dump(), "data_digest": data_digest, "digest_form": FORM}
    write_whole(out / RUN, json.dumps(known | facts, indent=2))


def digest_begun_with(out: Path) -> str | None:
    """The digest of the rows that the run in this folder was begun with; None where nothing says so."""
    try:
        return str(json.loads((out / RUN).read_text("utf-8"))["data_digest"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def begun_with(
    out: Path, plan: TrainingPlan, digest: str, *, resume: bool, model_digest: str | None = None, older: str = ""
) -> dict[str, Any]:
    """What the run in this folder was begun with; empty for a new run.

    A knob that the run's own plan lacks is younger than the run: it counts as its default. The base model may lie
    elsewhere by now, but must hold the same files. older: the digest of the same rows as earlier versions took it,
    which counts for the runs of those. Raises NotResumable for a folder that holds a run which must not be touched, or
    another one than is asked for.
    """
    there = (out / RUN).exists() or (out / METRICS).exists() or any((out / CHECKPOINTS).glob("checkpoint-*"))
    if not there:
        return {}
    if not resume:
        raise NotResumable(f"{out} already holds a run. Resume it, or choose another folder.")
    try:
        before = json.loads((out / RUN).read_text("utf-8"))
        knobs, rows = dict(before["plan"]), before["data_digest"]
    except (OSError, ValueError, KeyError, TypeError):
        raise NotResumable(
            f"{out / RUN} is missing or damaged, so nobody can tell what the run in {out} was begun with. "
            "Begin a new run in another folder."
        ) from None
    known = ((read_provenance(out) or {}).get("model") or {}).get("digest")
    if known and model_digest:
        knobs["model"] = plan.model
        if known != model_digest:
            raise NotResumable(
                f"the run in {out} was begun with other files of the base model {plan.model}. "
                "Put the old ones back, or begin a new run in another folder."
            )
    changed = [
        name
        for name, knob in type(plan).model_fields.items()
        if name not in HARMLESS and knobs.get(name, knob.default) != getattr(plan, name)
    ]
    if changed:
        raise NotResumable(
            f"the run in {out} was begun with another {', '.join(changed)}. "
            "Resume it with its own plan, or begin a new run in another folder."
        )
    if rows != digest and (rows != older or "digest_form" in before):
        raise NotResumable(f"the run in {out} was begun with other rows. Begin a new run in another folder.")
    return dict(before)
