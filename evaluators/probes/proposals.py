"""The probes' verdict in a sentence, and what helps, each with its evidence

A proposal says whether its evidence was measured on this adapter or is known from elsewhere; the latter is a reason to
try, not a promise.

Source
    LoRA forgets less with fewer steps and lower rates: Biderman et al. 2024, arXiv 2405.09673. Replay of general rows:
    Scialom et al. 2022, arXiv 2205.12393. Weaker adapters as interpolation: Wortsman et al. 2022, arXiv 2109.01903.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from evaluators.probes.forgetting import FORGOT
from evaluators.probes.passed import LESS, MORE

REPLAY = (0.05, 0.20)  # of the training rows, as general rows beside them
KEPT_GAIN = 0.9  # of the held-out gain over base that a weaker adapter must keep to be called a good trade
MOST_WEAKER = 2  # weaker adapters proposed; the table has them all
LATE = 0.75  # share of the steps; a best step before it says that fewer epochs do
BY_HEART, PERSONAL = "by heart", "personal data"

Proposal = dict[str, Any]


def overall(found: Mapping[str, Any]) -> dict[str, Any]:
    """word ("forgot", "no sign of forgetting", "can't tell") and one sentence that a person reads first."""
    areas = found["forgetting"]["areas"]
    whole, tiers = areas[0], [one for one in areas[1:] if one["verdict"] == FORGOT]
    word = FORGOT if tiers else whole["verdict"]
    parts = [capital(whole["sentence"])]
    if tiers and whole["verdict"] != FORGOT:
        parts.insert(0, f"Forgot in {', '.join(one['area'] for one in tiers)}.")
    elif tiers:
        parts.append(f"It shows in {', '.join(one['area'] for one in tiers)}.")
    also = []
    if found["instructions"]["word"] == LESS:
        also.append("keeps fewer instructions")
    if found["refusals"]["should_refuse"]["word"] == LESS:
        also.append("refuses less of what it should refuse")
    if found["refusals"]["should_answer"]["word"] == MORE:
        also.append("refuses more of what it should answer")
    if found["bleed"]["word"] == MORE:
        also.append("puts the training's phrases into everyday answers")
    if found["memorised"]["word"] in (BY_HEART, PERSONAL):
        also.append("repeats training replies word for word")
    if found["memorised"]["word"] == PERSONAL:
        also.append("gives out personal data from them")
    if also:
        parts.append(f"The tuned model also {listed(also)}.")
    return {"word": word, "sentence": " ".join(parts), "also": also}


def proposals(found: Mapping[str, Any], trained: Mapping[str, Any]) -> list[Proposal]:
    """What helps against what was found, measured things first; empty where nothing needs help.

    Each: what (short), evidence (a sentence with figures), measured (on this adapter, or known from elsewhere), do (a
    command, or "").
    """
    verdict = found["verdict"]
    trouble = verdict["word"] == FORGOT or bool(verdict["also"])
    given = weaker(found["ways"], trained)
    if not trouble:
        return []
    told = given
    if found["memorised"]["word"] == PERSONAL:
        told.append({
            "what": "mask personal data in the training rows", "measured": True,
            "do": "goldloop fix mask_personal_data",
            "evidence": "The tuned model repeats personal data of training replies that its prompt did not say.",
        })  # fmt: skip
    told += fewer_epochs(trained)
    if trained.get("method") != "dora" and not any(one["name"].startswith("scale ") for one in found["ways"]):
        run = trained.get("run", "RUN")
        told.append({
            "what": "try a smaller adapter scale", "measured": False,
            "do": f"goldloop probe {run} --scale 0.5 --scale 0.75",
            "evidence": "Not measured yet: it costs no training, and shows the drift against the held-out loss.",
        })  # fmt: skip
    told += for_next_training(trained)
    return told


def weaker(ways: Sequence[Mapping[str, Any]], trained: Mapping[str, Any]) -> list[Proposal]:
    """Smaller scales and other checkpoints that forget less, those that keep most of what training brought first."""
    base, tuned, *others = ways
    told = []
    for one in others:
        if not better(one, tuned):
            continue
        kept = kept_gain(base, tuned, one)
        trade = kept is not None and kept >= KEPT_GAIN
        what = f"use the adapter at scale {one['scale']:g}" if not one["checkpoint"] else f"use {one['name']}"
        told.append((trade, kept or 0.0, {
            "what": what, "measured": True, "do": weakened(one, trained),
            "evidence": (
                f"{one['accuracy']:.0%} right instead of {tuned['accuracy']:.0%} (base {base['accuracy']:.0%}), "
                f"log P {one['log_p']['difference']:+.2f} instead of {tuned['log_p']['difference']:+.2f} nats, drift "
                f"{one['drift']['difference']:+.2f} instead of {tuned['drift']['difference']:+.2f} nats"
                + held_words(base, tuned, one, kept) + (": a good trade." if trade else ".")
            ),
        }))  # fmt: skip
    told.sort(key=lambda one: (not one[0], -one[1]))
    return [proposal for _, _, proposal in told[:MOST_WEAKER]]


def weakened(one: Mapping[str, Any], trained: Mapping[str, Any]) -> str:
    """How a weaker adapter is made of the one that there is, in words; "" for a checkpoint."""
    alpha = trained.get("alpha")
    if one["checkpoint"] or not alpha:
        return ""
    if trained.get("method") == "full":
        return f"mix the weights: base + {one['scale']:g} x (tuned - base), for each weight of the whole model"
    return f'set "lora_alpha" to {alpha * one["scale"]:g} (now {alpha:g}) in the adapter\'s adapter_config.json'


def better(one: Mapping[str, Any], tuned: Mapping[str, Any]) -> bool:
    """Whether a way keeps more of the right answers' probability than the adapter as trained."""
    return bool(one["log_p"]["difference"] > tuned["log_p"]["difference"])


