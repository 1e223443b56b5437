"""How often a judge's card lets a judge pass: good ones, poor ones, and ones with a habit.

    python -m benchmarks.judge_card [--seeds 200] [--write]

Judges are simulated by what they would say of each pair of a card; the card is the real one. People are wrong on one
row of ten, as raters are. Prints a table, and how often the corrected win rate of the judges that passed covers the
truth; --write renews the tables in docs/judges.md.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from evaluators.judges.card import card_of
from evaluators.judges.corrected import corrected_win_rate
from evaluators.judges.pairwise import Seen, Side, Slot, side_of
from evaluators.judges.probes import Material, Probe, RatedCase, probes_of

PAGE = Path(__file__).parent.parent / "docs" / "judges.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
RATED = (30, 50, 100)  # rows that people rated
ROWS = 200  # golden rows of the whole evaluation, for the coverage of the corrected win rate
RATER_ERROR = 0.10
TRUE_SHARE = 0.60  # of rows on which b is truly better
LENGTH_TIE = 0.62  # how often the better answer is the longer one, as in AlpacaEval's figures


@dataclass(frozen=True)
class Habit:
    """A simulated judge. right: how often it sees which answer is better; the rest is what it does besides."""

    name: str
    good: bool | None  # None: a borderline one
    right: float = 0.5
    first: float = 0.0  # how often it says A whatever stands there
    longest: float = 0.0  # how often it takes the longer answer whatever it says
    ties: float = 0.0  # how often it calls it even
    obeys: float = 0.0
    unreadable: float = 0.0
    reads: bool = True  # the reference


HABITS = (
    Habit("right on 95 %", True, 0.95),
    Habit("right on 90 %", True, 0.90),
    Habit("right on 85 %", True, 0.85),
    Habit("right on 75 %", None, 0.75),
    Habit("right on 65 %", False, 0.65),
    Habit("a coin", False, 0.50),
    Habit("always A", False, first=1.0),
    Habit("A in 40 %, else right on 95 %", False, 0.95, first=0.4),
    Habit("pick the longest", False, longest=1.0),
    Habit("longest in 50 %, else right on 95 %", False, 0.95, longest=0.5),
    Habit("always even", False, ties=1.0),
    Habit("even in 60 %, else right on 95 %", False, 0.95, ties=0.6),
    Habit("right on 95 %, obeys orders", False, 0.95, obeys=0.5),
    Habit("right on 95 %, does not read the reference", False, 0.95, reads=False),
    Habit("right on 95 %, every fifth reply unreadable", False, 0.95, unreadable=0.2),
)


def cases(count: int, chance: random.Random) -> tuple[list[RatedCase], dict[str, Side]]:
    """Rated rows and the truth of each. The better answer is the longer one in 62 % of rows."""
    found, truth = [], {}
    for n in range(count):
        side: Side = "b" if chance.random() < TRUE_SHARE else "a"
        long = chance.random() < LENGTH_TIE
        better, worse = "word " * (30 if long else 10), "word " * (10 if long else 30)
        said: Side = (
            side if chance.random() >= RATER_ERROR else chance.choice([s for s in ("a", "b", "tie") if s != side])
        )  # type: ignore[assignment]
        a, b = (better, worse) if side == "a" else (worse, better)
        found.append(RatedCase(f"row{n}", f"question {n}", f"reference number {n}", a, b, said, ("base", "tuned")))
        truth[f"row{n}"] = side
    return found, truth


def judged(habit: Habit, probe: Probe, truth: dict[str, Side], chance: random.Random, salt: float) -> Seen:
    """What a judge with a habit says of a pair in both orders. What it sees in a row it sees in both of them."""
    right: Side = truth[probe.row] if probe.kind in ("rated", "repeat") else probe.right or "tie"
    if probe.kind == "other reference":
        right = right if not habit.reads else "b" if right == "a" else "a"
    other: Side = "b" if right == "a" else "a"
    hard = probe.kind in ("rated", "repeat")  # the other kinds are easy to see through for all but a coin
    row = random.Random(f"{salt}/{probe.row}/{'' if hard else probe.kind}")
    believed: Side = right if right == "tie" or not hard or row.random() < habit.right else other
    if habit.right == 0.5 and right != "tie" and not hard:
        believed = row.choice(("a", "b"))
    even = row.random() < habit.ties
    by_length = row.random() < habit.longest
    slots: list[Slot] = []
    sides: list[Side | None] = []
    for order in ("ab", "ba"):
        seen: Side = believed
        if by_length and probe.pair.a != probe.pair.b:
            seen = "a" if len(probe.pair.a) > len(probe.pair.b) else "b"
        if probe.kind == "orders" and chance.random() < habit.obeys:
            seen = other
        if even:
            seen = "tie"
        slot: Slot = "tie" if seen == "tie" else "A" if (seen == "a") == (order == "ab") else "B"
        if chance.random() < habit.first:
            slot = "A"
        if chance.random() < habit.unreadable:
            sides.append(None)
            continue
        slots.append(slot)
        sides.append(side_of(slot, order))
    errors = tuple("unreadable" for side in sides if side is None)
    return Seen(probe.pair.id, sides[0], sides[1], tuple(slots), 2, errors)


def passes(habit: Habit, rated: int, seed: int) -> bool:
    """Whether one card of a judge passes."""
    chance = random.Random(f"{habit.name}/{rated}/{seed}")
    salt = chance.random()
    rows, truth = cases(rated, chance)
    probes = probes_of(rows, [Material(one.row, one.question, one.reference) for one in rows])
    return card_of([(probe, judged(habit, probe, truth, chance, salt)) for probe in probes], draws=2).passes


def covers(habit: Habit, rated: int, seed: int) -> tuple[bool, float, float, bool]:
    """(whether the corrected interval holds the truth, its width, people's alone, whether the judge's own does)."""
    chance = random.Random(f"{habit.name}/cover/{rated}/{seed}")
    salt = chance.random()
    rows, truth = cases(ROWS, chance)
    asked = probes_of(rows, [], count=0)
    said = {probe.row: judged(habit, probe, truth, chance, salt).verdict for probe in asked}
    own: dict[str, Side] = {row: side for row, side in said.items() if side is not None}
    people: dict[str, Side] = {one.row: one.human for one in rows[:rated]}
    found = corrected_win_rate(people, own)
    alone = corrected_win_rate(own, own).people
    # what people would say on the average of all such rows: an error of theirs falls on the other side or on a tie
    net = (2 * TRUE_SHARE - 1) * (1 - RATER_ERROR - RATER_ERROR / 2)
    low, high = found.net.low or 0.0, found.net.high or 0.0
    wide = (found.people.high or 0) - (found.people.low or 0)
    held = alone.low is not None and alone.high is not None and alone.low <= net <= alone.high
    return low <= net <= high, high - low, wide, held


def share(hits: int, n: int) -> str:
    return f"{100 * hits / n:.0f} %"


def tables(seeds: int, say: Callable[[str], None]) -> str:
    """Both tables as Markdown."""
    lines = [
        "| judge | ought to pass | " + " | ".join(f"{n} rated rows" for n in RATED) + " |",
        "|---|---|" + "---|" * len(RATED),
    ]
    for habit in HABITS:
        wanted = {True: "yes", False: "no", None: "borderline"}[habit.good]
        found = [share(sum(passes(habit, n, seed) for seed in range(seeds)), seeds) for n in RATED]
        lines.append(f"| {habit.name} | {wanted} | {' | '.join(found)} |")
        say(lines[-1])
    lines += [
        "",
        "| judge | rated of 200 rows | corrected covers | width | people alone | judge alone covers |",
        "|---|---|---|---|---|---|",
    ]
    for habit in HABITS[:5] + HABITS[9:10]:
        for n in RATED:
            got = [covers(habit, n, seed) for seed in range(seeds * 5)]
            total = len(got)
            width, alone = sum(g[1] for g in got) / total, sum(g[2] for g in got) / total
            lines.append(
                f"| {habit.name} | {n} | {share(sum(g[0] for g in got), total)} | {width:.2f} | {alone:.2f} | "
                f"{share(sum(g[3] for g in got), total)} |"
            )
            say(lines[-1])
    return "\n".join(lines)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seeds", type=int, default=200)
    options.add_argument("--write", action="store_true")
    given = options.parse_args()
    found = tables(given.seeds, lambda line: print(line, flush=True))
    if given.write:
        page = PAGE.read_text(encoding="utf-8")
        head, rest = page.split(BEGIN)
        PAGE.write_text(f"{head}{BEGIN}\n{found}\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
