"""What a row demands of its answer, read off its tags and off what the whole dataset demands

Tags of a row: `must:30 days` (a phrase that the answer must hold; `must:30 days|a month` where either will do),
`must-not:guarantee`, `refuse` (the request must be turned down), `answer` (it must not be), `json` (the answer must be
JSON), `format:at most 3 sentences` (any line that `format_rules` understands).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

MUST, MUST_NOT, FORMAT = "must:", "must-not:", "format:"
DEMANDS = (MUST, MUST_NOT, FORMAT)
REFUSE, ANSWER, JSON = "refuse", "answer", "json"


def rules_of(tags: Iterable[str], dataset_rules: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What a row demands: {"must": phrases, "must_not": phrases, "format": lines, "refuse": bool, "json": True,
    "json_schema": object}; a demand that is not made has no key.

    dataset_rules: the same keys, held against every row. A row tagged `refuse` owes the dataset none of its required
    phrases and no format, since a refusal is no such answer; forbidden phrases hold for it too.
    """
    dataset = dict(dataset_rules or {})
    tags = list(tags)
    plain = {tag.strip().casefold() for tag in tags}
    found: dict[str, Any] = {}
    refuses = REFUSE in plain
    for key, mark in (("must", MUST), ("must_not", MUST_NOT), ("format", FORMAT)):
        own = [tag.strip()[len(mark) :].strip() for tag in tags if tag.strip().casefold().startswith(mark)]
        common = [] if refuses and key != "must_not" else list(dataset.get(key) or ())
        if phrases := tuple(dict.fromkeys(one for one in (*common, *own) if one.strip())):
            found[key] = phrases
    if refuses or ANSWER in plain:
        found["refuse"] = refuses
    if not refuses and (dataset.get("json_schema") is not None and dataset["json_schema"] != {}):
        found["json_schema"] = dataset["json_schema"]
    if not refuses and (JSON in plain or dataset.get("json") or "json_schema" in found):
        found["json"] = True
    return found
