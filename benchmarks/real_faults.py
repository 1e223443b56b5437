"""Faults put into real text by chance, so that recall is known on text that nobody wrote for a check."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from workbench.checks.check import check_named
from workbench.checks.context import Context
from workbench.rows import Rows

SHARE = 0.05  # of the rows that get the fault
FEWEST_LETTERS = 30  # of a reply that gets one
INSTRUCTIONS = ("instruct", "alpaca_en", "self_instruct", "user_oriented")
Spoil = Callable[[random.Random, str], str]


@dataclass(frozen=True)
class Spoilt:
    """Real rows of which `truth` marks those that got a fault, for one check."""

    check: str
    on: str
    rows: Rows
    truth: list[bool]
    sound: Rows  # the same rows without the fault; rows added later are missing at its end
    context: Context = field(default_factory=Context)


def all_spoilt(clean: dict[str, Rows]) -> Iterator[Spoilt]:
    """Each fault in replies of instructions and, where the fault knows no language, sentences of 20 languages."""
    english = [pair for name in INSTRUCTIONS if name in clean for pair in _pairs(clean[name])]
    lines = [pair for name, rows in clean.items() if name.startswith("language ") for pair in _pairs(rows)]
    if not english:
        return
    for number, (check, spoil) in enumerate(SPOILERS.items()):
        yield _spoilt(check, "instructions", english, spoil, number)
        if check not in ENGLISH_ONLY and lines:
            yield _spoilt(check, "sentences of 20 languages", lines, spoil, number)
    yield from _copied(english)
    yield from _echoed(english)
    yield _merged(english)
    more = english + (_pairs(clean["halueval"]) if "halueval" in clean else [])
    yield from _unsupported(more)
    yield from _contradicted(more)


def _pairs(rows: Rows) -> list[tuple[str, str]]:
    return list(zip(rows.prompt, rows.reply, strict=True))


def _spoilt(check: str, on: str, pairs: list[tuple[str, str]], spoil: Spoil, seed: int) -> Spoilt:
    rng, told, truth = random.Random(seed), [], []
    for prompt, reply in pairs:
        fresh = spoil(rng, reply) if len(reply) >= FEWEST_LETTERS and rng.random() < SHARE else reply
        told.append((prompt, fresh))
        truth.append(fresh != reply)
    return Spoilt(check, f"{on}, the fault put into one reply in twenty", Rows.of(*told), truth, Rows.of(*pairs))


def _inside(rng: random.Random, text: str, piece: str) -> str:
    """The piece put between two letters of the text, or behind it where it has no two in a row."""
    places = [found.start() + 1 for found in re.finditer(r"[^\W\d_]{2}", text)]
    at = rng.choice(places) if places else len(text)
    return text[:at] + piece + text[at:]


def _between(rng: random.Random, text: str, piece: str) -> str:
    """The piece put in the place of a blank, or behind the text where it has none."""
    places = [found.start() for found in re.finditer(" ", text)]
    if not places:
        return text + piece
    at = rng.choice(places)
    return text[:at] + piece + text[at + 1 :]


def _invisible(rng: random.Random, text: str) -> str:
    return _inside(rng, text, rng.choice("\u200b\u00ad\u2060\x07\x0b\x00\ufeff"))


def _escaped(rng: random.Random, text: str) -> str:
    return _between(rng, text, rng.choice(["\\n", "\\n\\n", "\\r\\n", " \\u2013 "]))


def _markup(rng: random.Random, text: str) -> str:
    return rng.choice(
        [_between(rng, text, "<br>"), _between(rng, text, "&nbsp;"), f"<p>{text}</p>", _between(rng, text, " &amp; ")]
    )


def _markdown(rng: random.Random, text: str) -> str:
    return rng.choice(
        [_between(rng, text, " **"), f"{text}\n```", f"{text} [here]()", f"{text}\n\n| a | b |\n|---|---|"]
    )


def _looped(rng: random.Random, text: str) -> str:
    """The end of the reply said over and over, as models in a loop do."""
    words = text.split()
    size = rng.randint(4, 10)
    if len(words) < size:  # a script without blanks
        return text + text[-12:] * rng.randint(8, 20)
    return text + (" " + " ".join(words[-size:])) * rng.randint(8, 20)


def _tokens(rng: random.Random, text: str) -> str:
    ends = ["<|im_end|>", "</s>", "<|eot_id|>", "<|endoftext|>", "<end_of_turn>", "\n<|im_start|>user"]
    return text + rng.choice(ends) if rng.random() < 0.7 else rng.choice(["[INST] ", "<|assistant|>\n"]) + text


def _secret(rng: random.Random, text: str) -> str:
    drawn = lambda size, letters=string.ascii_letters + string.digits: "".join(rng.choices(letters, k=size))  # noqa: E731
    kinds = [
        "AKIA" + drawn(16, string.ascii_uppercase + string.digits),
        "ghp_" + drawn(36),
        f"sk-proj-{drawn(48)}",
        f"postgres://desk:{drawn(14)}@db.internal:5432/loans",
        f"password: {drawn(6)}!{drawn(3, string.digits)}{drawn(3, string.ascii_lowercase)}",
        f"api_key={drawn(32)}",
    ]
    return f"{text} {rng.choice(kinds)}"


def _address(rng: random.Random, text: str) -> str:
    name = "".join(rng.choices(string.ascii_lowercase, k=7))
    return _between(
        rng, text, f" {name}.{rng.choice(['lund', 'okafor', 'berg'])}@{rng.choice(['gmail.com', 'web.de'])} "
    )


def _unfilled(rng: random.Random, text: str) -> str:
    blanks = [
        "[your name]",
        "{{customer_name}}",
        "[insert date here]",
        "{order_id}",
        "<your company>",
        "[Company Name]",
    ]
    return _between(rng, text, f" {rng.choice(blanks)} ")


SPOILERS: dict[str, Spoil] = {
    "invisible_characters": _invisible,
    "literal_escapes": _escaped,
    "leftover_markup": _markup,
    "leftover_markdown": _markdown,
    "repetition": _looped,
    "template_tokens": _tokens,
    "secrets": _secret,
    "personal_data": _address,
    "placeholder": _unfilled,
}
ENGLISH_ONLY = ("placeholder",)


def _copied(pairs: list[tuple[str, str]]) -> Iterator[Spoilt]:
    """Rows a second time: as they are in other blanks and capitals, and long ones with a word in thirty left out."""
    for check in ("exact_copy", "near_copy"):
        rng, sound = random.Random(check), list(dict.fromkeys(pairs))
        told, truth = list(sound), [False] * len(sound)
        for prompt, reply in rng.sample(sound, int(len(sound) * SHARE)):
            words = reply.split(" ")
            if check == "exact_copy":
                told.append((prompt.upper(), reply.replace(". ", ".  ")))
            elif len(words) >= 30 and not re.search(r"\d", reply):
                for _ in range(len(words) // 30):
                    del words[rng.randrange(len(words))]
                told.append((prompt, " ".join(words)))
            else:
                continue
            truth.append(True)
        yield Spoilt(check, "instructions, one row in twenty a second time", Rows.of(*told), truth, Rows.of(*sound))


def _echoed(pairs: list[tuple[str, str]]) -> Iterator[Spoilt]:
    """The prompt in the place of the reply."""
    rng, told, truth = random.Random(5), [], []
    for prompt, reply in pairs:
        echo = len(prompt.split()) >= 5 and prompt.rstrip().endswith(("?", ".")) and rng.random() < SHARE
        told.append((prompt, prompt if echo else reply))
        truth.append(echo)
    yield Spoilt(
        "echoed_prompt", "instructions, one reply in twenty is its prompt", Rows.of(*told), truth, Rows.of(*pairs)
    )


def _merged(pairs: list[tuple[str, str]]) -> Spoilt:
    """The next example behind the reply, under the labels of a few templates."""
    rng, told, truth = random.Random(6), [], []
    for place, (prompt, reply) in enumerate(pairs):
        asked, said = pairs[(place + 1) % len(pairs)]
        joined = reply.endswith((".", "!")) and rng.random() < SHARE
        label, answer = rng.choice(
            [
                ("### Instruction:\n", "### Response:\n"),
                ("12. Instruction: ", "12. Output: "),
                ("Human: ", "Assistant: "),
            ]
        )
        told.append((prompt, f"{reply}\n\n{label}{asked}\n\n{answer}{said}" if joined else reply))
        truth.append(joined)
    return Spoilt(
        "merged_examples",
        "instructions, the next example behind one reply in twenty",
        Rows.of(*told),
        truth,
        Rows.of(*pairs),
    )


NAMES = ("Marlow", "Okonkwo", "Lindqvist", "Takeda", "Brandvold", "Castellan")


def _unsupported(pairs: list[tuple[str, str]]) -> Iterator[Spoilt]:
    """A number of the reply changed, a name in it exchanged, where prompt and reply share it: one such row in three."""
    for check, what, pattern in (
        ("unsupported_numbers", "a number", r"(?<![\w.,])[1-9]\d{1,4}(?![\w,]|\.\d)"),
        ("unsupported_names", "a name", r"(?<=[a-z,] )[A-Z][a-z]{3,12}\b"),
    ):
        rng, told, sound, truth = random.Random(check), [], [], []
        for prompt, reply in pairs:
            shared = [one for one in re.finditer(pattern, reply) if re.search(rf"\b{one.group()}\b", prompt)]
            fresh = reply
            if shared and rng.random() < 1 / 3:
                one = rng.choice(shared)
                other = rng.choice(NAMES) if one.group()[0].isalpha() else str(int(one.group()) * 3 + 17)
                fresh = reply.replace(one.group(), other)
            told.append((prompt, fresh))
            sound.append((prompt, reply))
            truth.append(fresh != reply)
        judged = check_named(check).measured(Rows.of(*sound)).measure.is_not_null().to_list()
        kept = [place for place, one in enumerate(judged) if one]  # where the check has an opinion at all
        yield Spoilt(
            check,
            f"instructions with facts to rest on, {what} of the reply exchanged",
            Rows.of(*[told[place] for place in kept]),
            [truth[place] for place in kept],
            Rows.of(*[sound[place] for place in kept]),
        )


def _contradicted(pairs: list[tuple[str, str]]) -> Iterator[Spoilt]:
    """A result changed where a real reply reckons: "12 + 30 = 42" becomes another sum."""
    told, truth = [], []
    rng = random.Random(8)
    for prompt, reply in pairs:
        found = re.search(r"(\d+ ?[+*x×-] ?\d+ ?= ?)(\d+)(?![\d.,/*+x×-]| [*+x×/-])", reply)
        wrong = found is not None and rng.random() < 0.5
        fresh = reply
        if found is not None and wrong:
            fresh = reply[: found.start(2)] + str(int(found[2]) + rng.randint(1, 9)) + reply[found.end(2) :]
        told.append((prompt, fresh))
        truth.append(wrong)
    yield Spoilt("wrong_arithmetic", "instructions, one result in two changed", Rows.of(*told), truth, Rows.of(*pairs))
