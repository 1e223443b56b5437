"""How often the run doctor is right on runs that its rules were not set on: recall and false alarms, kind by kind

    python benchmarks/doctor_unseen.py --texts FOLDER --work /somewhere [--seed 1] [--families 16] [--each 10]

FOLDER holds conversations as .jsonl files ({"messages": [...]} a line); the bases read the first half of each text and
are tuned on the second. For each kind it says of how many runs the ailment is true, by how the run was built or by what
was measured beside it (never by what the doctor reads), in how many of these it was named, and in how many that are
free of it it was named nevertheless, with Wilson's 95 % intervals. What is neither clearly so nor clearly not so counts
nowhere.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.doctor import Finding, diagnose
from training.doctor.recital import wilson
from training.result import read_metrics, read_training

GAINED, LOST = 0.5, 0.2  # of the best gain on the ladder: from the first on a rate is sound, below the second it fails
LITTLE = 0.01  # of the loss: a smaller change is none
RISEN, SOUND = (
    0.03,
    0.005,
)  # unseen loss at the end over its lowest: overfitted from the first on, sound below the second
DIVERGED = 0.05  # loss of seen rows at the end over its lowest before: the run has lost what it had
BY_HEART, NOT_BY_HEART = 0.5, 0.05  # share of seen replies given back whole
FAIR_STEPS = 20  # a run of fewer is short, though it need not be too short


@dataclass(frozen=True)
class Judged:
    """A run, what is true of it (kind -> yes, no; absent: unclear), and what the doctor said."""

    name: str
    truth: dict[str, bool]
    found: tuple[Finding, ...]

    def said(self, kinds: Iterable[str], hints: bool = False) -> bool:
        return any(one.kind in kinds and (hints or one.severity != "hint") for one in self.found)


# what is true -> the words that say it; a run that is thrown about by its rate is diverging too
WORDS = {
    "not a number": {"not a number"},
    "rate harmful": {"rate too high", "diverging", "not a number"},
    "rate too high": {"rate too high", "diverging", "not a number"},
    "rising": {"diverging", "rate too high", "not a number"},
    "rate too low": {"rate too low"},
    "flat": {"does not fall", "no gain", "rate too low", "too few steps"},  # the last says why
    "too few steps": {"too few steps"},
    "overfitting": {"overfitting"},
    "by heart": {"by heart", "overfitting"},  # both say that the rows are learned by heart
    "no gain": {"no gain", "does not fall", "rate too low", "rate too high", "diverging", "too few steps"},
    "order": {"order"},
    "mild order": {"order"},
}


OWN = {"flat": {"does not fall"}, "by heart": {"by heart"}, "no gain": {"no gain"}}  # words that claim just this


def truths(folder: Path, facts: dict[str, Any], ladder: dict[str, list[tuple[float, float]]]) -> dict[str, bool]:
    """What is measured to be so of a run. ladder: of a family, (rate, gain on unseen rows)."""
    built, probes = set(facts["built"]), facts["probes"]
    truth = {"not a number": "not a number" in built, "order": "order" in built}
    if "too few steps" in built or len(read_metrics(folder)) > FAIR_STEPS:
        truth["too few steps"] = "too few steps" in built
    if "mild order" in built:
        truth |= {"mild order": True}
        del truth["order"]
    if truth["not a number"] or len(probes) < 2:
        return truth | {"not a number": not (folder / "training.json").exists()}
    if not (folder / "training.json").exists():
        return {"not a number": True}
    unseen, seen = [one[1] for one in probes], [one[2] for one in probes]
    lowest = min(range(len(unseen)), key=lambda at: unseen[at])
    _gain(truth, facts, ladder.get(facts["family"], []), unseen, built)
    truth |= _known("rising", seen[-1] / min(seen) - 1, DIVERGED, LITTLE)
    truth |= _known("flat", -abs(1 - seen[-1] / seen[0]), -LITTLE, -3 * LITTLE)
    truth |= _known("no gain", min(unseen[1:]) / unseen[0] - 1, -SOUND, -3 * LITTLE)
    with_validation = (facts["knobs"].get("validation_share", 0.1)) > 0
    over = unseen[-1] / unseen[lowest] - 1
    if over >= RISEN and seen[-1] < seen[lowest] and with_validation:
        truth["overfitting"] = True
    elif over <= SOUND:
        truth["overfitting"] = False
    if probes[-1][3] >= BY_HEART and probes[-1][4] <= NOT_BY_HEART:
        truth["by heart"] = True
    elif probes[-1][3] <= NOT_BY_HEART:
        truth["by heart"] = False
    return truth


def _gain(truth: dict[str, bool], facts: dict[str, Any], ladder: list[tuple[float, float]], unseen: list[float],
          built: set[str]) -> None:  # fmt: skip
    if len(ladder) < 3:
        return
    best_rate, best = max(ladder, key=lambda pair: pair[1])
    if best < 2 * LITTLE * unseen[0]:  # nothing to learn at any rate
        return
    share = (unseen[0] - unseen[-1]) / best
    rate = facts["rate"]
    if share >= GAINED:
        truth |= {"rate too low": False, "rate too high": share < 0.9 and rate > best_rate, "rate harmful": False}
        if truth["rate too high"]:
            del truth["rate too high"]
    elif rate < best_rate and share <= LOST:
        truth |= {"rate too low": True, "rate too high": False, "rate harmful": False}
    elif rate > best_rate and share <= LOST:
        truth |= {"rate too high": True, "rate too low": False, "rate harmful": share < 0}


def _known(kind: str, value: float, yes: float, no: float) -> dict[str, bool]:
    return {kind: True} if value >= yes else {kind: False} if value <= no else {}


def judged(work: Path) -> list[Judged]:
    """Every run in the folder."""
    facts = {path.parent: json.loads(path.read_text("utf-8")) for path in sorted(work.glob("runs/*/truth.json"))}
    ladder = defaultdict(list)
    for one in facts.values():
        if one["family"] and len(one["probes"]) > 1:
            ladder[one["family"]].append((one["rate"], one["probes"][0][1] - one["probes"][-1][1]))
    told = []
    for folder, one in facts.items():
        plan = json.loads((folder / "run.json").read_text("utf-8"))["plan"]
        found = diagnose(read_metrics(folder), plan, read_training(folder))
        told.append(Judged(folder.name, truths(folder, one, ladder), tuple(found)))
    return told


def table(runs: list[Judged]) -> str:
    lines = ["| true of the run | runs | named | Wilson 95 % | free of it | named nevertheless | Wilson 95 % |",
             "|---|---|---|---|---|---|---|"]  # fmt: skip
    for kind, words in WORDS.items():
        own = OWN.get(kind, words)
        so = [one for one in runs if one.truth.get(kind)]
        not_so = [one for one in runs if one.truth.get(kind) is False and not _other_name(one, words)]
        named, false = sum(one.said(words) for one in so), sum(one.said(own) for one in not_so)
        lines.append(f"| {kind} | {_share(named, len(so))} | {_share(false, len(not_so))} |")
    return "\n".join(lines)


def _other_name(one: Judged, words: set[str]) -> bool:
    """Whether a kind of which one of these words is right is true of the run, too."""
    return any(one.truth.get(kind) for kind, others in WORDS.items() if others & words)


def sound(runs: list[Judged]) -> list[Judged]:
    """Runs of which nothing is wrong by any measure, and whose rate is known to be good."""
    return [one for one in runs if one.truth.get("rate too low") is False and one.truth.get("overfitting") is False
            and not any(one.truth.values())]  # fmt: skip


def alarmed_steps(work: Path, run: Judged) -> list[bool]:
    """After each step while the run went on, whether the doctor had a warning or an error."""
    folder = work / "runs" / run.name
    plan = json.loads((folder / "run.json").read_text("utf-8"))["plan"]
    lines = [{**line, "time_left": 9.0} for line in read_metrics(folder)]
    looks = [diagnose([line for line in lines if line["step"] <= step], plan) for step in range(1, lines[-1]["step"])]
    return [any(found.severity != "hint" for found in look) for look in looks] + [False]  # the last is its end


def _share(count: int, of: int) -> str:
    if not of:
        return "0 | | "
    share, low, high = wilson(count, of)
    return f"{of} | {count} ({share:.0%}) | {low:.0%} to {high:.0%}"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--texts", type=Path, help="folder of .jsonl files to train on; without it only judges")
    options.add_argument("--work", type=Path, required=True, help="folder for base models and runs")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--families", type=int, default=16, help="families of seven rates")
    options.add_argument("--each", type=int, default=10, help="runs built to suffer, of each kind")
    options.add_argument("--wrong", action="store_true", help="also name every run that was misjudged")
    given = options.parse_args()
    if given.texts:
        from doctor_unseen_runs import make_all

        make_all(given.texts, given.work, seed=given.seed, families=given.families, each=given.each)
    runs = judged(given.work)
    print(f"{len(runs)} runs\n\n{table(runs)}")
    well = sound(runs)
    alarmed = [one for one in well if any(found.severity != "hint" for found in one.found)]
    print(f"\nsound runs with any warning or error: of {_share(len(alarmed), len(well))}")
    live = [alarmed_steps(given.work, one) for one in well]
    long = [steps for steps in live if len(steps) > FAIR_STEPS]
    print(f"of more than {FAIR_STEPS} steps with one while they ran: of {_share(sum(map(any, long)), len(long))};")
    print(f"it stood at {sum(map(sum, long))} of {sum(map(len, long))} steps; at the end of any sound run:")
    print(dict(Counter(found.kind for one in alarmed for found in one.found if found.severity != "hint")))
    if given.wrong:
        _wrong(runs)


def _wrong(runs: list[Judged]) -> None:
    for kind, words in WORDS.items():
        for one in runs:
            so, said = one.truth.get(kind), one.said(words)
            if (so and not said) or (so is False and one.said(OWN.get(kind, words)) and not _other_name(one, words)):
                told = ", ".join(
                    f"{found.kind}@{found.step}{'?' if found.severity == 'hint' else ''}" for found in one.found
                )
                print(f"{'missed' if so else 'false '} {kind:14} {one.name:28} said: {told or 'nothing'}")


if __name__ == "__main__":
    main()
