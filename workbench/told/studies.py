"""What the studies of a dataset found, for reports."""

from __future__ import annotations

from typing import Any

from workbench.store import Store, studies

MOST = 8  # studies told, the newest first


def told(store: Store, dataset: str) -> dict[str, Any] | None:
    """The finished studies of a dataset, newest first, or None: id, question, version, verdict, sentence, cut, runs."""
    found = [one for one in studies.listed(store, dataset=dataset) if one.result]
    if not found:
        return None
    return {
        "studies": [
            {
                "id": one.id,
                "question": one.settings["title"],
                "version": one.settings["version"],
                "verdict": one.result["verdict"],
                "sentence": one.result["sentence"],
                "cut": one.result["state"] == "cut short",
                "runs": [arm["run"] for arm in one.result["arms"] if arm["run"]],
            }
            for one in found[:MOST]
            if one.result
        ],
        "more": max(0, len(found) - MOST),
    }
