"""A dataset to look at: how long its rows are, what they are about, how it changed; each picture with its words."""

from __future__ import annotations

from typing import Any

import polars as pl

from workbench.checks.balance.topics import SCATTERED, find_topics
from workbench.checks.check import catalogue
from workbench.records import CheckRun, Version
from workbench.reports.distributions import area_map, before_and_after, columns, histogram, trend
from workbench.screens.escape import empty, esc, plural
from workbench.store import Store, datasets, findings
from workbench.store.row_index import rows_index

TOPIC_ROWS = 5_000  # topics are a rough map; more rows make the same one, slower
MOST_TOPICS, MOST_TAGS, MOST_VERSIONS = 24, 12, 30
FEWEST_COMMON = 5  # checks that two versions must share before a line is drawn between them


def _figure(title: str, picture: Any, words: str = "") -> str:
    if not picture:
        return ""
    said = f'<figcaption class="quiet small">{esc(words)}</figcaption>' if words else ""
    return f'<figure class="picture"><h3>{esc(title)}</h3>{picture}{said}</figure>'


def glance_html(store: Store, version: Version) -> str:
    """Lengths, topics and balance of a version as pictures."""
    index = rows_index(store, version)
    lengths = index.select("prompt_length", "reply_length", "turns").collect()
    if not lengths.height:
        return empty("This version has no rows.")
    said = "{} in the middle, {} the longest hundredth and beyond."
    parts = []
    for title, column in (("Length of the questions", "prompt_length"), ("Length of the replies", "reply_length")):
        series = lengths[column]
        middle, long = (f"{series.quantile(at) or 0:,.0f} characters" for at in (0.5, 0.99))
        picture = histogram(series.to_list(), f"{title}: how many rows have which", "characters")
        parts.append(_figure(title, picture, said.format(middle, long)))
    parts.append(_topics(index, lengths.height))
    parts.append(_balance(store, version, index))
    return f'<div class="pictures">{"".join(parts)}</div>'


def _topics(index: pl.LazyFrame, total: int) -> str:
    stride = max(1, total // TOPIC_ROWS)
    prompts = index.select("prompt").collect()["prompt"].gather_every(stride)
    topics = find_topics(prompts.to_list())
    counts = [(name, int((topics.label == at).sum())) for at, name in enumerate(topics.names)][:MOST_TOPICS]
    none = int((topics.label == SCATTERED).sum())
    if none:
        counts.append(("no common topic", none))
    of = f"from every {stride}th row" if stride > 1 else f"from all {plural(total, 'row')}"
    words = f"Named by the words that the questions share, {of}; a rough map, not a judgement."
    return _figure("What the questions are about", area_map(counts, "Topics by their share of the rows"), words)


def _shares(index: pl.LazyFrame) -> dict[str, float]:
    """The share of rows with each tag; where no row has a tag, with each number of turns."""
    total = index.select(pl.len()).collect().item() or 1
    tags = index.select(what=pl.col("tags").explode()).drop_nulls().group_by("what").len().collect()
    if not tags.height:
        turns = index.group_by("turns").len().sort("turns").collect()
        return {f"{number} turns": count / total for number, count in turns.iter_rows()}
    return {what: count / total for what, count in tags.iter_rows()}


def _balance(store: Store, version: Version, index: pl.LazyFrame) -> str:
    """The shares of tags (or turns) as the dataset first was and as it is now."""
    first = datasets.listed(store, version.dataset)[0]
    was, now = _shares(rows_index(store, first)), _shares(index)
    names = sorted(set(was) | set(now), key=lambda name: -max(was.get(name, 0), now.get(name, 0)))[:MOST_TAGS]
    parts = [(name, was.get(name, 0.0), now.get(name, 0.0)) for name in names]
    labels = (f"v{first.number}", f"v{version.number}")
    what = "Number of turns" if all(name.endswith(" turns") for name in names) else "Tags"
    picture = before_and_after(parts, f"{what}: share of the rows, {labels[0]} and {labels[1]}", labels)
    return _figure(f"{what}, before and after", picture, "Share of the rows.")


def quality_html(store: Store, version: Version) -> str:
    """Findings per 1,000 rows from version to version, counted over the checks that all of them have."""
    measured: list[tuple[Version, dict[str, CheckRun]]] = []
    for one in reversed(datasets.listed(store, version.dataset)):
        runs = {run.check: run for run in findings.runs(store, one) if not run.not_run}
        if len(runs) >= FEWEST_COMMON and one.size:
            measured.append((one, runs))
        if len(measured) == MOST_VERSIONS:
            break
    measured.reverse()
    if len(measured) < 2:
        return empty("Quality over versions needs two versions that were checked. Check again after your next change.")
    common = set.intersection(*(set(runs) for _, runs in measured))
    known = catalogue()
    lines = []
    for name, severity in (("errors", "error"), ("warnings", "warning"), ("hints", "info")):
        checks = [check for check in common if check in known and known[check].severity == severity]
        points = [
            (f"v{one.number}", 1000 * sum(runs[check].flagged for check in checks) / one.size)
            for one, runs in measured
        ]  # fmt: skip
        lines.append((name, points))
    title = "Findings per 1,000 rows, version by version"
    words = f"Counted over the {plural(len(common), 'check')} that ran on all of these versions."
    return f'<div class="card">{_figure(title, trend(lines, title, "per 1,000 rows"), words)}</div>'


def cluster_sizes_html(sizes: list[int]) -> str:
    """How many groups of copies have two rows, three rows, and so on."""
    if not sizes:
        return ""
    most = 10
    counts = {size: sum(one == size for one in sizes) for size in range(2, most)}
    parts = [(f"{size} rows", count) for size, count in counts.items()]
    parts.append((f"{most}+ rows", sum(one >= most for one in sizes)))
    while len(parts) > 1 and not parts[-1][1]:
        parts.pop()
    return _figure("Sizes of the groups", columns(parts, "How many groups have how many rows"))
