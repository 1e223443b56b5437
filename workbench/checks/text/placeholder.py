"""Unfilled placeholder

A blank that somebody forgot to fill: "[your name here]", "{{name}}", "{order_id}", "<insert link>", "TBD", lorem
ipsum, a system text with "{company}" in it, or "no input" where an input should stand. The model learns to answer
customers with it.

Looked for in every reply and in the system text: words such as your, insert, name, customer, date in square brackets
(in twelve languages), names in curly braces ({{name}}, {first_name}, ${user}), "<your name>", "<ORDER_NUMBER>",
"%NAME%", TBD, TODO, FIXME, XXX, lorem ipsum; a reply that is nothing but N/A, null, undefined or "no output"; in the
questions only a line of its own that says there is no input.

Known limits
    Letters and templates that were asked for hold such blanks rightly and are left alone; so are code, a blank that
    the question itself holds, and talk of blanks. Lines to fill in ("____") are not looked for.
Measured
    "noinput" and its like: 25 of 25 were removed by the people who cleaned the first 2,000 Alpaca rows. 41 flags in
    22,446 real rows, all read: 31 were "no input", 10 forgotten blanks, three of these in letters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.text.asked_text import asks_for_a_text
from workbench.checks.text.prose import looks_like_code, without_code
from workbench.checks.text.replies import MOST_LETTERS
from workbench.rows import Rows

_BRACKETED = (
    r"insert|enter|your|add|fill|type|put|name|name of|company|customer|client|recipient|agent|first|last|full|phone"
    r"|e-?mail|date|time|order|product|address|city|link|url|amount|number|title|tracking"
    r"|ihr(?:e|en)?|dein(?:e|en)?|kunden?|firmen?|datum|einfügen|bestell|vor|nach|votre|ton|nom|prénom|entreprise"
    r"|insérer|date|su|tu|nombre|apellido|empresa|fecha|insertar|seu|sua|nome|sobrenome|inserir|tuo|il tuo|la tua"
    r"|cognome|azienda|inserisci|data"
    r"|uw|jouw|naam|bedrijf|datum|ditt?|namn|företag|imię|nazwisko|firma|twoje|data|adınız|isim|ad|tarih|nama|имя"
    r"|фамилия|ваше?|название|дата|компания|ім'я"
)
BLANK = re.compile(
    rf"\[(?:{_BRACKETED})(?:[ _'’-][\w'’/ -]{{1,50}})?\]"
    r"|[\[【](?:您的|你的|姓名|名字|公司|日期|插入|填写|客户|お名前|氏名|会社名|日付|이름|회사|날짜"
    r"|고객)[^\]】\n]{0,20}[\]】]"
    r"|[<\[](?!see )[\w'’ -]{2,40} (?:goes|go|comes|belongs|to be (?:added|inserted|filled in)) (?:in )?here[>\]]"
    r"|<(?:insert|enter|your|add|fill in|name of|put)[ _-][\w'’ -]{1,50}>|<[A-Z]{3,20}(?:[_ ][A-Z]{2,20}){1,3}>"
    r"|\{\{ ?[A-Za-z_][\w. -]{0,40} ?\}\}|\$\{[A-Za-z_][\w.]{0,40}\}|%[A-Z][A-Z_]{2,30}%"
    r"|(?<!\{)\{[a-z]{2,20}(?:_[a-z]{2,20}){1,3}\}(?!\})"
    r"|\{(?:your_|user_?|customer_?|company_?|agent_?|order_?|first_?|last_?)?(?:name|email|number|date|id|company"
    r"|address|city|product|link|url|customer|user|order)\}"
    r"|\blorem ipsum\b|\bxxx+\b|\bTBD\b|\bTODO\b(?=:|\s*$)|\bTBC\b|\bTBA\b|\bFIXME\b",
    re.I,
)
# In capitals only: in lower case these are words of some language, or play ("todo" is Spanish); and tags of web pages.
SHOUTED = re.compile(r"tbd|todo|tbc|tba|fixme|%.*%|<(?!insert|enter|your|add|fill|name of|put|.* here>).*>", re.I)
# A whole line of the prompt that says there is none.
NO_INPUT = re.compile(
    r"^[ \t]{0,8}[<\[(]?[ \t]{0,3}no[ _-]?(?:input|output)s?(?: (?:required|needed|provided|necessary))?"
    r"[ \t]{0,3}[>\])]?[ \t]{0,3}\.?[ \t]{0,8}$",
    re.I | re.M,
)
NOTHING = re.compile(
    r"\s{0,9}(?:n/a|nan|null|undefined|tbd|tba|placeholder|\[?empty\]?|\(?no (?:response|answer|reply)\)?)\.?\s{0,9}",
    re.I,
)
# Where the prompt asks for a text to be filled in later, its blanks are what was asked for.
ASKED_FOR = re.compile(
    r"\b(?:templates?|placeholders?|fill(?:ed)? in|fill[- ]in|blanks?|boilerplate|sample|example of|variables?|jinja\w*"
    r"|handlebars|latex|lorem ipsum|code|program\w*|function|script|null|undefined|vorlage|plantilla|modèle|modello"
    r"|modelo|szablon|шаблон)\b|模板|テンプレート"
    r"|\b(?:write|draft|create|compose|generate|make|give|design|prepare|produce|provide|need|suggest|rewrite|edit"
    r"|construct|develop|build|craft|come up|correct|translate|formulate|convert|improve|complete|format|record"
    r"|automate|respond)\b"
    r"[^.?!\n]{0,80}"
    r"\b(?:forms?|contract\w*|agreement|invoice|statement|headline|slogan|certificate|agenda|minutes|proposal|report"
    r"|reviews?|pitch"
    r"|page|chatbot|bot|text|request|survey|questionnaire|cover)\b",
    re.I,
)
# Beside these the reply speaks of blanks, or of what fills them.
SPEAKS_OF = re.compile(
    r"\b(?:jinja\w*|mustache|handlebars|liquid|templat\w+|placeholders?|variables?|f-strings?|format strings?|syntax"
    r"|interpolat\w+|python|javascript|typescript|bash|shell|yaml|curly|braces?|brackets?|markup|snippets?"
    r"|merge (?:tags?|fields?))\b",
    re.I,
)
AROUND = 100  # characters on either side
# What every hit holds: turns without are not looked at closely.
MAY_BLANK = ["[", "【", "<", "{", "%", "lorem ipsum", "xxx", "tbd", "todo", "tbc", "tba", "fixme", "n/a"]
MAY_NO_INPUT = [f"no{between}{what}put" for between in ("", " ", "_", "-") for what in ("in", "out")]
LONGEST_NOTHING = 40  # characters of a reply that says nothing


@check(
    severity="warning",
    edition=2,
    flags=Rows.of(
        "Hello [your name here], your order is on its way.",
        "I am {{name}}, your assistant.",
        "The price is TBD.",
        ("Sum up the text.\nnoinput", "There is no text."),
        "Guten Tag [Name des Kunden], Ihre Bestellung {order_id} ist da.",
        [
            {"role": "system", "content": "You answer for {company_name}."},
            {"role": "user", "content": "Are you open?"},
            {"role": "assistant", "content": "Yes."},
        ],
        "N/A",
    ),
    passes=Rows.of(
        "Hello Ms Lopez, your order is on its way.",
        ("Write a letter template.", "Dear [Customer Name], thank you for your order."),
        "Use `{{name}}` in the Jinja file.",
        "The list [a, b] has two members [1].",
    ),
)
def placeholder(rows: Rows) -> Findings:
    """Measure: number of blanks in the replies and the system text, and of "no input" lines in the questions."""
    counts, notes = [0.0] * len(rows), [""] * len(rows)
    spans: list[list[Span]] = [[] for _ in range(len(rows))]
    content = pl.col("content")
    ours = pl.col("role").is_in(["assistant", "system"])
    blank = content.str.contains_any(MAY_BLANK, ascii_case_insensitive=True) | (
        content.str.len_bytes() < LONGEST_NOTHING
    )
    no_input = content.str.contains_any(MAY_NO_INPUT, ascii_case_insensitive=True)
    near = rows.turns.filter(no_input | (ours & blank)).select("row", "turn", "role", "content")
    for row, turn, role, text in near.iter_rows():
        found = _in_turn(role, text, rows.messages[row][:turn])
        if not found:
            continue
        where = {"assistant": "reply", "system": "system text"}.get(role, "prompt")
        if not notes[row]:
            start, end = found[0]
            notes[row] = f'"{" ".join(text[start:end].split())}" in the {where} was never filled in'
        counts[row] += len(found)
        spans[row] += [(turn, start, end) for start, end in found]
    return above(counts, 0, notes, spans)


def _in_turn(role: str | None, content: str, before: Sequence[Mapping[str, Any]]) -> list[tuple[int, int]]:
    """Where the blanks of a turn stand. before: the turns that come before it."""
    if role not in ("assistant", "system"):
        return [_trimmed(content, *found.span()) for found in NO_INPUT.finditer(content[:MOST_LETTERS])]
    text = without_code(content[:MOST_LETTERS])
    empty = len(text) < LONGEST_NOTHING and bool(NOTHING.fullmatch(text) or NO_INPUT.fullmatch(text.strip()))
    blanks = [(0, len(text))] if empty and role == "assistant" else _blanks(text, spoken_of=role == "assistant")
    if not blanks or looks_like_code(_without(text, blanks)):
        return []
    asked = "\n".join(turn["content"] or "" for turn in before if turn["role"] not in ("system", "assistant"))
    if role == "assistant" and (ASKED_FOR.search(asked) or (not empty and asks_for_a_text(asked))):
        return []
    if not empty and any(text[start:end] in asked for start, end in blanks):
        return []
    return [_trimmed(content, *blank) for blank in blanks]


def _blanks(text: str, *, spoken_of: bool) -> list[tuple[int, int]]:
    """The blanks of a text; spoken_of: without those that the text around them speaks of."""
    found = [f.span() for f in BLANK.finditer(text) if not SHOUTED.fullmatch(f.group()) or f.group().isupper()]
    return [blank for blank in found if not (spoken_of and _spoken_of(text, *blank))]


def _without(text: str, blanks: Sequence[tuple[int, int]]) -> str:
    """The text with its blanks as words, since "<output goes here>" by itself looks like a tag of a web page."""
    for start, end in reversed(blanks):
        text = text[:start] + "blank" + text[end:]
    return text


def _spoken_of(text: str, start: int, end: int) -> bool:
    """True for a blank in curly braces, of a program's string or beside words on templates and programs."""
    if not re.search(r"[{}%$]", text[start:end]):
        return False
    around = text[max(0, start - AROUND) : start] + " " + text[end : end + AROUND]
    return bool(re.search(r"\b[frb]{1,2}[\"'][^\"'\n]*$", text[:start][-AROUND:])) or bool(SPEAKS_OF.search(around))


def _trimmed(content: str, start: int, end: int) -> tuple[int, int]:
    """The span without the blanks on either side."""
    piece = content[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
