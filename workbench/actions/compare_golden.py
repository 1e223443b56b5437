"""How representative is golden: against the training side, and against a sample of real traffic."""

from __future__ import annotations

from pathlib import Path

from workbench.errors import BadInput
from workbench.formats.read import read_file
from workbench.records import Golden
from workbench.reports.representative import Compared, compared
from workbench.rows import Rows
from workbench.settings import Report, no_report
from workbench.splits import copy_groups
from workbench.store import Store, datasets, goldens

MOST_GROUPED = 20_000  # rows; looking for copies among more takes longer than somebody waits for a table


def compare_golden(
    store: Store,
    golden: Golden,
    traffic: str | Path | None = None,
    *,
    format: str | None = None,
    seed: int = 0,
    report: Report = no_report,
) -> Compared:
    """Shares of topics, lengths, languages and tags in golden and in the other rows, the most skewed first.

    traffic: a file of questions as people really ask them, in any format that an import reads (one question a row
    without a reply will do); None compares with the training side, which is the dataset's newest version. Nothing of
    the file is kept. Sealed rows are counted with the others, and no text is given. Raises BadInput for a file that
    cannot be read.
    """
    report(0.1, "reading")
    if traffic is None:
        other = datasets.rows_of(store, datasets.version(store, golden.dataset))
    else:
        other = _read(traffic, format)
    report(0.4, "comparing topics")
    other = _questions(other)
    return compared(
        goldens.rows_of(store, golden), other, seed=seed, apart=(len(set(golden.groups.values())), _groups(other))
    )


def _groups(rows: Rows) -> int:
    """How many rows are no copy of another, for the chance level of a difference."""
    return len(set(copy_groups(rows).tolist())) if len(rows) <= MOST_GROUPED else len(rows)


def _read(traffic: str | Path, format: str | None) -> Rows:
    """The rows of a file; one that holds questions alone is read as such."""
    try:
        return read_file(traffic, format=format).rows
    except BadInput as refused:
        if format is not None:
            raise
        try:
            return read_file(traffic, format="prompts").rows
        except BadInput:
            raise refused from None


def _questions(rows: Rows) -> Rows:
    """The rows that ask something."""
    return rows.keep([bool(prompt.strip()) for prompt in rows.prompt])
