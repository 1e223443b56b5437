"""Right and wrong flags on real data whose truth is known, by people or because the fault was put there."""

from __future__ import annotations

import csv
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import real_sets
from benchmarks.real_faults import Spoilt, all_spoilt
from workbench.checks.check import check_named
from workbench.checks.context import Context
from workbench.checks.safety.personal_patterns import find_personal
from workbench.errors import NotRun
from workbench.rows import Rows
from workbench.sheet import Sheet

PERSONAL = {
    "EMAIL_ADDRESS": "e-mail address",
    "CREDIT_CARD": "card number",
    "IBAN_CODE": "IBAN",
    "US_SSN": "social security number",
    "IP_ADDRESS": "IP address",
    "PHONE_NUMBER": "phone number",
}
HALF_FROM = 80  # characters: shorter replies have no middle
SHARE = 0.05  # of the rows that get a fault put into them
LOSS_ROWS = 300  # that the embedded model reads


@dataclass(frozen=True)
class Truth:
    """hits of `flagged` flags were right, of `true` faults."""

    check: str
    on: str
    hits: int
    flagged: int
    true: int


def all_truths(data: Path) -> Iterator[Truth]:
    """Every measurement for which the data is there."""
    clean = real_sets.clean_sets(data)
    yield from on_refusals(data)
    yield from on_personal(data)
    yield from on_encodings(data)
    yield from on_halves(clean)
    yield from on_languages(clean)
    yield from on_broken_encodings(clean)
    yield from on_typos(clean)
    yield from on_swapped_replies(clean)
    yield from on_rephrased(data)
    yield from on_losses(clean)
    for spoilt in all_spoilt(clean):
        yield from _on_spoilt(spoilt)


def _compared(
    check: str, on: str, rows: Rows, truth: Sequence[bool], context: Context | None = None
) -> Iterator[Truth]:
    try:
        flagged = check_named(check).measured(rows, context).flagged.to_list()
    except NotRun as reason:
        print(f"SKIPPED: {check} on {on}: {reason}")
        return
    yield Truth(check, on, sum(f and t for f, t in zip(flagged, truth, strict=True)), sum(flagged), sum(truth))


def _on_spoilt(spoilt: Spoilt) -> Iterator[Truth]:
    """Rows that are flagged without the fault, too, are left out: some hold such a fault already."""
    found = check_named(spoilt.check)
    before = found.measured(spoilt.sound, spoilt.context).flagged.to_list()
    after = found.measured(spoilt.rows, spoilt.context).flagged.to_list()
    before += [False] * (len(after) - len(before))  # rows that were added
    judged = [(flag, true) for was, flag, true in zip(before, after, spoilt.truth, strict=True) if not was]
    hits = sum(flag and true for flag, true in judged)
    yield Truth(spoilt.check, spoilt.on, hits, sum(flag for flag, _ in judged), sum(true for _, true in judged))


def on_losses(clean: dict[str, Rows]) -> Iterator[Truth]:
    """Instructions, one reply in ten with its words in another order; losses of the embedded model, untuned."""
    rows = clean.get("instruct")
    if rows is None:
        return
    rng, pairs, truth = random.Random(4), [], []
    for prompt, reply in list(zip(rows.prompt, rows.reply, strict=True))[:LOSS_ROWS]:
        words = reply.split()
        scrambled = len(words) >= 8 and rng.random() < 0.1
        if scrambled:
            rng.shuffle(words)
        pairs.append((prompt, " ".join(words) if scrambled else reply))
        truth.append(scrambled)
    spoilt = Rows.of(*pairs)
    try:
        context = Context(losses=losses_of(spoilt), losses_of="the embedded model")
    except NotRun as reason:
        print(f"SKIPPED: outlying_loss: {reason}")
        return
    yield from _compared(
        "outlying_loss", "instruct, the words of one reply in ten in another order", spoilt, truth, context
    )


