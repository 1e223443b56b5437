"""The real data sets that benchmarks read, as Rows; a set that is not there is None and said so."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from workbench.rows import Rows

Pair = tuple[str, str]


def say_absent(path: Path) -> None:
    """Says loudly that a measurement is skipped because its data is not here."""
    print(f"SKIPPED: {path} is not here; give the folder of the data sets as the first argument.", file=sys.stderr)


def present(path: Path) -> bool:
    if not path.exists():
        say_absent(path)
    return path.exists()


def _json_lines(path: Path) -> Iterator[Any]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def _alpaca(path: Path) -> list[Pair]:
    with path.open(encoding="utf-8") as file:
        return [("\n".join(filter(None, [r["instruction"], r.get("input", "")])), r["output"]) for r in json.load(file)]


def _self_instruct(path: Path) -> list[Pair]:
    return [
        ("\n".join(filter(None, [r["instruction"], i["input"]])), i["output"])
        for r in _json_lines(path)
        for i in r["instances"]
    ]


def _messages(path: Path) -> list[list[dict[str, Any]]]:
    return [[{"role": m["role"], "content": m["content"]} for m in r["messages"]] for r in _json_lines(path)]


def _chitchat(path: Path) -> list[list[dict[str, Any]]]:
    talks = []
    for record in _json_lines(path):
        turns = [" ".join(m["text"] for m in turn) for turn in record["turns"] if turn]
        turns = turns[: len(turns) // 2 * 2]  # the last turn is a reply
        if turns:
            talks.append([{"role": ("user", "assistant")[i % 2], "content": t} for i, t in enumerate(turns)])
    return talks


def _answers(path: Path) -> list[Pair]:
    return [(r["user_query"], r["chatgpt_response"]) for r in _json_lines(path)]


CLEAN: dict[str, tuple[str, Callable[[Path], Any]]] = {
    "self_instruct": ("golden_eval/self_instruct_seed_tasks_175.jsonl", _self_instruct),
    "user_oriented": ("golden_eval/self_instruct_user_oriented_252.jsonl", _self_instruct),
    "instruct": ("instruct/rasbt_instruction_data_1100.json", _alpaca),
    "alpaca_en": ("llamafactory_formats/alpaca_en_demo.json", _alpaca),
    "alpaca_zh": ("llamafactory_formats/alpaca_zh_demo.json", _alpaca),
    "halueval": ("halueval_general/general_first2000.jsonl", _answers),
    "openai_chat": ("openai_chat_format/toy_chat_fine_tuning.jsonl", _messages),
    "chitchat": ("chitchat_conversations/chitchat_2000.jsonl", _chitchat),
}


def clean_sets(data: Path) -> dict[str, Rows]:
    """Real rows that people wrote or reviewed, by name; each language of languages/ is one set of replies."""
    found = {name: Rows.of(*read(data / path)) for name, (path, read) in CLEAN.items() if present(data / path)}
    if present(data / "languages"):
        for file in sorted((data / "languages").glob("*.txt")):
            lines = file.read_text(encoding="utf-8").splitlines()
            found[f"language {file.stem}"] = Rows.of(*[("", line) for line in lines if line])
    return found


def refusals(data: Path) -> tuple[Rows, list[bool]] | None:
    """XSTest replies and whether people called each a full or partial refusal."""
    folder = data / "xstest_refusals"
    if not present(folder):
        return None
    pairs, truth = [], []
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            for record in csv.DictReader(lines):
                pairs.append((record["prompt"], record["completion"]))
                truth.append("compliance" not in record["final_label"])
    return Rows.of(*pairs), truth


def personal_texts(data: Path) -> list[tuple[str, list[tuple[str, int, int]]]] | None:
    """Texts with their true spans as (entity type, start, end)."""
    path = data / "presidio_pii" / "generated_large.json"
    if not present(path):
        return None
    with path.open(encoding="utf-8") as file:
        return [
            (r["full_text"], [(s["entity_type"], s["start_position"], s["end_position"]) for s in r["spans"]])
            for r in json.load(file)
        ]


def encodings(data: Path) -> dict[str, list[str]] | None:
    """Broken texts by kind, and under "negative" sound ones that look broken."""
    folder = data / "ftfy_mojibake"
    if not present(folder):
        return None
    return {
        file.stem: [r["original"] for r in json.loads(file.read_text(encoding="utf-8"))]
        for file in sorted(folder.glob("*.json"))
    }
