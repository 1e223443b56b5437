"""Tells by the end of a text whether the rest is missing."""

from __future__ import annotations

import re

from workbench.checks.text.prose import is_unspaced, looks_like_code, without_code
from workbench.checks.text.vocabulary import Vocabulary

STOPS = ".!?…。！？｡؟।॥։។።‼⁇"
CLOSERS = "\"'”’»)]}）」』】》*_`~$>"
# How sure each sign is: its share of stumps among the rows it flags, when half of the replies are halves.
FENCE, BRACKET, DANGLING, MARKER, CUT_WORD, SENTENCE, LONG_LINE = 1.0, 0.9, 0.9, 0.9, 0.85, 0.8, 0.7
WEAK = 0.4  # a sign that is wrong about as often as right: below the default limit, for those who lower it

PAIRS = {"(": ")", "[": "]", "{": "}", "（": "）", "「": "」", "『": "』", "【": "】", "《": "》", "“": "”", "«": "»"}
SMILEY = re.compile(r"[:;=8xX]['’]?-?[(\[{]{1,3}|[(\[{]{1,3}['’]?-?[:;=]|<[/3]")
NEAR_END = 400  # characters: a bracket left open further back is an author's slip
DANGLING_WORD = re.compile(
    r"(?<![^\s(])(?:and|or|but|nor|because|although|whereas|unless|the|an?|of|with|from|into|than|their|your|our|its|my"
    r"|which|(?<!a )while|such as|as well as|due to|in order to|is a|are the|was a|were the|to the|for the"
    # German, Dutch
    r"|und|oder|sondern|dass|weil|sowie|der|das|dem|des|eine?|einen|einem|einer|eines|mit|von|für|bei|zum|zur"
    r"|ihre[mnr]?|unsere[mnr]?|deren|dessen|wenn|ob"
    r"|(?:und|oder|dass|weil|wenn|ob|für|durch|über|um|gegen|auf|an|in|ist|sind|wird|werden) die"
    r"|het|een|voor|omdat|zodat|deze|onze"
    # French, Spanish, Portuguese, Italian
    r"|et|mais|parce que|le|la|les|un|une|des?|du|au|aux|avec|pour|dans|sur|leur|votre|notre|qui|que|pero|porque|el"
    r"|los|las|una|del|al|con|para|por|su|sus|os|as|uma|da|dos|das|na|nas|em|il|lo|gli|uno|di|dei|della|delle|nel"
    r"|nella|per|che|sono una?"
    # Swedish, Danish, Norwegian, Finnish
    r"|och|eller|att|ett|som|från|og|til|fra|tai|että|koska"
    # Polish, Czech, Russian, Ukrainian
    r"|oraz|że|ponieważ|który|która|które|ze|przez|dla|aby|protože|který|která|které|и|или|но|что|чтобы|потому что"
    r"|который|которая|которые|для|от|из|в|на|с|по|к|та|або|що|щоб|який|яка|які|для|від|із|зі|у"
    # Turkish, Indonesian, Vietnamese
    r"|ve|veya|çünkü|bir|ile|atau|tetapi|karena|yang|dengan|untuk|pada|dari|và|hoặc|nhưng|của|với|những|các|là|được"
    r"|trong"
    # Arabic, Hindi, Korean
    r"|في|من|على|إلى|أو|التي|الذي|أن|إن|और|या|लेकिन|कि|का|के|की|में|से|ने|को|그리고|또는|하지만|및|위한|있는|하는)$",
    re.I,
)
COMMA = re.compile(r"[,،、，]$|\w:$")
EMPTY_MARKER = re.compile(r"\n\s*(?:\d{1,3}[.)]|[-*•])$")
SENTENCE_INSIDE = re.compile(rf"[{STOPS}][{re.escape(CLOSERS)}]*(?:\s+|(?<=[。！？।]))(?=\S)")
ABBREVIATION = re.compile(  # its stop ends no sentence: "z. B. Montag", "e.g. Monday", "Dr. Lopez", "am 3. Mai"
    r"(?:^|[\s(\[/\"'„“«-])(?:[^\W\d_]|\d{1,2}|(?:[^\W\d_]\.){1,3}[^\W\d_]|e\.?g|i\.?e|etc|approx|vs|cf|al|incl|excl"
    r"|est|ext|dept"
    r"|fig|vol|pp|tel|max|min|ca|nr|bzw|usw|ggf|evtl|inkl|exkl|zzgl|bspw|vgl|sog|abs|art|str|std|mind|dr|mr|mrs|ms|prof"
    r"|st|jr|hr|fr|sra?|inc|ltd|corp|jan|feb|aug|sept?|okt|oct|nov|dez|dec)\.$",
    re.I,
)
LONGEST_ABBREVIATION = 12  # characters looked at before a stop
# Without blanks a last stop is often left out. Only a word that asks for another one behind it tells a stump.
UNSPACED_DANGLING = re.compile(r"(?:[はをにへのとでや]|[的和与與或在把被对對从從为為及])$")
MARKED = r"[-*•·#>|+]|\d{1,3}[.):]|[a-zA-Z][.)]\s|.*[|\t]"
MARKED_LINE = re.compile(MARKED)
LIST_LINE = re.compile(rf"{MARKED}|.{{0,40}}:(?:\s|$)")  # "Colour: red" needs no full stop
ITEM = re.compile(r"(?:[-*•·]|\d{1,3}[.)])\s")
# Endings that need no full stop: hashtags and handles, web addresses, who said it, an emoji or other sign.
SIGNED = re.compile(r"(?:[#@][\w-]+|https?://\S+|www\.\S+)$|(?:^|\s)[-–—―~]\s?[A-Z][^.!?]{1,60}$")
TAIL = 120  # characters in which an ending shows
FEWEST_WORDS = 3  # of the unfinished sentence
LAST_WORD = re.compile(r"[^\W\d_][,;:]?[ \n]([^\W\d_]+)$")
NO_SENTENCE = re.compile(r"[|#{}<>=\\@]|--|->|:\s*$")
WORDS_A_COMMA = 4  # a line with more commas is a list
LONG_LINE_WORDS = 9  # of a line that is no name, title or label
LONG_WORDS_LINE = 55  # characters: the same in languages of long words
LONG_LINE_LETTERS = 25  # the same in scripts without blanks
CUT_WORD_LETTERS = 2
SIGN_OFF_WORDS = 6  # "Looking forward to seeing you," on a line of its own ends a letter
FEWEST_SISTERS = 2  # finished lines before an unfinished one
LONGEST_LINE_OF_VERSE = 60


