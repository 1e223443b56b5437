"""Role that no chat template knows

A turn's role decides how it is trained: only the assistant's turns are learned from. A turn from a "narrator", or
from nobody, either stops the training or stands in the text as something that no template means.

Known limits
    Known are system (also as developer), user, assistant and tool; the import already reads "human", "gpt", "bot" and
    their like as these. A known role that is the wrong one for what the turn says is not seen.
Source
    The chat templates of the SmolLM2, Qwen, Llama and Mistral families; the counter of unrecognised roles in OpenAI's
    guide to preparing chat data.
"""

from __future__ import annotations

from workbench.checks.check import Findings, above, check
from workbench.checks.structure.roles import ROLES
from workbench.rows import Rows, message


@check(
    severity="error",
    flags=Rows.of(
        [message("user", "Hello"), message("narrator", "A door opens."), message("assistant", "Welcome.")],
        [message(None, "Hello"), message("assistant", "Welcome.")],
    ),
    passes=Rows.of(
        ("Hello", "Welcome."),
        [message("developer", "Be kind."), message("user", "Hello"), message("assistant", "Welcome.")],
    ),
    mend="drop_rows",
)
def unknown_role(rows: Rows, *, most: int = 0) -> Findings:
    """Measure: how many turns have a role that no chat template knows, or none, 0 and up."""
    faults: list[list[str]] = [[] for _ in range(len(rows))]
    odd = rows.turns.filter(~rows.turns["role"].fill_null("").is_in(ROLES))
    for row, turn, role in odd.select("row", "turn", "role").iter_rows():
        faults[row].append(f'turn {turn + 1} has the unknown role "{role}"' if role else f"turn {turn + 1} has no role")
    return above([len(found) for found in faults], most, ["; ".join(found[:3]) for found in faults])
