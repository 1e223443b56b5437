"""Finds instructions to the model that do not belong in a row: orders to forget its own, and payloads nobody sees."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from workbench.checks.safety.pieces import Piece, loosened, quoted

OBJECT = (
    r"(?:instructions?|prompts?|rules?|guidelines?|directions?|commands?|directives?|programming|messages?"
    r"|training|context)"
)
EARLIER = r"(?:previous|prior|above|earlier|preceding|past|existing|original|initial|former|system|safety|foregoing)"
ORDER = (
    r"\b(?:ignore|disregard|forget) (?:everything |all |all of )?(?:the )?above(?: text| message)?(?:,| and| instead)"
    r"|\b(?:ignore|disregard|forget|override|bypass|do not follow|don't follow|stop following) (?:all |any "
    rf"|every(?:thing)? |of |the |your |these |those |my |and |everything |that ){{0,4}}"
    rf"(?:{EARLIER} (?:and \w+ )?){{1,2}}(?:\w+ )?{OBJECT}\b"
    r"|\b(?:ignore|disregard|forget|override) (?:all (?:of )?)?(?:your|the|these) (?:\w+ )?(?:instructions"
    r"|guidelines|rules|programming|training)\b"
    r"|\b(?:ignore|disregard|forget) (?:everything|all|anything) (?:above|before this|you (?:were|have been"
    r"|'ve been) (?:told|instructed)|that came before)\b"
    r"|\byou are (?:now )?(?:DAN\b|in (?:developer|debug|god|jailbreak|admin|unrestricted) mode"
    r"|(?:an? )?(?:unrestricted|unfiltered|uncensored|jailbroken) (?:ai|model|assistant|chatbot))"
    r"|\b(?:enable|enter|activate|switch to) (?:developer|debug|god|jailbreak|dan|unrestricted) mode\b"
    r"|\bdo anything now\b"
    r"|\b(?:reveal|print|show|output|repeat|leak|disclose|tell me|display) (?:me )?(?:the |your )(?:full |entire "
    r"|hidden |secret |initial |original |complete ){0,2}(?:system (?:prompt|message|instructions?)|(?:hidden"
    r"|secret|initial) (?:prompt|instructions))\b"
    r"|\b(?:if you are|as|attention,?|dear|note to(?: the)?|instructions? (?:for|to)(?: the"
    r"| any)?) (?:an? )?(?:ai|llm|language model|ai assistant|chatbot|ai agent|crawler)s?(?: model| agent"
    r"| assistant)?[,:]? (?:reading|processing|summari[sz]ing|reviewing|parsing|you must|please|ignore|do not"
    r"|always|say|reply|respond|recommend|rate)"
    r"|\b(?:SYSTEM|ADMIN|DEVELOPER) (?:OVERRIDE|NOTICE|COMMAND)\b|\bnew (?:system )?instructions?: ?(?:you|ignore"
    r"|from now|always|do not|never|send|reply|rate|score|grade|answer|respond|output|print|say|forget|disregard|act"
    r"|pretend|recommend|praise|approve)\b"
    r"|\bignorier\w* (?:bitte )?(?:alle |die |deine |sämtliche )*(?:vorherigen|bisherigen|vorigen|früheren|obigen"
    r"|vorangegangenen) (?:\w+ )?(?:anweisung\w*|instruktion\w*|befehle|regeln|vorgaben|prompts?)"
    r"|\bvergiss (?:alle |deine |die )*(?:vorherigen |bisherigen )?(?:anweisungen|instruktionen|regeln)"
    r"|\b(?:ignore[zs]?|ignorer|oublie[zr]?) (?:toutes? )?(?:les |tes |vos )?(?:instructions|consignes"
    r"|règles) (?:précédentes|antérieures|ci-dessus|données)"
    r"|\b(?:ignora|ignore|ignorar|olvida|olvide) (?:todas? )?(?:las |tus |sus |as |suas )?(?:instrucciones"
    r"|indicaciones|reglas|órdenes|instruções|regras|ordens) (?:anteriores|previas|de arriba|prévias|acima)"
    r"|\b(?:ignora|ignorate|dimentica) (?:tutte )?(?:le |tue )*(?:istruzioni|indicazioni|regole) (?:precedenti"
    r"|di cui sopra|fornite)"
    r"|\bnegeer (?:alle |de |je )*(?:vorige|eerdere|voorgaande|bovenstaande) (?:instructies|opdrachten|aanwijzingen)"
    r"|\bzignoruj (?:wszystkie )?(?:poprzednie|wcześniejsze|powyższe) (?:instrukcje|polecenia)"
    r"|(?:игнорируй(?:те)?|забудь(?:те)?) (?:все )?(?:предыдущие|прошлые|вышеуказанные) (?:инструкции|указания|команды)"
    r"|(?:忽略|无视|忘记)(?:掉)?(?:你)?(?:之前|以上|前面|先前|上述|此前)(?:的)?(?:所有|全部|一切)?(?:的)?(?:指令|指示|说明|提示|规则|要求)|(?:忽略|无视"
    r"|忘记)所有(?:之前|以上|先前)的?(?:指令|指示|说明|提示)"
    r"|(?:これまで|以前|上記|前)の(?:すべての|全ての)?(?:指示|命令|指令|プロンプト)を(?:すべて)?(?:無視|忘れ)"
)
ORDERED = "instruction to the model"
ORDERS = re.compile(ORDER, re.I)
# The same for the Rust regex crate over lower-case text, without word boundaries, so that its fast automaton can run.
LOOSE = loosened(ORDER)
# Beside these the order is spoken of: rows that teach what prompt injection is, or how to stand against it.
ABOUT = re.compile(
    r"prompt[- ]injection|jailbreak(?:ing|s)? (?:is|are|attack|prompt|attempt)|red[- ]team|adversarial"
    r"|attack(?:er|s)?\b|malicious|security|phrases? (?:like|such as)"
    r"|for example|e\.g\.|such as|detect\w*|guardrail|vulnerab\w+|exploit",
    re.I,
)
ABOUT_AROUND = 200
# A conversation about such attacks: its reply may quote one.
TAUGHT = re.compile(r"prompt[- ]injection|jailbreak\w*|red[- ]team\w*|adversarial prompt|prompt attack", re.I)
COMMENT = re.compile(r"<!--(?P<inside>(?:(?!<!--).){1,2000}?)-->", re.S)
TO_MODEL = re.compile(
    r"\b(?:ai|llm|assistant|language model|chatgpt|gpt|claude|instruction|system prompt|you must|ignore)\b", re.I
)
UNSEEN_STYLE = re.compile(
    r"<(?:span|div|p|font)\b[^>\n]{0,200}(?:display: ?none|visibility: ?hidden|font-size: ?0|color: ?(?:white"
    r"|#fff(?:fff)?)\b|opacity: ?0\b)[^>\n]{0,200}>(?P<inside>[^<\n]{12,2000})<",
    re.I,
)
# Unicode tag characters (they mirror ASCII and nothing draws them); a flag such as Scotland's is a black flag and tags.
TAGS = re.compile("\U0001f3f4[\U000e0020-\U000e007f]{1,12}|[\U000e0000-\U000e007f]+")
FLAG = "\U0001f3f4"
ZERO_WIDTH = re.compile("[\u200b\u200c\u200d\u2060-\u2064\ufeff\u180e]{8,}")
SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}")
BIDI = re.compile("[\u202d\u202e\u2066\u2067][^\u202c\u2069\n]{1,400}")
RTL = re.compile("[\u0590-\u08ff]")
BASE64 = re.compile(r"(?<![A-Za-z0-9+/=_-])(?:[A-Za-z0-9+/_-]{40,}\r?\n?){1,4000}[A-Za-z0-9+/_-]{0,76}={0,2}")
BLOB = 200  # characters from which encoded text is a payload rather than an example (the catalogue's figure)
DISTINCT = 30  # characters of base64 in a blob of that length; hex has 16, DNA 4


def find_hidden(text: str) -> Iterator[Piece]:
    """Orders to the model and payloads that nobody sees; an order that is quoted or spoken of weighs 0.5."""
    for found in ORDERS.finditer(text):
        around = (
            text[max(0, found.start() - ABOUT_AROUND) : found.start()] + text[found.end() : found.end() + ABOUT_AROUND]
        )
        yield Piece(*found.span(), ORDERED, quoted(found.group()), 0.5 if ABOUT.search(around) else 1.0)
    for pattern, kind in ((COMMENT, "instruction in a page comment"), (UNSEEN_STYLE, "text in an unseen style")):
        for found in pattern.finditer(text) if "<" in text else ():
            if TO_MODEL.search(found["inside"]):
                yield Piece(*found.span(), kind, quoted(found["inside"]))
    if not text.isascii():
        yield from _unseen(text)
    yield from _blobs(text)


def _unseen(text: str) -> Iterator[Piece]:
    for found in TAGS.finditer(text):
        if not found.group().startswith(FLAG):
            hidden = "".join(chr(ord(c) - 0xE0000) for c in found.group() if 0xE0020 <= ord(c) <= 0xE007E)
            yield Piece(*found.span(), "text in tag characters that nobody sees", quoted(hidden))
    for found in ZERO_WIDTH.finditer(text):
        yield Piece(*found.span(), f"{len(found.group())} characters without width in a row")
    for found in SELECTORS.finditer(text):
        yield Piece(*found.span(), f"{len(found.group())} variation selectors in a row")
    if not RTL.search(text):
        for found in BIDI.finditer(text):
            yield Piece(*found.span(), "text shown in another order than it stands", quoted(found.group()))


def _blobs(text: str) -> Iterator[Piece]:
    for found in BASE64.finditer(text) if len(text) >= BLOB else ():
        blob = re.sub(r"\s", "", found.group())
        if (
            len(blob) <= BLOB
            or len(set(blob)) < DISTINCT
            or not re.search(r"\d", blob)
            or not re.search(r"[a-z][A-Z]", blob)
        ):
            continue
        yield Piece(*found.span(), f"{len(blob)} characters of base64", _decoded(blob))


def _decoded(blob: str) -> str:
    """The first words of what a blob holds, or "" where that is no text."""
    try:
        head = base64.b64decode(
            blob[: min(160, len(blob) // 4 * 4)], altchars=b"-_" if re.search("[-_]", blob) else None
        )
        plain = head.decode("utf-8", "ignore")
    except (ValueError, binascii.Error):
        return ""
    return quoted(plain) if plain.isprintable() and len(plain) > 40 else ""