def ending_fault(text: str, words: Vocabulary | None = None) -> tuple[float, str]:
    """(how sure, why) the end of the text is missing; (0, "") where nothing says so.

    words: those of the dataset, which tell a cut word and one that never ends a sentence.
    """
    text = text.rstrip()
    if not text:
        return 0.0, ""
    if text.count("```") % 2:
        return FENCE, "the last code block is never closed"
    if text.endswith("```") or looks_like_code(text):
        return 0.0, ""
    prose = without_code(text)
    if EMPTY_MARKER.search(text[-TAIL:]):
        return MARKER, f'ends in a list mark with nothing behind it: "{_end(text)}"'
    if text[-1] in STOPS:
        return 0.0, ""
    if opener := open_bracket(prose):
        return BRACKET, f'a "{opener}" near the end is never closed: "{_end(text)}"'
    prose = prose.rstrip()
    known = _by_vocabulary(prose, words) if words else None
    signs = [sign for sign in (_dangling(text), _broken_sentence(prose), _long_line(prose), known) if sign]
    return max(signs, key=lambda sign: sign[0], default=(0.0, ""))


def open_bracket(text: str) -> str:
    """The last bracket or quotation mark near the end that nothing closes, or ""."""
    tail = SMILEY.sub(lambda found: " " * len(found.group()), text)
    waiting: list[tuple[str, int]] = []
    for place, letter in enumerate(tail):
        if letter in PAIRS:
            waiting.append((letter, place))
        elif waiting and letter == PAIRS[waiting[-1][0]]:
            waiting.pop()
    near = [letter for letter, place in waiting if place >= len(text) - NEAR_END]
    return near[-1] if near else _open_quote(text)


def _open_quote(text: str) -> str:
    """A straight quotation mark near the end that opens and has no partner, or ""."""
    last = text.rfind('"')
    opens = (
        last >= max(0, len(text) - NEAR_END)
        and (last == 0 or text[last - 1] in " (\n")
        and text[last + 1 : last + 2].isalnum()
    )
    return '"' if opens and text.count('"') % 2 else ""


