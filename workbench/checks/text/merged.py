"""Finds where in a reply the next example of the dataset, or the next turn of the talk, begins."""

from __future__ import annotations

import re
from itertools import islice

# "12. Instruction:", "### Instruction:", "Instruction:" at the beginning of a line.
LABEL = re.compile(
    r"^[ \t]*(?:(?P<number>\d{1,3})\.[ \t]+|(?P<hashes>#{1,4})[ \t]*)?(?:\*\*)?"
    r"(?P<name>Instruction|Input|Output|Response|Human|User|Assistant|AI|Question|Answer|Prompt|Completion|Q"
    r"|A)(?:\*\*)?:",
    re.M,
)
BEGINS = {"Instruction", "Human", "User", "Question", "Prompt", "Q"}  # what opens an example or a turn
ANSWERS = {
    "Instruction": {"Output", "Response", "Input"},
    "Prompt": {"Completion", "Response", "Output"},
    "Human": {"Assistant", "AI", "Human"},
    "User": {"Assistant", "AI", "User"},
    "Question": {"Answer"},
    "Q": {"A"},
}
MOST_LABELS = 100  # of a reply that are looked at
NEEDS_PROMPT = {"Question", "Q"}  # a page of questions and answers is asked for too often
# The prompt asks for such a text: a dialogue, examples, a quiz, data to train on.
ASKED_FOR = re.compile(
    r"\b(?:dialogues?|conversations?|interviews?|transcripts?|scripts?|role[- ]?play\w*|chat\b|chatbot|screenplay"
    r"|scene|play"
    r"|examples?|few[- ]shot|templates?|data ?sets?|training data|instructions?|prompts?|quiz\w*|faqs?|q&a"
    r"|questions|exam"
    r"|test cases?|flash ?cards?|use cases?|user stor\w+|code|program|function|algorithm|format)\b"
    r"|对话|剧本|指令|例子|问题",
    re.I,
)


def merged_at(prompt: str, reply: str) -> list[tuple[int, int]]:
    """Where a reply goes over into further examples or turns: (start, end) of each of their labels; [] where not."""
    labels = list(islice(LABEL.finditer(reply), MOST_LABELS))
    names = [found["name"] for found in labels]
    for place, found in enumerate(labels):
        if found["name"] in BEGINS and _is_merged(found, names[place + 1 :], prompt, reply):
            return [one.span() for one in labels[place:]]
    return []


def _is_merged(found: re.Match[str], later: list[str], prompt: str, reply: str) -> bool:
    name = found["name"]
    marked = bool(found["number"] or found["hashes"])
    if name == "Instruction" and marked and (found["number"] or later):
        return not re.search(r"\binstructions?\b|\bexamples?\b|指令", prompt, re.I)
    answered = any(one in ANSWERS[name] for one in later)
    if name in NEEDS_PROMPT:  # "Q:" goes on where the prompt had it: the reply answers, and asks the next one itself
        same = re.search(rf"^[ \t]*{name}:", prompt, re.M)
        return bool(same and reply[: found.start()].strip() and (answered or name == "Q")) and not _asked_for(prompt)
    speaks_first = not reply[: found.start()].strip()
    if speaks_first and not (marked and answered):
        return False  # a reply that opens with a speaker is a dialogue, and probably asked for
    return (answered or (marked and name in ("Human", "User"))) and not ASKED_FOR.search(prompt)


def _asked_for(prompt: str) -> bool:
    return bool(
        re.search(r"\b(?:write|generate|create|make|give|list|continue)\b[^.\n]{0,60}\bquestions\b", prompt, re.I)
    )
