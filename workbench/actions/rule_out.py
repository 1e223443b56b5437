"""Say that a finding is not a problem; it is kept with name and reason and never raised again for the same text."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.checks.check import check_named
from workbench.errors import BadInput, NotFound
from workbench.records import Ruling
from workbench.rows import storable
from workbench.settings import user_name
from workbench.store import Store, datasets, held_to_rulings, rulings


def rule_out(
    store: Store,
    check: str,
    row_ids: Sequence[str],
    *,
    version: str | None = None,
    reason: str,
    who: str | None = None,
) -> list[Ruling]:
    """Rules that what a check says of these rows is not a problem, and gives the rulings that now hold for them.

    A ruling is bound to the row's text: it holds in every version and for every copy of that text, and never for
    changed text. The findings of `version`, and those of the newest, are judged anew at once. who: who says so, by
    default the user. Raises NotFound for an unknown check or row, BadInput without a reason.
    """
    name, of = check_named(check).name, datasets.version(store, version)
    said = storable(reason).strip()[:2000]
    if not said:
        raise BadInput("Say in a few words why this is not a problem: whoever finds the ruling later will ask.")
    rows = datasets.rows_of(store, of)
    concerned = rows.having(row_ids)
    if not row_ids:
        raise BadInput("No row was named: choose the rows that are not a problem.")
    if unknown := set(row_ids) - set(concerned.row_id):
        raise NotFound(f"{of.label} has no row {', '.join(sorted(unknown)[:5])}.")
    texts = list(zip(concerned.text_digests, concerned.row_id, strict=True))
    with store.write() as connection:
        rulings.add(connection, of.dataset_id, name, texts, said, who or user_name())
    held_to_rulings.judge_anew(store, of, name)
    concerned_texts = set(concerned.text_digests)
    return [one for one in rulings.listed(store, of.dataset, name) if one.text_digest in concerned_texts]


def take_back_ruling(store: Store, ruling_id: int, *, version: str | None = None) -> Ruling:
    """Ends a ruling: the check may flag that text again, at once in the findings of `version` and of the newest."""
    ruling = rulings.get(store, ruling_id)
    rulings.take_back(store, ruling_id)
    of = datasets.version(store, version or ruling.dataset)
    held_to_rulings.judge_anew(store, of, ruling.check)
    return ruling
