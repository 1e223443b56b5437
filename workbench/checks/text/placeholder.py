"""Unfilled placeholder

A blank that somebody forgot to fill: "[your name here]", "{{name}}", "TBD", lorem ipsum, or "no input" where an input
should stand. The model learns to answer customers with it.

Known limits
    Letters and templates that were asked for hold such blanks rightly and are left alone; so are code and talk of it.
Measured
    "noinput" and its like: 25 of 25 were removed by the people who cleaned the first 2,000 Alpaca rows.
"""

from __future__ import annotations

import re

from workbench.checks.check import Findings, above, check
from workbench.checks.text.prose import looks_like_code, without_code
from workbench.rows import Rows

BLANK = re.compile(
    r"\[(?:insert|enter|your|add|fill|type|put|name of|company|customer|client|recipient"
    r"|agent|first|last|phone|e-?mail|date|order|product)"
    r"(?:[ _'’-][\w'’/ -]{1,50})?\]"
    r"|<(?:insert|enter|your|add|fill in)[ _-][\w'’ -]{1,50}>"
    r"|\{\{ ?[A-Za-z_][\w. -]{0,40} ?\}\}"
    r"|\$\{[A-Za-z_][\w.]{0,40}\}"
    r"|\{(?:your_|user_?|customer_?|company_?|agent_?|order_?|first_?|last_?)?(?:name|email|number|date|id|company|address)\}"
    r"|\blorem ipsum\b|\bxxx+\b|\bTBD\b|\bTODO\b(?=:|\s*$)|\bTBC\b|\bFIXME\b",
    re.I,
)
# Written in lower case these are words of some language or play ("todo" is Spanish).
SHOUTED = re.compile(r"tbd|todo|tbc|fixme", re.I)
# A whole line of the prompt that says there is none.
NO_INPUT = re.compile(
    r"^[ \t]{0,8}[<\[(]?[ \t]{0,3}no[ _-]?(?:input|output)s?(?: (?:required|needed|provided|necessary))?"
    r"[ \t]{0,3}[>\])]?[ \t]{0,3}\.?[ \t]{0,8}$",
    re.I | re.M,
)
# Where the prompt asks for a text to be filled in later, its blanks are what was asked for.
ASKED_FOR = re.compile(
    r"\b(?:templates?|placeholders?|fill(?:ed)? in|fill[- ]in|blanks?|boilerplate|sample|example of|variables?|jinja\w*"
    r"|handlebars|latex|lorem ipsum|code|program\w*|function|script)\b"
    r"|\b(?:write|draft|create|compose|generate|make|give|design|prepare|produce|provide|need|suggest|rewrite|edit"
    r"|construct|develop|build|craft|come up|correct|translate|formulate|convert|improve|complete|format|record)\b"
    r"[^.?!\n]{0,80}"
    r"\b(?:letters?|e-?mails?|mails?|messages?|resum[eé]s?|cv|forms?|contract\w*|agreement|invitations?|invoice|memo|speech"
    r"|press release|advert\w*|ads?|announcement|notes?|greeting|introduction|bio\w*|profile|headline|slogan|card"
    r"|certificate|agenda|minutes|proposal|report|reviews?|repl(?:y|ies)|responses?|dialogue|conversation|page|post|tweet|chatbot"
    r"|bot|text)\b",
    re.I,
)


@check(
    severity="warning",
    flags=Rows.of(
        "Hello [your name here], your order is on its way.",
        "I am {{name}}, your assistant.",
        "The price is TBD.",
        ("Sum up the text.\nnoinput", "There is no text."),
    ),
    passes=Rows.of(
        "Hello Ms Lopez, your order is on its way.",
        ("Write a letter template.", "Dear [Customer Name], thank you for your order."),
        "Use `{{name}}` in the Jinja file.",
        "The list [a, b] has two members [1].",
    ),
)
def placeholder(rows: Rows) -> Findings:
    """Measure: number of blanks in the final reply, and of "no input" lines in the prompt."""
    found = [_find(prompt, reply) for prompt, reply in zip(rows.prompt, rows.reply, strict=True)]
    notes = [f'"{pieces[0].strip()}" in the {where} was never filled in' if pieces else "" for pieces, where in found]
    return above([float(len(pieces)) for pieces, _ in found], 0, notes)


def _find(prompt: str, reply: str) -> tuple[list[str], str]:
    empty = NO_INPUT.findall(prompt)
    if empty:
        return empty, "prompt"
    text = without_code(reply)
    blanks = [piece for piece in BLANK.findall(text) if not SHOUTED.fullmatch(piece) or piece.isupper()]
    if NO_INPUT.fullmatch(text.strip()):
        return [text], "reply"
    if not blanks or ASKED_FOR.search(prompt) or looks_like_code(text) or any(piece in prompt for piece in blanks):
        return [], ""
    return blanks, "reply"
