"""The planted faults of data/planted: each check's own file of faulty rows and of look-alikes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.checks.check import Findings
from workbench.checks.context import Context
from workbench.rows import Rows, message
from workbench.sheet import Sheet

FOLDER = Path(__file__).parent.parent / "data" / "planted"
OWN_KEYS = ("messages", "fault", "group")


@dataclass(frozen=True)
class Planted:
    """Rows with the truth. faults: (N,); groups: (N,) a number for rows of which any one may be flagged, or None."""

    rows: Rows
    faults: list[bool]
    groups: list[int | None]
    context: Context


def planted_for(check: str) -> Planted | None:
    """The planted rows of a check; None where there is no file for it."""
    path = FOLDER / f"{check}.jsonl"
    if not path.exists():
        return None
    records = list(_lines(path))
    sheet_file, golden_file = FOLDER / f"{check}.sheet.json", FOLDER / f"{check}.golden.jsonl"
    sheet = Sheet.model_validate_json(sheet_file.read_text(encoding="utf-8")) if sheet_file.exists() else Sheet()
    golden = _rows(list(_lines(golden_file)), "golden") if golden_file.exists() else None
    context = Context(sheet=sheet, golden=golden, benchmark=golden, benchmark_name=golden_file.name if golden else "")
    return Planted(_rows(records), [r["fault"] for r in records], [r.get("group") for r in records], context)


def tally(planted: Planted, findings: Findings) -> tuple[int, int, int]:
    """(faults found, flags, faults); the rows of a group count once."""
    hits, flags, true = set[Any](), set[Any](), set[Any]()
    flagged = findings.flagged.to_list()
    faulty_groups = {g for g, fault in zip(planted.groups, planted.faults, strict=True) if fault and g is not None}
    for place, (flag, fault, group) in enumerate(zip(flagged, planted.faults, planted.groups, strict=True)):
        unit = ("row", place) if group is None else ("group", group)
        is_fault = fault if group is None else group in faulty_groups
        if flag:
            flags.add(unit)
        if is_fault:
            true.add(unit)
        if flag and is_fault:
            hits.add(unit)
    return len(hits), len(flags), len(true)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.strip():
            yield json.loads(line)


def _rows(records: list[dict[str, Any]], kind: str = "planted") -> Rows:
    ready = []
    for number, record in enumerate(records, 1):
        turns = record.get("messages") or [
            {"role": "user", "content": record["prompt"]},
            {"role": "assistant", "content": record["chosen"]},
        ]
        kept = {key: value for key, value in record.items() if key not in (*OWN_KEYS, "prompt", "chosen")}
        messages = [
            message(t["role"], t["content"], {k: v for k, v in t.items() if k not in ("role", "content")})
            for t in turns
        ]
        extra = json.dumps(kept, ensure_ascii=False) if kept else None
        ready.append({"row_id": f"{kind}-{number}", "messages": messages, "line": number, "extra": extra})
    return Rows.from_records(ready)
