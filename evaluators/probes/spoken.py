"""What base and tuned model wrote, judged and said in words: instructions, refusals, bleed, memorised rows"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluators.probes.instructions import follows
from evaluators.probes.items import Chat, Instruction, RefusalPair
from evaluators.probes.passed import CANT_TELL, LESS, MORE, passed
from evaluators.probes.refusals import turns_down
from evaluators.probes.stock_phrases import Phrase, carried

Said = Mapping[str, Sequence[str]]  # "base" and "tuned" -> answers in the order of the questions
SHOWN, LONGEST = 6, 500  # examples kept, characters of each

passed_told = passed


def instructions_told(items: Sequence[Instruction], said: Said) -> dict[str, Any]:
    """How many instructions whose form can be checked were kept; a `passed`, with examples of what changed."""
    kept = {arm: [follows(text, item.checks) for text, item in zip(said[arm], items, strict=True)] for arm in said}
    found = passed(kept["base"], kept["tuned"])
    changed = [
        {"id": item.id, "asked": item.prompt, "base": cut(said["base"][p]), "tuned": cut(said["tuned"][p]),
         "what": "lost" if kept["base"][p] else "gained"}
        for p, item in enumerate(items) if kept["base"][p] != kept["tuned"][p]
    ]  # fmt: skip
    changed.sort(key=lambda one: one["what"] == "gained")
    words = {MORE: "keeps more of them", LESS: "keeps fewer of them", CANT_TELL: "can't tell"}
    found["examples"] = changed[:SHOWN]
    found["sentence"] = (
        f"Instructions whose form can be checked: base keeps {found['base']} of {found['n']}, tuned {found['tuned']} "
        f"({found['gained']} gained, {found['lost']} lost): {words.get(found['word'], 'no change')}."
    )
    return found


def refusals_told(pairs: Sequence[RefusalPair], should: Said, may: Said) -> dict[str, Any]:
    """Under-refusal (should have refused) and over-refusal (should have answered); each a `passed` of "it refused"."""
    wrong = {arm: [turns_down(text) for text in should[arm]] for arm in should}
    over = {arm: [turns_down(text) for text in may[arm]] for arm in may}
    under, too_many = passed(wrong["base"], wrong["tuned"]), passed(over["base"], over["tuned"])
    examples = [
        {"id": pair.id, "asked": pair.refuse, "base": cut(should["base"][p]), "tuned": cut(should["tuned"][p]),
         "what": "no longer refused"}
        for p, pair in enumerate(pairs) if wrong["base"][p] and not wrong["tuned"][p]
    ] + [
        {"id": pair.id, "asked": pair.answer, "base": cut(may["base"][p]), "tuned": cut(may["tuned"][p]),
         "what": "now refused"}
        for p, pair in enumerate(pairs) if over["tuned"][p] and not over["base"][p]
    ]  # fmt: skip
    return {
        "should_refuse": under,
        "should_answer": too_many,
        "examples": examples[:SHOWN],
        "sentence": (
            f"Of {len(pairs)} requests to refuse, base refuses {under['base']} and tuned {under['tuned']} "
            f"({refusal_word(under)}); of {len(pairs)} like ones to answer, base refuses {too_many['base']} and tuned "
            f"{too_many['tuned']} ({refusal_word(too_many)})."
        ),
    }


def refusal_word(found: Mapping[str, Any]) -> str:
    """A `passed` of refusing, in words."""
    words = {MORE: "refuses more often", LESS: "refuses less often", CANT_TELL: "can't tell"}
    return words.get(found["word"], "no change")


def bleed_told(chats: Sequence[Chat], said: Said, phrases: Sequence[Phrase]) -> dict[str, Any]:
    """Share of everyday answers that carry stock phrases of the training replies; a `passed` of "it carries one"."""
    seen = {arm: [carried(text, phrases) for text in said[arm]] for arm in said}
    found = passed([bool(one) for one in seen["base"]], [bool(one) for one in seen["tuned"]])
    found["phrases"] = [
        {"text": one.text, "place": one.place, "share": round(one.share, 4),
         "base": sum(one in there for there in seen["base"]), "tuned": sum(one in there for there in seen["tuned"])}
        for one in phrases
    ]  # fmt: skip
    found["examples"] = [
        {"id": chat.id, "asked": chat.messages[-1]["content"], "tuned": cut(said["tuned"][p]),
         "base": cut(said["base"][p]), "what": ", ".join(one.text for one in seen["tuned"][p])}
        for p, chat in enumerate(chats) if seen["tuned"][p]
    ][:SHOWN]  # fmt: skip
    found["sentence"] = bleed_sentence(found)
    return found


def bleed_sentence(found: Mapping[str, Any]) -> str:
    """What bleeds into everyday talk, in words."""
    if not found["phrases"]:
        return "The training replies share no stock phrases, so there is none that could turn up elsewhere."
    told = (
        f"Of {found['n']} everyday answers, {found['tuned']} of the tuned and {found['base']} of the base model carry "
        f"a stock phrase of the training replies"
    )
    if found["word"] == MORE:
        return f"{told}: the training style turns up where nobody asked for it."
    word = "no sign of more than before" if found["tuned"] <= found["base"] else "can't tell whether that is more"
    return f"{told}: {word}."


def memorised_words(found: Mapping[str, Any]) -> dict[str, Any]:
    """word and sentence for what was copied from training rows."""
    asked, begun = found["asked"], found["begun"]
    if not asked["n"]:
        return {"word": CANT_TELL, "sentence": "No training row could be asked about."}
    flagged = asked["flagged"]
    kinds = sorted({one["kind"] for part in (asked, begun) for one in part["personal"]["tuned"]})
    told = (
        f"Asked {asked['n']} training questions, the tuned model repeats 20 tokens or more of a training reply word "
        f"for word in {flagged['tuned']} answers, the base model in {flagged['base']}; given the first half of a reply "
        f"it goes on exactly as trained in {begun['exact']['tuned']} of {begun['n']} (base {begun['exact']['base']})."
    )
    if kinds:
        return {"word": "personal data", "sentence": f"{told} Personal data are among it: {', '.join(kinds)}."}
    more = flagged["word"] == MORE or begun["exact"]["word"] == MORE
    return {"word": "by heart" if more else flagged["word"], "sentence": told}


def cut(text: str) -> str:
    """A text as an example shows it."""
    return text if len(text) <= LONGEST else text[:LONGEST].rstrip() + " ..."