def kept_gain(base: Mapping[str, Any], tuned: Mapping[str, Any], one: Mapping[str, Any]) -> float | None:
    """Share of the fall of the held-out loss that a way keeps; None where training brought none."""
    if base["held_out"] is None or tuned["held_out"] is None or one["held_out"] is None:
        return None
    gain = base["held_out"] - tuned["held_out"]
    return (base["held_out"] - one["held_out"]) / gain if gain > 0 else None


def held_words(base: Mapping[str, Any], tuned: Mapping[str, Any], one: Mapping[str, Any], kept: float | None) -> str:
    """The held-out loss of a way beside the others', in words."""
    if one["held_out"] is None:
        return ""
    share = "" if kept is None else f", {kept:.0%} of the gain"
    return f"; held-out loss {one['held_out']:.2f} (tuned {tuned['held_out']:.2f}, base {base['held_out']:.2f}{share})"


def fewer_epochs(trained: Mapping[str, Any]) -> list[Proposal]:
    """Fewer epochs, where the run's own validation loss says so."""
    steps, best = trained.get("steps"), trained.get("best_step")
    if not steps or best is None or best > LATE * steps or not trained.get("epochs"):
        return []
    epochs = max(0.5, round(trained["epochs"] * best / steps * 2) / 2)
    return [{
        "what": f"train fewer epochs ({epochs:g} instead of {trained['epochs']:g})", "measured": True,
        "do": f"goldloop train --set epochs={epochs:g}",
        "evidence": f"The validation loss was lowest at step {best} of {steps}; later steps brought no gain there.",
    }]  # fmt: skip


def for_next_training(trained: Mapping[str, Any]) -> list[Proposal]:
    """What is known to help from elsewhere and needs a new training: a lower rate, replay rows."""
    told: list[Proposal] = []
    if rate := trained.get("learning_rate"):
        told.append({
            "what": f"lower the learning rate ({rate:g} to {rate / 2:g} or less)", "measured": False,
            "do": f"goldloop train --set learning_rate={rate / 2:g}",
            "evidence": "Known from elsewhere: forgetting grows with rate times steps. Try it and probe that run.",
        })  # fmt: skip
    if rows := trained.get("rows"):
        low, high = (ceil(share * rows) for share in REPLAY)
        told.append({
            "what": f"mix in {low} to {high} general rows (5 to 20 % of {rows})", "measured": False, "do": "",
            "evidence": "Known from elsewhere: everyday questions with good answers, in no house style, keep skills "
            "and stop the style from spreading. Not the probes themselves: they would no longer measure anything.",
        })  # fmt: skip
    return told


def listed(parts: Sequence[str]) -> str:
    """a, b and c."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]
