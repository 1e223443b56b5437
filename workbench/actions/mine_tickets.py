"""Find what customers ask most in a file of raw support tickets, and draft rows for the expert from it."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from evaluators.errors import ModelUnusable
from evaluators.models.embedder import MiniLM
from workbench import history
from workbench.errors import BadInput
from workbench.fixes.mask_personal_data import without_personal
from workbench.formats.ticket_intents import Embed, Group, find_groups
from workbench.formats.ticket_table import Ticket, Tickets, read_tickets
from workbench.records import Version
from workbench.rows import Rows, message
from workbench.settings import EMBEDDER, Report, models_folder, no_report
from workbench.store import Store, datasets
from workbench.store.row_files import write_whole

TOP = 20  # intents that are drafted
EXAMPLES = 3  # tickets shown of an intent
DRAFT = "draft"
LONG, SHORT = 120, 3  # words: a typical ticket is neither a letter nor a heap of words
TYPICAL_SHARE = 0.5  # further tickets of an intent come from the half that is nearest to its middle


@dataclass(frozen=True)
class Draft:
    """A row that waits for the expert: a real ticket and, if there is one, a real answer, both masked."""

    line: int
    prompt: str
    reply: str
    masked: bool  # whether something personal stood in it


@dataclass(frozen=True)
class Intent:
    """What many tickets want. share: of all tickets, 0 to 1; answered: how many of them have an answer."""

    name: str
    words: tuple[str, ...]
    count: int
    share: float
    answered: int
    examples: tuple[str, ...]
    drafts: tuple[Draft, ...]


@dataclass(frozen=True)
class Mined:
    """What the tickets of a file are about. version: the dataset of drafts, None for a preview."""

    file: str
    tickets: int
    skipped: int
    unread: int
    columns: dict[str, str]
    method: str
    groups: int
    intents: tuple[Intent, ...]
    masked: int
    version: Version | None

    @property
    def covered(self) -> float:
        """The share of tickets in the listed intents, 0 to 1."""
        return sum(intent.count for intent in self.intents) / self.tickets


def mine_tickets(
    store: Store,
    path: str | Path,
    *,
    name: str | None = None,
    top: int = TOP,
    drafts: int = 1,
    groups: int | None = None,
    subject: str = "",
    body: str = "",
    answer: str = "",
    mask: bool = True,
    seed: int = 0,
    preview: bool = False,
    report: Report = no_report,
) -> Mined:
    """The most common intents of a file of tickets, and a dataset of draft rows from them, tagged "draft".

    top: how many intents; drafts: rows for each; groups: how many to tell apart (by default told by the number of
    tickets); subject, body, answer: columns, where they are not found rightly; mask: personal data; preview: make no
    dataset. Raises BadInput where the file holds no tickets.
    """
    if top < 1 or drafts < 1 or (groups is not None and groups < 1):
        raise BadInput("The numbers of intents, of drafts for each, and of groups are 1 or more.")
    report(0.02, "reading the tickets")
    read = read_tickets(path, subject=subject, body=body, answer=answer)
    texts = [ticket.text for ticket in read.tickets]
    report(0.1, f"grouping {len(texts):,} tickets")
    embed, method = _embedder(report)
    found = find_groups(texts, groups=groups, embed=embed, seed=seed)
    report(0.9, "choosing typical tickets")
    hide = without_personal if mask else _as_it_is
    named = _distinct_names(found[:top])
    intents = tuple(_intent(name, group, read, drafts, hide) for name, group in zip(named, found[:top], strict=True))
    drafted = [draft for intent in intents for draft in intent.drafts]
    masked = sum(draft.masked for draft in drafted)
    mined = Mined(
        read.name, len(texts), read.skipped, read.unread, read.columns, method, len(found), intents, masked, None
    )
    if preview:
        return mined
    version = _committed(store, datasets.check_name(name or f"{Path(read.name).stem} drafts"), read, intents, mined)
    report(1.0, f"{len(drafted):,} drafts in {version.label}")
    return Mined(**{**{key: getattr(mined, key) for key in mined.__dataclass_fields__}, "version": version})


def _as_it_is(text: str) -> str:
    return text


def _embedder(report: Report) -> tuple[Embed | None, str]:
    """Sentence vectors where their model was fetched, and what is compared."""
    folder = models_folder() / EMBEDDER
    if not (folder / "config.json").is_file():
        return None, "letters (for groups by meaning fetch a model once: goldloop models fetch minilm)"
    model = MiniLM(folder)

    def embed(texts):  # type: ignore[no-untyped-def]  # as Embed has it
        parts, step = [], 256
        for start in range(0, len(texts), step):
            parts.append(model(texts[start : start + step]))
            report(
                0.1 + 0.7 * min(1.0, (start + step) / len(texts)), f"reading {len(texts):,} tickets for their meaning"
            )
        return np.concatenate(parts)

    try:
        model([""])
    except ModelUnusable as error:
        return None, f"letters (the model for meaning cannot be used: {error})"
    return embed, MiniLM.name


def _distinct_names(groups: list[Group]) -> list[str]:
    """The groups' names, numbered where two have the same."""
    seen: Counter[str] = Counter()
    names = []
    for group in groups:
        seen[group.name] += 1
        names.append(group.name if seen[group.name] == 1 else f"{group.name} ({seen[group.name]})")
    return names


