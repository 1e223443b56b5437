"""Whether a text turns a request down; shared by metrics, not a metric itself."""

from __future__ import annotations

import re

OPENING = 200  # characters; a refusal stands in the first sentence or two
ENGLISH = (
    r"\b(?:i|we)(?:'m| am|'re| are)? (?:very |so |really )?(?:sorry,? but|afraid) (?:i|we|that)|"
    r"\b(?:i|we) (?:can ?not|can't|am unable to|are unable to|won't|will not|am not able to|are not able to|"
    r"must decline to|have to decline to) "
    r"(?:help|assist|answer|provide|do that|do this|comply|fulfil|fulfill|discuss|share|access|give|tell|support)|"
    r"\b(?:i'm|we're) (?:unable|not able|not allowed) to "
    r"(?:help|assist|answer|provide|comply|discuss|share|access|give)|"
    r"\bas an? (?:ai|artificial intelligence|language model|ai language model)\b|"
    r"\b(?:i|we) (?:do not|don't) have (?:access to|the ability to)\b|"
    r"\b(?:i|we) (?:must|have to) (?:decline|refuse)\b"
)
GERMAN = (
    r"\b(?:das |dabei |hier |hierbei |damit )?(?:kann|darf|können|dürfen) (?:ich|wir)(?: ihnen| dir| euch)?"
    r"(?: leider)?(?: dabei| damit| hierbei)?(?: leider)? (?:nicht|keine)\b|"
    r"\bes tut (?:mir|uns) leid,? aber (?:ich|wir|das)\b|"
    r"\b(?:ich|wir) (?:kann|darf|können|dürfen)(?: ihnen| dir)?(?: das| dabei| damit| hierzu)?(?: leider)? "
    r"(?:nicht|keine)\b[^.]{0,40}\b(?:helfen|beantworten|geben|mitteilen|weitergeben|herausgeben|nennen|sagen)|"
    r"\bals (?:ki|künstliche intelligenz|sprachmodell|ki-sprachmodell)\b"
)
RUSSIAN = (
    r"(?:я|мы)(?: к сожалению,?)? не (?:могу|можем|вправе)\b|\bк сожалению, (?:я|мы) не\b|"
    r"\bизвините, но (?:я|мы)\b|\bкак (?:ии|искусственный интеллект|языковая модель)"
)
CHINESE = (
    r"(?:抱歉|对不起|很遗憾)[,，。 ]?(?:但)?(?:我|我们|本店)?(?:无法|不能|不便)|"
    r"我(?:们)?(?:无法|不能)(?:提供|回答|透露|帮助|协助)|作为(?:一个|一名)?(?:AI|人工智能|语言模型)"
)
REFUSAL = re.compile("|".join((ENGLISH, GERMAN, RUSSIAN, CHINESE)), re.IGNORECASE)


def refuses(text: str) -> bool:
    """Whether a text begins by turning the request down, in English, German, Russian or Chinese."""
    return bool(REFUSAL.search(" ".join(text[:OPENING].replace("\u2019", "'").split())))
