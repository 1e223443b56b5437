"""What the desk of a queue may ask the server: the next rows, a decision, a way back; one row as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.actions import work_queue
from workbench.checks.check import catalogue
from workbench.errors import BadInput, Conflict, GoldloopError
from workbench.fixes.fix import catalogue as fix_catalogue
from workbench.records import Decision, Item, Progress, Queue
from workbench.screens import row_edit
from workbench.screens.row_view import turns_with_marks
from workbench.store import Store, datasets, queues

AHEAD = 3  # rows that a browser holds, the one in front included; each is leased, so that few wait for one person
LONGEST_NAME = 80
MOST_TAGS = 20
ACTIONS = ("keep", "edit", "fix", "drop", "skip", "undo", "tag", "flag")
SAID = {
    "keep": "keep it", "edit": "edit it", "fix": "fix it", "drop": "drop it", "skip": "skip it", "tag": "tag it",
    "flag": "ask others", "undo": "undo",
}  # fmt: skip


def server_functions(store: Store) -> list[Any]:
    """`next_rows`, `decide`, `go_back`, `renew`, and the previews of an edit and of a fix; mistakes come as words."""

    def next_rows(payload: Any) -> dict[str, Any]:
        return _answer(lambda: _next(store, payload))

    def decide(payload: Any) -> dict[str, Any]:
        return _answer(lambda: _decide(store, payload))

    def go_back(payload: Any) -> dict[str, Any]:
        return _answer(lambda: _go_back(store, payload))

    def renew(payload: Any) -> dict[str, Any]:
        return _answer(lambda: _renew(store, payload))

    return [next_rows, decide, go_back, renew, row_edit.preview(store), row_edit.mended(store)]


def _answer(ask: Any) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = ask()
        return answer
    except GoldloopError as error:
        return {"error": str(error)}


def _next(store: Store, payload: Any) -> dict[str, Any]:
    queue, who = _who(store, payload)
    sent = payload.get("have")
    have = [_text(one, 200) for one in sent[:50]] if isinstance(sent, list) else []
    want = payload.get("want")
    if type(want) is not int or not 0 <= want <= AHEAD:
        raise BadInput(f"A browser holds at most {AHEAD} rows of a queue.")
    rows: list[dict[str, Any]] = []
    while len(rows) < want:
        found = work_queue.next_item(store, queue.id, who, have=have)
        if found is None:
            break
        rows.append(value_of(found, queue))
        have.append(found.row_id)
    return {
        "rows": rows,
        "progress": progress_of(work_queue.progress(store, queue.id), who),
        "outbox": f"goldloop/queue/{queue.id}/{who}/",
    }


def _decide(store: Store, payload: Any) -> dict[str, Any]:
    queue, who = _who(store, payload)
    action, row_id = payload.get("action"), _text(payload.get("row"), 200, empty=True)
    if action not in ACTIONS:
        raise BadInput("That is no decision.")
    turns = _turns(store, queue, row_id, payload) if action == "edit" else None
    tags = payload.get("tags")
    if tags is not None and (not isinstance(tags, list) or len(tags) > MOST_TAGS):
        raise BadInput(f"A row takes at most {MOST_TAGS} tags.")
    try:
        reached = work_queue.decide(
            store, queue.id, row_id, who, nonce=_text(payload.get("nonce"), 80), action=action, messages=turns,
            fix=_text(payload.get("fix") or "", 100, empty=True),
            tags=[_text(tag, 200) for tag in tags] if tags is not None else None,
            note=_text(payload.get("note") or "", 2_000, empty=True), settles=payload.get("settles") is True,
        )  # fmt: skip
    except Conflict as clash:
        return {
            "conflict": {"row": row_id, "said": str(clash), "who": clash.who},
            "progress": progress_of(work_queue.progress(store, queue.id), who),
        }
    return {"progress": progress_of(reached, who), "given_back": reached.given_back}


def _turns(store: Store, queue: Queue, row_id: str, payload: Mapping[str, Any]) -> list[dict[str, Any]]:
    sent = payload.get("turns")
    if not isinstance(sent, list) or not 0 < len(sent) <= row_edit.MOST_TURNS:
        raise BadInput(f"A row has 1 to {row_edit.MOST_TURNS} turns.")
    return row_edit.turns_of(store, datasets.version(store, queue.version), row_id, payload)


def _go_back(store: Store, payload: Any) -> dict[str, Any]:
    queue, who = _who(store, payload)
    return {"row": value_of(work_queue.item(store, queue.id, _text(payload.get("row"), 200), who), queue)}


def _renew(store: Store, payload: Any) -> dict[str, Any]:
    queue, who = _who(store, payload)
    return {"until": work_queue.renew(store, queue.id, _text(payload.get("row"), 200), who)}


def _who(store: Store, payload: Any) -> tuple[Queue, str]:
    """The queue and the person that a call names. Raises BadInput for anything else."""
    if not isinstance(payload, dict) or type(payload.get("queue")) is not int:
        raise BadInput("The call did not arrive whole. Reload the page.")
    who = payload.get("who")
    if not isinstance(who, str) or not who.strip():
        raise BadInput("Write your name first, so that others see who decided.")
    return queues.get(store, payload["queue"]), who.strip()[:LONGEST_NAME]


def _text(value: Any, longest: int, *, empty: bool = False) -> str:
    if not isinstance(value, str) or len(value) > longest or not (value or empty):
        raise BadInput("The call did not arrive whole. Reload the page.")
    return value


def value_of(item: Item, queue: Queue) -> dict[str, Any]:
    """A row of a queue as plain values, its reasons marked in the text."""
    known, fixes = catalogue(), fix_catalogue()
    reasons = [
        {
            "check": check,
            "title": known[check].title if check in known else check,
            "severity": known[check].severity if check in known else "info",
            "note": note or "",
            "spans": [list(span) for span in spans],
        }
        for check, note, spans in item.flags
    ]
    mends = [known[check].mend for check, _, _ in item.flags if check in known]
    mends = [name for name in dict.fromkeys(mends) if name in fixes and name != "drop_rows"]
    return {
        "id": item.row_id,
        "version": queue.version,
        "place": item.place,
        "of": item.of,
        "tags": list(item.tags),
        "reasons": reasons,
        "turns": turns_with_marks(item.messages, reasons),
        "fixes": [{"fix": name, "title": fixes[name].title} for name in mends],
        "mine": said_of(item.mine) if item.mine else "",
        "leased": item.leased_until is not None,
    }


def said_of(decision: Decision) -> str:
    """A decision in words: "edit it", "tag it as billing, late"."""
    said = SAID.get(decision.action, decision.action)
    return f"{said} as {', '.join(decision.tags)}" if decision.action == "tag" and decision.tags else said


def progress_of(reached: Progress, who: str) -> dict[str, Any]:
    """How far the queue is, for one person: what is done, who did it, who holds rows now."""
    others = sorted(((name, number) for name, number in reached.mine.items() if name != who), key=lambda one: -one[1])
    held = [(name, number) for name, number in reached.leased.items() if name != who and number]
    return {
        "done": reached.done,
        "total": reached.total,
        "mine": reached.mine.get(who, 0),
        "others": [list(one) for one in others[:8]],
        "held": [list(one) for one in held[:8]],
        "per_hour": round(reached.per_hour),
    }
