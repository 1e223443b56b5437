"""Tells whether a prompt asks for another language than its own."""

from __future__ import annotations

import re

# Asked for in the language of the prompt: "translate", or a language by name.
ASKS_LANGUAGE = re.compile(
    r"\btranslat|\bübersetz|\btradu[cirzs]|\bprze(?:tłumacz|kład)|\bvertaa?l|\böversätt|\boversæt|\bçevir"
    r"|\bterjemah|перев[её]"
    r"|перекла|ترجم|अनुवाद|翻译|翻譯|翻訳|訳して|번역"
    r"|\b(?:english|german|french|spanish|italian|portuguese|dutch|swedish|danish|norwegian|finnish|polish|czech"
    r"|turkish"
    r"|indonesian|vietnamese|romanian|hungarian|chinese|mandarin|cantonese|japanese|korean|russian|ukrainian"
    r"|arabic|persian"
    r"|farsi|urdu|hindi|bengali|tamil|greek|hebrew|thai|latin|catalan|serbian|bulgarian|swahili|tagalog|language"
    r"|bilingual"
    r"|deutsch\w*|englisch\w*|französisch\w*|spanisch\w*|sprache\w*|anglais\w*|français\w*|allemand\w*"
    r"|espagnol\w*|langue\w*"
    r"|inglés|alemán|francés|español|idioma|inglese|tedesco|italiano|lingua|inglês|francês|alemão|português"
    r"|engels|duits"
    r"|nederlands|angielsk\w*|niemieck\w*|polsk\w*|engelska|svenska|ingilizce|türkçe|bahasa)\b"
    r"|英语|英文|中文|日语|法语|德语|西班牙语|汉语|英語|日本語|フランス語|中国語|영어|한국어|английск|немецк|французск|русск|англійськ|українськ"
    r"|الإنجليزية|العربية|अंग्रेज|हिन्दी|हिंदी|tiếng",
    re.I,
)


def asks_for_a_language(prompt: str) -> bool:
    """True where the prompt speaks of translating, or names a language."""
    return bool(ASKS_LANGUAGE.search(prompt))
