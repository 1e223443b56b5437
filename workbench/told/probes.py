"""What the newest probes of a run found, as plain values for the report."""

from __future__ import annotations

from typing import Any

from workbench.store import Store, probes


def told(store: Store, run_id: int) -> dict[str, Any] | None:
    """What the newest finished probes of a run say, for the report; None where it was never probed.

    JSON-ready: the summary of `evaluators.probes.probe.probe` (verdict {word, sentence, also}, forgetting {areas,
    items}, instructions, refusals, bleed, memorised, ways, proposals, format, precision, probes) with run, model,
    version, and probe, when, who. No golden text is in it; examples hold training rows and the probes' own questions.
    """
    found = probes.newest(store, run_id)
    if found is None or found.summary is None:
        return None
    return {**found.summary, "probe": found.id, "when": found.when, "who": found.who}
