"""Tool calls and results that do not pair

The model learns to call a tool, to wait, and to answer from what came back. A result that nobody asked for, a call
that is never answered, an id that leads nowhere or a call of a tool that the row does not offer teach it to invent.

Known limits
    A conversation may end in a call: that is a usual way to train calling. Tools are looked up only where the row
    declares them under "tools" or "functions"; tools listed in a system text are not read. Whether the right tool was
    called, and whether the answer follows from the result, is not judged.
Source
    OpenAI's chat format: every tool message answers one id of the assistant's turn before it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from workbench.checks.check import Findings, above, check
from workbench.checks.structure.tool_calls import CALL_ROLES, Call, calls_of, declared_tools, kept, rows_with_tools
from workbench.rows import Message, Rows, message

HOURS = {"type": "function", "id": "call_1", "function": {"name": "hours", "arguments": "{}"}}
TOOLS = '{"tools": [{"type": "function", "function": {"name": "prices", "parameters": {}}}]}'


def _of(*conversations: list[Message], extra: str | None = None) -> Rows:
    """Rows of conversations that all declare the same tools."""
    return Rows.from_records(
        {"row_id": f"row-{n}", "messages": turns, "source": "example", "line": n, "extra": extra}
        for n, turns in enumerate(conversations, 1)
    )


ASKED = message("user", "When do you open?")
CALLED = message("assistant", None, {"tool_calls": [HOURS]})
TOLD = message("assistant", "At nine.")


@check(
    severity="error",
    flags=_of(
        [ASKED, message("tool", "9 to 5"), TOLD],
        [ASKED, CALLED, TOLD],
        [ASKED, CALLED, message("tool", "9 to 5", {"tool_call_id": "call_7"}), TOLD],
    ).plus(_of([ASKED, CALLED, message("tool", "9 to 5"), TOLD], extra=TOOLS).renamed(["row-4"])),
    passes=_of(
        [ASKED, CALLED, message("tool", "9 to 5", {"tool_call_id": "call_1"}), TOLD],
        [ASKED, CALLED, message("tool", "9 to 5"), TOLD],
        [ASKED, CALLED],
    ),
)
def tool_pairing(rows: Rows, *, most: int = 0) -> Findings:
    """Measure: how many calls and results have no partner, or call a tool that is not offered, 0 and up."""
    faults: list[list[str]] = [[] for _ in range(len(rows))]
    extras = rows.frame["extra"]
    for row in rows_with_tools(rows):
        faults[row] = list(pairing_faults(rows.messages[row], declared_tools(extras[row])))
    return above([len(found) for found in faults], most, ["; ".join(found[:3]) for found in faults])


def pairing_faults(turns: Sequence[Message], offered: Collection[str] | None) -> Iterator[str]:
    """What does not pair in a conversation, one phrase a fault. offered: the tools' names, None where not declared."""
    open_calls: list[Call] = []
    caller, answered = 0, 0  # number of the turn that called (0: none), and results since
    unread = False  # a call that could not be read may have asked for anything
    for number, turn in enumerate(turns, 1):
        if turn["role"] == "tool":
            if not caller and not unread:
                yield f"turn {number} is a tool's result, but no call stands before it"
            elif not unread:
                answered += 1
                yield from _answer(number, turn, open_calls, caller, answered)
            continue
        if caller:
            yield from _unanswered(caller, open_calls, answered)
        open_calls, caller, answered, unread = [], 0, 0, turn["role"] in CALL_ROLES
        calls = calls_of(turn) if turn["role"] == "assistant" else []
        if calls:
            open_calls, caller = list(calls), number
            yield from _unknown(number, calls, offered)
    if caller and answered:  # a conversation may end in its calls, but not in half of their results
        yield from _unanswered(caller, open_calls, answered)


def _answer(number: int, turn: Message, open_calls: list[Call], caller: int, answered: int) -> Iterator[str]:
    """Takes the call that a result answers off the list; a phrase where there is none."""
    more = kept(turn)
    wanted = str(more.get("tool_call_id") or "")
    if wanted and any(call.id for call in open_calls):
        match = [call for call in open_calls if call.id == wanted]
        if not match:
            yield f'turn {number} answers the call "{wanted}", which turn {caller} did not make'
            return
    else:
        match = [call for call in open_calls if not more.get("name") or call.name == more["name"]]
        if not match and open_calls:
            yield f'turn {number} is a result of "{more["name"]}", which turn {caller} did not call'
            match = open_calls
    if match:
        open_calls.remove(match[0])
    elif wanted or more.get("name"):
        yield f"turn {number} is result {answered} of turn {caller}, which made fewer calls"


def _unanswered(caller: int, open_calls: Sequence[Call], answered: int) -> Iterator[str]:
    # several results are often joined to one turn without an id: then nobody can tell which is missing
    if answered and not any(call.id for call in open_calls):
        return
    for call in open_calls:
        yield f'turn {caller} calls "{call.name or "a tool"}" and gets no result'


def _unknown(number: int, calls: Sequence[Call], offered: Collection[str] | None) -> Iterator[str]:
    seen: set[str] = set()
    for call in calls:
        if offered is not None and call.name and call.name not in offered:
            names = ", ".join(list(offered)[:4]) + (", ..." if len(offered) > 4 else "")
            yield f'turn {number} calls "{call.name}", which is not among the row\'s tools ({names})'
        if call.id and call.id in seen:
            yield f'turn {number} uses the id "{call.id}" for two calls'
        seen.add(call.id)
