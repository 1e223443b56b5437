"""Prompt that lacks what it speaks of

The task rests on a text, table, picture or file that is not there: "summarise the following article" with nothing after
it, "the text above" with nothing above, "the attached report", or an address on the web instead of the text. The reply
can only have been made up, and the model learns to make things up. A reply that asks for the missing piece is found
too.

Known limits
    English and the commonest wordings of German, French and Spanish. Only the conversation's last question is looked
    at, with all turns before it as what may have been given. A reference in other words ("that thing") is not found.
Source
    What people removed when they cleaned Alpaca by hand: missing referents, stub inputs and addresses (P .61 to 1.00).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.grounding.asks import last_asked, matching, with_tools
from workbench.checks.safety.pieces import quoted
from workbench.rows import Rows, message

THING = (
    r"(?:text|article|passage|paragraphs?|essay|document|e-?mails?|letter|story|poem|code(?: snippet)?|snippet"
    r"|sentences?|reviews?|conversation|dialogue"
    r"|transcript|report|post|tweet|table|data(?:set)?|list|spreadsheet|excerpt|abstract|speech|message|contract"
    r"|statements?|input|content"
    r"|quote|program|function|resume|cv|chart|graph|image|picture|photo(?:graph)?|screenshot|figure|diagram|file"
    r"|pdf|attachment|video|audio|recording)"
)
SEEN = (
    r"(?:image|picture|photo(?:graph)?|screenshot|figure|diagram|chart|graph|video|audio|recording|pdf|file"
    r"|attachment|spreadsheet|document)"
)
DEED = (
    r"(?:summari[sz]e|translate|proofread|edit|correct|rewrite|rephrase|paraphrase|classify|categori[sz]e"
    r"|analy[sz]e|describe|identify|extract|explain|shorten|improve"
    r"|evaluate|critique|convert|fix|review|read|find|detect|label|tag|simplify|condense|outline|transcribe"
    r"|caption|determine|answer)"
)
FOLLOWING = re.compile(
    r"\b(?:the|this|these|that) (?:following|given|provided"
    rf"|below) (?:\w+ ){{0,3}}?(?<!zip )(?<!area )(?<!postal ){THING}\b(?! (?:structure|type|point|set|frame"
    rf"|base)s?)|\b(?:{THING}|context) (?:below|provided|given)\b"
    rf"|\b{DEED} (?:the |this |these |that )(?:\w+ )?{THING}\b(?= ?[.:!]|\s*$)"
    rf"|\b{DEED} (?:\w+ ){{1,5}}(?:in|of|from) (?:this|these) {THING}\b(?= ?[.:!?]|\s*$)"
    r"|\b(?:den|die|das|dem|der) (?:folgenden?|nachstehenden?|unten stehenden?) (?:text|artikel|absatz|brief"
    r"|e-?mail|satz|sätze|code|tabelle)\b"
    r"|\b(?:le texte|l'article|le passage|le paragraphe|la phrase|le code) (?:suivante?|ci-dessous)\b"
    r"|\b(?:el siguiente|la siguiente) (?:texto|art[ií]culo|p[aá]rrafo|pasaje|frase|c[oó]digo|tabla)\b",
    re.I,
)
ABOVE = re.compile(
    r"\b(?:according to|based on|from|using|in) the (?:table|chart|graph|passage|article|context|transcript"
    r"|diagram)\b(?= ?(?:[,.?]|provided|given))|"
    rf"\b(?:the )?(?:above|previous|preceding|aforementioned) {THING}\b|\b{THING} (?:from )?above\b"
    r"|\b(?:der|den|dem|die|das) obige[nrs]? (?:text|artikel|absatz|e-?mail)\b|\b(?:texte|article"
    r"|passage) ci-dessus\b|\btexto anterior\b",
    re.I,
)
ATTACHED = re.compile(
    rf"\b(?:the |my |an? )?(?:attached|enclosed|uploaded) (?:\w+ )?{THING}\b|\b{SEEN} (?:i(?:'ve"
    r"| have)? )?(?:attached|enclosed|uploaded)\b"
    r"|\b(?:in|from|of|on|at|describe|caption|analy[sz]e) (?:this|the (?:given|following|provided"
    r"|above)) (?:\w+ )?(?:image|picture|photo(?:graph)?|screenshot|video|audio|recording)\b"
    r"|\b(?:im|in der) (?:anhang|angehängten \w+|beigefügten \w+)|\bci-joint\w*|\badjunt[oa]s?\b"
    r"|\bsee attach(?:ed|ment)\b"
    rf"|\b(?:what|who|where|which|how many)\b[^.?!\n\"“]{{1,40}} (?:in|on) the {SEEN}\b(?=\s*(?:\?|$))"
    rf"|\bwhat (?:does|do) the {SEEN} (?:show|depict|tell|illustrate|represent|mean|say)\b(?=\s*(?:\?|$))",
    re.I,
)
ADDRESS = re.compile(
    r"\b(?:summari[sz]e|translate|read|analy[sz]e|review|proofread|classify|extract|rewrite|paraphrase|critique"
    r"|what (?:is|does))\b[^\n]{0,120}?(?:https?://|www\.)\S+",
    re.I,
)
WEB = re.compile(r"(?:https?://|www\.)\S+")
ASKS_BACK = re.compile(
    r"^\W{0,5}(?:(?:i'm |i am )?sorry,? ?(?:but )?|unfortunately,? |sure[,!] |of course[,!] |certainly[,!] "
    r"|i apologi[sz]e,? (?:but )?|it (?:seems|looks like|appears) (?:that |like )?)*"
    r"(?:(?:please|could you(?: please)?|can you(?: please)?|kindly) (?:provide|share|paste|upload|attach|send"
    r"|give|supply|specify)(?: me)?(?: with)? (?:the|your|an?|more|some|its)?\b"
    r"|(?:i (?:do not|don't|cannot|can't) (?:see|find|have)|there (?:is|was|are|were) no|no|you (?:have not"
    r"|haven't|did not|didn't) (?:provided?|included?|attached?|shared?|given?|specify|specified|paste[d]?)|you forgot)"
    r" (?:to (?:include|attach|provide|paste) )?(?:any |an? |the |access to (?:the |any )?"
    rf"|me )?(?:\w+ ){{0,3}}{THING}\b(?! that| which| who)"
    r"|(?:the|your|this) (?:\w+ )?(?:text|article|passage|image|input|prompt|question|request|message|file) (?:is"
    r"|was|seems|appears)(?: to be)? (?:missing|incomplete|empty|not (?:provided|given|included|attached|clear))"
    r"|without (?:the|any|more|further|seeing the) (?:\w+ )?(?:context|text|information|article|image|data|details)\b)",
    re.I,
)
LOOKED_AT = 1_500  # characters of a question; a longer one holds something
GIVEN = 8  # words that a text must have at the least to be something given
PIECE = 1  # ... after "the following", where a single word may be all there is
# Pattern: with fewer words than this beside it nothing is there, and what a note says then.
POINTING = {
    ATTACHED: (25, "nothing is attached"),
    ABOVE: (GIVEN, "nothing stands above"),
    FOLLOWING: (PIECE, "nothing follows"),
    ADDRESS: (2 * GIVEN, ""),
}
IMAGE_TOKEN = re.compile(r"<(?:image|video|audio|img)\b|!\[|\[image\]|data:image", re.I)


@check(
    severity="warning",
    flags=Rows.of(
        ("Summarize the following article.", "The article tells of a storm."),
        ("What is the main idea of the text above?", "It is about friendship."),
        ("Please translate the attached letter into German.", "Sehr geehrte Frau Berg, ..."),
        ("Summarize https://www.news.org/a/123", "The article says that rents rise."),
        ("Proofread this.", "Please provide the text that you would like me to proofread."),
    ),
    passes=Rows.of(
        (
            "Summarize the following article.\nA storm took the roof of the old mill on Monday. Nobody was hurt.",
            "A storm.",
        ),
        ("Write an article about the storm.", "A storm took the roof of the mill."),
        [
            message("user", "A storm took the roof of the old mill on Monday; nobody was hurt."),
            message("assistant", "How sad."),
            message("user", "Now translate the text above into German."),
            message("assistant", "Ein Sturm hat das Dach der alten Mühle abgedeckt."),
        ],
        ("Explain the following terms: tort, lien", "A tort is a wrong; a lien is a right over a thing."),
    ),
)
def missing_context(rows: Rows) -> Findings:
    """Measure: 1 where the last question speaks of something that is not there or the reply asks for it, else 0."""
    measure: list[float | None] = [None] * len(rows)
    notes = [""] * len(rows)
    spans: list[tuple[Span, ...]] = [()] * len(rows)
    tools, replies = with_tools(rows), rows.reply
    asked = last_asked(rows)
    hits = zip(*(matching(asked["content"], one.pattern, longest=LOOKED_AT) for one in POINTING), strict=True)
    for (row, turn, content), points in zip(asked.iter_rows(), hits, strict=True):
        found = _missing(rows, row, turn, content, points) if any(points) and row not in tools else None
        measure[row] = float(bool(found))
        if found:
            start, end, note = found
            notes[row], spans[row] = note, ((turn, start, end),)
        elif row not in tools and (back := ASKS_BACK.match(replies[row][:400])) and _little(rows, row):
            last = len(rows.messages[row]) - 1
            measure[row], spans[row] = 1.0, ((last, *back.span()),)
            notes[row] = f"the reply asks for what the prompt should have held: {quoted(back.group())}"
    return above(measure, 0.5, notes, spans)


def _missing(rows: Rows, row: int, turn: int, text: str, points: Sequence[bool]) -> tuple[int, int, str] | None:
    """Where the question points at nothing, and how a note says it. points: which of `POINTING` may match."""
    plain = text.replace("\u2019", "'")
    earlier = sum(len((m["content"] or "").split()) for m in rows.messages[row][:turn] if m["role"] != "system")
    if earlier >= GIVEN or len(plain) > LOOKED_AT or IMAGE_TOKEN.search(plain):
        return None
    for (pattern, (enough, said)), may in zip(POINTING.items(), points, strict=True):
        found = pattern.search(plain) if may else None
        if found and pattern is ADDRESS:
            if len(WEB.sub(" ", plain).split()) < enough:
                return *found.span(), f"the prompt gives an address instead of the text: {quoted(found.group())}"
        elif found and pattern is ABOVE and _words_below(plain, found.end()) >= 2 * GIVEN:
            continue  # "the article above", and it stands below
        elif found and _words_beside(plain, *found.span(), ahead=pattern is not ABOVE) < enough:
            return *found.span(), f"the prompt speaks of {quoted(found.group())}, and {said}"
    return None


def _words_below(text: str, end: int) -> int:
    """Words on the lines after the one that holds the reference."""
    return len(re.findall(r"\w+", text[end:].partition("\n")[2]))


def _words_beside(text: str, start: int, end: int, *, ahead: bool) -> int:
    """Words outside the sentence of the reference, and those after a colon, a quotation mark or a new line in it."""
    before = re.split(r"(?<=[.!?:\n])\s", text[:start])
    outside = " ".join(before[:-1])
    rest = text[end:]
    mark = re.search(r"[:\n\"“«'`(\[{]|[.!?](?=\s)", rest)
    after = rest[mark.end() :] if mark else ""
    if re.search(r"[\"“«`]", text[:start]):
        outside += text[:start]
    return len(re.findall(r"\w+", (outside if not ahead else after + " " + outside)))


def _little(rows: Rows, row: int) -> bool:
    """True where the prompt is so short that it cannot hold what the reply asks for."""
    return len(rows.prompt[row].split()) < 3 * GIVEN and not IMAGE_TOKEN.search(rows.prompt[row])
