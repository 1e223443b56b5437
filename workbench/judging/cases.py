"""The rows of an evaluation that a judge may see, and what people said of them blind; sealed rows are never here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from evaluators.judges.fence import gives_orders
from evaluators.judges.pairwise import Side
from evaluators.judges.probes import Material, RatedCase
from workbench.records import Part, Vote
from workbench.reports.asked import asked
from workbench.reports.tally import SIDE_UNKNOWN, normalised
from workbench.rows import Rows
from workbench.store import Store, evaluations, goldens, ratings

Arms = tuple[str, str]
PAIRS: tuple[Arms, ...] = (("base", "tuned"), ("prompted", "tuned"))
ENOUGH_RATED = 30  # of the calibration part; with fewer the rated dev rows come in


@dataclass(frozen=True)
class Case:
    """One golden row with the answers of the arms. orders: arm -> words in its answer that are meant for a judge."""

    row: str
    question: str
    reference: str
    part: Part
    answers: Mapping[str, str]
    orders: Mapping[str, str]


def cases_of(store: Store, evaluation_id: int) -> list[Case]:
    """The dev and calibration rows of an evaluation that at least one arm answered, in the order of the golden set."""
    golden = goldens.by_id(store, evaluations.get(store, evaluation_id).golden_id)
    rows: Rows = goldens.readable(store, golden)
    said: dict[str, dict[str, str]] = defaultdict(dict)
    for one in evaluations.answers_of(store, evaluation_id):
        said[one.row_id][one.arm] = one.output
    found = []
    for row, turns, reply in zip(rows.row_id, rows.messages, rows.reply, strict=True):
        if row in said:
            rules = "\n".join(turn["content"] or "" for turn in turns[:-1] if turn["role"] == "system")
            question = f"Rules given: {rules}\n\n{asked(turns)}" if rules.strip() else asked(turns)
            orders = {arm: words for arm, text in said[row].items() if (words := gives_orders(text))}
            found.append(Case(row, question, reply, golden.parts.get(row, "dev"), said[row], orders))
    return found


def identical(case: Case, arms: Arms) -> bool:
    """Whether two arms said the same but for case and blanks: a tie that nobody is asked about."""
    return normalised(case.answers[arms[0]]) == normalised(case.answers[arms[1]])


def people(store: Store, evaluation_id: int) -> dict[Arms, dict[str, Side]]:
    """(arm a, arm b) -> row id -> the side that most people preferred, "tie" for even and for both bad.

    Only votes of closed rounds count: a running score must not show through a judge. Silent checks and skipped cards
    are left out. a and b stand in the order of `PAIRS`.
    """
    by_row: dict[Arms, dict[str, list[Side]]] = defaultdict(lambda: defaultdict(list))
    for this in ratings.rounds_of(store, evaluation_id):
        if not this.closed:
            continue
        for vote in ratings.standing(ratings.votes_of(store, this.id)).values():
            pair = _arms(vote, this.arms)
            if pair is not None:
                by_row[pair][vote.row_id].append(_winner(vote, pair))
    return {pair: {row: _most(said) for row, said in rows.items()} for pair, rows in by_row.items()}


def rated_cases(store: Store, evaluation_id: int, cases: list[Case]) -> tuple[list[RatedCase], str]:
    """The pairs that a card is held against, and which part of golden they are of.

    The calibration part alone where at least 30 of its rows were rated, so that a judge chosen by its card meets fresh
    rows after it; else with the rated dev rows. Pairs with the same answer twice, and answers that give a judge orders,
    are left out.
    """
    found: dict[Part, list[RatedCase]] = {"calibration": [], "dev": []}
    by_row = {case.row: case for case in cases}
    for arms, said in people(store, evaluation_id).items():
        for row, side in said.items():
            case = by_row.get(row)
            if case is None or not {*arms} <= case.answers.keys() or identical(case, arms) or {*arms} & {*case.orders}:
                continue
            one = RatedCase(
                row, case.question, case.reference, case.answers[arms[0]], case.answers[arms[1]], side, arms
            )
            found["calibration" if case.part == "calibration" else "dev"].append(one)
    if len({one.row for one in found["calibration"]}) >= ENOUGH_RATED:
        return found["calibration"], "calibration"
    parts = " and ".join(part for part, rows in found.items() if rows)
    return [*found["calibration"], *found["dev"]], parts


def material_of(cases: list[Case]) -> list[Material]:
    """The rows that probes are made of: those of the calibration part where there is one."""
    own = [case for case in cases if case.part == "calibration"] or cases
    return [Material(case.row, case.question, case.reference) for case in own]


def _arms(vote: Vote, arms: tuple[str, ...]) -> Arms | None:
    """The pair of arms that a vote is about, None for a silent check and for a skip."""
    if vote.kind != "pair" or vote.choice not in ("a", "b", "tie", "bad"):
        return None
    left = vote.left.removeprefix(SIDE_UNKNOWN)
    right = vote.right.removeprefix(SIDE_UNKNOWN) or next((arm for arm in arms if arm != left), "")
    if left not in arms and vote.choice in ("tie", "bad") and len(arms) == 2:
        left, right = arms[0], arms[1]  # brought in without a side
    order = {arm: place for place, arm in enumerate(("base", "prompted", "tuned"))}
    first, second = sorted((left, right), key=lambda arm: (order.get(arm, len(order)), arm))
    return (first, second) if first and second else None


def _winner(vote: Vote, pair: Arms) -> Side:
    if vote.choice in ("tie", "bad"):
        return "tie"
    left = vote.left.removeprefix(SIDE_UNKNOWN)
    return "a" if (left == pair[0]) == (vote.choice == "a") else "b"


def _most(said: list[Side]) -> Side:
    """What most raters of a row say; a tie where two sides have equally many."""
    counts = Counter(said).most_common(2)
    return "tie" if len(counts) > 1 and counts[0][1] == counts[1][1] else counts[0][0]
