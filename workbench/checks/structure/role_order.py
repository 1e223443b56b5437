"""Turns in the wrong order

A chat template expects system, user, assistant, user, assistant, ... Two turns of one role in a row or a conversation
that the assistant opens either stop the training or are trained on as something else.

Known limits
    Some templates do accept an assistant that opens, or several user turns in a row; then raise the limit. What the
    turns say is not looked at. A role that no template knows is left to `unknown_role`; what follows it is not
    judged.
Source
    The chat templates of the SmolLM2, Qwen, Llama and Mistral families.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workbench.checks.check import Findings, above, check
from workbench.checks.structure.roles import LEADS, ROLES
from workbench.rows import Message, Rows, message

# Which role may follow which; None stands for the beginning (or the system turn).
FOLLOWS: dict[str, tuple[str | None, ...]] = {
    "user": (None, "assistant"),
    "assistant": ("user", "tool"),
    "tool": ("assistant", "tool"),
}


@check(
    severity="error",
    edition=2,
    flags=Rows.of(
        [message("assistant", "Welcome."), message("user", "Hello")],
        [message("user", "Hello"), message("user", "Are you there?"), message("assistant", "Yes, I am.")],
        [message("user", "Hello"), message("system", "Be kind."), message("assistant", "Welcome.")],
    ),
    passes=Rows.of(
        ("Hello", "Welcome."),
        [message("system", "Be kind."), message("user", "Hello"), message("assistant", "Welcome.")],
        [
            message("user", "When does the shop open?"),
            message("assistant", None, {"tool_calls": [{"function": {"name": "hours"}}]}),
            message("tool", "9 to 5"),
            message("assistant", "From 9 to 5."),
        ],
    ),
    mend="merge_turns",
)
def role_order(rows: Rows, *, most: int = 0) -> Findings:
    """Measure: how many turns stand where a chat template does not expect them, 0 and up."""
    faults = [list(role_faults(turns)) for turns in rows.messages]
    return above([len(found) for found in faults], most, ["; ".join(found[:3]) for found in faults])


def role_faults(turns: Sequence[Message]) -> Iterator[str]:
    """What is wrong with the order of the roles, one phrase a fault."""
    if not turns:
        yield "has no turns at all"
    before: str | None = None
    for number, turn in enumerate(turns, 1):
        role = turn["role"]
        if role in LEADS:
            if number > 1:
                yield f"turn {number} is a {role} turn, which belongs at the beginning"
            continue
        if role in ROLES and before in (None, *ROLES) and before not in FOLLOWS[role]:
            yield _out_of_place(number, role, before)
        before = role or "unknown"


def _out_of_place(number: int, role: str, before: str | None) -> str:
    if before is None:
        return f"turn {number} is the first and comes from the {role}"
    if role == before:
        return f"turns {number - 1} and {number} are both from the {role}"
    return f"turn {number} from the {role} follows one from the {before}"
