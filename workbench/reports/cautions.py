"""What a reader must know beside the verdict: overrides, looks, deviations, disagreement, forgetting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluators.probes.forgetting import FORGOT
from evaluators.probes.proposals import BY_HEART, PERSONAL


def cautions(
    summary: Mapping[str, Any], told: Mapping[str, Any], *, part: str, newer_golden: str = ""
) -> tuple[str, ...]:
    """Each a sentence, what weighs most first; () where nothing stands against the verdict.

    told: area -> what `told_of` tells. newer_golden: the label of a golden version made since, "" for none.
    """
    said = [*_leaks(told.get("leaks")), *_people(summary, told.get("people")), *_probes(told.get("probes"))]
    if deviations := summary.get("deviations"):
        said.append(f"{_many(len(deviations), 'deviation')} from the plan: listed under What was compared.")
    elif not summary.get("plan_hash"):
        said.append("No plan was stored before the first answer: what decides may have been chosen afterwards.")
    return (*said, *_golden(summary, told.get("golden") or {}, part, newer_golden))


def _leaks(leaks: Mapping[str, Any] | None) -> list[str]:
    if leaks is None:
        return ["The leak guard was not run on the training data, so golden rows in other words may be among them."]
    said = [
        f"Signed override: {one['who']} let training pass on {one['when'][:10]} in spite of "
        f"{_many(one['pairs'], 'pair')} that may give golden rows away: {one['reason']}"
        for one in leaks["overrides"]
    ]
    if not leaks["paraphrases"]["checked"]:
        said.append("Paraphrases of golden rows were not looked for: the embedding model was not there.")
    return said


def _people(summary: Mapping[str, Any], people: Mapping[str, Any] | None) -> list[str]:
    if not people or not people["rounds"]:
        return []
    newest, said = people["rounds"][0], []
    net, ship = newest["pairs"][newest["deciding"]]["net"], summary["verdict"]["ship"]
    if net["high"] is not None and net["high"] < 0 and summary["verdict"]["against_base"] == "better":
        said.append("People and the deciding metric disagree: blind raters prefer the base model's answers.")
    elif ship and net["low"] is not None and net["low"] <= 0:
        said.append("Blind raters do not prefer the tuned model measurably; the recommendation rests on the metric.")
    if newest["flagged"]:
        said.append(
            f"The votes of {', '.join(newest['flagged'])} deserve a second look; the result without them stands under "
            "The result that decides."
        )
    return said


def _probes(probes: Mapping[str, Any] | None) -> list[str]:
    if probes is None:
        return []
    said = []
    if probes["verdict"]["word"] == FORGOT:
        said.append(f"The tuned model lost abilities that the base model has: {probes['verdict']['sentence']}")
    if probes["memorised"]["word"] == PERSONAL:
        said.append("The tuned model gives out personal data from training replies.")
    elif probes["memorised"]["word"] == BY_HEART:
        said.append("The tuned model repeats training replies word for word more often than the base model.")
    return said


def _golden(summary: Mapping[str, Any], golden: Mapping[str, Any], part: str, newer: str) -> list[str]:
    said = []
    look = summary.get("look")
    if look and look.get("over"):
        said.append(
            f"This is look {look['number']} at the sealed rows, past their budget of {look['budget']}: {look['why']}"
        )
    if look and not look["ladder"]["improved"]:
        said.append(f"By the Ladder rule no new best is claimed. {look['ladder']['sentence']}")
    if part == "dev" and golden.get("parts", {}).get("sealed"):
        said.append(
            "These are dev rows, which people read while they mended the data; only a look at the sealed rows confirms."
        )
    elif part == "dev":
        said.append(
            "The golden set has no sealed part: after several rounds of mending by these rows, a gain on them is "
            "partly luck."
        )
    if objected := golden.get("sign_off", {}).get("objected"):
        said.append(f"Somebody objects to {_many(objected, 'golden row')}.")
    if newer:
        said.append(f"{newer} has replaced this golden version since; its figures are not comparable with these.")
    return said


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
