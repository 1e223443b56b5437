"""Finds secrets in a text: keys by the shape that their issuer gave them, passwords and tokens by the word beside them.

The shapes are those that the issuers document; every pattern is bounded, so the time grows with the text and no faster.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections import Counter
from collections.abc import Iterator

from workbench.checks.safety.pieces import Piece

# Kind of secret: its shape. Sources: the issuers' own documentation of their tokens.
SHAPES = {
    "AWS access key": r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}",
    "GitHub token": r"gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}",
    "GitLab token": r"glpat-[\w-]{20,64}",
    "Slack token": r"xox[abeoprs]-[A-Za-z0-9-]{10,200}|xapp-\d-[A-Za-z0-9-]{20,200}",
    "Slack webhook": r"https://hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/]{20,120}",
    "Discord webhook": r"https://(?:\w{1,9}\.)?discord(?:app)?\.com/api/webhooks/\d{15,22}/[\w-]{40,100}",
    "AI service key": r"sk-(?:(?:proj|svcacct|admin|None|or|ant)-[\w-]{16,250}|[A-Za-z0-9]{20,100})"
    r"|gsk_[A-Za-z0-9]{40,80}",
    "Google key": r"AIza[\w-]{35}|GOCSPX-[\w-]{28}|ya29\.[\w-]{30,300}",
    "Stripe key": r"[sr]k_live_[A-Za-z0-9]{16,120}|whsec_[A-Za-z0-9+/=]{24,80}",
    "Hugging Face token": r"hf_[A-Za-z0-9]{30,50}",
    "package registry token": r"npm_[A-Za-z0-9]{36}|pypi-AgE[\w-]{50,300}",
    "SendGrid key": r"SG\.[\w-]{16,32}\.[\w-]{32,64}",
    "Twilio key": r"SK[0-9a-f]{32}",
    "Telegram bot token": r"\d{8,10}:AA[\w-]{33}",
    "cloud token": r"dop_v1_[0-9a-f]{64}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|dapi[0-9a-f]{32}",
    "Azure storage key": r"AccountKey=[A-Za-z0-9+/]{86}==",
}
SHAPED = re.compile(
    r"(?<![\w/+-])(?:" + "|".join(f"(?P<k{i}>{shape})" for i, shape in enumerate(SHAPES.values())) + r")(?![\w])"
)
KINDS = list(SHAPES)
JWT = re.compile(r"(?<![\w.-])eyJ[\w-]{10,2000}\.eyJ[\w-]{8,8000}\.[\w-]{20,2000}(?![\w-])")
PEM = re.compile(
    r"-----BEGIN (?:[A-Z0-9]{2,10} ){0,2}PRIVATE KEY(?: BLOCK)?-----(?P<body>[^-]{0,12000})(?:-----END "
    r"[A-Z0-9 ]{4,40}-----)?"
)
URL_LOGIN = re.compile(
    r"(?<![\w+.-])(?:postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?|mssql|sqlserver|oracle|ftps?|sftp|ssh|ldaps?"
    r"|smtps?|imaps?|https?|clickhouse|neo4j|bolt|jdbc:\w{2,12})(?:\+\w{1,12})?://"
    r"(?P<user>[^\s:/@\"'<>]{0,80}):(?P<value>[^\s/@\"'<>]{3,120})@[\w.-]{1,200}",
    re.I,
)
PAIR_LOGIN = re.compile(r"(?:;|^|[\"'\s])(?:password|pwd)\s{0,2}=\s{0,2}(?P<value>[^;\s\"']{4,120})\s{0,2};", re.I)

KEY_WORD = re.compile(
    r"(?<![A-Za-z])(?P<word>pass ?(?:word|wd|phrase|code)|pwd|passwort|kennwort|contrase(?:ñ|n)a|clave"
    r"|mot de passe|senha|wachtwoord|has[łl]o|пароль|密码|パスワード"
    r"|api[ _-]?key|api[ _-]?secret|secret(?:[ _-]?(?:access)?[ _-]?key)?|access[ _-]?(?:key|token)|auth[ _-]?token"
    r"|client[ _-]?secret|private[ _-]?key|(?:bearer|refresh|session)[ _-]?token|token|credentials?|encryption[ _-]?key"
    r"|signing[ _-]?key|authorization: ?bearer|bearer)(?![A-Za-z])"
    r"(?:[\"'`]?\]?\s{0,3}(?:=>|[:=]{1,2}|：|\bis\b|\bist\b|\bes\b|\best\b|\bwas\b|\blautet\b|は|是)|(?<=[Bb]earer))"
    r"\s{0,3}(?P<quote>[\"'`]?)(?P<value>[^\s\"'`<>(){}\[\],;|]{6,200})",
    re.I,
)
PASSWORD_WORD = re.compile(
    r"pass|pwd|kennwort|contrase|clave|mot de|senha|wachtwoord|has[łl]o|пароль|密码|パスワード", re.I
)
# One of these stands in every text with a secret; most texts have none, and looking for them is quick.
LIKELY = (
    *("passw", "passphrase", "passcode", "pass word", "pwd", "kennwort", "contraseña", "contrasena", "mot de passe"),
    *("senha", "wachtwoord", "hasło", "haslo", "пароль", "Пароль", "密码", "パスワード", "clave"),
    *("api key", "api_key", "api-key", "apikey", "api secret", "api_secret", "secret", "token", "bearer", "credential"),
    *(
        "access key",
        "access_key",
        "access-key",
        "accesskey",
        "private key",
        "private_key",
        "signing_key",
        "signing key",
    ),
    *("encryption key", "encryption_key", "://", "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    *("github_pat_", "glpat-", "xox", "xapp-", "api/webhooks", "sk-", "gsk_", "aiza", "gocspx", "ya29.", "k_live_"),
    *("whsec_", "npm_", "pypi-", ":AA", "dop_v1", "shpat_", "shpca_", "shppa_", "shpss_", "accountkey="),
)
EXACT = ("AKIA", "ASIA", "ABIA", "ACCA", "hf_", "SG.", "eyJ", "dapi", *(f"SK{digit}" for digit in "0123456789abcdef"))
# Values that stand for a secret and are none: printed in manuals, blanks, or the word itself.
STAND_IN = re.compile(
    r"example|sample|your|my[_-]?(?:secret|pass|key|token|api)|insert|replace|change|placeholder|dummy|fake"
    r"|redacted|removed|hidden"
    r"|masked|xxx|\*\*\*|\.\.\.|…|<|\$\{|\{\{|%\(|test|demo|foo|bar(?!\w)|abc|1234|qwerty|passw|pwd|secret|token"
    r"|letmein|hunter2|admin"
    r"|none|null|undefined|string|value|env|config|user|p@ss|todo|generate|random|unknown|hello|iloveyou|s3cr3t|00000",
    re.I,
)
# A key that its issuer printed in a manual, by what these hold. Kept apart: real keys may hold "test" by chance.
PUBLISHED = re.compile(
    r"EXAMPLE|4eC39HqLyjWDarjtT1zdp7dc|XXXX|xxxx|your[_-]?|\*\*\*|(.)\1{7}|0123456789|123456789|abcdefghij|ABCDEFGHIJ",
    re.I,
)
PUBLISHED_SUBJECT = "1234567890"  # of the token that the jwt.io debugger shows
# The same for tokens, which may hold a short word by chance.
BLANK = re.compile(
    r"example|sample|your|insert|replace|change|placeholder|dummy|redacted|hidden|xxxx|\*\*\*|\.\.\.|…|<|\$\{|\{\{|password|secret"
    r"|(.)\1{5}|123456|abcdef|abc123|qwerty|environ|config|process",
    re.I,
)
FEWEST_BITS = 3.4  # entropy a character from which a value looks drawn by chance; English words stay below 3.2
FEWEST_LENGTH = 16  # characters of a token or key; shorter ones are words
PASSWORD_LENGTH = 6
SHORT_BODY = 20  # characters of base64 between the two lines of a key that somebody shortened


def find_secrets(text: str) -> list[Piece]:
    """The secrets in a text, in order and without overlaps: of two that overlap, the better proven one stays."""
    taken, found = bytearray(len(text)), []
    for finder in (_private_keys, _shaped, _web_tokens, _logins, _beside_key_words):
        for piece in finder(text):
            if not any(taken[piece.start : piece.end]):
                taken[piece.start : piece.end] = b"\1" * (piece.end - piece.start)
                found.append(piece)
    return sorted(found)


def entropy(value: str) -> float:
    """Bits a character, from the value's own letters. Source: Shannon 1948."""
    counts = Counter(value).values()
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts) if value else 0.0


