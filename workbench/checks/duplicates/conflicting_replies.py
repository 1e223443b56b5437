"""Same question, conflicting replies

Where the same question has replies that say different things, the model learns neither, and the evaluation loss cannot
fall. Every row of such a group is flagged: which reply is right, only a person can say.

Known limits
    Replies that differ in wording alone count as differing, since rules on words cannot tell; a request that has many
    good answers ("Write a joke") is flagged rightly by the rule and wrongly by its intent. The question is the whole
    conversation before the last reply, and its system text must be the same. Questions in other words are not joined.
Source
    Banking77 holds such pairs: the same sentence under two intents ("Has my top up gone through?").
"""

from __future__ import annotations

from collections import defaultdict

from workbench.checks.check import Findings, above, check
from workbench.checks.duplicates.place import places, shortened
from workbench.checks.similarity import exact_keys, near_pairs, words_of
from workbench.rows import Rows


@check(
    severity="info",
    edition=2,
    scope="set",
    flags=Rows.of(
        ("How long may I send it back?", "You may send it back within 14 days."),
        ("how long may I send it back", "You may send it back within 30 days."),
    ),
    passes=Rows.of(
        ("How can I track my parcel?", "Open your orders, choose the parcel and press track."),
        ("How can I track my parcel?", "Open your orders, choose parcel and press track."),
        ("When do you open?", "We open at nine."),
        ("When do you close?", "We close at five."),
    ),
)
def conflicting_replies(rows: Rows, *, most: float = 0.0) -> Findings:
    """Measure: share of the pairs of replies to the same question that are no near copies, 0 to 1."""
    groups = defaultdict(list)
    prompts, systems, replies = exact_keys(rows.prompt), exact_keys(rows.system), exact_keys(rows.reply)
    for i, (prompt, system, reply) in enumerate(zip(prompts, systems, replies, strict=True)):
        if words_of(prompt) and reply:
            groups[system, prompt].append(i)
    asked_twice = [members for members in groups.values() if len({replies[i] for i in members}) > 1]
    alike = _alike(sorted({replies[i] for members in asked_twice for i in members}))
    place = places(rows)
    measure: list[float | None] = [None] * len(rows)
    notes = [""] * len(rows)
    for members in asked_twice:
        by_reply = defaultdict(list)
        for i in members:
            by_reply[replies[i]].append(i)
        like = {reply: {reply} | (alike[reply] & by_reply.keys()) for reply in by_reply}
        differing = {reply: len(members) - sum(len(by_reply[r]) for r in like[reply]) for reply in by_reply}
        share = sum(differing[replies[i]] for i in members) / (len(members) * (len(members) - 1))
        for i in members:
            measure[i] = share
            against = next((by_reply[r][0] for r in by_reply if r not in like[replies[i]]), None)
            if against is not None:
                notes[i] = f'{place[against]} answers the same with "{shortened(rows.reply[against])}"'
            elif share:
                notes[i] = f"of {len(members)} replies to this question some differ"
    return above(measure, most, notes)


def _alike(texts: list[str]) -> dict[str, set[str]]:
    """For every text the near copies among the others."""
    found: dict[str, set[str]] = defaultdict(set)
    pairs = near_pairs(texts)
    for a, b in zip(pairs.a.tolist(), pairs.b.tolist(), strict=True):
        found[texts[a]].add(texts[b])
        found[texts[b]].add(texts[a])
    return found