def losses_of(rows: Rows) -> dict[str, float]:
    """Nats per token of each reply under the embedded model, untuned. Raises NotRun when it is not fetched."""
    from evaluators.models import embedded
    from evaluators.models.chat_model import ChatModel
    from evaluators.models.likelihood import likelihood_batches
    from workbench.settings import DEFAULT_MODEL, models_folder

    if not embedded.is_ready(DEFAULT_MODEL, models_folder()):
        raise NotRun("The embedded model is not fetched.")
    model = ChatModel(embedded.resolve(DEFAULT_MODEL, models_folder()))
    pairs = []
    for prompt, reply in zip(rows.prompt, rows.reply, strict=True):
        asked = [{"role": "user", "content": prompt}]
        pairs.append((model.token_ids(model.render(asked)), model.reply_ids(asked, reply)))
    found = {at: one for batch in likelihood_batches(model, pairs, adapter=False) for at, one in batch.items()}
    return {row_id: found[at].nats_per_token for at, row_id in enumerate(rows.row_id)}


def on_refusals(data: Path) -> Iterator[Truth]:
    if found := real_sets.refusals(data):
        yield from _compared("refusal", "XSTest, human labels (English patterns fitted on it)", *found)


def on_personal(data: Path) -> Iterator[Truth]:
    """A hit counts when it overlaps a true span of its kind."""
    texts = real_sets.personal_texts(data)
    hits, flagged, true = Counter[str](), Counter[str](), Counter[str]()
    for text, spans in texts or ():
        gold = [(PERSONAL[kind], start, end) for kind, start, end in spans if kind in PERSONAL]
        pieces = find_personal(text)
        for kind in PERSONAL.values():
            flagged[kind] += sum(p.kind == kind for p in pieces)
            hits[kind] += sum(
                any(p.kind == kind and s < p.end and p.start < e for p in pieces) for k, s, e in gold if k == kind
            )
            true[kind] += sum(k == kind for k, _, _ in gold)
    for kind in true:
        yield Truth("personal_data", f"Presidio, synthetic texts: {kind}", hits[kind], flagged[kind], true[kind])


def on_encodings(data: Path) -> Iterator[Truth]:
    texts = real_sets.encodings(data) or {}
    broken = [text for kind, found in texts.items() if kind != "negative" for text in found]
    sound = texts.get("negative", [])
    if broken:
        truth = [True] * len(broken) + [False] * len(sound)
        yield from _compared("mojibake", "ftfy's cases, known failures among them", Rows.of(*broken, *sound), truth)


def halves(replies: Sequence[str], rng: random.Random) -> list[str]:
    """The first half of each reply: every other one cut at a blank, the rest where the middle falls."""
    cut = []
    for reply in replies:
        middle = len(reply) // 2
        blank = reply.rfind(" ", 0, middle)
        cut.append(reply[: blank if blank > 0 and rng.random() < 0.5 else middle])
    return cut


