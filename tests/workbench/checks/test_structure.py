"""The shape of conversations: what the notes say, and shapes that only look wrong."""

import pytest

from workbench.checks.structure.empty_turn import empty_turn
from workbench.checks.structure.role_order import role_order
from workbench.rows import Rows, message


def turns(*roles):
    return [message(role, "words") for role in roles]


@pytest.mark.parametrize(
    ("roles", "note"),
    [
        (("assistant", "user"), "turn 1 is the first and comes from the assistant"),
        (("system", "assistant"), "turn 2 is the first and comes from the assistant"),
        (("user", "user", "assistant"), "turns 1 and 2 are both from the user"),
        (("user", "assistant", "assistant"), "turns 2 and 3 are both from the assistant"),
        (("user", "system", "assistant"), "turn 2 is a system turn, which belongs at the beginning"),
        (("system", "system", "user", "assistant"), "turn 2 is a system turn, which belongs at the beginning"),
        (("user", "narrator", "assistant"), ""),
        (("developer", "user", "assistant"), ""),
        (("user", "tool", "assistant"), "turn 2 from the tool follows one from the user"),
        ((), "has no turns at all"),
        (("user", "assistant", "user", "assistant"), ""),
        (("system", "user", "assistant", "tool", "tool", "assistant", "user", "assistant"), ""),
    ],
)
def test_the_order_of_roles(roles, note):
    findings = role_order.run(Rows.of(turns(*roles)))
    assert findings.note == [note]
    assert findings.flagged.to_list() == [bool(note)]


def test_the_note_names_the_empty_turns():
    said = [message("user", " "), message("assistant", "Yes?"), message("user", None), message("assistant", "")]
    rows = Rows.of(said)
    assert empty_turn.run(rows).note == ["turn 1 (user), turn 3 (user), turn 4 (assistant) are empty"]
