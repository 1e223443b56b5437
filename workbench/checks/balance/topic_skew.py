"""One topic or one opening takes up much of the dataset

A model trained on rows of one topic answers in its manner everywhere, and one that always saw "Thank you for reaching
out" begins everything so. Wanted where the task is one topic; worth knowing where it is not.

Known limits
    Topics are clusters of words that prompts share, found anew in each version. Needs 30 rows. The share told is a
    lower bound: a topic worded in several ways is found in parts. Languages without blanks between words are grouped
    badly.
Source
    TF-IDF, truncated SVD and k-means of scikit-learn.
"""

from __future__ import annotations

from collections import Counter

from workbench.checks.balance.topics import SCATTERED, find_topics
from workbench.checks.check import Findings, above, check
from workbench.rows import Rows, word_list

FEWEST_ROWS = 30
OPENING_WORDS = 4

REFUNDS = Rows.of(
    *[
        (f"How do I return order {n} and get my refund?", f"Return parcel {n} within a month; the refund follows.")
        for n in range(1, 37)
    ]
)
MIXED = Rows.of(
    *[
        (f"How do I {deed.lower()} the {thing} {where}?", f"Desk note: {deed} the {thing} {where}. Good luck!")
        for deed, where in (("Clean", "at dawn"), ("Paint", "with oil"), ("Sell", "abroad"), ("Repair", "next winter"))
        for thing in (
            "boat",
            "violin",
            "kettle",
            "orchard",
            "saddle",
            "window",
            "tractor",
            "carpet",
            "statue",
            "lantern",
        )
    ]
)


@check(severity="info", scope="set", flags=REFUNDS, passes=MIXED)
def topic_skew(rows: Rows, *, most: float = 0.33, seed: int = 0) -> Findings:
    """Measure: the share of the dataset in the row's topic, or with the opening of its reply if more, 0 to 1.

    None for all rows where there are fewer than 30.
    """
    if len(rows) < FEWEST_ROWS:
        return above([None] * len(rows), most)
    # by the prompts: what all replies share (a greeting, a sign-off) is house style and no topic
    topics = find_topics(rows.prompt, seed=seed)
    share, openings = topics.share, [_opening(reply) for reply in rows.reply]
    common = Counter(opening for opening in openings if opening)
    measure, notes = [], []
    for label, opening in zip(topics.label, openings, strict=True):
        on_topic = 0.0 if label == SCATTERED else float(share[label])
        alike = common[opening] / len(rows)
        measure.append(max(on_topic, alike))
        if alike > on_topic:
            notes.append(f'{alike:.0%} of the replies begin with "{opening}"')
        else:
            notes.append(f'{on_topic:.0%} of the rows are on the topic "{topics.names[label]}"' if on_topic else "")
    return above(measure, most, notes)


def _opening(reply: str) -> str:
    words = word_list(reply[:200])[:OPENING_WORDS]
    return " ".join(words) if len(words) == OPENING_WORDS else ""