def _private_keys(text: str) -> Iterator[Piece]:
    if "PRIVATE KEY" in text:
        for found in PEM.finditer(text):
            body = re.sub(r"[^A-Za-z0-9+/]", "", found["body"].replace("\\n", ""))
            closed = "-----END" in found.group() and not re.search(r"\.{3}|…|[<*\[]", found["body"])
            least = SHORT_BODY if closed else 60
            if len(body) >= least and entropy(body) > FEWEST_BITS and not PUBLISHED.search(body):
                yield Piece(*found.span(), "private key", "…")


def _shaped(text: str) -> Iterator[Piece]:
    for found in SHAPED.finditer(text):
        if PUBLISHED.search(found.group()) or entropy(found.group()) < 2.5:
            continue
        if found.lastgroup:
            kind = KINDS[int(found.lastgroup[1:])]
            if kind == "AI service key" and not re.search(r"\d", found.group()):
                continue  # "sk-" before a long word in other writing
            yield Piece(*found.span(), kind, _shown(found.group()))


def _web_tokens(text: str) -> Iterator[Piece]:
    if "eyJ" in text:
        for found in JWT.finditer(text):
            head, body, _ = found.group().split(".")
            if '"alg"' in _decoded(head) and PUBLISHED_SUBJECT not in _decoded(body):
                yield Piece(*found.span(), "web token (JWT)", _shown(found.group()))


