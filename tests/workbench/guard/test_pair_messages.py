"""Golden text in any message of a pair of replies is seen, whatever was asked."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.guard.pair_messages import shown_in_messages
from workbench.rows import Rows

ASKED = "How long do I have to send back a jacket that does not fit?"
GOLDEN = "You have 30 days from delivery, keep the label on and use the return slip that lies in the box."
REPHRASED = "Send it within 30 days after it reached you, with the tag still attached to the sleeve."
PLAIN, OTHER = (
    "The library opens at nine on weekdays and at ten on Sundays.",
    "That is nothing I could help with today.",
)


def pair(*turns: tuple[str, str]) -> Rows:
    messages = [{"role": role, "content": text} for role, text in (*turns, ("assistant", PLAIN))]
    return Rows.from_records([{"row_id": "p", "tags": [], "source": "toy", "line": 1, "messages": messages}])


def said(rows: Rows, rejected: str = OTHER, golden: Rows | None = None, **more) -> list[str]:
    golden = Rows.of((ASKED, GOLDEN)) if golden is None else golden
    return [one.said for one in shown_in_messages(rows, [rejected], golden, **more)]


def read(texts) -> np.ndarray:
    """Texts that speak of thirty days point one way, all others each their own."""
    vectors = np.zeros((len(texts), len(texts) + 1), np.float32)
    for place, text in enumerate(texts):
        vectors[place, 0 if "30 days" in text else place + 1] = 1
    return vectors


@pytest.mark.parametrize(
    ("turns", "how"),
    [
        ([("system", GOLDEN), ("user", "When?")], "its system text is a copy of a golden reply"),
        ([("system", f"Be kind. {GOLDEN} Be brief."), ("user", "When?")],
         "its system text holds a copy of a golden reply"),
        ([("user", ASKED.upper())], "its user turn is a copy of a golden question"),
        ([("user", f"My sister wrote: {GOLDEN.rstrip('.')}, and I wonder what she means by that, as she owns no jacket "
                   "and has never ordered one, or so she told our aunt.")],
         "its user turn holds 100% of the runs of eight words of a golden reply"),
        ([("user", "Hm?"), ("assistant", GOLDEN), ("user", "And then?")],
         "its earlier reply is a copy of a golden reply"),
    ],
)  # fmt: skip
def test_golden_text_in_any_message_is_told_with_the_message(turns, how):
    assert said(pair(*turns)) == [how]


def test_a_golden_reply_in_other_words_is_seen_on_either_side_whatever_was_asked():
    asked = pair(("user", "How is the weather on your side of the sea?"))
    assert said(asked, REPHRASED) == []
    assert said(asked, REPHRASED, read=read) == ["its rejected reply says in other words what a golden reply says"]
    hinted = pair(("system", f"Be kind to everybody who asks. {REPHRASED}"), ("user", "How is the weather?"))
    assert said(hinted, read=read) == ["its system text says in other words what a golden reply says"]
    assert said(asked, REPHRASED.replace("30", "14"), read=read) == []


def test_a_system_text_that_golden_rows_have_themselves_shows_nothing():
    system = ("system", f"Our terms: {GOLDEN}")
    row = {"row_id": "g", "tags": [], "source": "toy", "line": 1, "messages": [
        {"role": "system", "content": system[1]}, {"role": "user", "content": ASKED},
        {"role": "assistant", "content": GOLDEN}]}  # fmt: skip
    assert said(pair(system, ("user", "When?")), golden=Rows.from_records([row])) == []


def test_one_golden_text_in_the_system_texts_of_all_pairs_is_no_template():
    rows = Rows.from_records([
        {"row_id": f"p{n}", "tags": [], "source": "toy", "line": n, "messages": [
            {"role": "system", "content": f"Day {n}. Know that {GOLDEN.lower()} Today is day {n} of many, be brief."},
            {"role": "user", "content": f"Question {n}?"}, {"role": "assistant", "content": PLAIN}]}
        for n in range(40)])  # fmt: skip
    found = shown_in_messages(rows, [OTHER] * 40, Rows.of((ASKED, GOLDEN)))
    assert {one.pair for one in found} == set(range(40))
