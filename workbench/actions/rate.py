"""Blind rating: which of two answers people prefer, without knowing whose they are.

Each rater sees the two answers to a golden row as A and B. Which arm stands on side A is one bit of a hash of the
round's seed, the row and the rater, and is stored with every vote, so that it can be checked later. Nothing that this
file hands out before a round is closed names an arm. Votes are only added; the last one of a rater on a row counts.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast, get_args

from workbench.errors import BadInput, Refused
from workbench.records import Choice, Round, Vote
from workbench.reports.asked import asked
from workbench.reports.tally import SIDE_UNKNOWN, RoundResult, paired, tally
from workbench.settings import user_name
from workbench.store import Store, evaluations, goldens, ratings

BATCH = 8  # pairs handed to a browser at once: enough to rate on through a short loss of the network
LONGEST_REASON = 2000  # characters
LONGEST_NAME = 200  # characters of a rater's name, the width of its column
SLOWEST = 86_400_000  # milliseconds; a card left open longer than a day says nothing about reading time
LARGEST_FILE = 50_000_000  # bytes; a million votes are about this much
OTHER_CHOICES = ("tie", "bad", "skip")


@dataclass(frozen=True)
class BlindPair:
    """Two answers to one golden row, without a hint whose they are. a, b: what stands on the left and on the right."""

    row_id: str
    prompt: str
    a: str
    b: str


@dataclass(frozen=True)
class Progress:
    """How far one rater has come: pairs with a standing choice (skips too), of all that are shown."""

    done: int
    total: int


@dataclass(frozen=True)
class VotesImported:
    """What a file of votes brought. refused: how many votes were left out, with the reasons; result: of their round."""

    imported: int
    refused: int
    reasons: tuple[str, ...]
    result: RoundResult


def open_round(
    store: Store, evaluation_id: int, arms: tuple[str, str] = ("base", "tuned"), seed: int | None = None
) -> Round:
    """Opens a round of blind rating over two arms, or gives the one that is open on them already.

    seed: decides the sides; drawn by chance where None, since a known seed would let a rater work the sides out. It is
    stored with the round. Raises BadInput for an arm without answers and Refused when all answers are the same.
    """
    for standing in ratings.rounds_of(store, evaluation_id):
        if not standing.closed and standing.arms == tuple(arms):
            return standing
    shown, identical = _answers(store, evaluation_id, arms)
    if not shown:
        raise Refused(
            f"{arms[0]} and {arms[1]} gave the same answer to each of the {len(identical)} golden rows: there is "
            "nothing to choose between."
        )
    drawn = secrets.randbits(31) if seed is None else seed
    return ratings.open_round(store, evaluation_id, arms, drawn, user_name())


def next_pairs(store: Store, round_id: int, rater: str, have: Sequence[str] = ()) -> tuple[BlindPair, ...]:
    """The next pairs for a rater, without those that he has rated or that his browser holds already (`have`: row ids).

    Rows with the fewest votes of others come first, otherwise in an order of this rater's own.
    """
    this, rater = _open(store, round_id), _rater_name(rater)
    shown, _ = _answers(store, this.evaluation_id, this.arms)
    standing = ratings.standing(ratings.votes_of(store, round_id))
    taken = {row for who, row in standing if who == rater} | set(have)
    others = Counter(row for _, row in standing)
    todo = sorted(shown.keys() - taken, key=lambda row: (others[row], _bits(this.seed, row, rater, "order")))
    prompts = _prompts(store, this.evaluation_id)
    pairs = []
    for row in todo[:BATCH]:
        left = left_arm(this, row, rater)
        right = this.arms[1] if left == this.arms[0] else this.arms[0]
        pairs.append(BlindPair(row, prompts[row], shown[row][left].strip(), shown[row][right].strip()))
    return tuple(pairs)


def vote(
    store: Store, round_id: int, rater: str, row_id: str, choice: str, *, reason: str = "", milliseconds: int = 0,
    nonce: str | None = None,
) -> Progress:  # fmt: skip
    """Adds a choice: "a" or "b" (left or right is better), "tie", "bad" (both bad), "skip" or "undo" of an earlier one.

    nonce: a vote sent twice with the same nonce counts once. Raises Refused when the round is closed, BadInput for an
    unknown row or choice.
    """
    this, rater = _open(store, round_id), _rater_name(rater)
    if choice not in get_args(Choice):
        raise BadInput(f'"{choice[:20]}" is no choice; the choices are: {", ".join(get_args(Choice))}.')
    shown, _ = _answers(store, this.evaluation_id, this.arms)
    if row_id not in shown:
        raise BadInput(f'Round {round_id} does not ask about a row "{row_id[:64]}".')
    cast_vote = Vote(
        round_id, rater, row_id, left_arm(this, row_id, rater), cast(Choice, choice), reason.strip()[:LONGEST_REASON],
        min(max(milliseconds, 0), SLOWEST), "",
    )  # fmt: skip
    ratings.add_vote(store, cast_vote, (nonce or secrets.token_hex(16))[:64])
    return progress(store, round_id, rater)


def progress(store: Store, round_id: int, rater: str) -> Progress:
    """How far a rater has come in a round."""
    this, rater = ratings.get_round(store, round_id), _rater_name(rater)
    shown, _ = _answers(store, this.evaluation_id, this.arms)
    return Progress(len(ratings.standing(ratings.votes_of(store, round_id, rater))), len(shown))


def close(store: Store, round_id: int) -> RoundResult:
    """Closes a round for good and shows what it found. Raises Refused while nobody has voted."""
    if not ratings.standing(ratings.votes_of(store, round_id)):
        raise Refused(f"Nobody has voted in round {round_id} yet. A closed round takes no votes, so it stays open.")
    ratings.close_round(store, round_id)
    return result(store, round_id)


def result(store: Store, round_id: int) -> RoundResult:
    """What a closed round found. Raises Refused while it is open, since the score so far would sway the raters."""
    this = ratings.get_round(store, round_id)
    if not this.closed:
        raise Refused(f"Round {round_id} is still open. Its result shows once it is closed.")
    shown, identical = _answers(store, this.evaluation_id, this.arms)
    votes = list(ratings.standing(ratings.votes_of(store, round_id)).values())
    return tally(this, votes, shown=len(shown), identical=identical)


def left_arm(this: Round, row_id: str, rater: str) -> str:
    """The arm on side A for a row and a rater: the same on every call, and each side in half of all cases."""
    return this.arms[_bits(this.seed, row_id, rater, "side") & 1]


def _bits(seed: int, row_id: str, rater: str, what: str) -> int:
    key = "\x1f".join((str(seed), row_id, rater, what)).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(key).digest()[:8], "big")


def _answers(
    store: Store, evaluation_id: int, arms: Sequence[str]
) -> tuple[dict[str, dict[str, str]], tuple[str, ...]]:
    """Row id -> arm -> answer for the rows to show, and the ids of rows on which both arms said the same."""
    evaluations.get(store, evaluation_id)
    said = [evaluations.answers_of(store, evaluation_id, arm) for arm in arms]
    for arm, answers in zip(arms, said, strict=True):
        if not answers:
            raise BadInput(f'Evaluation {evaluation_id} has no answers of an arm "{arm}".')
    return paired(said[0], said[1])


def _prompts(store: Store, evaluation_id: int) -> dict[str, str]:
    golden = goldens.by_id(store, evaluations.get(store, evaluation_id).golden_id)
    rows = goldens.rows_of(store, golden)
    return {row_id: asked(turns) for row_id, turns in zip(rows.row_id, rows.messages, strict=True)}


def _open(store: Store, round_id: int) -> Round:
    this = ratings.get_round(store, round_id)
    if this.closed:
        raise Refused(f"Round {round_id} is closed: it takes no more votes.")
    return this


def _rater_name(rater: str) -> str:
    name = rater.strip()[:LONGEST_NAME]
    if not name:
        raise BadInput("A vote needs the name of its rater.")
    return name


def import_votes(
    store: Store, evaluation_id: int, path: str | Path, arms: tuple[str, str] = ("base", "tuned")
) -> VotesImported:
    """Brings votes that were collected elsewhere in, as a closed round of their own, and gives what it found.

    One vote a line, as JSON or as a CSV line under a header: `row` (the golden row's id), `rater`, `choice`. The choice
    is an arm by name ("base", "tuned"), "tie", "bad" (both bad) or "skip"; or "a" or "b", and then `left` must say
    which arm stood on side A. `reason` and `milliseconds` may be there. Votes on rows that the evaluation has
    no answers to are left out and told. All lines are looked at before the first is written: one that cannot be read
    raises BadInput with its number and nothing is kept. The same file again raises Refused.
    """
    path = Path(path)
    data = _bytes(path)
    shown, identical = _answers(store, evaluation_id, arms)
    seed = int.from_bytes(hashlib.sha256(data).digest()[:4], "big") >> 1  # marks the file: 31 bits of its hash
    read = [(number, _vote(path, number, line, arms)) for number, line in _lines(path, data)]
    known = {*shown, *identical}
    votes = [one for _, one in read if one.row_id in known]
    reasons = tuple(
        f'line {number}: the evaluation has no answers to a row "{one.row_id[:64]}"'
        for number, one in read if one.row_id not in known
    )  # fmt: skip
    if not votes:
        raise BadInput(f"{path.name} holds no vote on a row of evaluation {evaluation_id}.")
    same_file = [one for one in ratings.rounds_of(store, evaluation_id) if one.seed == seed]
    if any(one.closed for one in same_file):
        raise Refused(f"{path.name} was brought in already, as round {same_file[0].id}. Nothing was added.")
    this = same_file[0] if same_file else ratings.open_round(store, evaluation_id, arms, seed, user_name())
    for number, one in enumerate(votes):  # after a crash half way the nonces keep votes single
        ratings.add_vote(store, replace(one, round_id=this.id), f"import-{this.id}-{number}")
    ratings.close_round(store, this.id)
    return VotesImported(len(votes), len(reasons), reasons, result(store, this.id))


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BadInput(f"{path.name} is larger than {LARGEST_FILE // 1_000_000} MB: that is no file of votes.")
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}).") from None


def _lines(path: Path, data: bytes) -> list[tuple[int, dict[str, Any]]]:
    """(line number, record) of a JSONL or CSV file, told apart by its first character."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name} is not UTF-8 text (byte {error.start}).") from None
    if not text.lstrip().startswith("{"):
        reader = csv.DictReader(io.StringIO(text))
        return [(reader.line_num, dict(record)) for record in reader]
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                found.append((number, json.loads(line)))
            except ValueError as error:
                raise BadInput(f"line {number} of {path.name} is not JSON ({error}).") from None
    return found


