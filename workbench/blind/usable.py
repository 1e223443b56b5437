"""Which pairs of replies a run may go on learning from, and why not the others

Pairs of blind rounds are made of golden rows. A golden row in force must never be trained on, so its pairs wait until a
refresh has retired it to training. And a run that was trained before that refresh has itself seen rows that are golden
now: it is no ground for a second stage.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from workbench import leak_search
from workbench.blind.pairs import DERIVED, decided_pairs
from workbench.formats.format import CannotHold
from workbench.formats.preferred import preference_record
from workbench.formats.read import read_file
from workbench.guard.pair_messages import shown_in_messages
from workbench.records import Golden, Run, Version
from workbench.rows import Rows, message
from workbench.settings import Report, no_report
from workbench.splits import copy_groups
from workbench.store import Store, datasets, evaluations, goldens, runs, suspects
from workbench.training_side import trainable

IN_FORCE = "made of a golden row that is in force"
ALIKE = "would show the model what stands in a golden row in force"
LOOKS_ALIKE = "resembles a golden row in force, and look-alikes were to be left out"
NO_PAIR = "no pair of a chosen and a rejected reply"
OTHER = "\0rejected"  # after a pair's id: a row of its rejected reply; no id that a file brings along can end so
_FIGURES = re.compile(r" \((questions|replies)[^)]*\)|\b\d+% of ")
SCHEMA = {"row_id": pl.String, "messages": pl.Object, "rejected": pl.String, "group": pl.String}


@dataclass(frozen=True)
class Likeness:
    """A pair that is like a golden row: which message and how, without golden's words. stops: it is left out always."""

    pair: str
    line: int
    said: str
    stops: bool


@dataclass(frozen=True)
class Usable:
    """table: the pairs that may be used (row_id, messages, rejected, group); left_out: (pair, reason) of the others.

    undecided: judged without a winner. blocked: why the run itself may not go on learning, "" where it may. likenesses:
    what the guard found, the surest of each pair first. note: what the guard could not look at, "" where it could.
    """

    run: Run
    golden: Golden
    version: Version
    source: str
    table: pl.DataFrame
    left_out: tuple[tuple[str, str], ...]
    undecided: int
    blocked: str
    likenesses: tuple[Likeness, ...] = ()
    note: str = ""

    @property
    def alike(self) -> tuple[Likeness, ...]:
        """The look-alikes: shown, and left out only where that was asked for."""
        return tuple(one for one in self.likenesses if not one.stops)

    @property
    def found(self) -> int:
        return self.table.height + len(self.left_out)

    @property
    def reasons(self) -> Mapping[str, int]:
        return Counter(reason for _, reason in self.left_out)


def usable_pairs(
    store: Store, run: Run, path: str | Path | None = None, *, drop_alike: bool = False, report: Report = no_report
) -> Usable:
    """The pairs for a second stage on a run: of all closed rounds of its dataset, or of a preference file.

    drop_alike: leave look-alikes out too, such as a pair that asks nearly what a golden row asks.
    """
    golden = goldens.newest(store, run.dataset)
    version = datasets.version(store, run.dataset)
    if path is None:
        rows, undecided = _of_rounds(store, run)
        source = f"blind rounds of {run.dataset}"
    else:
        rows, undecided, source = read_file(path, format="preference").rows, 0, Path(path).name
    pairs, left_out = _pairs_of(rows)
    held = set(goldens.barred(store, golden).row_id)
    for row_id, tags in zip(rows.row_id, rows.frame["tags"].to_list(), strict=True):
        if row_id in pairs and any(tag.removeprefix(DERIVED) in held for tag in tags if tag.startswith(DERIVED)):
            left_out.append((row_id, IN_FORCE))
            del pairs[row_id]
    like, note = _like_golden(store, version, golden, rows.having(list(pairs)), pairs, report)
    for one in like:
        if one.stops or drop_alike:
            left_out.append((one.pair, ALIKE if one.stops else LOOKS_ALIKE))
            del pairs[one.pair]
    table = _table(rows.having(list(pairs)), pairs)
    blocked = _blocked(store, run, golden)
    return Usable(run, golden, version, source, table, tuple(left_out), undecided, blocked, tuple(like), note)


def _of_rounds(store: Store, run: Run) -> tuple[Rows, int]:
    records: dict[str, dict[str, Any]] = {}
    undecided = 0
    same = {one.id for one in runs.listed(store) if one.dataset == run.dataset}
    for one in evaluations.listed(store, finished=True):
        if one.run_id in same:
            found = decided_pairs(store, one.id)
            records |= {record["row_id"]: record for record in found.records}
            undecided += found.undecided
    return Rows.from_records(list(records.values())), undecided


def _pairs_of(rows: Rows) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """The rejected reply by the pair's id, and the rows that are no pairs."""
    pairs: dict[str, str] = {}
    left_out = []
    for row in rows.frame.iter_rows(named=True):
        try:
            rejected = preference_record(row, as_texts=False)["rejected"]
        except CannotHold:
            left_out.append((row["row_id"], NO_PAIR))
            continue
        said = rejected[-1].get("content") if rejected else None
        if said and len(rejected) == 1:
            pairs[row["row_id"]] = said
        else:
            left_out.append((row["row_id"], NO_PAIR))
    return pairs, left_out


