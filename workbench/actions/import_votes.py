"""Brings votes in that were given elsewhere: the result of an offline pack, or a file of votes by any other tool."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from workbench.blind.cards import Texts
from workbench.blind.hand_out import rater_name
from workbench.blind.pack import bring_result, read_result
from workbench.blind.results import RoundFound, found_of
from workbench.blind.vote import LONGEST_REASON, SLOWEST
from workbench.errors import BadInput, Refused
from workbench.records import Choice, Vote
from workbench.reports.tally import SIDE_UNKNOWN
from workbench.settings import user_name
from workbench.store import Store, evaluations, ratings

LARGEST_FILE = 50_000_000  # bytes; a million votes are about this much
OTHER_CHOICES = ("tie", "bad", "skip")


@dataclass(frozen=True)
class VotesImported:
    """What a file of votes brought. refused: how many votes were left out, with the reasons.

    round_id, rater: where the votes went; "" for a file of several raters. found: the result of their round, None for
    the result of a pack, whose round stays open.
    """

    imported: int
    refused: int
    reasons: tuple[str, ...]
    round_id: int
    rater: str
    found: RoundFound | None


def import_votes(
    store: Store, evaluation_id: int, path: str | Path, arms: tuple[str, str] = ("base", "tuned")
) -> VotesImported:
    """Brings in the result of a rating pack, or votes that were collected elsewhere.

    A pack's result goes into its round, checked as a whole: one of another round, of swapped sides, or brought in
    before is refused with the reason. Any other file makes a closed round of its own over `arms`: one vote a line, as
    JSON or as a CSV line under a header, with `row` (the golden row's id), `rater`, `choice`. The choice is an arm by
    name ("base", "tuned"), "tie", "bad" (both bad) or "skip"; or "a" or "b", and then `left` must say which arm stood
    on side A. `reason` and `milliseconds` may be there. Votes on rows that the evaluation has no answers to, or that
    nobody may see, are left out and told. All lines are looked at before the first is written: one that cannot be read
    raises BadInput with its number and nothing is kept. The same file again raises Refused.
    """
    path = Path(path)
    data = _bytes(path)
    if (result := _of_pack(path, data)) is not None:
        pack, new = bring_result(store, evaluation_id, path.name, read_result(path.name, result))
        return VotesImported(new, 0, (), pack.round_id, pack.rater, None)
    return _import_lines(store, evaluation_id, path, data, arms)


def _of_pack(path: Path, data: bytes) -> Any | None:
    """The file as one JSON object with the mark of Goldloop, None where it is anything else."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if isinstance(found, dict) and found.get("goldloop") == "rating-pack":
        raise BadInput(f"{path.name} is a pack, not its result. Open it in a browser, rate, and save the result.")
    return found if isinstance(found, dict) and "goldloop" in found else None


def _import_lines(store: Store, evaluation_id: int, path: Path, data: bytes, arms: tuple[str, str]) -> VotesImported:
    """Votes by line, as a closed round of their own."""
    evaluations.get(store, evaluation_id)
    texts = Texts.of(store, evaluation_id, arms)
    seed = int.from_bytes(hashlib.sha256(data).digest()[:4], "big") >> 1  # marks the file: 31 bits of its hash
    read = [(number, _vote(path, number, line, arms)) for number, line in _lines(path, data)]
    known = {row for row, _ in texts.answers}
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
    return VotesImported(len(votes), len(reasons), reasons, this.id, "", found_of(store, this.id))


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
        raise BadInput(
            f"{path.name} is not UTF-8 text (byte {error.start}). Save it as CSV in UTF-8 and bring it again."
        ) from None
    if not text.lstrip().startswith("{"):
        head = text.split("\n", 1)[0]
        between = max(",;\t", key=head.count)  # a table program in German or French writes semicolons
        reader = csv.DictReader(io.StringIO(text), delimiter=between)
        try:
            return [(reader.line_num, dict(record)) for record in reader]
        except csv.Error as error:
            raise BadInput(f"line {reader.line_num} of {path.name} is no CSV line ({error}).") from None
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                found.append((number, json.loads(line)))
            except (ValueError, RecursionError) as error:
                raise BadInput(f"line {number} of {path.name} is not JSON ({error}).") from None
    return found


def _vote(path: Path, number: int, line: Any, arms: tuple[str, str]) -> Vote:
    """A line as a vote that has no round yet, checked."""
    place = f"line {number} of {path.name}"
    missing = [key for key in ("row", "rater", "choice") if not isinstance(line, dict) or not str(line.get(key) or "")]
    if missing:
        raise BadInput(f'{place} has no "{missing[0]}"; each vote needs row, rater and choice.')
    row, rater = str(line["row"]).strip(), rater_name(str(line["rater"]))
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
