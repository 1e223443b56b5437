"""A second stage as it lies in its run's folder, so that it is trained once more from there alone

preferences.json   beta, rewards, and SHA-256 of the adapter it began from
parent/            that adapter: its weights and its configuration
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from training.adapters.adapter import CONFIG, WEIGHTS
from training.errors import BadAdapter, NotResumable, RowsError
from training.plan import TrainingPlan
from training.result import Training, sync_folder
from training.run.run_folder import STAGE
from training.run.watch import Report

if TYPE_CHECKING:
    from training.pairs.preferences import PreferencePlan

PARENT = "parent"


@dataclass(frozen=True)
class KeptStage:
    """A second stage as it was begun. parent: the folder of the adapter it began from, held against its digest."""

    plan: PreferencePlan
    parent: Path

    def digests(self, pairs: pl.DataFrame) -> tuple[str, str]:
        """What the pairs are known by, and as earlier versions took it."""
        from training.pairs.preferences import digest_of_pairs, digest_of_texts

        return digest_of_pairs(pairs), digest_of_texts(pairs)

    def train(
        self,
        plan: TrainingPlan,
        pairs: pl.DataFrame,
        out: Path,
        *,
        report: Report | None = None,
        resume: bool = False,
        threads: int | None = None,
    ) -> Training:
        """As `training.run.lora.train`, for this stage with that plan."""
        from training.pairs.preferences import train_preferences

        stage = self.plan.model_copy(update={"training": plan})
        return train_preferences(stage, pairs, self.parent, out, report=report, resume=resume, threads=threads)


def stage_in(folder: Path, plan: TrainingPlan, *, parent: Path | None = None) -> KeptStage:
    """The second stage that a run's folder holds.

    plan: its knobs of training. parent: where the adapter it began from lies, for runs of before a copy was kept; by
    default where it lay then. Raises NotResumable where preferences.json is damaged, BadAdapter where that adapter is
    not there or is another by now.
    """
    from training.pairs.preferences import PreferencePlan

    try:
        facts = json.loads((folder / STAGE).read_text("utf-8"))
        stage = PreferencePlan(beta=facts["beta"], rewards=facts["rewards"], training=plan)
        wanted = digests_wanted(facts)
        lay = Path(str(facts.get("parent_folder") or folder / PARENT))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise NotResumable(
            f"{folder / STAGE} is missing or damaged, so nobody can tell what the second stage in {folder} was begun "
            "with. Train it anew on its run."
        ) from problem
    there = [one for one in (folder / PARENT, parent, lay) if one is not None and (one / WEIGHTS).is_file()]
    same = next((one for one in there if digests_there(one).items() >= wanted.items()), None)
    if same is None:
        found = f"the one in {there[0]} is another by now" if there else f"it is not in {lay} any more"
        raise BadAdapter(
            f"the second stage in {folder} began from the adapter with SHA-256 {wanted[WEIGHTS]}, and {found}. "
            f"Put that one's {WEIGHTS} and {CONFIG} into {folder / PARENT}."
        )
    return KeptStage(stage, same)


def stage_beside(plan_file: Path, plan: TrainingPlan, rows: pl.DataFrame) -> KeptStage | None:
    """The second stage whose plan this is; None where plan and rows are those of a first one.

    Raises RowsError for pairs beside whose plan nothing says how they were learned from.
    """
    folder = plan_file.resolve().parent
    if (folder / STAGE).is_file():
        return stage_in(folder, plan)
    if {"messages", "rejected"} <= set(rows.columns):
        raise RowsError(
            f"the rows are pairs of replies, and {folder} has no {STAGE} beside the plan that says from which adapter "
            "and how they are learned. Give the plan in its run's folder, or leave the column rejected out to learn "
            "the chosen replies alone."
        )
    return None


def keep_parent(parent: Path, out: Path) -> Path:
    """The adapter that a second stage begins from, in the folder of its run: whole or not at all; kept once."""
    kept = out / PARENT
    if kept.is_dir():
        if digests_there(kept) != digests_there(parent):
            raise NotResumable(
                f"{kept} is not the adapter in {parent} that the second stage in {out} begins from. Remove it, or "
                "begin a new run in another folder."
            )
        return kept
    temporary = out / f".{PARENT}.part"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    for name in (WEIGHTS, CONFIG):
        shutil.copyfile(parent / name, temporary / name)
        with (temporary / name).open("rb") as file:
            os.fsync(file.fileno())
    temporary.replace(kept)
    sync_folder(out)
    return kept


def facts_of(plan: PreferencePlan, parent: Path) -> dict[str, Any]:
    """What preferences.json says of a stage on the adapter in `parent`."""
    digests = digests_there(parent)
    return {
        "stage": "dpo", "beta": plan.strength, "rewards": plan.rewards, "parent": digests[WEIGHTS],
        "parent_config": digests[CONFIG], "parent_folder": str(parent),
    }  # fmt: skip


def digests_there(folder: Path) -> dict[str, str]:
    """SHA-256 of an adapter's files by their names; of those that are there."""
    found = {}
    for path in (folder / WEIGHTS, folder / CONFIG):
        if path.is_file():
            with path.open("rb") as file:
                found[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def digests_wanted(facts: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256 of the files that a stage began from; preferences.json of earlier versions names the weights only."""
    known = {WEIGHTS: facts["parent"], CONFIG: facts.get("parent_config")}
    return {name: str(digest) for name, digest in known.items() if digest}
