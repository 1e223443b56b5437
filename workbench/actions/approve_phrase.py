"""Approve a phrase that every reply may repeat, such as a policy sentence, so that it counts as no leak."""

from __future__ import annotations

from workbench.errors import BadInput
from workbench.records import ApprovedPhrase
from workbench.rows import storable, word_list
from workbench.settings import user_name
from workbench.store import Store, datasets
from workbench.store import suspects as kept

FEWEST_WORDS, MOST_LETTERS = 3, 1_000  # shorter, and half of all replies would hold it; longer, and it is a reply


def approve_phrase(
    store: Store, phrase: str, *, reason: str, dataset: str | None = None, who: str | None = None
) -> ApprovedPhrase:
    """Lets training replies repeat a phrase of golden replies: no run of its words counts from the next search on.

    dataset: by default the one used last. Raises BadInput for a phrase of fewer than three words or without a reason.
    """
    said, why = " ".join(storable(phrase).split()), storable(reason).strip()[:2000]
    if len(word_list(said)) < FEWEST_WORDS or len(said) > MOST_LETTERS:
        raise BadInput(f"A phrase has {FEWEST_WORDS} words or more, and {MOST_LETTERS:,} characters at most.")
    if not why:
        raise BadInput("Say in a few words why every reply may repeat it, for instance which policy it stands in.")
    of = datasets.version(store, dataset)
    key = kept.approve(store, of.dataset_id, said, why, who or user_name())
    return next(one for one in kept.phrases(store, of.dataset) if one.id == key)


def disapprove_phrase(store: Store, phrase_id: int) -> bool:
    """Ends an approval; False when it had ended before or never was."""
    return kept.disapprove(store, phrase_id)