def _decoded(part: str) -> str:
    try:
        return json.dumps(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))
    except (ValueError, binascii.Error, RecursionError):
        return ""


def _logins(text: str) -> Iterator[Piece]:
    if "://" in text:
        for found in URL_LOGIN.finditer(text):
            value = found["value"]
            if value != found["user"] and not value.isalpha() and _is_secret(value, PASSWORD_LENGTH):
                yield Piece(*found.span("value"), "password in a connection address", _shown(value))
    if ";" in text and "=" in text:
        for found in PAIR_LOGIN.finditer(text):
            if _is_password(found["value"]):
                yield Piece(*found.span("value"), "password in a connection string", _shown(found["value"]))


def _beside_key_words(text: str) -> Iterator[Piece]:
    for found in KEY_WORD.finditer(text):
        value = found["value"].rstrip(".!?:。")
        after = text[found.start("value") + len(value) : found.end("value") + 1]
        if after[:1] in ("(", "[", "{") or text[found.end("value") : found.end("value") + 1] in ("(", "["):
            continue  # a call or an index, so code
        word = " ".join(found["word"].lower().split())
        if PASSWORD_WORD.search(word):
            if _is_password(value):
                yield Piece(found.start("value"), found.start("value") + len(value), "password", _shown(value))
        elif _is_token(value):
            yield Piece(found.start("value"), found.start("value") + len(value), f"value of a {word}", _shown(value))


def _is_token(value: str) -> bool:
    """Drawn by chance: long, of letters and digits, and no address, path, name or number."""
    return (
        _is_secret(value, FEWEST_LENGTH, BLANK)
        and entropy(value) >= FEWEST_BITS
        and not re.search(r"://|^[/~.]|[a-z]{8}|\.\w{2,4}$|^[\d.,:-]+$|\w\.[a-z]+\.", value)
    )


def _is_password(value: str) -> bool:
    """As people choose them: a letter and a digit, and a capital or a sign besides; no name of a variable."""
    kinds = [bool(re.search(kind, value)) for kind in (r"[a-z]", r"[A-Z]", r"[^\w]|_")]
    return (
        _is_secret(value, PASSWORD_LENGTH)
        and sum(kinds) >= 2
        and not re.search(
            r"://|^[\d.,:/-]+$|^\w+\.\w+|^[$%@&~/\\]|^[a-z]\w*_\w*$|^[a-z]+[A-Z]\w*$|^[A-Z][A-Z_\d]+$|\\n|[*]{2}|^#",
            value,
        )
    )


def _is_secret(value: str, fewest: int, stand_in: re.Pattern[str] = STAND_IN) -> bool:
    return (
        fewest <= len(value) <= 200
        and bool(re.search(r"\d", value))
        and bool(re.search(r"[A-Za-z]", value))
        and len(set(value)) > len(value) ** 0.5
        and not stand_in.search(value)
    )


def _shown(value: str) -> str:
    """Just enough of it to find it again."""
    return f"{value[:4]}…" if len(value) >= 12 else "…"
