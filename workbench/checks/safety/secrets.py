"""Passwords, keys and tokens

Keys of AWS, GitHub, GitLab, Slack, Discord, Google, Stripe, Hugging Face, OpenAI-style services and others, web tokens
(JWT), private keys (PEM), passwords in connection addresses, and passwords or random-looking values beside a word such
as "password is" or "api_key=". A model can recite them to anybody. A key that was once in a dataset is secret no more:
mask it here, and have it changed where it opens something.

Known limits
    A password beside its word counts when it has a letter, a digit and a capital or a sign; "sunshine" is taken for a
    word. A key of unknown shape counts from 16 characters that look drawn by chance, and only beside a key word. Values
    printed in manuals (AKIAIOSFODNN7EXAMPLE), blanks, names of variables and passwords that the assistant was asked to
    make up are left alone. Arguments of tool calls are
    not looked at, though the fix masks those too.
Source
    The shapes are those that the issuers document; entropy after Shannon 1948.
"""

from __future__ import annotations

import re

from workbench.checks.check import Findings, check
from workbench.checks.safety.pieces import Piece, flag_pieces, likely_turns
from workbench.checks.safety.secret_patterns import EXACT, LIKELY, find_secrets
from workbench.rows import Rows

# A password that the assistant was asked to make up opens nothing.
ASKED_FOR = re.compile(
    r"\b(?:generat|creat|mak|suggest|invent|propos|com(?:e|ing) up|random|validat|strong|valid|strength)\w*?"
    r"[^.?!\n]{0,60}pass ?(?:word|phrase)"
    r"|pass ?(?:word|phrase)s?\b[^.?!\n]{0,40}[.?!]?[^.?!\n]{0,20}\b(?:generat\w+|creator|strength|crack\w*"
    r"|create|suggest)\b",
    re.I,
)
# Put together here, so that no scanner of this project's own files takes an invented key for a real one.
AWS, GITHUB, SLACK = (
    "AKIA" + "R7VQ2LMT5XWD3KPZ",
    "ghp_" + "a8Kd93hQzL0xP2mVb7RtYc4WnE6sJf1uGo5T",
    "xoxb-" + "2718281828-kq9Zt4Lm",
)


@check(
    severity="warning",
    flags=Rows.of(
        f"Set the key to {AWS} and try again.",
        f"git clone with {GITHUB} as the password",
        f"The bot answers under {SLACK}.",
        ("How do I connect?", "Use postgres://shop:V9x!rt42@db.shop.net/orders."),
        ("My password is Winter!2187, why can't I log in?", "Please never send us your password."),
    ),
    passes=Rows.of(
        "Set the key to AKIAIOSFODNN7EXAMPLE and try again.",
        "Your password is too short: take twelve characters, one of them a digit.",
        "Use postgres://user:password@localhost/orders.",
        'api_key = os.environ["API_KEY"]',
        "The token 4821 was called at desk 7.",
    ),
    mend="mask_secrets",
)
def secrets(rows: Rows) -> Findings:
    """Measure: number of secrets in the row's turns."""
    likely = likely_turns(rows, LIKELY, EXACT)
    texts = {row: rows.text[row] for row in likely["row"].unique().to_list()}

    def made_up(row: int, piece: Piece) -> bool:
        return piece.kind == "password" and bool(ASKED_FOR.search(texts[row]))

    return flag_pieces(rows, likely, find_secrets, excused=made_up)