def _intent(name: str, group: Group, read: Tickets, drafts: int, hide: Callable[[str], str]) -> Intent:
    members = [read.tickets[place] for place in group.members]
    answered = [ticket for ticket in members if ticket.answer]
    typical = _typical(members, max(drafts, EXAMPLES))
    reply = _typical_answer(answered)
    rows = []
    for number, ticket in enumerate(typical[:drafts]):
        said = reply if number == 0 or not ticket.answer else ticket.answer
        prompt, answer = hide(ticket.text), hide(said)
        rows.append(Draft(ticket.line, prompt, answer, (prompt, answer) != (ticket.text, said)))
    return Intent(
        hide(name),
        group.words,
        len(members),
        len(members) / len(read.tickets),
        len(answered),
        tuple(hide(ticket.text) for ticket in typical[:EXAMPLES]),
        tuple(rows),
    )


def _typical(members: list[Ticket], most: int) -> list[Ticket]:
    """The ticket nearest to the middle of its group, then others that are near and say it in other words."""
    readable = [ticket for ticket in members if SHORT <= len(ticket.text.split()) <= LONG] or members
    near = readable[: max(most, round(len(readable) * TYPICAL_SHARE))]
    chosen, said = [near[0]], [set(near[0].text.lower().split())]
    rest = near[1:200]  # enough to choose from, and quick
    while rest and len(chosen) < most:
        best = min(rest, key=lambda ticket: max(_shared(set(ticket.text.lower().split()), words) for words in said))
        rest.remove(best)
        chosen.append(best)
        said.append(set(best.text.lower().split()))
    return chosen


def _shared(a: set[str], b: set[str]) -> float:
    """Jaccard's share of words, 0 to 1."""
    return len(a & b) / max(1, len(a | b))


def _typical_answer(answered: list[Ticket]) -> str:
    """The answer that was given most often, or else the one most like the others; "" where there is none."""
    if not answered:
        return ""
    common, times = Counter(ticket.answer for ticket in answered).most_common(1)[0]
    if times > 1 and times >= 0.1 * len(answered):
        return common
    first = answered[:200]
    words = [set(ticket.answer.lower().split()) for ticket in first]
    likeness = [sum(_shared(one, other) for other in words) for one in words]
    return first[max(range(len(first)), key=likeness.__getitem__)].answer


def _committed(store: Store, dataset: str, read: Tickets, intents: tuple[Intent, ...], mined: Mined) -> Version:
    """The drafts as the first version of a dataset. Raises BadInput where the name is taken."""
    if dataset in datasets.names(store):
        raise BadInput(f"There is a dataset {dataset} already. Give the drafts another name with --name.")
    rows = Rows.from_records(
        {
            "messages": [message("user", draft.prompt), message("assistant", draft.reply)],
            "tags": [DRAFT, f"intent:{intent.name}"],
            "source": read.name,
            "line": draft.line,
            "extra": json.dumps({"intent_tickets": intent.count, "intent_share": round(intent.share, 4)}),
        }
        for intent in intents
        for draft in intent.drafts
    )
    settings = {
        "file": read.name, "file_digest": read.digest, "tickets": mined.tickets, "columns": mined.columns,
        "method": mined.method, "groups": mined.groups, "intents": len(intents),
    }  # fmt: skip
    why = f"drafts of the {len(intents)} most common intents in {read.name}"
    version, _ = history.commit(store, None, rows, dataset=dataset, verb="mine tickets", settings=settings, why=why)
    return version


def write_intents(mined: Mined, path: str | Path) -> Path:
    """The intents as a table: CSV where the name ends in .csv, else JSON. Raises BadInput where the disk refuses."""
    target = Path(path)
    text = _as_csv(mined) if target.suffix.lower() == ".csv" else _as_json(mined)
    try:
        write_whole(target, lambda part: part.write_text(text, encoding="utf-8", newline=""))
    except OSError as error:
        raise BadInput(f"{target} cannot be written: {error.strerror or error}.") from None
    return target


def _as_json(mined: Mined) -> str:
    said = {key: getattr(mined, key) for key in ("file", "tickets", "skipped", "unread", "columns", "method", "groups")}
    said["covered"] = round(mined.covered, 4)
    said["intents"] = [asdict(intent) for intent in mined.intents]
    return json.dumps(said, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _as_csv(mined: Mined) -> str:
    """A line an intent; a cell that a spreadsheet would run as a formula gets ' before it."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(["intent", "tickets", "share", "answered", "typical ticket", "typical answer"])
    for intent in mined.intents:
        first = intent.drafts[0]
        cells = [intent.name, str(intent.count), f"{intent.share:.4f}", str(intent.answered), first.prompt, first.reply]
        writer.writerow(["'" + cell if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell for cell in cells])
    return file.getvalue()
