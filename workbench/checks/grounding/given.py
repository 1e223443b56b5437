"""What a row gives its reply to rest on: the facts of the prompt and the system text, or nothing."""

from __future__ import annotations

import re

from workbench.checks.remembered import remembered
from workbench.rows import Rows

# A text introduced by its name, or pointed at: then the reply should rest on it.
NAMED = re.compile(
    r"(?:^|\n)[ \t#*>-]{0,6}(?:[\w ]{0,24} )?(?:context|passages?|articles?|text|documents?|facts?|information"
    r"|notes?|data|background|excerpt|transcript|e-?mail|reviews?|report|order|polic(?:y|ies)|knowledge(?: base)?"
    r"|sources?|paragraphs?|story|conversation|details|summary|abstract|input|record|profile|booking|price list"
    r"|opening hours|ticket|customer|message|statement|given|kontext|fakten|artikel|angaben|bestellung|contexte"
    r"|texte|contexto|texto|hechos|datos)"
    r"(?: \d+)?\*{0,2} ?[:：]\*{0,2}\s{0,4}\S",
    re.I,
)
POINTED = re.compile(
    r"\b(?:based (?:only |solely )?(?:up)?on|according to|using (?:only )?(?:the|this|these)|from|in|of|given"
    r"|read|consider|about) (?:the |this |these |that )?(?:following |above |below |given |provided "
    r"|attached )?(?:passage|article|text|document|paragraph|facts?|information|context|story|review|e-?mail|data"
    r"|table|excerpt|report|transcript|conversation|notes?|sentences?|abstract|statement)\b"
    r"|\b(?:the )?following (?:\w+ )?(?:passage|article|text|document|paragraph|facts?|information|story|review"
    r"|e-?mail|data|table|excerpt|report|transcript|conversation|notes?|sentences?|abstract|statement)\b"
    r"|\b(?:summari[sz]e|condense|shorten|paraphrase|rephrase|reword|extract|zusammenfass\w*"
    r"|fass\w* .{0,40}zusammen|resum\w+|résum\w+)\b",
    re.I,
)
INVENTS = re.compile(
    r"\b(?:stor(?:y|ies) (?:about|of|that|in)|short story|poem|haiku|song|lyrics|joke|essay|blog|fiction\w*"
    r"|imagin\w+|invent|creative|brainstorm|code|python|sql|javascript|html|css|web ?page|function|regex|resume"
    r"|cover letter"
    r"|road trip|itinerary|recipe|lesson plan|business plan|test cases?|apis?|search query|geschichte über"
    r"|gedicht|histoire|poème|cuento|poema|romanization)\b",
    re.I,
)
# Asked for this, a reply brings what nobody gave: invention, advice, code, reckoning, knowledge of the world.
OPEN = re.compile(
    r"\b(?:create|write(?! to\b)"
    r"|compose|generate|pick|find|research|update|fill|fact-check|check (?:the|this|whether|if"
    r"|for)|correct|visuali[sz]\w+|quer(?:y"
    r"|ies)|criteria|suppose|assume|estimate|brainstorm|imagine|invent|fictional|creative|story about|poem|haiku"
    r"|song|lyrics|joke|essay|suggest\w*|recommend\w*|ideas?|come up with|design|plan an?|plan for|itinerary"
    r"|recipe|code|function|program|script|python|sql|java\w*|algorithm"
    r"|implement|calculate|compute|solve|estimate|predict|guess|continue|complete the|next|fill in|example of"
    r"|examples?|pros and cons|compare|opinion|what (?:do|would) you|why (?:do|does|is|are|did)|steps?"
    r"|role[- ]?play|pretend|act as|dialogue|advertis\w+|slogan|headline|title|caption|hashtags?|quiz"
    r"|questions?\W{0,3}$|generate (?:a |some |\d )?(?:question|list|random)|elaborate|expand|explain|background"
    r"|add|more (?:details?|information)|name (?:a|an|some|three|five|\d)|list (?:some|three|five|ten|\d)"
    r"|options|choose|choices|category|categories|classify|label|sentiment|true or false|schreib\w* (?:eine "
    r"|ein )(?:geschichte|gedicht)|erfinde)\b",
    re.I,
)
RESTING = re.compile(
    r"\b(?:summari[sz]\w+|summary|extract\w*|paraphras\w+|rephras\w+|based (?:only |solely )?(?:up)?on"
    r"|according to|using only|only (?:use|the information|from)|from the (?:text|passage|article|context|facts)"
    r"|in the (?:text|passage|article|context)|translate|zusammenfass\w*|anhand|résum\w+|resum\w+|traduc\w+|übersetz\w*"
    r"|answer (?:the |this )?(?:customer|guest|question|user|client)|reply to|facts only|given facts)\b",
    re.I,
)
FEWEST_NAMED, FEWEST_POINTED, FEWEST_PLAIN = 20, 30, 45  # words of a prompt with a text named, pointed at, or there
STATEMENTS = 3  # sentences that state something, in a text that only stands there
SENTENCE_END = re.compile(r"[.!](?:\s|$)|[。！]|\n(?=\S)")
SYSTEM_FACTS = re.compile(r"\d|[:：]\s*\S")
FEWEST_SYSTEM = 20


def given_text(rows: Rows, row: int) -> str:
    """All that stands before the reply, the system text first."""
    return f"{rows.system[row]}\n{rows.prompt[row]}"


def rests_on_facts(rows: Rows, row: int) -> bool:
    """`gives_facts` for a row, judged once for all checks of the table."""
    known: dict[int, bool] = remembered(rows, gives_facts, dict)
    if row not in known:
        known[row] = gives_facts(rows.system[row], _told(rows, row))
    return known[row]


def _told(rows: Rows, row: int) -> str:
    """What people and tools said before the reply: earlier replies are no source that a later one must keep to."""
    turns = rows.messages[row]
    if sum(turn["role"] == "assistant" for turn in turns) < 2:
        return rows.prompt[row]
    return "\n".join(turn["content"] or "" for turn in turns[:-1] if turn["role"] not in ("assistant", "system"))


def gives_facts(system: str, prompt: str) -> bool:
    """True where the prompt or the system text carries facts that the reply should rest on.

    False for questions out of the blue, for open tasks (invent, advise, reckon, program) and for texts of a few words.
    """
    words = len(prompt.split())
    edges = prompt if len(prompt) < 1_200 else f"{prompt[:500]}\n{prompt[-500:]}"  # where a task is worded
    rests = bool(RESTING.search(edges))
    if INVENTS.search(edges) or (OPEN.search(edges) and not rests):
        return False
    if (NAMED.search(edges) and words >= FEWEST_NAMED) or (POINTED.search(edges) and words >= FEWEST_POINTED):
        return True
    if words >= FEWEST_PLAIN and any(_states(line) for line in prompt.split("\n") if len(line) > 4 * FEWEST_PLAIN):
        return True
    facts = len(system.split()) >= FEWEST_SYSTEM and len(SYSTEM_FACTS.findall(system)) >= STATEMENTS
    return facts


def _states(paragraph: str) -> bool:
    """True for a paragraph of several statements, as talk back and forth has none."""
    return len(paragraph.split()) >= FEWEST_PLAIN and len(SENTENCE_END.findall(paragraph)) >= STATEMENTS