def _dangling(text: str) -> tuple[float, str] | None:
    lines = [line.strip() for line in text.splitlines()]
    words = len(lines[-1].split())
    if words < FEWEST_WORDS or (is_verse(text) and not LIST_LINE.match(lines[-1])):
        return None
    if found := DANGLING_WORD.search(lines[-1][-TAIL:]):
        return DANGLING, f'ends in "{found.group()}": "{_end(text)}"'
    if COMMA.search(text[-TAIL:]):
        # One line by itself may be a heading or a form of address; after a finished sentence it is a stump.
        alone = not sentence_ends(text) or (len(lines) > 1 and words <= SIGN_OFF_WORDS)
        return WEAK if alone else DANGLING, f'ends in "{text[-1]}": "{_end(text)}"'
    return None


def sentence_ends(text: str) -> list[int]:
    """Where in a text a further sentence begins; the stop of an abbreviation and one before a small letter end none."""
    return [
        found.end()
        for found in SENTENCE_INSIDE.finditer(text)
        if text[found.start()] != "." or not (text[found.end()].islower() or _abbreviated(text, found.start() + 1))
    ]


def _abbreviated(text: str, end: int) -> bool:
    return bool(ABBREVIATION.search(text[max(0, end - LONGEST_ABBREVIATION) : end]))


def _broken_sentence(text: str) -> tuple[float, str] | None:
    """A last line whose sentence has no end, where the sentences and lines before it have one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or not text[-1].isalnum() or SIGNED.search(lines[-1][-TAIL:]) or text[:1].islower() or is_verse(text):
        return None
    last = lines[-1]
    said = f'the last sentence has no end: "{_end(text)}"'
    # a label such as "Note:" excuses a missing full stop only where no sentence on the line has one
    if not MARKED_LINE.match(last) and (ends := sentence_ends(last)):
        rest = last[ends[-1] :]
        if is_unspaced(rest) and not UNSPACED_DANGLING.search(rest):
            return WEAK, said
        long_enough = len(rest.split()) >= FEWEST_WORDS or len(rest) >= LONGEST_LINE_OF_VERSE // 4
        return (SENTENCE, said) if long_enough else None
    sisters = [line for line in lines[:-1] if bool(ITEM.match(line)) == bool(ITEM.match(last))]
    finished = len(sisters) >= FEWEST_SISTERS and all(line[-1] in STOPS for line in sisters)
    return (SENTENCE, said) if finished and len(last.split()) > SIGN_OFF_WORDS else None


def _long_line(text: str) -> tuple[float, str] | None:
    """A last line too long for a name, a title or a label, which ends in a letter and not in a stop."""
    last = text[text.rfind("\n") + 1 :].strip()
    if not last or not last[-1].isalpha() or last[0].islower() or MARKED_LINE.match(last) or NO_SENTENCE.search(last):
        return None
    if is_unspaced(last):
        long_enough = len(last) >= LONG_LINE_LETTERS and re.search("[。！？]", text) is not None
    else:
        count = len(last.split())
        long_enough = (
            count >= LONG_LINE_WORDS or (len(last) >= LONG_WORDS_LINE and count >= SIGN_OFF_WORDS)
        ) and last.count(",") * WORDS_A_COMMA < count
    if not long_enough or SIGNED.search(last[-TAIL:]) or _titled(last) or is_verse(text):
        return None
    return LONG_LINE, f'the last sentence has no end: "{_end(text)}"'


def _titled(line: str) -> bool:
    """True where most words bear a capital, as in titles and lists of names."""
    return sum(word[:1].isupper() or not word[:1].isalpha() for word in line.split()) > 0.5 * len(line.split())


def _by_vocabulary(text: str, words: Vocabulary) -> tuple[float, str] | None:
    """A last word that the dataset knows as the beginning of another, or as one that ends no sentence."""
    found = LAST_WORD.search(text[-TAIL:])
    if not found:
        return None
    word = found.group(1)
    if len(word) >= CUT_WORD_LETTERS and not word[0].isupper() and words.is_cut(word):
        return CUT_WORD, f'ends in a cut word, "{word}": "{_end(text)}"'
    if words.dangles(word) and not is_verse(text):
        return DANGLING, f'ends in "{word}", with which no sentence ends here: "{_end(text)}"'
    return None


def is_verse(text: str) -> bool:
    """True for short lines of which most do not end a sentence: poems, songs, lists without marks."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) < 3:
        return False
    short = sum(len(line) <= LONGEST_LINE_OF_VERSE for line in lines)
    open_ended = sum(line[-1] not in STOPS for line in lines)
    return short >= 0.7 * len(lines) and open_ended >= 0.3 * len(lines)


def _end(text: str, most: int = 40) -> str:
    return ("…" if len(text) > most else "") + text[-most:].replace("\n", " ")
