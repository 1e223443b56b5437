"""How the leak guard's findings look: the state in a line, a pair side by side with its words marked, and the list."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from workbench.actions.find_suspects import texts_of
from workbench.leak_search import Found
from workbench.records import Pair
from workbench.screens.address import address
from workbench.screens.escape import badge, esc, plural, short, table
from workbench.store import Store, datasets, goldens

WORD = re.compile(r"\w+")
TIER_KINDS = {"certain": "error", "suspect": "warning", "look-alike": "info"}
MOST_LISTED = 50
# Words that any two English, German or Russian sentences share: marking them would hide what is really in common.
STOP = frozenset(
    WORD.findall(
        "a an and are as at be by can do does for from how i if in is it my of on or that the this to we what when "
        "with you your der die das den dem des ein eine einen und oder ist sind im zu zum zur mit auf für von sie ich "
        "wie was es и в на с по не что как для это у из за от к о"
    )
)


def state_html(found: Found | None, label: str) -> str:
    """Whether training may start on a version as far as the guard goes, in one line with counts."""
    if found is None:
        return (
            f"<p>{badge('not searched', 'info')} {esc(label)} was not searched for leaks yet. Training does it first; "
            'press "Search" to do it now.</p>'
        )
    tiers = Counter(one.tier for one in found.pairs)
    told = ", ".join(f"{tiers[tier]:,} {tier}" for tier in TIER_KINDS if tiers[tier]) or "no pairs"
    if found.open:
        rows = plural(len({one.training_id for one in found.open}), "row")
        state = badge("training waits", "error") + f" {plural(len(found.open), 'pair')} of {rows} must be settled. "
    else:
        state = badge("nothing stops training", "ok") + " "
    note = f"<p>{badge('paraphrase check off', 'warning')} {esc(found.note)}</p>" if found.note else ""
    signed = "".join(
        f"<p>{badge('override', 'warning')} {esc(one.who)} signed for {plural(len(one.pairs), 'pair')} on "
        f"{esc(one.when[:16].replace('T', ' '))}: {esc(one.reason)}</p>"
        for one in found.overrides
    )
    search = found.search
    return (
        f"<p>{state}{esc(search.version)} against {esc(search.golden)}: {esc(told)}. Searched by {esc(search.who)} on "
        f"{esc(search.when[:16].replace('T', ' '))} UTC.</p>{note}{signed}"
    )


def pair_html(store: Store, found: Found, pair: Pair, place: int, of: int) -> str:
    """One pair side by side. Of a sealed golden row nothing is shown but that there is one."""
    version = datasets.by_id(store, found.search.version_id)
    mine, theirs = texts_of(store, version, goldens.by_id(store, found.search.golden_id), pair)
    ways = "".join(f"<li>{esc(said)} ({measure:.2f})</li>" for _, measure, said, _ in pair.ways)
    ours, held = mine.messages[0], None if theirs is None else theirs.messages[0]
    link = address("/rows", dataset=version.dataset, version=version.number, row=pair.training_id)
    left = _side(f'training row <a href="{esc(link)}">{esc(pair.training_id)}</a>', mine.tags[0], ours, held)
    if held is None or theirs is None:
        right = (
            '<div><div class="side">a sealed golden row</div><p>Nobody may read it. Judge by the training row and the '
            "likeness: drop the row where you doubt.</p></div>"
        )
    else:
        right = _side(f"golden row {esc(pair.golden_id)}", theirs.tags[0], held, ours)
    return (
        f'<h3>Pair {place} of {of} {badge(pair.tier, TIER_KINDS[pair.tier])} {_ruled(pair)}</h3><ul class="ways">{ways}'
        f'</ul><div class="pair">{left}{right}</div><p class="key">Green: words that both rows have. Red: numbers '
        "that only one of them has.</p>"
    )


def _ruled(pair: Pair) -> str:
    if pair.ruling is None:
        return ""
    said = "leak" if pair.ruling.leak else "no leak"
    who = f"{pair.ruling.who}, {pair.ruling.when[:10]}: {pair.ruling.reason}"
    return f'{badge("ruled " + said, "error" if pair.ruling.leak else "ok")} <span class="key">{esc(who)}</span>'


def _side(
    head: str, tags: Sequence[str], turns: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]] | None
) -> str:
    there = {word.lower() for turn in other or () for word in WORD.findall(turn["content"] or "")}
    said = "".join(
        f'<div class="turn"><span class="who">{esc(turn["role"] or "no role")}</span>'
        f'<div class="said">{_marked(turn["content"] or "", there if other is not None else None)}</div></div>'
        for turn in turns
        if turn["role"] != "system"
    )
    return f'<div><div class="side">{head} {" ".join(badge(tag) for tag in tags[:4])}</div>{said}</div>'


def _marked(text: str, there: set[str] | None) -> str:
    if there is None:
        return esc(text)
    parts, last = [], 0
    for word in WORD.finditer(text):
        low = word[0].lower()
        kind = "mark" if low in there and low not in STOP else "del" if low.isdecimal() and low not in there else ""
        if kind:
            parts += [esc(text[last : word.start()]), f"<{kind}>{esc(word[0])}</{kind}>"]
            last = word.end()
    return "".join([*parts, esc(text[last:])])


def list_html(store: Store, found: Found, pairs: Sequence[Pair]) -> str:
    """The pairs as a table, at most so many, with the question of each training row."""
    shown = pairs[:MOST_LISTED]
    rows = datasets.rows_of(store, datasets.by_id(store, found.search.version_id)).having(
        {one.training_id for one in shown}
    )
    asked = dict(zip(rows.row_id, rows.prompt, strict=True))
    lines = [
        [badge(one.tier, TIER_KINDS[one.tier]), f"{one.measure:.2f}", esc(one.how),
         esc(short(asked.get(one.training_id, ""), 90)), esc(one.golden_id) or "sealed", _ruled(one),
         f'<span class="key">{esc(one.key)}</span>']
        for one in shown
    ]  # fmt: skip
    if not lines:
        return ""
    more = f"<p class='quiet'>and {len(pairs) - MOST_LISTED:,} more</p>" if len(pairs) > MOST_LISTED else ""
    return table(["tier", "likeness", "how", "asked in training", "golden row", "ruling", "pair"], lines) + more
