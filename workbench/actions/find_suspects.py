"""Search a version for rows that may show the model what stands in golden, or see what was found."""

from __future__ import annotations

from workbench.leak_search import Found, look, search
from workbench.records import Golden, Pair, Version
from workbench.rows import Rows
from workbench.settings import Report, no_report
from workbench.store import Store, datasets, goldens


def find_suspects(store: Store, version: str | None = None, *, anew: bool = False, report: Report = no_report) -> Found:
    """Every training row of a version that the leak guard holds against the golden set in force; remembered.

    Takes seconds for what was searched before or by words alone, and some minutes for thousands of rows that the
    embedding model reads for the first time. anew: search even where it was done. Raises NotFound without a golden set.
    """
    of = datasets.version(store, version)
    return search(store, of, goldens.newest(store, of.dataset), anew=anew, report=report)


def known_suspects(store: Store, version: str | None = None) -> Found | None:
    """What was found on a version as it would be searched now; None where nobody has, or there is no golden set."""
    of = datasets.version(store, version)
    frozen = goldens.listed(store, of.dataset)
    return look(store, of, frozen[-1]) if frozen else None


def texts_of(store: Store, version: Version, golden: Golden, pair: Pair) -> tuple[Rows, Rows | None]:
    """The two rows of a pair, each as rows of one; None in place of a sealed golden row, which nobody may read.

    Of a golden row that was put right since, the wording that the pair was found by.
    """
    training = datasets.rows_of(store, version).having([pair.training_id])
    if pair.sealed:
        return training, None
    wordings = goldens.barred(store, golden).having([pair.golden_id])
    return training, wordings.keep([digest == pair.golden_text for digest in wordings.text_digests])