def on_halves(clean: dict[str, Rows]) -> Iterator[Truth]:
    """A tenth of the replies of each set cut in half, so that the set keeps its style."""
    rng, by_group = random.Random(0), {"English": [0, 0, 0], "other languages": [0, 0, 0]}
    for name, rows in clean.items():
        if name == "chitchat":
            continue  # turns without punctuation: nobody could tell
        replies, long = list(rows.reply), [i for i, reply in enumerate(rows.reply) if len(reply) >= HALF_FROM]
        chosen = rng.sample(long, len(long) // 10)
        for place, half in zip(chosen, halves([replies[i] for i in chosen], rng), strict=True):
            replies[place] = half
        flagged = check_named("cut_off").run(Rows.of(*replies)).flagged.to_list()
        other = name == "alpaca_zh" or (name.startswith("language") and name != "language en")
        totals = by_group["other languages" if other else "English"]
        totals[0] += sum(flagged[i] for i in chosen)
        totals[1] += sum(flagged)
        totals[2] += len(chosen)
    for group, (hits, flags, true) in by_group.items():
        if true:
            yield Truth("cut_off", f"one reply in ten cut in half, {group}", hits, flags, true)


def _languages(clean: dict[str, Rows]) -> dict[str, list[str]]:
    return {name.split()[1]: rows.reply for name, rows in clean.items() if name.startswith("language ")}


def on_languages(clean: dict[str, Rows]) -> Iterator[Truth]:
    """English sentences with a few of each other language among them; prompts and replies of two languages."""
    found = _languages(clean)
    if not found:
        return
    foreign = [line for code, lines in found.items() if code != "en" for line in lines[:2]]
    rows = Rows.of(*[("Please tell me more about this.", line) for line in [*found["en"], *foreign]])
    truth = [False] * len(found["en"]) + [True] * len(foreign)
    context = Context(sheet=Sheet(languages=("en",)))
    yield from _compared("wrong_language", "200 English sentences, 2 of each of 19 languages", rows, truth, context)
    pairs, mixed = [], []
    codes = list(found)
    for number, code in enumerate(codes):
        other = codes[(number + 7) % len(codes)]
        for i in range(0, 40, 2):
            pairs += [(found[code][i], found[code][i + 1]), (found[code][i], found[other][i + 1])]
            mixed += [False, True]
    yield from _compared(
        "mixed_language", "sentences of 20 languages, answered in their own or another", Rows.of(*pairs), mixed
    )


def on_broken_encodings(clean: dict[str, Rows]) -> Iterator[Truth]:
    """Real sentences with letters beyond ASCII, one in twenty read as Windows-1252 or Latin-1."""
    rng, lines, sound, truth = random.Random(1), [], [], []
    for texts in _languages(clean).values():
        for text in texts:
            sound.append(text)
            broken = rng.random() < SHARE and not text.isascii()
            if broken:
                code = rng.choice(("cp1252", "latin-1"))
                text = text.encode().decode(code, errors="replace")
            lines.append(text)
            truth.append(broken)
    if lines:
        on = "sentences of 20 languages, one in twenty read in a wrong encoding"
        yield from _on_spoilt(Spoilt("mojibake", on, Rows.of(*lines), truth, Rows.of(*sound)))


def on_typos(clean: dict[str, Rows]) -> Iterator[Truth]:
    """Two letters swapped inside one word of one reply in twenty."""
    rows = clean.get("alpaca_en")
    if rows is None:
        return
    rng, replies, truth = random.Random(2), [], []
    for reply in rows.reply:
        words = reply.split(" ")
        places = [
            i for i, word in enumerate(words) if len(word) > 5 and word.isascii() and word.islower() and word.isalpha()
        ]
        typo = bool(places) and rng.random() < SHARE
        if typo:
            at = rng.choice(places)
            word, k = words[at], rng.randrange(1, len(words[at]) - 2)
            words[at] = word[:k] + word[k + 1] + word[k] + word[k + 2 :]
            typo = words[at] != word
        replies.append(" ".join(words))
        truth.append(typo)
    pairs = zip(rows.prompt, replies, strict=True)
    yield from _compared(
        "spelling_outlier", "alpaca_en, one word misspelt in a reply of twenty", Rows.of(*pairs), truth
    )


def on_swapped_replies(clean: dict[str, Rows]) -> Iterator[Truth]:
    """The replies of one row in twenty handed round among these rows."""
    for name in ("instruct", "alpaca_en"):
        if (rows := clean.get(name)) is None:
            continue
        rng, replies = random.Random(3), list(rows.reply)
        chosen = rng.sample(range(len(rows)), int(len(rows) * SHARE))
        for place, source in zip(chosen, [*chosen[1:], chosen[0]], strict=True):
            replies[place] = rows.reply[source]
        truth = [i in set(chosen) for i in range(len(rows))]
        pairs = Rows.of(*zip(rows.prompt, replies, strict=True))
        yield from _compared("unrelated_reply", f"{name}, one reply in twenty swapped for another's", pairs, truth)


def on_rephrased(data: Path) -> Iterator[Truth]:
    """MMLU test questions, all rephrased, one half of them golden: only that half's are leaks."""
    folder = data / "leakage_rephrased"
    if not real_sets.present(folder):
        return
    for subject in ("abstract_algebra", "sociology"):
        asked = _mmlu(folder / f"{subject}_test.csv")
        told = _rephrased(folder / f"{subject}_test_rephrase_english_filtered_question.jsonl")
        half = len(asked) // 2
        rows = [(text, answer) for text, (_, answer) in zip(told, asked, strict=True)]
        truth = [bool(text) and place < half for place, (text, _) in enumerate(rows)]
        there = [place for place, (text, _) in enumerate(rows) if text]
        kept, known = Rows.of(*[rows[i] for i in there]), [truth[i] for i in there]
        context = Context(golden=Rows.of(*asked[:half]))
        yield from _compared("rephrased_leak", f"MMLU {subject}, rephrased; half of it golden", kept, known, context)


def _mmlu(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return [(line[0], line[1 + "ABCD".index(line[5])]) for line in csv.reader(lines)]


def _rephrased(path: Path) -> list[str]:
    return [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
