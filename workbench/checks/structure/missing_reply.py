"""Conversation without a final reply

Training learns from the assistant's turns. A conversation that ends with the user (or a tool) has no answer to learn
from at its end, and cannot be asked in an evaluation either.

Known limits
    Only who speaks last is looked at. An empty last turn is found by `empty_turn`.
Source
    Loss on the assistant's tokens only: what TRL's SFTTrainer trains on by `assistant_only_loss`.
"""

from __future__ import annotations

from workbench.checks.check import Findings, above, check
from workbench.rows import Rows, message


@check(
    severity="error",
    flags=Rows.of([message("user", "Hello")], [message("system", "Be kind.")], []),
    passes=Rows.of(("Hello", "Welcome.")),
    mend="drop_rows",
)
def missing_reply(rows: Rows) -> Findings:
    """Measure: 1 where the conversation does not end in an assistant turn, else 0."""
    last = [turns[-1]["role"] if turns else None for turns in rows.messages]
    notes = ["" if role == "assistant" else f"ends with the {role}" if role else "has no turns" for role in last]
    return above([float(role != "assistant") for role in last], 0.5, notes)
