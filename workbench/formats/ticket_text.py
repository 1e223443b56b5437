"""What a customer wrote, without the mail around it: quoted mail, signatures, greetings and markup taken off.

Rules for English, German, French, Spanish, Italian, Portuguese and Dutch mail; other text keeps its greetings. A ticket
that would be empty afterwards stays as it was.
"""

from __future__ import annotations

import html
import re


def _any(*words: str) -> str:
    return "(?:" + "|".join(words) + ")"


TAGS = "p br div span table tr td ul ol li b i a font html body head style img strong em"
MARKUP = re.compile(rf"</?(?:{'|'.join(TAGS.split())})\b[^>]*>", re.I)
HIDDEN = re.compile(r"<(style|script|head)\b.{0,100000}?</\1>", re.I | re.S)
BREAKS = re.compile(r"<(?:br|/p|/div|/li|/tr)\b[^>]*>", re.I)

# From here on a mail is somebody else's, or an older one.
OLDER = _any(
    "original message", "forwarded message", "urspr[uü]ngliche nachricht", "weitergeleitete nachricht",
    "message d'origine", "mensaje original", "messaggio originale", "mensagem original", "oorspronkelijk bericht",
)  # fmt: skip
WROTE = _any("wrote", "schrieb", "a [ée]crit", "escribi[oó]", "ha scritto", "escreveu", "schreef")
SENT = _any("sent", "date", "to", "gesendet", "datum", "an", "envoy[ée]", "enviado", "inviato", "verzonden")
QUOTED = re.compile(
    rf"^[ \t>]*(?:-{{2,}} ?{OLDER}\b"
    rf"|(?:on|am|le|el|il|em|op)\b[^\n]{{4,120}}\b{WROTE}\b[^\n]{{0,80}}:[ \t]*$"
    r"|_{20,}[ \t]*$"
    rf"|(?:from|von|de|da|van)[ \t]*:[^\n]{{3,120}}\n[ \t>]*{SENT}[ \t]*:)",
    re.I | re.M,
)
FAREWELL = _any(
    r"(?:(?:best|kind|warm|many|with kind|with best)[ \t]+)?(?:regards|wishes)",
    "(?:yours )?(?:sincerely|faithfully|truly)", "cheers", "mit freundlichen gr[uü](?:ss|ß)en",
    "(?:viele|beste|liebe|freundliche|sch[oö]ne) gr[uü](?:ss|ß)e", "mfg", "(?:bien )?cordialement",
    "(?:meilleures )?salutations", "saludos", "un saludo", "atentamente", "(?:cordiali )?saluti", "distinti saluti",
    "atenciosamente", r"met vriendelijke groet\w*", "sent from (?:my|yahoo|mail|outlook)", "get outlook for",
    r"von meinem \w+ gesendet", "gesendet (?:von|mit)", "envoy[ée] de mon", "enviado desde mi",
    r"(?:this|the) (?:e-?mail|message|communication)\b[^\n]{0,60}\b(?:confidential|intended|privileged)",
)  # fmt: skip
THANKS = _any(
    "(?:many )?thanks?(?: you)?", "thx", "(?:vielen )?dank", "danke", "merci", "gracias", "grazie", "obrigad[oa]"
)
SO_MUCH = _any(
    "so much", "very much", "a lot", "again", "in advance", "for your (?:help|time|assistance)", "im voraus",
    "beaucoup", "d'avance", "de antemano",
)  # fmt: skip
CLOSING = re.compile(
    rf"^[ \t]*(?:--[ \t]*$|{FAREWELL}(?:\b|$)|{THANKS}(?: {SO_MUCH})*[ \t]*[,.!]*[ \t]*$)", re.I | re.M
)
CLOSING_WITHIN = 12  # lines from the end: a closing farther up is a sentence of the ticket
HELLO = _any(
    "hi", "hello", "hey", "dear", "greetings", "good (?:morning|afternoon|evening|day)", "to whom it may concern",
    "hallo", "guten (?:tag|morgen|abend)", "moin", "sehr geehrte[rs]?", "liebe[rs]?", "bonjour", "bonsoir", "ch[eè]re?",
    "hola", "buenos d[ií]as", "buenas (?:tardes|noches)", "estimad[oa]s?", "buongiorno", "buonasera", "gentile",
    "ol[aá]", "bom dia", "boa tarde", "prezad[oa]s?", "goedemorgen", "goedemiddag", "geachte",
)  # fmt: skip
SENTENCE = _any("i", "we", "can", "could", "my", "how", "what", "when", "where", "why", "is", "do", "ich", "je")
GREETING = re.compile(
    rf"^\s*(?:{HELLO}\b(?:[ \t]+(?!{SENTENCE}\b)[^\s,!.;:?]{{1,25}}){{0,5}}[ \t]*(?:[,!.;:]+|\n|$)\s*)+", re.I
)
PLEA = _any(THANKS, "please (?:help|advise|assist)(?: me)?")
THANKS_AT_END = re.compile(
    rf"(?:(?<=[.!?\n])|(?<=[.!?] ))\s*{PLEA}(?: {SO_MUCH})*[ \t]*[,.!]*[ \t]*(?:[A-Z][a-z]{{1,15}})?[ \t]*\Z", re.I
)
QUOTED_LINE = re.compile(r"^[ \t]*>.*$\n?", re.M)
SUBJECT_MARKS = re.compile(
    r"^\s*(?:(?:re|fwd?|aw|wg|tr|rv|sv|antw)\s*(?:\[\d+\])?\s*:\s*|\[[^\]\n]{1,40}\]\s*|#\d{2,}\s*[:-]?\s*)+", re.I
)
BLANKS = re.compile(r"[ \t]+(?=\n|$)|(?<=\n)[ \t]+")
LINES = re.compile(r"\n{3,}")
LONGEST = 20_000  # characters of a ticket that are looked at: what it wants stands there


def clean_ticket(text: str) -> str:
    """The customer's own words of a ticket."""
    text = text[:LONGEST].replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ")
    plain = _without_markup(text)
    own = QUOTED_LINE.sub("", plain)
    if found := QUOTED.search(own):
        own = own[: found.start()]
    own = _without_closing(own)
    own = GREETING.sub("", own, count=1)
    own = THANKS_AT_END.sub("", own)
    own = LINES.sub("\n\n", BLANKS.sub("", own)).strip()
    if not own:
        own = LINES.sub("\n\n", BLANKS.sub("", plain)).strip()
    return own[:1].upper() + own[1:] if own[:1].islower() and plain.lstrip()[:1].isupper() else own


def clean_subject(text: str) -> str:
    """A subject without "Re:", ticket numbers and mail marks."""
    return SUBJECT_MARKS.sub("", " ".join(text[:1000].split())).strip()


def _without_markup(text: str) -> str:
    if not MARKUP.search(text):
        return html.unescape(text) if "&" in text and ";" in text else text
    text = BREAKS.sub("\n", HIDDEN.sub("", text))
    return html.unescape(MARKUP.sub("", text))


def _without_closing(text: str) -> str:
    """The text up to its closing: "Kind regards" and the name, address and notices below it."""
    lines = text.rstrip().split("\n")
    start = max(1, len(lines) - CLOSING_WITHIN)
    for number in range(start, len(lines)):
        if CLOSING.match(lines[number]):
            return "\n".join(lines[:number])
    return text
