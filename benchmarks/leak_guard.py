"""How well the leak guard finds golden rows in training rows, and how often it stops a row for nothing

    python -m benchmarks.leak_guard [FOLDER OF THE REAL DATA SETS] [--challenge FILE] [--choose] [--speed] [--write]

Prints the tables of docs/leakage.md; --write puts them there. The limits were chosen on every second pair of
leak_pairs.jsonl (--choose prints that grid); what is printed is measured on the other half. A set that is not there is
skipped, and said so. --speed measures 5,000 training rows against 500 golden rows, first and second call.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import real_sets
from workbench.checks.duplicates.meaning import vectors_of
from workbench.guard import WAYS, Suspect, meaning, suspects
from workbench.guard.meaning import judged
from workbench.rows import Rows
from workbench.settings import EMBEDDER, models_folder

PAIRS = Path(__file__).parent / "leak_pairs.jsonl"
PAGE = Path(__file__).parent.parent / "docs" / "leakage.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
Pair = tuple[str, str]
BACKGROUND = 240  # rows of each set without a known leak: the model reads some ten a second on two cores


class Memory:
    """Vectors of texts, each read once a process."""

    def __init__(self) -> None:
        self.known: dict[str, np.ndarray] = {}

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        fresh = [text for text in dict.fromkeys(texts) if text not in self.known]
        if fresh:
            self.known |= dict(zip(fresh, vectors_of(fresh, models_folder() / EMBEDDER), strict=True))
        return np.stack([self.known[text] for text in texts]) if texts else np.zeros((0, 384), np.float32)


read = Memory()


@dataclass(frozen=True)
class Line:
    """What came of one kind of training row. by_way: way -> share of rows that it stops; stopped, shown: by any."""

    what: str
    rows: int
    by_way: dict[str, float]
    stopped: float
    shown: float


def pairs(language: str = "", half: int | None = 1) -> list[dict[str, Any]]:
    """The own-written items; half 0: every second one, on which limits are chosen; 1: the others; None: all."""
    items = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    if language:
        items = [one for one in items if one["language"] == language]
    return items if half is None else [one for place, one in enumerate(items) if place % 2 == half]


def rows_of(texts: Sequence[Pair], start: str, tags: Sequence[Sequence[str]] | None = None) -> Rows:
    rows = Rows.of(*texts).renamed([f"{start}-{n}" for n in range(len(texts))])
    if tags is None:
        return rows
    return rows.tagged({row_id: list(said) for row_id, said in zip(rows.row_id, tags, strict=True)})


def measured(what: str, training: Rows, golden: Rows, own: bool = True) -> Line:
    """own: a row counts by the golden row of the same number only, as a leak does; else by any."""
    found = [one for one in suspects(training, golden, read=read) if not own or _same(one)]
    n = len(training)

    def share(chosen: Iterator[Suspect]) -> float:
        return len({one.training_id for one in chosen}) / n if n else 0.0

    by_way = {
        way: share(one for one in found if any(w.name == way and w.tier != "look-alike" for w in one.ways))
        for way in WAYS
    }
    return Line(what, n, by_way, share(one for one in found if one.tier != "look-alike"), share(iter(found)))


def _same(one: Suspect) -> bool:
    return one.training_id.rpartition("-")[2] == one.golden_id.rpartition("-")[2]


def planted() -> Iterator[Line]:
    """Each item's golden row planted into training in six ways, and its look-alike, which is no leak."""
    items = pairs()
    asked = [(one["prompt"], one["reply"]) for one in items]
    golden = rows_of(asked, "golden")
    tagged = rows_of(asked, "golden", [[f"conversation:{n}"] for n in range(len(items))])
    other = [tuple(one["lookalike"]) for one in items]
    yield measured("exact copy (case, blanks, end stop)", rows_of([_exact(*p) for p in asked], "row"), golden)
    yield measured("near copy (greeting, thanks, a word)", rows_of([_near(*p) for p in asked], "row"), golden)
    yield measured("answer pasted under another question", rows_of([_pasted(*p) for p in asked], "row"), golden)
    named = [[f"derived_from:golden-{n}"] for n in range(len(items))]
    yield measured("other text, tagged derived_from", rows_of(other, "row", named), golden)
    same = [[f"conversation:{n}"] for n in range(len(items))]
    yield measured("other text of the same conversation", rows_of(other, "row", same), tagged)
    for language, name in (("en", "English"), ("de", "German"), ("zh", "Chinese")):
        own = pairs(language)
        held = rows_of([(one["prompt"], one["reply"]) for one in own], "golden")
        told = rows_of([tuple(one["reworded"]) for one in own], "row")
        alike = rows_of([tuple(one["lookalike"]) for one in own], "row")
        yield measured(f"paraphrase, {name}", told, held)
        yield measured(f"NO LEAK: look-alike, {name}", alike, held, own=False)


