"""What is said of rows without showing what must not be passed on: their licences, and finds without personal data."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from workbench.rows import Rows

LICENCE_KEYS = ("license", "licence")
HIDDEN = "(left out: personal data)"


def licences_named(rows: Rows) -> list[tuple[str, int]]:
    """How many rows name which licence in their own record."""
    found: Counter[str] = Counter()
    for extra in rows.frame["extra"].to_list():
        if extra and any(f'"{key}"' in extra for key in LICENCE_KEYS):
            record = json.loads(extra)
            found[str(next((record[key] for key in LICENCE_KEYS if record.get(key)), "not named"))[:100]] += 1
    return found.most_common()


def without_personal_data(told: Mapping[str, Any]) -> dict[str, Any]:
    """What the areas tell, with personal data that a model gave out left out: a report goes to many hands."""
    probes = told.get("probes")
    if not probes:
        return dict(told)
    memorised = dict(probes["memorised"])
    for part in ("asked", "begun"):
        one = dict(memorised[part])
        if "personal" not in one:
            continue
        rows = {find["row"] for finds in one["personal"].values() for find in finds}
        one["personal"] = {
            arm: [{"row": find["row"], "kind": find["kind"]} for find in finds]
            for arm, finds in one["personal"].items()
        }
        one["examples"] = [_hidden(example) if example["row"] in rows else example for example in one["examples"]]
        memorised[part] = one
    return {**told, "probes": {**probes, "memorised": memorised}}


def _hidden(example: Mapping[str, Any]) -> dict[str, Any]:
    return {key: HIDDEN if key in ("asked", "answer", "base", "span") else value for key, value in example.items()}
