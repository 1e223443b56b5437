"""talk: a dialogue by its speakers, {"turns": [{"speaker", "text"}, ...]}, as chat logs have it.

Also read: "sender", "author" or "user" for the speaker, "dialog", "dialogue" or "utterances" for the turns, turns that
are lists of messages, and plain texts. Whoever speaks first is the user and the other one the assistant, unless their
names say so (customer, agent); what one of them says in a row becomes one turn. Plain texts take turns, but those of a
question with a "question_id" are all the user's.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from workbench.formats.format import CannotHold, Conversation, Format, Seen, Unreadable, kind_of
from workbench.formats.turns import ROLES
from workbench.rows import message

KEYS = ("turns", "dialogue", "dialog", "utterances")
SPEAKERS = ("speaker", "sender", "author", "role", "from", "user")
TEXTS = ("text", "content", "message", "value", "utterance")
NAMED = ROLES | {
    "customer": "user", "client": "user", "caller": "user", "visitor": "user", "guest": "user",
    "agent": "assistant", "support": "assistant", "operator": "assistant", "advisor": "assistant",
}  # fmt: skip
MOST_SPEAKERS = 2


def fits(record: Mapping[str, Any]) -> bool:
    return any(isinstance(record.get(key), list) for key in KEYS)


def read(record: Mapping[str, Any], seen: Seen) -> Conversation:
    key = next(key for key in KEYS if isinstance(record.get(key), list))
    said = [one for turn in record[key] for one in (turn if isinstance(turn, list) else [turn])]
    if not said:
        raise Unreadable(f'has no turns: its "{key}" holds nothing.')
    if all(isinstance(one, str) for one in said):
        return _texts(record, key, said, seen)
    return Conversation(_joined([_spoken(one, key, number) for number, one in enumerate(said, 1)], seen), (key,))


def _texts(record: Mapping[str, Any], key: str, said: list[str], seen: Seen) -> Conversation:
    """Plain texts: taking turns, or the questions of a test with its references, where it has them, as replies."""
    if "question_id" not in record:
        roles = ("user", "assistant")
        return Conversation([message(roles[place % 2], text) for place, text in enumerate(said)], (key,))
    references = record.get("reference")
    if isinstance(references, list) and len(references) == len(said) and all(isinstance(r, str) for r in references):
        both = [turn for pair in zip(said, references, strict=True) for turn in pair]
        return Conversation(
            [message(("user", "assistant")[n % 2], text) for n, text in enumerate(both)], (key, "reference")
        )
    seen["questions without replies", key] += 1
    return Conversation([message("user", text) for text in said], (key,))


def _spoken(one: Any, key: str, number: int) -> tuple[str, str]:
    """(who, what) of one turn."""
    if isinstance(one, dict):
        who = next((one[name] for name in SPEAKERS if name in one), None)
        what = next((one[name] for name in TEXTS if name in one), None)
        if isinstance(who, str | int) and isinstance(what, str):
            return str(who), what
        raise Unreadable(f'has no speaker with a text as turn {number} of "{key}".')
    raise Unreadable(f'has {kind_of(one)} as turn {number} of "{key}" where a speaker and a text belong.')


def _joined(spoken: list[tuple[str, str]], seen: Seen) -> list[dict[str, Any]]:
    """The turns by role, each as long as one speaker goes on."""
    speakers = list(dict.fromkeys(who for who, _ in spoken))
    roles = {who: NAMED.get(who.strip().lower()) for who in speakers}
    if any(role is None for role in roles.values()):
        if len(speakers) > MOST_SPEAKERS:
            raise Unreadable(f"has {len(speakers)} speakers, and a conversation to learn from has two.")
        roles = dict(zip(speakers, ("user", "assistant"), strict=False))
        seen["speakers", "first"] += 1
    turns: list[dict[str, Any]] = []
    last = None
    for who, what in spoken:
        if who == last:
            turns[-1] = message(turns[-1]["role"], f"{turns[-1]['content']}\n{what}")
            seen["messages joined", who] += 1
        else:
            turns.append(message(roles[who], what))
        last = who
    return turns


def write(messages: list[dict[str, Any]]) -> dict[str, Any]:
    roles = [turn["role"] for turn in messages]
    if any(turn["more"] or turn["content"] is None for turn in messages) or not set(roles) <= set(ROLES.values()):
        raise CannotHold("has turns that are no plain texts of known roles, which talk cannot hold. Use --format chat.")
    if any(a == b for a, b in pairwise(roles)):
        raise CannotHold("has two turns of one role in a row, which talk would join. Export with --format chat.")
    return {"turns": [{"speaker": turn["role"], "text": turn["content"]} for turn in messages]}


FORMAT = Format("talk", '"turns" (or "dialogue") with speakers', fits, read, write)