def _exact(prompt: str, reply: str) -> Pair:
    return f"  {prompt.upper().rstrip('?.')} ", reply.replace(". ", ".  ").rstrip(".")


def _near(prompt: str, reply: str) -> Pair:
    return f"Hello, {prompt[0].lower()}{prompt[1:]}", f"{reply} Thanks"


def _pasted(prompt: str, reply: str) -> Pair:
    return (
        "What else should new colleagues read first?",
        f"Our notes say this, among other things: {reply} More follows.",
    )


def on_real(data: Path, challenge: Path | None) -> Iterator[Line]:
    """Rephrased test sets, and sets without a known leak, where every stopped row is a candidate for a false alarm."""
    if challenge is not None and challenge.exists():
        yield from _challenge(challenge)
    folder = data / "leakage_rephrased"
    if real_sets.present(folder):
        for subject in ("sociology", "abstract_algebra"):
            for language in ("rephrase_english", "chinese"):
                yield from _mmlu(folder, subject, language)
        yield from _code(folder)
    if real_sets.present(data / "banking77"):
        train, test = (_banking(data / "banking77" / f"banking77_{part}.csv") for part in ("train", "test"))
        yield measured("banking77: train against test, no leak known", rows_of(train[:600], "row"),
                       rows_of(test[:150], "golden"), own=False)  # fmt: skip
    clean = real_sets.clean_sets(data)
    for name in ("user_oriented", "halueval", "instruct", "alpaca_zh"):
        if (rows := clean.get(name)) is not None:
            order = random.Random(0).sample(range(len(rows)), min(len(rows), BACKGROUND))
            chosen = [(rows.prompt[i], rows.reply[i]) for i in order if rows.reply[i].strip()]
            cut = len(chosen) // 6
            yield measured(f"{name}: one sixth held out at random", rows_of(chosen[cut:], "row"),
                           rows_of(chosen[:cut], "golden"), own=False)  # fmt: skip


def _challenge(path: Path) -> Iterator[Line]:
    items = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    golden = rows_of([(one["question"], one["reference"]) for one in items], "golden")
    told = [(one["question_rephrased"], one["paraphrase"]) for one in items]
    yield measured("challenge items, question and reply rephrased", rows_of(told, "row"), golden)
    alone = [(one["question_rephrased"], "See below.") for one in items]
    yield measured("challenge items, question alone rephrased", rows_of(alone, "row"), golden)
    slices = [(one["question_same_slice"], "See below.") for one in items]
    yield measured("NO LEAK: challenge items, question of the same slice", rows_of(slices, "row"), golden, own=False)


