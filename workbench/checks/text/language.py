"""Tells the language of a text: by its script, then by its small words, and only in doubt by a model."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from workbench.checks.text.prose import FENCE, INLINE_CODE
from workbench.checks.text.stop_lists import LETTERS, STOP_WORDS

HEAD = 300  # characters that tell
FEWEST_WORDS = 5  # below, nobody can tell with certainty
FEWEST_SIGNS = 6  # of a script without blanks, or that one language alone writes
FEWEST_HITS = 3
AHEAD = 1.6  # times as many small words as the next language
FEWEST_SHARE = 0.12  # of the distinct words are small words of the language
MODEL_WORDS = 8  # py3langid names 84 % of first three words rightly, and 98 % of sentences
MODEL_SURE = 0.95
MODEL_BACKED = 0.9  # where two small words of the same language stand beside it, and twice as many as of another one
SCRIPT_SHARE = 0.5  # of the letters
KANA_SHARE = 0.1  # of the East Asian ones, from which it is Japanese

LANGUAGES = tuple(STOP_WORDS)
# A letter of no Latin script; neither signs and dashes nor the stops and wide forms of East Asia.
ODD = re.compile(
    "[\u0370-\u1dff\u1f00-\u1fff\u2c00-\u2dff\u2e80-\u2fff\u3040-\ufeff\uff66-\uffdf\U00020000-\U0003ffff]"
)
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
LETTER = re.compile(r"[^\W\d_]")
ADDRESS = re.compile(r"https?://\S+|\S+@\S+")
BLOCK = 7  # bits: scripts are told by blocks of 128 characters
SCRIPTS = {
    block: name
    for name, ranges in {
        "Greek": ((0x370, 0x3FF), (0x1F00, 0x1FFF)),
        "Cyrillic": ((0x400, 0x52F),),
        "Armenian": ((0x530, 0x57F),),
        "Hebrew": ((0x590, 0x5FF),),
        "Arabic": ((0x600, 0x6FF), (0x750, 0x77F), (0x8A0, 0x8FF), (0xFB80, 0xFDFF), (0xFE80, 0xFEFE)),
        "Devanagari": ((0x900, 0x97F),),
        "Bengali": ((0x980, 0x9FF),),
        "Gurmukhi": ((0xA00, 0xA7F),),
        "Gujarati": ((0xA80, 0xAFF),),
        "Tamil": ((0xB80, 0xBFF),),
        "Telugu": ((0xC00, 0xC7F),),
        "Thai": ((0xE00, 0xE7F),),
        "Georgian": ((0x10A0, 0x10FF),),
        "Hangul": ((0x1100, 0x11FF), (0xAC00, 0xD7FF)),
        "Kana": ((0x3040, 0x30FF), (0xFF80, 0xFF9D)),
        "Han": ((0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF)),
    }.items()
    for first, last in ranges
    for block in range(first >> BLOCK, (last >> BLOCK) + 1)
}
SCRIPTS[0x530 >> BLOCK] = "Cyrillic"  # shared with the first Armenian letters, which are rarer
ONE_LANGUAGE = {
    "Hangul": "ko", "Greek": "el", "Hebrew": "he", "Thai": "th", "Bengali": "bn", "Tamil": "ta", "Telugu": "te",
    "Gujarati": "gu", "Gurmukhi": "pa", "Georgian": "ka", "Armenian": "hy", "Devanagari": "hi",
}  # fmt: skip
# Languages written in other letters than the Latin ones; those that are written in two scripts stand under both.
WRITTEN_IN = {
    "Cyrillic": {"ru", "uk", "be", "bg", "mk", "sr", "kk", "ky", "mn", "tg", "uz", "tt", "bs"},
    "Arabic": {"ar", "fa", "ur", "ps", "ug", "sd", "ku", "ks"},
    "Han": {"zh", "ja", "yue"},
    "Devanagari": {"hi", "mr", "ne", "sa", "bho"},
    **{script: {language} for script, language in ONE_LANGUAGE.items() if script != "Devanagari"},
}
NAMES = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese",
    "nl": "Dutch", "sv": "Swedish", "da": "Danish", "no": "Norwegian", "fi": "Finnish", "pl": "Polish", "cs": "Czech",
    "tr": "Turkish",
    "id": "Indonesian", "vi": "Vietnamese", "ro": "Romanian", "hu": "Hungarian", "ca": "Catalan", "zh": "Chinese",
    "ja": "Japanese", "ko": "Korean", "ru": "Russian", "uk": "Ukrainian", "ar": "Arabic", "fa": "Persian", "ur": "Urdu",
    "hi": "Hindi", "el": "Greek", "he": "Hebrew", "th": "Thai", "bn": "Bengali", "sr": "Serbian", "bg": "Bulgarian",
}  # fmt: skip
ALIKE = (
    {"da", "no", "nb", "nn"}, {"hi", "mr", "ne"}, {"ru", "be", "bg", "mk"}, {"sr", "mk", "bg"},
    {"hr", "sr", "bs", "sl"}, {"cs", "sk"}, {"id", "ms", "jv"},
    {"es", "gl", "an"}, {"ca", "oc"}, {"pt", "gl"}, {"ar", "fa", "ur", "ps"},
)  # fmt: skip


def _weights() -> dict[str, tuple[int, ...]]:
    """Each small word -> the places in LANGUAGES of those that have it."""
    found: dict[str, list[int]] = {}
    for place, words in enumerate(STOP_WORDS.values()):
        for word in set(words.split()):
            found.setdefault(word, []).append(place)
    return {word: tuple(places) for word, places in found.items()}


SMALL = _weights()


@dataclass(frozen=True)
class Guess:
    """What script and small words say: the language or None, how many words were seen, and small words by language."""

    language: str | None
    words: int
    hits: tuple[int, ...] = ()
    script: str = ""  # where most letters are of another script than the Latin one

    def hits_of(self, language: str) -> int:
        return self.hits[LANGUAGES.index(language)] if self.hits and language in STOP_WORDS else 0


NOTHING = Guess(None, 0)


def guess(text: str) -> Guess:
    """The language of a text as far as its script and small words tell; code and addresses are left out."""
    piece = text[: 3 * HEAD]
    if "`" in piece or "~~~" in piece:
        piece = INLINE_CODE.sub(" ", FENCE.sub(" ", piece))
    piece = piece[:HEAD]
    if "://" in piece or "@" in piece:
        piece = ADDRESS.sub(" ", piece)
    if not piece.isascii() and ODD.search(piece) and (other := _by_script(piece)):
        return other
    words = WORD.findall(piece.lower().replace("’", "'"))
    if len(words) < FEWEST_WORDS:
        return Guess(None, len(words))
    hits = [0] * len(LANGUAGES)  # by distinct word: "a a a" is one sign
    distinct = set(words)
    for word in distinct & SMALL.keys():
        for place in SMALL[word]:
            hits[place] += 1
    second, most = sorted(hits)[-2:]
    best = hits.index(most)
    sure = most >= max(FEWEST_HITS, FEWEST_SHARE * len(distinct)) and most >= AHEAD * second
    return Guess(LANGUAGES[best] if sure else None, len(words), tuple(hits))


def _by_script(piece: str) -> Guess | None:
    """The guess where most letters are of another script than Latin; None where they are not."""
    counts = script_counts(piece)
    letters = len(LETTER.findall(piece))
    east_asian = counts["Han"] + counts["Kana"]
    if east_asian >= FEWEST_SIGNS and east_asian >= SCRIPT_SHARE * letters:
        return Guess("ja" if counts["Kana"] > KANA_SHARE * east_asian else "zh", east_asian, script="Han")
    script, count = counts.most_common(1)[0] if counts else ("", 0)
    if not script or count < max(FEWEST_SIGNS, SCRIPT_SHARE * letters):
        return None
    if script in ONE_LANGUAGE:
        return Guess(ONE_LANGUAGE[script], count, script=script)
    for language, signs in LETTERS.get(script, ()):
        if any(sign in piece.lower() for sign in signs):
            return Guess(language, count, script=script)
    return Guess(None, count, script=script)


def script_counts(text: str) -> Counter[str]:
    """How many letters of each script but the Latin one a text has."""
    return Counter(SCRIPTS.get(ord(letter) >> BLOCK, "another") for letter in ODD.findall(text))


def by_model(text: str, sure: float = MODEL_SURE) -> str | None:
    """The language that py3langid names with certainty; None in doubt and for short texts."""
    piece = ADDRESS.sub(" ", text[:HEAD])
    if len(WORD.findall(piece)) < MODEL_WORDS:
        return None
    language, share = _identifier().classify(piece)
    return str(language) if share >= sure else None


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def alike(one: str, other: str) -> bool:
    """True for the same language, and for neighbours that a few words do not tell apart."""
    return one == other or any(one in group and other in group for group in ALIKE)


def in_foreign_script(seen: Guess, wanted: Collection[str]) -> bool:
    """True for a text in a script in which none of the wanted languages is written, whatever its language."""
    return seen.script in WRITTEN_IN and not WRITTEN_IN[seen.script] & {code.split("-")[0] for code in wanted}


def name_of(language: str) -> str:
    """The language's English name, or its code."""
    return NAMES.get(language, language)
