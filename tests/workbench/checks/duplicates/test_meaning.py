"""What tells two rows apart whose meaning is near, and how prompts and replies count together."""

import numpy as np
import pytest

from workbench.checks.duplicates.meaning import in_meaning, told_apart


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("Convert 5 feet to metres.", "Convert 7 feet to metres.", True),
        ("Convert 5 feet to metres.", "How many metres are five feet?", False),
        ("Give a synonym of 'tiny'.", "Give a synonym of 'huge'.", True),
        ("Give a synonym of 'tiny'.", 'Which word means "tiny", too?', False),
        ("What is the capital of Peru?", "What is the capital of Chile?", True),
        ("What is the capital of Peru?", "Name the main city of Peru.", False),
    ],
)
def test_numbers_quoted_words_and_names_tell_rows_apart(one, other, apart):
    assert told_apart(one, other) is apart


def test_prompt_and_reply_must_both_be_near():
    found = in_meaning(
        np.array([0.9, 0.9, 0.9]), np.array([0.7, 0.4, 0.1]), only_prompts=np.array([False, False, True])
    )
    assert found.round(6).tolist() == [0.8, 0.0, 0.9]