def _mmlu(folder: Path, subject: str, language: str) -> Iterator[Line]:
    with (folder / f"{subject}_test.csv").open(encoding="utf-8", newline="") as lines:
        asked = [(line[0], line[1 + "ABCD".index(line[5])]) for line in csv.reader(lines)]
    path = folder / f"{subject}_test_{language}_filtered_question.jsonl"
    told = [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
    # without the answer, which stays word for word in these sets and would be found as a copy
    rows = [(text, "A") for text, _ in zip(told, asked, strict=False)]
    half = len(rows) // 2
    golden = rows_of([(question, "A") for question, _ in asked[:half]], "golden")
    name = f"MMLU {subject}, {'English' if language != 'chinese' else 'Chinese against English'}, questions alone"
    yield measured(name, _with_text(rows[:half], 0), golden)
    yield measured(f"NO LEAK: {name}, the other half", _with_text(rows[half:], half), golden, own=False)


def _with_text(rows: Sequence[Pair], start: int) -> Rows:
    ids = [f"row-{start + n}" for n in range(len(rows))]
    return Rows.of(*rows).renamed(ids).keep([bool(prompt.strip()) for prompt, _ in rows])


def _code(folder: Path) -> Iterator[Line]:
    texts = {}
    for name in ("HumanEval", "humaneval_python"):
        lines = (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        texts[name] = [_split(json.loads(line)["text"]) for line in lines]
    golden = rows_of(texts["HumanEval"], "golden")
    yield measured("HumanEval, task and solution rephrased", rows_of(texts["humaneval_python"], "row"), golden)
    nearest = [json.loads(line) for line in (folder / "CodeAlpacaDB.jsonl").read_text(encoding="utf-8").splitlines()]
    for label, verdict in (("judged rephrased", "True"), ("NO LEAK: judged another task", "False")):
        chosen = [one for one in nearest if verdict in str(one["results"])]
        training = rows_of([("Write this function.", _first(one["train"])) for one in chosen], "row")
        yield measured(f"CodeAlpaca's nearest to HumanEval, {label}", training,
                       rows_of([("Write this function.", one["test"]) for one in chosen], "golden"))  # fmt: skip


def _first(text: str) -> str:
    found = json.loads(text) if text.startswith("[") and text.endswith("]") else text
    return found[0] if isinstance(found, list) else str(found)


def _split(text: str) -> Pair:
    head, mark, rest = text.partition('"""')
    told, close, code = rest.partition('"""')
    return (head + mark + told + close, code) if code.strip() else (text[: len(text) // 2], text[len(text) // 2 :])


def _banking(path: Path) -> list[Pair]:
    with path.open(encoding="utf-8", newline="") as lines:
        found = [(line["text"], line["category"]) for line in csv.DictReader(lines)]
    return random.Random(1).sample(found, len(found))


def choose() -> None:
    """Prints recall and false alarms of limits on the half on which they are chosen."""
    for language in ("en", "de", "zh"):
        items = pairs(language, half=0)
        held = read([one["prompt"] for one in items]), read([one["reply"] for one in items])
        print(f"{language}: {len(items)} pairs")
        for limit in (0.5, 0.52, 0.55, 0.58, 0.6, 0.65, 0.7):
            told = []
            for kind in ("reworded", "lookalike"):
                question = read([one[kind][0] for one in items]) @ held[0].T
                reply = read([one[kind][1] for one in items]) @ held[1].T
                off = np.zeros_like(question, bool)
                before, meaning.SUSPECT = meaning.SUSPECT, limit
                _, stops, _ = judged(question, reply, brief=off, wordless=off, blankless=off | (language == "zh"))
                meaning.SUSPECT = before
                told.append(np.diag(stops).mean() if kind == "reworded" else stops.any(axis=1).mean())
            print(f"  from {limit:.2f}: paraphrases {told[0]:.2f}, look-alikes {told[1]:.2f}")


def speed(data: Path) -> None:
    """First and second search of 5,000 training rows against 500 golden rows, through the store's cache."""
    from workbench.store import Store
    from workbench.store.vectors import VectorCache

    clean = real_sets.clean_sets(data)
    texts = [pair for name in ("alpaca_en", "instruct", "halueval", "user_oriented", "alpaca_zh", "chitchat")
             if name in clean for pair in zip(clean[name].prompt, clean[name].reply, strict=True)]  # fmt: skip
    texts = random.Random(0).sample(texts, min(len(texts), 5_500))
    golden, training = rows_of(texts[:500], "golden"), rows_of(texts[500:], "row")
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(folder)
        for call in ("first", "second", "after an edit of 10 rows"):
            cache = VectorCache(store, EMBEDDER, lambda some: vectors_of(some, models_folder() / EMBEDDER), 384)
            rows = training
            if call.startswith("after"):
                rows = training.map_content(lambda text: f"{text} Indeed.", [n < 10 for n in range(len(training))])
            start = time.monotonic()
            found = suspects(rows, golden, read=cache)
            took = time.monotonic() - start
            print(f"{call}: {len(rows):,} x {len(golden):,} rows, {took:.1f} s, {cache.read_now:,} texts read, "
                  f"{sum(one.tier != 'look-alike' for one in found):,} pairs to rule on", flush=True)  # fmt: skip
        store.close()


def table(lines: Sequence[Line]) -> str:
    """A Markdown table; shares in percent, 0 as a blank."""
    head = "| training rows | rows | " + " | ".join(WAYS) + " | **stopped** | stopped or shown |"
    rule = "|---|---|" + "---|" * (len(WAYS) + 2)
    body = [
        f"| {one.what} | {one.rows} | "
        + " | ".join(f"{100 * one.by_way[way]:.0f}" if one.by_way[way] else "" for way in WAYS)
        + f" | **{100 * one.stopped:.0f}** | {100 * one.shown:.0f} |"
        for one in lines
    ]
    return "\n".join([head, rule, *body])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else "")
    parser.add_argument("data", nargs="?", type=Path, default=Path("data/real"))
    parser.add_argument("--challenge", type=Path, help="JSON lines: question, reference, question_rephrased, ...")
    for flag in ("choose", "speed", "write"):
        parser.add_argument(f"--{flag}", action="store_true")
    given = parser.parse_args()
    if given.choose:
        choose()
        return
    if given.speed:
        speed(given.data)
        return
    own = table(list(planted()))
    print(own, flush=True)
    real = table(list(on_real(given.data, given.challenge)))
    print(real)
    if given.write:
        text = PAGE.read_text(encoding="utf-8")
        before, after = text.split(BEGIN)[0], text.split(END)[1]
        said = f"Own-written items (percent of the rows):\n\n{own}\n\nReal sets:\n\n{real}\n"
        PAGE.write_text(f"{before}{BEGIN}\n{said}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