def _like_golden(
    store: Store, version: Version, golden: Golden, rows: Rows, rejected: Mapping[str, str], report: Report
) -> tuple[list[Likeness], str]:
    """(a likeness for each pair that is like a golden row, what could not be looked at).

    Question with either reply is held against golden as a training row is; then every message is by itself.
    """
    if not len(rows):
        return [], ""
    other = [
        {"row_id": f"{row['row_id']}{OTHER}", "source": row["source"], "line": row["line"], "tags": row["tags"],
         "messages": [*row["messages"][:-1], message("assistant", rejected[row["row_id"]])]}
        for row in rows.frame.iter_rows(named=True)
    ]  # fmt: skip
    both = rows.plus(Rows.from_records(other))
    found = leak_search.of_rows(store, version, golden, both, report)
    said: dict[str, tuple[bool, str]] = {}
    for place, pairs in enumerate((found.stopping, found.pairs)):
        for one in pairs:
            if place == 0 or one.tier == "look-alike":
                side = "rejected" if one.training_id.endswith(OTHER) else "chosen"
                how = f"its question with the {side} reply: {one.how}"
                said.setdefault(one.training_id.removesuffix(OTHER), (place == 0, how))
    approved = [one.phrase for one in suspects.phrases(store, version.dataset)]
    replies = [rejected[row_id] for row_id in rows.row_id]
    barred, read = goldens.barred(store, golden), leak_search.reader(store, report)
    for shown in shown_in_messages(rows, replies, barred, read=read, approved=approved):
        row_id = rows.row_id[shown.pair]
        if not said.get(row_id, (False, ""))[0]:
            said[row_id] = True, shown.said
    lines = rows.frame["line"].to_list()
    like = [Likeness(row_id, line, said[row_id][1], said[row_id][0])
            for row_id, line in zip(rows.row_id, lines, strict=True) if row_id in said]  # fmt: skip
    return sorted(like, key=lambda one: not one.stops), found.note


def _table(rows: Rows, rejected: Mapping[str, str]) -> pl.DataFrame:
    """Pairs as training takes them; those of one golden row, or copies of one another, in one group."""
    copies = [int(one) for one in copy_groups(rows)] if len(rows) else []
    groups = [
        next((tag for tag in tags if tag.startswith(DERIVED)), f"copies {copy}")
        for tags, copy in zip(rows.frame["tags"].to_list(), copies, strict=True)
    ]
    return trainable(rows).with_columns(
        pl.Series("rejected", [rejected[row_id] for row_id in rows.row_id], dtype=pl.String),
        pl.Series("group", groups, dtype=pl.String),
    )


def _blocked(store: Store, run: Run, golden: Golden) -> str:
    mine = goldens.by_id(store, run.golden_id)
    if goldens.with_errata(store, mine).id == golden.id:
        return ""
    return (
        f"Run {run.id} was trained beside {mine.label}; in force is {golden.label}, and rows that are golden now may "
        f"have been in its training. Train anew on the newest version first: goldloop train {run.dataset}"
    )


def what_to_do(found: Usable, fewest: int) -> list[str]:
    """The next steps for a person, in order."""
    steps = []
    if found.reasons.get(IN_FORCE):
        steps.append(
            f"{found.reasons[IN_FORCE]} pairs are made of golden rows that are in force. A refresh retires a part of "
            f"these rows to training and draws new ones: goldloop golden refresh {found.run.dataset}"
        )
        steps.append("Then train on the new version, and let that run go on learning from the pairs of retired rows.")
    if found.blocked:
        steps.append(found.blocked)
    if found.table.height < fewest and not found.reasons.get(IN_FORCE):
        steps.append(
            "Rate answers blind (goldloop rate), or give a file of pairs that are not golden: "
            f"goldloop prefer {found.run.id} --pairs FILE"
        )
    return steps


def guard_lines(found: Usable) -> list[str]:
    """What the guard found in the pairs: how many of each likeness, an example of each, and what it could not see."""
    lines = []
    for stops, head in ((True, "Left out"), (False, "Look-alike")):
        kinds: dict[str, list[Likeness]] = {}
        for one in found.likenesses:
            if one.stops == stops:
                kinds.setdefault(_FIGURES.sub("", one.said), []).append(one)
        for kind, like in sorted(kinds.items(), key=lambda pair: -len(pair[1])):
            where = f"line {like[0].line}" if like[0].line else f"pair {like[0].pair}"
            many = f"{len(like)} pairs, such as {where}" if len(like) > 1 else where
            lines.append(f"{head}: {many}: {kind}.")
    if found.alike and not found.reasons.get(LOOKS_ALIKE):
        lines.append("Look-alikes are used: they may well be other questions. Leave them out where the pairs are many: "
                     "--drop-alike, or the box on the screen.")  # fmt: skip
    return [*lines, *([found.note] if found.note else [])]


def digest_words(reasons: Mapping[str, int]) -> Iterable[str]:
    """Why pairs are left out, the commonest first."""
    return [f"{count} {reason}" for reason, count in sorted(reasons.items(), key=lambda pair: -pair[1])]


def kept_stage(folder: Path) -> dict[str, Any] | None:
    """What a run's folder says of its second stage; None of a first one."""
    try:
        return dict(json.loads((folder / "preferences.json").read_text("utf-8")))
    except (OSError, ValueError):
        return None
