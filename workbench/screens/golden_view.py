"""A golden set as HTML: the draw, the frozen sets, parts, looks, sign-off and what the size can show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.actions.freeze_golden import Frozen
from workbench.errors import GoldloopError, NotFound
from workbench.leak_search import by_words, look
from workbench.records import PARTS, Golden, Version
from workbench.reports.golden_tables import size_lines, size_sentence
from workbench.screens.address import Look, address, version_of
from workbench.screens.escape import badge, empty, esc, plural, table
from workbench.store import Store, datasets, goldens
from workbench.told.golden import size_table, told

MOST_STRATA, MOST_LEAKS = 40, 20
ROWS_CHECKED_ON_ARRIVAL = 20_000  # comparing more with the golden set takes longer than a page should
SEALED = "a sealed row"


def split_html(done: Frozen) -> str:
    """A draw: how many rows, in which parts, over which topics, and what so many can show."""
    split, sizes = done.split, done.drawn.sizes
    lines = [
        [
            esc(name),
            f'<span class="num">{counts["golden"]:,}</span>',
            f'<span class="num">{counts["training"]:,}</span>',
        ]
        for name, counts in list(split.strata.items())[:MOST_STRATA]
    ]
    more = f"<p class='quiet'>and {len(split.strata) - MOST_STRATA} more</p>" if len(split.strata) > MOST_STRATA else ""
    notes = "".join(f"<li>{esc(line)}</li>" for line in (*split.notes, *done.drawn.notes))
    facts = facts_html(
        ("rows held out", f"{len(done.golden_rows):,}"), ("share reached", f"{split.reached:.1%}"),
        *_sizes(sizes),
        ("groups of copies kept on one side", f"{len(split.groups):,}"),
    )  # fmt: skip
    shown = size_html(
        {
            part: size_table(sizes[part], done.budget if part == "sealed" else 1)
            for part in ("dev", "sealed")
            if sizes[part]
        }
    )
    return (
        f"<h3>The draw</h3>{facts}<ul>{notes}</ul><div class='two'><div>{table(['topic', 'golden', 'training'], lines)}"
        f"{more}</div><div>{shown}</div></div>"
    )


def facts_html(*pairs: tuple[str, str]) -> str:
    return (
        '<div class="facts">' + "".join(f"<div><b>{esc(v)}</b><span>{esc(k)}</span></div>" for k, v in pairs) + "</div>"
    )


def _sizes(parts: Mapping[Any, int]) -> list[tuple[str, str]]:
    """(part, rows) of the parts that have some."""
    return [
        (part if part != "calibration" else "judge calibration", f"{count:,}") for part, count in parts.items() if count
    ]


def size_html(shown: Mapping[str, Mapping[str, Any]]) -> str:
    """The smallest changes that the parts can show, as a table; known before any run."""
    if not shown:
        return ""
    columns = [size_lines(one) for one in shown.values()]
    lines = [[esc(cells[0][0]), *(esc(one[1]) for one in cells)] for cells in zip(*columns, strict=True)]
    head = ["smallest change that can be shown", *(f"{part}, {one['n']} rows" for part, one in shown.items())]
    said = "Found in four of five evaluations at the 5 % level; sealed rows at the level of one of several looks."
    return f"{table(head, lines)}<p class='quiet'>{said}</p>"


def goldens_html(store: Store, look: Look) -> str:
    """The golden sets of the dataset with their locks, and training rows that repeat one of them."""
    try:
        version = version_of(store, look)
    except NotFound:
        return empty("There are no rows to draw from yet.", "Bring a file", "/data")
    found = goldens.listed(store, version.dataset)
    if not found:
        return empty(f"{version.dataset} has no golden set yet. Mend the data first: frozen rows stay as they are.")
    lines = [
        [
            f"<b>{esc(one.label)}</b>", f"{one.size:,}", esc(_parts(one)), esc(_came(one)), f"{one.share:.0%}",
            esc(one.seed), f"v{one.drawn_from}",
            f'<span class="lock" title="{esc(one.digest)}">{esc(one.digest[:16])}</span> {_state(store, one)}',
            esc(one.who), esc(one.when[:16].replace("T", " ")),
        ]
        for one in reversed(found)
    ]  # fmt: skip
    head = ["golden set", "rows", "parts", "came by", "share", "seed", "drawn from", "lock (hash of its rows)", "who",
            "when (UTC)"]  # fmt: skip
    try:
        newest = newest_html(store, found[-1])
    except GoldloopError:  # a broken lock is told in the table
        newest = ""
    return (
        f"<h3>Frozen sets</h3>{table(head, lines)}<p class='quiet'>Nothing can unlock a frozen set. The newest one is "
        "in force; training refuses rows that repeat it. Figures of two golden sets are never set side by side.</p>"
        f"{newest}{leaks_html(store, version, found[-1])}"
    )


def newest_html(store: Store, golden: Golden) -> str:
    """The set in force: sign-off, looks, and what its size can show."""
    facts = told(store, golden)
    signed, looks = facts["sign_off"], facts["looks"]
    pairs = [
        *_sizes(facts["parts"]),
        ("signed off", f"{signed['signed']} of {signed['rows']}"), ("objected to", f"{signed['objected']}"),
    ]  # fmt: skip
    if facts["parts"]["sealed"]:
        pairs.append(("looks at sealed rows", f"{len(looks)} of {golden.budget}"))
    read = signed["readers_of_sealed"]
    readers = f"<p class='quiet'>Sealed rows were read for signing by {esc(', '.join(read))}.</p>" if read else ""
    return f"<h3>{esc(golden.label)}</h3>{facts_html(*pairs)}{readers}{looks_html(looks)}{_size_of(facts['shows'])}"


def _size_of(shown: Mapping[str, Mapping[str, Any]]) -> str:
    """What the parts can show in a sentence, with the table behind it."""
    said = " ".join(f"{part.capitalize()}: {size_sentence(one)}" for part, one in shown.items())
    return f"<details><summary>{esc(said)}</summary>{size_html(shown)}</details>" if shown else ""


def looks_html(looks: list[dict[str, Any]]) -> str:
    """Every look at the sealed rows, with what the Ladder said."""
    if not looks:
        return ""
    kinds = {"new best": "ok", "not finished": "warning"}
    lines = [
        [
            f"{one['number']} of {one['budget']}" + (" " + badge("past the budget", "error") if one["over"] else ""),
            f'<a href="{esc(address("/evaluation", evaluation=one["evaluation"]))}">evaluation {one["evaluation"]}</a>',
            esc(one["primary"] or ""), "" if one["mean"] is None else f"{one['mean']:+.3f}", 
            badge(one["ladder"], kinds.get(one["ladder"], "")),
            esc(one["who"]), esc(one["when"][:16].replace("T", " ")), esc(one["why"]),
        ]
        for one in looks
    ]  # fmt: skip
    return table(["look", "of", "metric", "mean", "Ladder", "who", "when (UTC)", "why"], lines)


def _parts(golden: Golden) -> str:
    return ", ".join(f"{part} {count}" for part in PARTS if (count := len(golden.ids(part))))


def _came(golden: Golden) -> str:
    verb = golden.change.get("verb", "freeze")
    if verb == "edit":
        return "an erratum"
    if verb == "refresh":
        return f"a refresh: {len(golden.change['retired'])} out, {len(golden.change['fresh'])} in"
    return "a freeze"


def _state(store: Store, golden: Golden) -> str:
    try:
        goldens.rows_of(store, golden)
    except GoldloopError as error:
        return badge("broken", "error") + f" {esc(error)}"
    return badge("holds", "ok")


def leaks_html(store: Store, version: Version, golden: Golden) -> str:
    """What the leak guard says of a version: the pairs that stop training, those ruled on or signed for left out.

    As it was searched last; where it was not, what the words alone show.
    """
    if version.size > ROWS_CHECKED_ON_ARRIVAL:
        return f"<p class='quiet'>{esc(version.label)} is too large to compare here; training does it first.</p>"
    try:
        known = look(store, version, golden)
        found = known or by_words(store, version, golden, datasets.rows_of(store, version))
    except GoldloopError:
        return ""
    far = "" if known else " This is by words and tags alone: training looks at meanings first."
    if not found.open:
        settled = sum(one.ruling is not None or one.stops for one in found.pairs)
        said = f"Nothing of {version.label} that resembles {golden.label} waits for a decision."
        more = f" {plural(settled, 'pair')} were ruled on or signed for." if settled else ""
        return f"<h3>Leaks</h3><p>{badge('nothing stops training', 'ok')} {esc(said)}{esc(more)}{far}</p>"
    lines = [
        [
            f'<a href="{esc(address("/rows", dataset=version.dataset, version=version.number, row=one.training_id))}">'
            f"{esc(one.training_id)}</a>",
            SEALED if one.sealed else esc(one.golden_id), esc(one.how), f"{one.measure:.2f}",
        ]
        for one in found.open[:MOST_LEAKS]
    ]  # fmt: skip
    rows = plural(len({one.training_id for one in found.open}), "row")
    return (
        f"<h3>Leaks</h3><p>{badge('training waits', 'error')} {rows} of {esc(version.label)} resemble golden rows or "
        f"repeat them. Settle them under the tab Leaks.{far}</p>"
        f"{table(['training row', 'golden row', 'how', 'likeness'], lines)}"
    )
