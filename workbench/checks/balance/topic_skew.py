"""One topic takes up much of the dataset

A model trained on rows of one topic answers in its manner everywhere. Wanted where the task is one topic; worth knowing
where it is not. Openings that come often are told by `opening_words`.

Known limits
    Topics are clusters of words that prompts share in their first 1,000 characters, found anew in each version; rows
    elsewhere that hold the topic's own word are counted in. Needs 30 rows. The share told is still a lower bound: a
    topic that is worded without that word is not seen. Languages without blanks between words are grouped badly.
Source
    TF-IDF, truncated SVD and k-means of scikit-learn.
"""

from __future__ import annotations

from workbench.checks.balance.topics import SCATTERED, find_topics
from workbench.checks.check import Findings, above, check
from workbench.rows import Rows

FEWEST_ROWS = 30

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


@check(severity="info", edition=2, scope="set", flags=REFUNDS, passes=MIXED, mend="rebalance")
def topic_skew(rows: Rows, *, most: float = 0.33, seed: int = 0) -> Findings:
    """Measure: the share of the dataset in the row's topic, 0 to 1; 0 for a row of no clear topic.

    None for all rows where there are fewer than 30.
    """
    if len(rows) < FEWEST_ROWS:
        return above([None] * len(rows), most)
    # by the prompts: what all replies share (a greeting, a sign-off) is house style and no topic
    topics = find_topics(rows.prompt, seed=seed)
    shares = topics.share.tolist()
    told = [
        f'{share:.0%} of the rows are on the topic "{name}"' for share, name in zip(shares, topics.names, strict=True)
    ]
    labels = topics.label.tolist()
    measure = [0.0 if label == SCATTERED else shares[label] for label in labels]
    return above(measure, most, ["" if label == SCATTERED else told[label] for label in labels])
