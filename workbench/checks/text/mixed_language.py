"""Reply in another language than its prompt

Somebody asks in German and is answered in English, or the reply changes its language or its script in the middle, and
no translation was asked for. The model learns to do the same.

Known limits
    Prompts that speak of a language or a translation pass, and so do prompts of several passages of which one is in
    the language of the reply. Nothing is said of prompts and replies of fewer than five words, of code, and of
    languages that are hard to tell apart in a sentence. Latin letters in a reply of another script are names and
    terms; letters of another script in a Latin one count from a fifth on, unless the prompt has such letters too.
Measured
    Prompt and reply drawn from 200 sentences in each of 20 languages: 2,868 of 4,001 pairs of two languages found, 1
    of 4,001 pairs of one language flagged.
Source
    Language mismatch between instruction and response; small words by own lists, in doubt py3langid 0.4.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.text.language import HEAD, LETTER, ODD, WORD, Guess, alike, guess, name_of, script_counts
from workbench.checks.text.prose import looks_like_code, without_code
from workbench.checks.text.translation import asks_for_a_language
from workbench.checks.text.wrong_language import decided
from workbench.rows import Message, Rows

TAIL = 2 * HEAD  # characters from which the end of a reply is looked at by itself
FEWEST_PROMPT_WORDS = 3
QUOTES = re.compile(r"\b(?:poems?|verses?|lyrics|songs?|quot\w+|stanza|lines)\b|诗|歌|引用|词", re.I)
FEWEST_LETTERS = 10  # of another script, beside the share


@check(
    severity="warning",
    flags=Rows.of(
        ("Wann macht der Laden auf und wann schließt er?", "The shop opens at nine and it closes at five."),
        ("When does the shop open and close?", "Мы открываемся в девять и закрываемся в пять часов."),
        ("When does the shop open and close?", "The shop opens at nine: 我们九点开门五点关门请您光临本店。"),
    ),
    passes=Rows.of(
        ("When does the shop open and close?", "The shop opens at nine and it closes at five."),
        ("What is tea called in Chinese?", "它叫作茶，在英语里叫作 tea，大家都喜欢喝。"),
        ("Wann?", "The shop opens at nine and it closes at five."),
        ("iPhone 15 的价格是多少，在哪里可以买到？", "iPhone 15 Pro Max costs 在官网上可以查到它的价格。"),
    ),
)
def mixed_language(rows: Rows, *, most: float = 0.2) -> Findings:
    """Measure: share (0 to 1) of the final reply that is in another language or script than its prompt."""
    measure: list[float | None] = [None] * len(rows)
    notes = [""] * len(rows)
    spans: list[list[Span]] = [[] for _ in range(len(rows))]
    for row, reply in enumerate(rows.reply):
        if not reply:
            continue
        turns = rows.messages[row]
        prompt = _asked(turns[:-1])
        share, note, start, end = _difference(prompt, reply)
        measure[row] = share
        if share and share > most:
            if asks_for_a_language(rows.prompt[row] + rows.system[row]) or looks_like_code(reply):
                measure[row] = None
            else:
                notes[row], spans[row] = note, [(len(turns) - 1, start, end)]
    return above(measure, most, notes, spans)


def _asked(turns: Sequence[Message]) -> str:
    return next((turn["content"] or "" for turn in reversed(turns) if turn["role"] == "user"), "")


def _difference(prompt: str, reply: str) -> tuple[float | None, str, int, int]:
    """(share in another language or null, words for it, where it begins and ends in the reply)."""
    whole = (0, len(reply))
    asked, said = guess(prompt), guess(reply)
    one = asked.language or (decided(asked, prompt, [said.language]) if said.language else None)
    other = said.language or (decided(said, reply, [asked.language]) if asked.language else None)
    if one and other and not alike(one, other) and not _some_passage(prompt, other):
        return 1.0, f"the prompt is in {name_of(one)}, the reply in {name_of(other)}", *whole
    if not reply.isascii() and (foreign := _foreign_script(prompt, reply)):
        return foreign
    if one and said.language and len(reply) > TAIL:
        start = reply.find(" ", len(reply) - HEAD) + 1 or len(reply) - HEAD
        end = guess(reply[start:]).language
        if end and not (alike(one, end) or alike(said.language, end)) and not _may_quote(prompt, reply[start:], end):
            return _share_of(end, reply), f"the reply ends in {name_of(end)}", start, len(reply)
    return (0.0, "", 0, 0) if one and other else (None, "", 0, 0)


def _may_quote(prompt: str, tail: str, language: str) -> bool:
    """Whether the end of a reply may be in another language: verse, quotations and code, or as in the prompt."""
    return bool(QUOTES.search(prompt)) or looks_like_code(tail) or "```" in tail or _some_passage(prompt, language)


def _share_of(language: str, reply: str) -> float:
    """The share of a reply's lines of some length that are in this language."""
    lines = [line for line in reply.splitlines() if line.strip()]
    lengths = {line: len(line) for line in lines if guess(line).language == language}
    return min(1.0, max(HEAD, sum(lengths.values())) / len(reply))


def _some_passage(prompt: str, language: str) -> bool:
    """Whether a passage of the prompt is in this language, and so the reply may be."""
    passages: list[Guess] = [guess(passage) for passage in prompt.split("\n") if passage.strip()]
    return any(passage.language and alike(passage.language, language) for passage in (*passages, guess(prompt[-HEAD:])))


def _foreign_script(prompt: str, reply: str) -> tuple[float, str, int, int] | None:
    """Letters of another script in a reply, where the prompt has none of them."""
    text = without_code(reply)
    if not ODD.search(text) or ODD.search(prompt) or len(WORD.findall(prompt)) < FEWEST_PROMPT_WORDS:
        return None
    script, count = script_counts(text).most_common(1)[0]
    share = count / max(1, len(LETTER.findall(text)))
    places = [found.start() for found in ODD.finditer(text)]
    if count < FEWEST_LETTERS or not places:
        return None
    return share, f"{share:.0%} of the reply is in {script} letters, and the prompt has none", places[0], places[-1] + 1
