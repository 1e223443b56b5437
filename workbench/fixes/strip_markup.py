"""Strip leftover markup

Takes the remains of web pages and chat templates out of the turns: tags go (a line break, paragraph or list item
becomes one in plain text), entities become their characters, template tokens go together with the role they name.

Known limits
    Code blocks, inline code and plain comparisons such as "a < b" stay as they are, and so do tags and entities in
    conversations about HTML or code. The address of a link and the picture of an image tag are lost. Entities that were
    escaped twice need a second run. Speaker names such as "Human:" stay: who said what, only a person can tell.
"""

from __future__ import annotations

import html
import re

import polars as pl

from workbench.checks.structure.template_tokens import find_tokens
from workbench.checks.text.leftover_markup import speaks_of_markup
from workbench.checks.text.markup_patterns import TAG
from workbench.checks.text.prose import without_code
from workbench.fixes.fix import fix
from workbench.rows import Rows

ENTITY = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,30}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")
TAG_NAME = re.compile(r"</?(\w+)")
LINE_TAGS = {"br", "p", "div", "li", "ul", "ol", "tr", "table", "tbody", "blockquote", "hr"}
OPENS_A_TURN = ("<|im_start|>", "<|start_header_id|>", "<start_of_turn>")
ROLE_AFTER = re.compile(r"\s*(?:system|user|assistant|model|tool)(?=<\||\s|$)\s*")

Cut = tuple[int, int, str]  # start, end, what comes in its place


@fix(
    mends=("leftover_markup", "template_tokens"),
    safe=False,
    before=Rows.of(
        ("What do fish &amp; chips cost?", "Nine euros.<|im_end|>"),
        ("How do I brew tea?", "Open the lid.<br/>Pour the water.<ul><li>Wait.</li><li>Drink.</li></ul>"),
        ("How long?", "<p>Wait <b>four</b> minutes.</p>"),
    ),
    after=Rows.of(
        ("What do fish & chips cost?", "Nine euros."),
        ("How do I brew tea?", "Open the lid.\nPour the water.\n\n- Wait.\n- Drink."),
        ("How long?", "Wait four minutes."),
    ),
)
def strip_markup(rows: Rows, where: pl.Series) -> Rows:
    """The rows with leftover markup taken out where `where` marks them."""
    spoken_of = pl.Series([speaks_of_markup(text) for text in rows.text], dtype=pl.Boolean)
    return rows.map_content(stripped_all, where & ~spoken_of).map_content(stripped_tokens, where & spoken_of)


def stripped_all(text: str) -> str:
    """The text without tags, entities and template tokens outside its code."""
    prose = without_code(text)
    cuts = [*_tokens(prose), *_tags(prose)]
    taken = {place for start, end, _ in cuts for place in range(start, end)}
    for found in ENTITY.finditer(prose):
        plain = html.unescape(found.group()).replace("\xa0", " ")
        if plain != found.group() and found.start() not in taken:
            cuts.append((*found.span(), plain))
    return _without(text, cuts)


def stripped_tokens(text: str) -> str:
    """The text without template tokens outside its code."""
    return _without(text, _tokens(without_code(text)))


def _tokens(prose: str) -> list[Cut]:
    cuts = []
    for start, end in find_tokens(prose):
        role = ROLE_AFTER.match(prose, end) if prose[start:end] in OPENS_A_TURN else None
        cuts.append((start, role.end() if role else end, ""))
    return cuts


def _tags(prose: str) -> list[Cut]:
    """Each inline tag as a cut of its own; line tags with nothing but blanks between them as one line break."""
    cuts: list[Cut] = []
    names: list[str] = []
    for found in TAG.finditer(prose):
        name = TAG_NAME.match(found.group()).group(1).lower()  # type: ignore[union-attr]
        if name not in LINE_TAGS and not re.fullmatch(r"h[1-6]", name):
            power = name == "sup" and found.group()[1] != "/" and prose[found.end() : found.end() + 1].isdigit()
            cuts.append((*found.span(), "^" if power else ""))
            names = []
            continue
        start, end = _with_blanks(prose, *found.span())
        if names and cuts and cuts[-1][1] >= found.start():
            start = cuts.pop()[0]
        else:
            names = []
        names.append(found.group().lower() if name == "li" else name)
        cuts.append((start, end, "" if start == 0 or end == len(prose) else _line_break(names)))
    return cuts


def _with_blanks(prose: str, start: int, end: int) -> tuple[int, int]:
    """The span together with the blanks and line breaks on both of its sides."""
    while start > 0 and prose[start - 1].isspace():
        start -= 1
    while end < len(prose) and prose[end].isspace():
        end += 1
    return start, end


def _line_break(names: list[str]) -> str:
    if any(name.startswith("<li") for name in names):
        return "\n- " if "ul" not in names and "ol" not in names else "\n\n- "
    return "\n" if names in (["br"], ["</li>"], ["div"], ["tr"]) else "\n\n"


def _without(text: str, cuts: list[Cut]) -> str:
    if not cuts:
        return text
    parts, place = [], 0
    for start, end, instead in sorted(cuts):
        parts += [text[place : max(start, place)], instead]
        place = max(end, place)
    return "".join([*parts, text[place:]]).strip()
