"""openassistant: message trees, as OASST exports have them, nested ("prompt" with "replies") or flat ("parent_id").

At each message the reply that people ranked first is followed, which gives a row a tree; `openassistant:all` gives a
row for every path. A path ends with its last reply by the assistant, and messages that were deleted are passed over.
Export writes each conversation as a tree of one path.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from workbench.formats.format import CannotHold, Conversation, Format, Record, Seen, Unreadable
from workbench.formats.turns import ROLES
from workbench.rows import message

NAMES = {"user": "prompter", "assistant": "assistant"}
MOST_PATHS = 10_000  # of one tree
LONGEST_PATH = 45  # to write: two levels of JSON each, of the 100 that are read
DEEPEST = 500  # messages in a row; real trees have some ten


def fits(record: Mapping[str, Any]) -> bool:
    return _nested(record) or is_flat(record)


def _nested(record: Mapping[str, Any]) -> bool:
    prompt = record.get("prompt")
    return isinstance(prompt, dict) and "text" in prompt


def is_flat(record: Mapping[str, Any]) -> bool:
    return all(key in record for key in ("message_id", "parent_id", "text", "role"))


def read(record: Mapping[str, Any], seen: Seen) -> Conversation:
    """The best-ranked path."""
    node: Any = _root(record)
    turns: list[dict[str, Any]] = []
    while node is not None and len(turns) < DEEPEST:
        turns.append(_turn(node))
        node = min(_replies(node), key=_rank, default=None)
    return _ended([turns], seen)[0]


def read_paths(record: Mapping[str, Any], seen: Seen) -> list[Conversation]:
    """Every path from the first message to a last reply."""
    paths: list[list[dict[str, Any]]] = []
    open_ = [(_root(record), list[dict[str, Any]]())]
    while open_ and len(paths) < MOST_PATHS:
        node, before = open_.pop()
        turns = [*before, _turn(node)]
        replies = sorted(_replies(node), key=_rank) if len(turns) < DEEPEST else []
        open_ += [(reply, turns) for reply in reversed(replies)]
        if not replies:
            paths.append(turns)
    found = _ended(paths, seen)
    seen["several rows", "paths"] += len(found) - 1
    return found


def _root(record: Mapping[str, Any]) -> Mapping[str, Any]:
    if not _nested(record):
        raise Unreadable("is one message of a tree, and the others are not here.")
    root: Mapping[str, Any] = record["prompt"]
    if root.get("deleted") is True:
        raise Unreadable("has a first message that was deleted.")
    return root


def _replies(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    replies = node.get("replies") or []
    if not isinstance(replies, list) or not all(isinstance(one, dict) for one in replies):
        raise Unreadable('has "replies" that are no list of messages.')
    return [one for one in replies if one.get("deleted") is not True]


def _rank(node: Mapping[str, Any]) -> float:
    """0 for the best; messages that nobody ranked come last, in the order of the file."""
    rank = node.get("rank")
    return float(rank) if isinstance(rank, int | float) and not isinstance(rank, bool) else float("inf")


def _turn(node: Mapping[str, Any]) -> dict[str, Any]:
    text, role = node.get("text"), node.get("role")
    if not isinstance(text, str) or not isinstance(role, str):
        raise Unreadable("has a message without a text or a role in its tree.")
    return message(ROLES.get(role.lower(), role), text)


def _ended(paths: list[list[dict[str, Any]]], seen: Seen) -> list[Conversation]:
    """Paths up to their last reply, each once. Raises Unreadable where none has a reply."""
    kept: dict[tuple[str, ...], Conversation] = {}
    for turns in paths:
        last = max((place for place, turn in enumerate(turns) if turn["role"] == "assistant"), default=-1)
        if last >= 0:
            ended = turns[: last + 1]
            kept.setdefault(tuple(turn["content"] for turn in ended), Conversation(ended, ("prompt",)))
    if not kept:
        raise Unreadable("has no reply by the assistant in its tree.")
    return list(kept.values())


def trees(found: Iterator[tuple[Record, float]]) -> Iterator[tuple[Record, float]]:
    """Flat messages as trees, each with the line of its first message; messages without their parent are rejected.

    The parent of a message may stand anywhere in the file, so the messages of the whole file are held in memory.
    """
    nodes: dict[str, tuple[Record, dict[str, Any]]] = {}
    others = []
    for record, done in found:
        value = record.value
        if value is None or not is_flat(value) or not isinstance(value["message_id"], str):
            others.append((record, done))
        elif value["message_id"] in nodes:
            others.append((replace(record, value=None, problem="has the message_id of another message."), done))
        else:
            nodes[value["message_id"]] = (record, {**value, "replies": []})
    roots, placed = [], set[str]()
    for key, (record, node) in nodes.items():
        parent = node["parent_id"]
        if parent in (None, ""):
            roots.append((record, node))
        elif parent in nodes and parent != key:
            nodes[parent][1]["replies"].append(node)
        else:
            others.append((replace(record, value=None, problem=f'has the parent "{parent}", which is not here.'), 0.99))
            placed.add(key)
    for record, node in roots:
        _mark(node, placed)
        kept = {key: node[key] for key in ("message_tree_id", "tree_state", "lang") if node.get(key) is not None}
        yield replace(record, value={"prompt": node, **kept}), 0.99
    yield from others
    for key, (record, _) in nodes.items():
        if key not in placed and nodes[key][1]["parent_id"] not in (None, ""):
            problem = "hangs on a message that was left out, or on itself."
            yield replace(record, value=None, problem=problem), 0.99


def _mark(root: dict[str, Any], placed: set[str]) -> None:
    open_ = [root]
    while open_:
        node = open_.pop()
        placed.add(node["message_id"])
        open_ += node["replies"]


def write(messages: list[dict[str, Any]]) -> dict[str, Any]:
    if any(turn["role"] not in NAMES or turn["more"] or turn["content"] is None for turn in messages):
        raise CannotHold(
            "has more than plain texts of user and assistant, and openassistant holds nothing else. Use --format chat."
        )
    if not messages or messages[-1]["role"] != "assistant":
        raise CannotHold("does not end in a reply, as openassistant trees do. Export with --format chat.")
    if len(messages) > LONGEST_PATH:
        raise CannotHold(f"has {len(messages)} turns, and each lies inside the one before. Export with --format chat.")
    node: dict[str, Any] = {}
    for turn in reversed(messages):
        node = {"text": turn["content"], "role": NAMES[turn["role"]], "replies": [node] if node else []}
    return {"prompt": node}


FORMAT = Format("openassistant", '"prompt" with "replies" (or "message_id" and "parent_id")', fits, read, write)
EVERY_PATH = replace(FORMAT, read_all=read_paths)
