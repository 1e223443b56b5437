"""Prose apart from code, and scripts written without blanks: what the text checks share."""

from __future__ import annotations

import re

FENCE = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)", re.S)
INLINE_CODE = re.compile(r"`[^`\n]{1,200}`")

# Line shapes that prose does not have. One alone may be chance, so `looks_like_code` wants a share of the lines.
CODE_LINE = re.compile(
    r"(?:def |class |import |from \w+ import|#include|using |public |private |static |function\b|var |let |const "
    r"|return\b|if ?\(|for ?\(|while ?\(|for \w+ in .*:$|elif |else:|try:|print ?\(|<\?php|SELECT |INSERT "
    r"|CREATE TABLE|@\w+$"
    r"|</?[a-zA-Z][\w-]*(?:\s[^>]*)?/?>|[\w.\[\]]+ ?[+\-*/]?= ?\S.*[;)\]\d'\"]$|[\w.]+\(.*\)[;:]?$|.*[;{}]$|[)\]}]+,?$)"
)
CODE_SHARE = 0.34

# Scripts that set no blanks between words: Chinese, Japanese kana, Thai, Lao, Khmer, Burmese.
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
UNSPACED_SHARE = 0.3


def without_code(text: str) -> str:
    """The text with fenced and inline code blanked out; every other character stays where it was."""
    if "`" not in text and "~~~" not in text:
        return text
    blank = lambda found: re.sub(r"\S", " ", found.group())  # noqa: E731
    return INLINE_CODE.sub(blank, FENCE.sub(blank, text))


def looks_like_code(text: str) -> bool:
    """True where at least a third of the lines have the shape of program text, fenced or not."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return bool(lines) and sum(bool(CODE_LINE.match(line)) for line in lines) >= CODE_SHARE * len(lines)


def is_unspaced(text: str) -> bool:
    """True where much of the text is in a script without blanks between words, such as Chinese or Thai."""
    if text.isascii():
        return False
    return len(UNSPACED.findall(text)) > UNSPACED_SHARE * max(1, len(text))
