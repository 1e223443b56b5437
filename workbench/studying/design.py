"""What a study will do, before its first run: its arms, the rows of each, and what decides"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from training.plan import TrainingPlan
from workbench.errors import BadInput
from workbench.settings import DEFAULT_MODEL
from workbench.store import Store
from workbench.store.row_files import write_whole

Kind = Literal["data", "rows", "duel", "sweep", "rebase"]
KINDS: dict[str, str] = {
    "data": "Is more data worth it?",
    "rows": "Do only the clean rows do better than all?",
    "duel": "Which of two base models?",
    "sweep": "Which learning rate, epochs, rank?",
    "rebase": "Is it time for a new base model?",
}
ALL = "all"  # the row set of every usable row
BITS = "bits_per_byte"  # what is compared where tokenizers differ
LOSS = "nll"
SEEDS = (0, 1)
MOST_SEEDS, MOST_MINUTES = 10, 100_000
ROWS_FILE = "rows.json"


@dataclass(frozen=True)
class ArmPlan:
    """One run of a study. side: what it repeats (runs of one side differ in their seed only); rows: its row set.

    settings: knobs over the defaults, as texts such as "epochs=2". size: rows trained on, those kept aside left out.
    run: an earlier run that stands in for this arm and is only measured.
    """

    name: str
    side: str
    seed: int
    model: str
    settings: tuple[str, ...]
    rows: str
    size: int
    run: int | None = None

    def plan(self) -> TrainingPlan:
        """The plan of this run. Raises PlanError."""
        return TrainingPlan(model=self.model).with_settings([*self.settings, f"seed={self.seed}"])


@dataclass(frozen=True)
class Sweep:
    """The knobs a sweep tries. values: knob -> values of a grid, or (low, high) bounds that TPE draws between."""

    trials: int
    way: Literal["tpe", "grid"]
    values: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True)
class Design:
    """A study as it was decided. sets: row set -> row ids trained on; aside: row ids kept aside in every run.

    decides: the metric (or `bits_per_byte`) that the verdict rests on. answers: whether golden rows are also answered,
    or only their references read. notes: what a person should know before the start.
    """

    kind: Kind
    version: str
    golden_id: int
    arms: tuple[ArmPlan, ...]
    sets: Mapping[str, tuple[str, ...]]
    aside: tuple[str, ...]
    decides: str
    reason: str
    answers: bool
    max_new_tokens: int
    useful: float
    sweep: Sweep | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def models(self) -> tuple[str, ...]:
        """The base models, each once."""
        return tuple(dict.fromkeys(arm.model for arm in self.arms))

    def settings(self) -> dict[str, Any]:
        """What is written down before the first run; the row ids lie in a file of their own."""
        known = asdict(self)
        del known["sets"], known["aside"]
        return json.loads(json.dumps({**known, "kept_aside": len(self.aside), "title": KINDS[self.kind]}))  # type: ignore[no-any-return]


def keep_rows(store: Store, study_id: int, design: Design) -> None:
    """Writes the row sets of a study into its folder."""
    text = json.dumps({"sets": {name: list(ids) for name, ids in design.sets.items()}, "aside": list(design.aside)})
    write_whole(folder(store, study_id) / ROWS_FILE, lambda part: part.write_text(text))


def read_design(store: Store, study_id: int, settings: Mapping[str, Any]) -> Design | None:
    """The design as it was written down; None where the process died before the rows were."""
    path = folder(store, study_id) / ROWS_FILE
    if not path.is_file():
        return None
    kept = json.loads(path.read_text())
    known = {name: value for name, value in settings.items() if name in Design.__dataclass_fields__}
    arms = tuple(ArmPlan(**{**one, "settings": tuple(one["settings"])}) for one in known.pop("arms"))
    sweep = known.pop("sweep", None)
    return Design(
        **{**known, "notes": tuple(known.get("notes", ()))},
        arms=arms,
        sets={name: tuple(ids) for name, ids in kept["sets"].items()},
        aside=tuple(kept["aside"]),
        sweep=Sweep(**{**sweep, "values": {k: tuple(v) for k, v in sweep["values"].items()}}) if sweep else None,
    )


def folder(store: Store, study_id: int) -> Any:
    """Where a study keeps its row sets, measures and trials."""
    return store.folder("studies", study_id)


def seeds_of(given: Sequence[int] | None, fewest: int = 1) -> tuple[int, ...]:
    """The seeds, each once. Raises BadInput."""
    seeds = tuple(dict.fromkeys(int(seed) for seed in (SEEDS if given is None else given)))
    if not fewest <= len(seeds) <= MOST_SEEDS or min(seeds) < 0:
        raise BadInput(f"Give {fewest} to {MOST_SEEDS} different seeds, such as 0 and 1: one run alone may be luck.")
    return seeds


def model_of(given: str | None) -> str:
    return (given or "").strip() or DEFAULT_MODEL
