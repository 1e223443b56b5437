"""Ask a shipment and the run's own model the same questions, and say whether they answer the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evaluators.models import embedded
from training.result import write_whole
from workbench.errors import NotFound
from workbench.settings import Report, models_folder, no_report
from workbench.shipping import shipment as made
from workbench.shipping.proof import PROMPTS, prove
from workbench.store import Store, runs


def check_parity(
    store: Store,
    run_id: int,
    folder: str | Path | None = None,
    *,
    prompts: int = PROMPTS,
    most_tokens: int = 32,
    report: Report = no_report,
) -> Mapping[str, Any]:
    """Whether what lies in the folder (by default the run's own shipment) gives the same tokens as the run.

    `holds`, a `sentence`, and under `forms` each form with its own: prompts with the same answer, the largest
    difference of a score in nats, and the first differing token. Written down with the shipment. Raises NotFound.
    """
    run = runs.get(store, run_id)
    found = made.read(store, run, folder)
    if found is None:
        raise NotFound(f"Run {run_id} was not shipped there yet. Ship it: goldloop ship {run_id} --merge")
    base = str(embedded.resolve(run.plan["model"], models_folder()))
    proved = prove(store, run, base, found.folder, prompts=prompts, most_tokens=most_tokens, report=report)
    facts = json.loads((found.folder / made.MARK).read_text("utf-8"))
    write_whole(found.folder / made.MARK, json.dumps({**facts, "parity": proved}, indent=2))
    return proved
