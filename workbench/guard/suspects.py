"""Every way by which a golden row may stand in the training rows, looked at once, with how sure each is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from workbench.checks.similarity import words_of
from workbench.guard.answer_runs import FEWEST_RUNS, HALF, contained, replies_of, without_phrases
from workbench.guard.copies import SAME_ROW, copies
from workbench.guard.exchanges import FEWEST_REPLY_WORDS
from workbench.guard.lineage import DERIVED, Parents, derived, parents_of, shared_groups
from workbench.guard.meaning import Read, near_in_meaning
from workbench.rows import Rows

EDITION = 2  # another one where another limit or way would find other pairs

Tier = Literal["certain", "suspect", "look-alike"]
TIERS: tuple[Tier, ...] = ("certain", "suspect", "look-alike")
WAYS = {
    "lineage": "the golden row itself, or a row derived from it",
    "copy": "the same words but for case, blanks and end stops",
    "near copy": "nearly the same words",
    "answer": "passages of the golden reply, in runs of eight words",
    "meaning": "the same in other words, as a sentence model reads it",
    "group": "the same conversation, customer, template or author, or derived from the same row",
}
SHOWN_RUNS = 0.2  # part of a golden reply's runs from which a row is shown
PER_ROW = 5  # golden rows that one training row is held against, the likest: a person who ruled on five knows the row


@dataclass(frozen=True)
class Way:
    """How a pair was found. name: a key of WAYS; measure: 0 to 1, higher is likelier; said: in words."""

    name: str
    measure: float
    said: str
    tier: Tier


@dataclass(frozen=True)
class Suspect:
    """A training row that may show the model a golden row, and each way by which it was found, the surest first.

    certain: no ruling helps, the row goes or somebody signs for everything; suspect: a person must rule before
    training; look-alike: shown, and stops nothing.
    """

    training_id: str
    golden_id: str
    ways: tuple[Way, ...]

    @property
    def tier(self) -> Tier:
        return self.ways[0].tier

    @property
    def measure(self) -> float:
        return self.ways[0].measure

    @property
    def how(self) -> str:
        return self.ways[0].said


def suspects(
    training: Rows,
    golden: Rows,
    *,
    read: Read | None = None,
    approved: Sequence[str] = (),
    older: Callable[[Collection[str]], Parents] | None = None,
) -> tuple[Suspect, ...]:
    """The pairs of training and golden rows that may be leaks, the surest and likest first.

    read: gives vectors of texts; None leaves the way "meaning" off, and nobody sees paraphrases. approved: phrases that
    every reply may repeat. older: see `lineage.derived`. Of each training row the five likest golden rows are named,
    and one only where all are look-alikes.
    """
    ways: dict[tuple[int, int], list[Way]] = defaultdict(list)
    _by_lineage(training, golden, ways, older)
    _by_words(training, golden, ways, approved)
    if read is not None:
        for near in near_in_meaning(training, golden, read):
            tier: Tier = "suspect" if near.suspect else "look-alike"
            ways[near.training, near.golden].append(Way("meaning", near.likeness, near.how, tier))
    _by_group(training, golden, ways)
    return _told(training, golden, ways)


def _by_lineage(
    training: Rows,
    golden: Rows,
    ways: dict[tuple[int, int], list[Way]],
    older: Callable[[Collection[str]], Parents] | None,
) -> None:
    held = {row_id: place for place, row_id in enumerate(golden.row_id)}
    here = {row_id: place for place, row_id in enumerate(training.row_id)}
    for row_id in here.keys() & held.keys():
        ways[here[row_id], held[row_id]].append(Way("lineage", 1.0, SAME_ROW, "certain"))
    if parents := parents_of(training):
        for row_id, source in derived(parents, held, older).items():
            ways[here[row_id], held[source]].append(Way("lineage", 1.0, "derived from the golden row", "certain"))
    if parents := parents_of(golden):
        for row_id, source in derived(parents, here, older).items():
            if source != row_id:
                ways[here[source], held[row_id]].append(
                    Way("lineage", 1.0, "the golden row derives from it", "suspect")
                )


def _by_words(training: Rows, golden: Rows, ways: dict[tuple[int, int], list[Way]], approved: Sequence[str]) -> None:
    prompts = training.prompt
    bare = [len(words_of(text)) < FEWEST_REPLY_WORDS for text in without_phrases(golden.reply, approved, "")]
    for one in copies(training, golden):
        if approved and bare[one.golden] and "reply" in one.field and " and " not in one.field:
            continue  # a reply of approved phrases only may stand anywhere
        tier: Tier = "certain" if one.is_certain(prompts[one.training]) else "suspect"
        ways[one.training, one.golden].append(Way("copy" if one.exact else "near copy", one.score, one.how, tier))
    texts = without_phrases(training.text, approved, "training")
    for row, passage, part in contained(texts, replies_of(golden, approved), least=SHOWN_RUNS, fewest=1):
        said = f"{part:.0%} of the golden reply's runs of eight words stand in it"
        enough = (part >= HALF and _runs(golden.reply[passage]) >= FEWEST_RUNS) or part >= 1
        ways[row, passage].append(Way("answer", min(part, 1.0), said, "suspect" if enough else "look-alike"))


def _runs(text: str) -> int:
    return len(words_of(text.lower())) - 7


def _by_group(training: Rows, golden: Rows, ways: dict[tuple[int, int], list[Way]]) -> None:
    for one in shared_groups(training, golden):
        tier: Tier = "suspect" if one.is_small else "look-alike"
        said = "derived from the same row" if one.key == DERIVED else f"the same {one.key}"
        ways[one.training, one.golden].append(Way("group", 1.0, f"{said} ({one.name})", tier))


def _told(training: Rows, golden: Rows, ways: dict[tuple[int, int], list[Way]]) -> tuple[Suspect, ...]:
    ids, golden_ids = training.row_id, golden.row_id
    rank = {tier: place for place, tier in enumerate(TIERS)}
    order = {name: place for place, name in enumerate(WAYS)}
    by_row: dict[int, list[Suspect]] = defaultdict(list)
    for (row, held), found in ways.items():
        sure: dict[str, Way] = {}
        for way in sorted(found, key=lambda way: (rank[way.tier], order[way.name], -way.measure)):
            sure.setdefault(way.name, way)  # of one way its strongest finding
        by_row[row].append(Suspect(ids[row], golden_ids[held], tuple(sure.values())))

    def likest(one: Suspect) -> tuple[int, float, float, str, str]:
        # where a stock reply makes many golden rows equally like, the one that more ways find comes first
        return rank[one.tier], -one.measure, -sum(way.measure for way in one.ways), one.training_id, one.golden_id

    kept: list[Suspect] = []
    for found_here in by_row.values():
        found_here.sort(key=likest)
        grave = [one for one in found_here if one.tier != "look-alike"][:PER_ROW]
        kept += grave or found_here[:1]
    return tuple(sorted(kept, key=likest))
