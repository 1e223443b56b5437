"""Finds where in a reply the next example of the dataset, or the next turn of the talk, begins."""

from __future__ import annotations

import re
from itertools import islice

from workbench.checks.text.prose import looks_like_code

# "12. Instruction:", "### Instruction:", "Instruction:" at the beginning of a line.
LABEL = re.compile(
    r"^[ \t]*(?:(?P<number>\d{1,3})\.[ \t]+|(?P<hashes>#{1,4})[ \t]*)?(?:\*\*)?"
    r"(?P<name>Instruction|Input|Output|Response|Human|User|Assistant|AI|Question|Answer|Prompt|Completion|Q"
    r"|A)(?:\*\*)?:",
    re.M,
)
BEGINS = {"Instruction", "Human", "User", "Question", "Prompt", "Q", "Input"}  # what opens an example or a turn
ANSWERS = {
    "Instruction": {"Output", "Response", "Input"},
    "Prompt": {"Completion", "Response", "Output"},
    "Input": {"Output", "Response"},
    "Human": {"Assistant", "AI", "Human"},
    "User": {"Assistant", "AI", "User"},
    "Question": {"Answer"},
    "Q": {"A"},
}
MOST_LABELS = 100  # of a reply that are looked at
FEWEST_ASKED = 2  # questions with answers behind the end of a reply that nothing asked for
ASKED_PAGE = re.compile(
    r"\b(?:questions|trivia|riddles?|q ?& ?a|q and a|survey|worksheet|comprehension|help page)\b", re.I
)
ABOUT_PROGRAMS = re.compile(
    r"\b(?:functions?|algorithms?|programs?|code|python|java\w*|regex|array|string|integer|model|machine|device|system"
    r"|process|api|json|csv)\b",
    re.I,
)
NEEDS_PROMPT = {"Question", "Q"}  # a page of questions and answers is asked for too often
# The prompt asks for such a text: a talk, or examples and data with their labels.
ASKED_TALK = re.compile(
    r"\b(?:dialogues?|conversations?|interviews?|transcripts?|scripts?|role[- ]?play\w*|chat\w*|screenplay|scene|play"
    r"|examples?|user stor\w+|use cases?)\b|对话|剧本",
    re.I,
)
ASKED_DATA = re.compile(
    r"\b(?:examples?|few[- ]shot|templates?|data ?sets?|training data|instructions?|prompts?|quiz\w*|faqs?|exam"
    r"|test cases?"
    r"|flash ?cards?|formats?|inputs?)\b|指令|例子|问题",
    re.I,
)
ASKED_MARKS = re.compile(r"\b(?:instructions?|prompts?|templates?|data ?sets?|training data|alpaca)\b|指令", re.I)


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
    answered = any(one in ANSWERS[name] for one in later)
    if name == "Instruction" and marked and (found["number"] or later):
        return not ASKED_MARKS.search(prompt)
    if name == "Input":
        return answered and _goes_on_in_prose(prompt, reply, found) and not _about_programs(prompt + reply)
    if (
        name in NEEDS_PROMPT
        and [name, *later].count(name) >= FEWEST_ASKED
        and answered
        and not ASKED_PAGE.search(prompt)
        and _goes_on_in_prose(prompt, reply, found)
    ):
        return True
    if name in NEEDS_PROMPT:  # "Q:" goes on where the prompt had it: the reply answers, and asks the next one itself
        same = re.search(rf"^[ \t]*{name}:", prompt, re.M)
        return bool(same and reply[: found.start()].strip() and (answered or name == "Q")) and not _asked_for(prompt)
    if not reply[: found.start()].strip() and not (marked and answered):
        return False  # a reply that opens with a speaker is a dialogue, and probably asked for
    talk = name in ("Human", "User")
    asked = ASKED_TALK if talk else ASKED_DATA
    return (answered or (marked and talk)) and not asked.search(prompt)


def _goes_on_in_prose(prompt: str, reply: str, found: re.Match[str]) -> bool:
    """True where a finished sentence, which answers, stands before the label and the prompt asks for no examples."""
    before = reply[: found.start()].rstrip()
    return before.endswith((".", "!", "?")) and not ASKED_DATA.search(prompt) and not ASKED_TALK.search(prompt)


def _about_programs(text: str) -> bool:
    return bool(ABOUT_PROGRAMS.search(text)) or looks_like_code(text)


def _asked_for(prompt: str) -> bool:
    return bool(
        re.search(r"\b(?:write|generate|create|make|give|list|continue)\b[^.\n]{0,60}\bquestions\b", prompt, re.I)
    )
