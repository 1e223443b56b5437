"""squad: {"question", "context", "answers": {"text": [...], "answer_start": [...]}}, questions about a text.

The context and then the question become the prompt, with a blank line between them; the first answer is the reply. A
question without an answer is not imported. Export writes the whole prompt as the question with an empty context.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.formats.format import CannotHold, Conversation, Format, Seen, Unreadable, text_of
from workbench.formats.pairs import single_turn, without_system
from workbench.rows import message


def fits(record: Mapping[str, Any]) -> bool:
    return "question" in record and "answers" in record


def read(record: Mapping[str, Any], seen: Seen) -> Conversation:
    asked = [text_of(record, key) for key in ("context", "question") if key in record]
    answers, used = _texts(record["answers"]), [key for key in ("context", "question") if key in record]
    if not answers:
        raise Unreadable('has no answer in its "answers": the question is marked as one that cannot be answered.')
    if len(answers) == 1:  # with more, the others stay aside with the row
        used.append("answers")
    said = "\n\n".join(part for part in asked if part)
    prompt = message("user", said if said or "" in asked else None)
    return Conversation([prompt, message("assistant", answers[0])], used)


def _texts(answers: Any) -> list[str]:
    """The answers of {"text": [...]}, of a list of such objects, or of a list of texts."""
    found = answers.get("text") if isinstance(answers, dict) else answers
    if isinstance(found, str):
        return [found]
    if isinstance(found, list):
        texts = [one.get("text") if isinstance(one, dict) else one for one in found]
        if len(kept := [text for text in texts if isinstance(text, str)]) == len(texts):
            return kept
    raise Unreadable('has "answers" that are no list of texts.')


def write(messages: list[dict[str, Any]]) -> dict[str, Any]:
    system, prompt, reply = single_turn(messages, "squad")
    without_system(system, "squad")
    if prompt is None or reply is None:
        raise CannotHold(f"has an empty {'prompt' if prompt is None else 'reply'} (null), which squad cannot hold.")
    start = prompt.find(reply) if reply else -1
    return {"context": "", "question": prompt, "answers": {"text": [reply], "answer_start": [start]}}


FORMAT = Format("squad", '"question" and "answers"', fits, read, write)
