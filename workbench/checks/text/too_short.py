"""Reply that is too short

"Ok." in answer to "How do I return a parcel?" teaches the model to leave people alone with their question. A hint: a
short reply is often the right one.

Known limits
    A reply of fewer than five words counts where the prompt asks for an explanation or a text (how, why, explain,
    write, describe ...; in English, German, French and Spanish), and does not ask for something short (a name, a
    number, one word, a class, a translation). Where a third of a dataset's replies have fewer than five words, or one
    in fifty rows has the same one, short ones are taken for its style. Beside that, a reply of one or two words
    counts where nine in ten replies of a dataset of fifty rows and more have at least twelve. Numbers, code,
    formulas, calls and scripts without blanks are left alone.
Measured
    "Ok.", "Sure!", "See above." and their like in 50 replies of three instruction sets: 40 to 48 found. On 36,894
    rows of real text 8 flags, of which 4 of 8 are answers that a person would write longer.
Source
    One-word outputs: 5 % of the Alpaca replies, of which people edited a fifth, so the prompt has to decide.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from workbench.checks.check import Findings, Span, below, check
from workbench.checks.text.prose import is_unspaced
from workbench.rows import Message, Rows

# What asks for more than a word, at the beginning of a sentence of the prompt.
ASKS_MUCH = re.compile(
    r"(?:^|[.!?:\n]\s*|\b(?:please|can you|could you|would you|kindly|and)\s+)(?:explain|describe|write|compose"
    r"|draft|tell me"
    r" (?:about|how|why)|how (?:do|can|does|should|could|would|to|did)\b(?! you (?:do|like|feel))|why\b"
    r"|what (?:should|can|do|happens|are the (?:steps|differences|ways|benefits|reasons|advantages|effects))\b"
    r"|compare"
    r"|discuss|outline|elaborate|summari[sz]e|give (?:me )?(?:an? )?(?:detailed|instructions|advice|tips|step)"
    r"|wie (?:kann|mache|funktioniert|geht|lange|soll)|warum|erkl[äa]re?|beschreib|schreib|comment (?:puis|faire"
    r"|je|fonctionne)"
    r"|pourquoi|expliqu|d[ée]cri|[ée]cri|c[óo]mo|por qu[ée]|explica|describe|escribe)",
    re.I,
)
ASKS_LITTLE = re.compile(
    r"\bhow (?:many|much|long|old|far|often|tall|big|high|deep|fast|large|likely|heavy)\b|\b(?:one|single|a|two"
    r"|few) words?\b"
    r"|\bin (?:one|two|three) words?\b|\b(?:classif|categori|label|identif|translat|rewrite|convert|correct|spell"
    r"|calculat"
    r"|comput|solv|rate|rank|name (?:of|the|a|an)|title|headline|slogan|synonym|antonym|keyword|hashtag|yes or no"
    r"|true or false"
    r"|which of|multiple choice|options?|choose|select|pick|answer with|only the|number|word|abbreviat|acronym"
    r"|equation"
    r"|expression|formula|regex|query|command|code|function|sentiment|emotion|tone|genre|grade|score|phrase|date"
    r"|fraction"
    r"|sum of|product of|value of|do (?:i|you|we) (?:say|call|spell|feel|like)|say in|called|tagline|joke|emoji"
    r"|username"
    r"|password|domain|greet|reply to|line)",
    re.I,
)
# Says nothing in answer to a task or to a question that begins with how, what, who ...
EMPTY = re.compile(
    r"(?:ok(?:ay)?|sure(?: thing)?|yes|yep|yeah|no|nope|maybe|perhaps|see (?:above|below|website|attached|link)"
    r"|i (?:think|guess|hope)"
    r" so|done|thanks?(?: you)?|of course|certainly|absolutely|definitely|will do|got it|same(?: here)?|as above"
    r"|no idea|idk"
    r"|i (?:do not|don['’]?t) know|not sure|it depends|fine|good question|no problem|you(?:['’]re| are) welcome"
    r"|understood|noted"
    r"|ja|nein|klar|gut|oui|non|bien s[ûu]r|s[íi]|claro|vale)[\s.!?]*",
    re.I,
)
OPEN_TASK = re.compile(
    r"\A[\W_]*(?:how(?! (?:do you do|are you|is it going|was your))|what|which|who|whose|where|when|why|explain"
    r"|describe|write|compose|draft|create|generate"
    r"|design|develop"
    r"|suggest|list|brainstorm|propose|provide|give|name|find|identify|compare|analy[sz]e|summari[sz]e|rewrite"
    r"|edit|translate"
    r"|convert|classify|categori[sz]e|construct|come up|make a|outline|discuss|compute|calculate|solve|predict"
    r"|evaluate"
    r"|wie|was|welche\w*|wer|wo|wann|warum|comment|quel\w*|o[ùu]|quand|pourquoi|c[óo]mo|qu[ée]|cu[áa]l|d[óo]nde"
    r"|cu[áa]ndo)\b",
    re.I,
)
CLOSED = re.compile(
    r"\b(?:yes or no|yes/no|true or false|agree|whether|if (?:the|this|it|there|so)|or not|sentiment)\b", re.I
)
FEWEST_OF_MANY = 2  # words; fewer than three, where nearly all replies of the dataset are long
LONG_WORDS = 12
FEW_WORDS = 5  # a reply of more is not too short, whatever is asked
MOST_SHORT = 0.3  # share of such replies from which they are what the dataset is about
SELDOM, SELDOM_SHARE = 5, 0.02  # rows with the same short reply: more are a label
NEARLY_ALL = 0.1  # quantile
FEWEST_ROWS = 50
LONGEST_PROMPT = 600  # characters from its beginning and its end that tell the task
LONGEST_LOOKED_AT = 200  # characters of a reply worth counting
WORDY = re.compile(r"[^\W\d_]{2,}")
TECHNICAL = re.compile(r"\d|[=<>{}\[\]\\|^_]|https?:|`|^[A-Z]:")


@check(
    severity="info",
    scope="set",
    flags=Rows.of(("How do I return a parcel?", "Ok."), ("Explain why tea is bitter.", "It just is.")),
    passes=Rows.of(
        ("How do I return a parcel?", "Print the label and take it to the shop."),
        ("How many cups are in the box?", "Twelve."),
        ("Is tea bitter?", "Yes."),
        ("How do I say tea in Portuguese?", "Chá."),
    ),
)
def too_short(rows: Rows, *, fewest: int = 5) -> Findings:
    """Measure: words of the final reply; null where the prompt does not show that it should be longer."""
    last = rows.turns.group_by("row", maintain_order=True).last()
    spoken = last.filter((pl.col("role") == "assistant") & pl.col("more").str.contains("_call").fill_null(False).not_())
    counted = spoken.select(
        "row", "turn", "content", words=pl.col("content").str.slice(0, 4_000).str.count_matches(r"\S+")
    )
    wordy = len(counted) >= FEWEST_ROWS and (counted["words"].quantile(NEARLY_ALL) or 0) >= LONG_WORDS
    measure: list[float | None] = [None] * len(rows)
    notes = [""] * len(rows)
    spans: list[list[Span]] = [[] for _ in range(len(rows))]
    few = counted.filter((pl.col("words") > 0) & (pl.col("words") < max(fewest, FEW_WORDS)))
    seldom = pl.len().over("content") <= max(SELDOM, SELDOM_SHARE * len(counted))
    short = few.filter((pl.col("content").str.len_chars() <= LONGEST_LOOKED_AT) & seldom)
    if len(few) > MOST_SHORT * max(FEWEST_ROWS, len(counted)):
        return below(measure, fewest, notes, spans)  # labels, answers of a quiz: short replies are what it is about
    for row, turn, content, words in short.iter_rows():
        reason = _reason(_task(rows.messages[row][:turn]), content, words, wordy)
        if not reason:
            continue
        measure[row] = float(words)
        if words < fewest:
            notes[row] = f'{words} {"word" if words == 1 else "words"} ("{content.strip()[:40]}") {reason}'
            spans[row] = [(turn, 0, len(content))]
    return below(measure, fewest, notes, spans)


def _task(before: Sequence[Message]) -> str:
    """Beginning and end of the last question."""
    asked = next((turn["content"] or "" for turn in reversed(before) if turn["role"] == "user"), "")
    return asked if len(asked) <= 2 * LONGEST_PROMPT else asked[:LONGEST_PROMPT] + "\n" + asked[-LONGEST_PROMPT:]


def _reason(task: str, reply: str, words: int, wordy: bool) -> str:
    """Why the reply should be longer; "" where nothing says so."""
    if TECHNICAL.search(reply) or is_unspaced(reply):
        return ""
    if not WORDY.search(reply):  # a mark or a letter: no explanation, and elsewhere perhaps a choice, a grade, a sign
        asked = ASKS_MUCH.search(task)
        sign = len(reply.strip()) == 1 and asked and not ASKS_LITTLE.search(task)
        return f'where the prompt asks "{" ".join(asked.group().split()).lstrip(".!?: ")}"' if asked and sign else ""
    if EMPTY.fullmatch(reply.strip()) and OPEN_TASK.search(task) and not CLOSED.search(task):
        return "says nothing in answer to the prompt"
    asked = ASKS_MUCH.search(task)
    if asked and not ASKS_LITTLE.search(task):
        return f'where the prompt asks "{" ".join(asked.group().split()).lstrip(".!?: ")}"'
    if wordy and words <= FEWEST_OF_MANY and not ASKS_LITTLE.search(task):
        return f"where nine in ten replies of the dataset have {LONG_WORDS} and more"
    return ""
