"""How often the run doctor is right: real runs that are healthy, and real runs that show each ailment

    python benchmarks/doctor.py --work /somewhere [--healthy 32] [--seeds 8] [--record]

Every run is trained (see `doctor_runs`); a run that is there already is not made again, so that an interrupted
benchmark goes on. Prints one line an ailment: in how many of its runs it was found, and what else was said; and for the
healthy runs how many had a warning or an error, with a 95 % interval. --record writes the metric lines of the runs with
seed 0 to tests/training/doctor/curves, where the tests read them.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from doctor_runs import AILMENTS, Made, ailing, base_model, healthy, tuned

from training.doctor import Finding, diagnose
from training.doctor.recital import wilson
from training.result import read_metrics, read_training

CURVES = Path(__file__).parents[1] / "tests" / "training" / "doctor" / "curves"
EXPECTED = {  # ailments that have more than one right name
    "learned by heart": {"by heart"},
    "sorted rows": {"order"},
    "nothing to learn": {"does not fall", "no gain"},
}
KEPT = ("step", "epoch", "loss", "eval_loss", "lr", "grad_norm", "time_left")  # of a line, in a recorded curve
SHAPES = ((96, 3), (64, 4))  # width and layers of the two base models


def found_in(folder: Path) -> list[Finding]:
    """What the doctor says of a run's folder."""
    plan = json.loads((folder / "run.json").read_text("utf-8"))["plan"]
    return diagnose(read_metrics(folder), plan, read_training(folder))


def made_run(made: Made, seed: int, work: Path) -> Path:
    """The folder of this run, trained now if it is not there."""
    width, layers = SHAPES[seed % len(SHAPES)]
    base = work / f"base{width}"
    if not (base / "config.json").exists():
        base_model(base, width=width, layers=layers)
    folder = work / "runs" / f"{made.name.replace(' ', '_')}-{seed}"
    ended = (folder / "training.json").exists() or (made.name == "not a number" and (folder / "metrics.jsonl").exists())
    return folder if ended else tuned(made, base, folder)


def record(folder: Path, name: str) -> None:
    """The metric lines of a run, as the tests read them."""
    CURVES.mkdir(exist_ok=True)
    lines = [{key: _short(line[key]) for key in KEPT if line.get(key) is not None} for line in read_metrics(folder)]
    for line in lines:
        line.setdefault("loss", None)
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (CURVES / f"{name.replace(' ', '_')}.jsonl").write_text(text, "utf-8")


def _short(value: float) -> float:
    return round(value, 4) if isinstance(value, float) and abs(value) > 1e-3 else value


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--work", type=Path, required=True, help="folder for base models and runs")
    options.add_argument("--healthy", type=int, default=32)
    options.add_argument("--seeds", type=int, default=8, help="runs of each ailment")
    options.add_argument("--record", action="store_true")
    given = options.parse_args()
    print("| ailment | runs | found | said besides, as warning or error |\n|---|---|---|---|")
    for name in AILMENTS:
        said = []
        for seed in range(given.seeds):
            folder = made_run(ailing(name, seed), seed, given.work)
            said.append(found_in(folder))
            if given.record and seed == 0:
                record(folder, name)
        wanted = EXPECTED.get(name, {name})
        hits = sum(any(one.kind in wanted for one in found) for found in said)
        besides = Counter(one.kind for found in said for one in found if one.kind not in wanted | {"unfinished"})
        told = ", ".join(f"{kind} {count}" for kind, count in besides.items()) or "nothing"
        print(f"| {name} | {len(said)} | {hits} | {told} |", flush=True)
    alarms: list[list[str]] = []
    hints: Counter[str] = Counter()
    for seed in range(given.healthy):
        folder = made_run(healthy(seed), seed, given.work)
        found = found_in(folder)
        alarms.append([one.kind for one in found if one.severity != "hint"])
        hints.update(one.kind for one in found if one.severity == "hint")
        if given.record and seed == 0:
            record(folder, "healthy")
    false = sum(bool(kinds) for kinds in alarms)
    share, low, high = wilson(false, len(alarms))
    print(
        f"\nhealthy: {len(alarms)} runs, {false} with a warning or an error ({share:.0%}, 95 % {low:.0%} to "
        f"{high:.0%}): "
        f"{dict(Counter(kind for kinds in alarms for kind in kinds))}; hints: {dict(hints)}"
    )


if __name__ == "__main__":
    main()