def _vote(path: Path, number: int, line: Any, arms: tuple[str, str]) -> Vote:
    """A line as a vote that has no round yet, checked."""
    place = f"line {number} of {path.name}"
    missing = [key for key in ("row", "rater", "choice") if not isinstance(line, dict) or not str(line.get(key) or "")]
    if missing:
        raise BadInput(f'{place} has no "{missing[0]}"; each vote needs row, rater and choice.')
    row, rater = str(line["row"]).strip(), _rater_name(str(line["rater"]))
    choice, left = str(line["choice"]).strip().lower(), str(line.get("left") or "").strip()
    if choice in arms:
        choice, left = "a", SIDE_UNKNOWN + choice
    elif choice in ("a", "b"):
        if left not in arms:
            raise BadInput(f'{place} chooses "{choice}" but not which arm stood on side A: add "left": "{arms[0]}".')
    elif choice not in OTHER_CHOICES:
        known_choices = ", ".join((*arms, *OTHER_CHOICES, "a", "b"))
        raise BadInput(f'{place} has the choice "{choice[:20]}"; it can be one of: {known_choices}.')
    reason = str(line.get("reason") or "")[:LONGEST_REASON]
    return Vote(0, rater, row, left or SIDE_UNKNOWN, cast(Choice, choice), reason, _milliseconds(line), "")


def _milliseconds(line: dict[str, Any]) -> int:
    try:
        return min(max(0, int(float(line.get("milliseconds") or 0))), SLOWEST)
    except (TypeError, ValueError, OverflowError):
        return 0
