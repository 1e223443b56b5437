"""What a chat template does to a conversation behind one's back, found by rendering small probes through it"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from training.tokens.template import PROBE, Message, Template, Unfit

ANSWER = "goldloop-answer"  # stands for a reply; like PROBE a word that no template contains
LATER = "goldloop-later"
THOUGHT = "goldloop-thought"
CONTEXT = 24  # characters of the rendered text shown on either side of what a finding is about
CLOCK = "strftime_now("  # the one clock that transformers gives to a template
A_DAY = "1 January 2001"  # a date that no template has by itself
GENERATION = re.compile(r"{%-?\s*generation\s*-?%}")


@dataclass(frozen=True)
class Sign:
    """One thing that the template, or the rows as it renders them, do: what, the very text as evidence, the way out.

    rows: the ids of the rows it is about; empty when it is about the template alone.
    """

    kind: str
    severity: Literal["error", "warning", "hint"]
    text: str
    evidence: str
    way_out: str
    rows: tuple[str, ...] = ()
    stops: bool = False


def look_at(
    template: Template,
    *,
    has_system: bool = False,
    lacks_system: bool = True,
    many_turns: bool = False,
    thinking: bool = False,
) -> list[Sign]:
    """What there is to know of a template before a run.

    has_system, lacks_system: whether some row has a system prompt, or none; many_turns: whether one has two replies;
    thinking: whether a reply has some.
    """
    looks: tuple[Callable[[], Sign | None], ...] = (
        lambda: system_role(template, has_system),
        lambda: begins_twice(template),
        lambda: added_by_tokenizer(template),
        lambda: begin_left_out(template),
        lambda: other_end(template),
        lambda: padding_is_end(template),
        lambda: default_system(template) if lacks_system else None,
        lambda: changes_by_day(template, has_system=has_system, lacks_system=lacks_system),
        lambda: trims(template),
        lambda: drops_thinking(template, many_turns, thinking),
        lambda: no_generation_mark(template),
    )
    found: list[Sign] = []
    for look in looks:
        try:
            sign = look()
        except Unfit:  # the template refuses the probe: then it does not do to it what the look asks for
            continue
        if sign is not None:
            found.append(sign)
    return found


def system_role(template: Template, wanted: bool) -> Sign | None:
    """Whether a system prompt is refused, dropped, or put into the user's turn; an error where rows have one."""
    severity: Literal["error", "hint"] = "error" if wanted else "hint"
    way_out = "Move the system text into the first user turn, or choose another base model."
    asked: list[Message] = [{"role": "user", "content": ANSWER}]
    try:
        text = template.render([{"role": "system", "content": PROBE}, *asked], prompt=True)
    except Unfit as refusal:
        said = f"The chat template takes no system prompt: {refusal}."
        return Sign("system refused", severity, said, str(refusal), way_out, stops=wanted)
    if PROBE not in text:
        said = "The chat template silently drops the system prompt."
        return Sign("system dropped", severity, said, text, way_out, stops=wanted)
    before = template.render([{"role": "user", "content": PROBE}], prompt=True).partition(PROBE)[0]
    if wanted and text.startswith(before + PROBE):
        said = "The chat template puts the system prompt into the user's turn: the model sees them as one text."
        return Sign("system merged", "hint", said, around(text, PROBE), "Nothing to do; evaluation does the same.")
    return None


def begins_twice(template: Template) -> Sign | None:
    bos = template.tokenizer.bos_token
    text = template.render([{"role": "user", "content": PROBE}], prompt=True)
    if not bos or not text.startswith(bos * 2):
        return None
    said = f"The chat template begins a text twice ({bos * 2}); a model has never seen that."
    return Sign("begins twice", "error", said, shown(text), f"Take one {bos} out of the chat template.", stops=True)


def added_by_tokenizer(template: Template) -> Sign | None:
    """Whether a tool that tokenizes the rendered text in the ordinary way would begin it twice."""
    tokenizer = template.tokenizer
    text = template.render([{"role": "user", "content": PROBE}], prompt=True)
    ids = list(tokenizer(text)["input_ids"])[:3]
    bos = tokenizer.bos_token_id
    if bos is None or ids[:2] != [bos, bos] or text.startswith(tokenizer.bos_token * 2):
        return None
    said = (
        f"Template and tokenizer both write {tokenizer.bos_token}: a tool that renders first and then tokenizes in the "
        "ordinary way begins every text twice. Goldloop trains and evaluates with one."
    )
    way_out = "In your own code call apply_chat_template(tokenize=True), or tokenize with add_special_tokens=False."
    return Sign("doubled elsewhere", "hint", said, " ".join(tokenizer.convert_ids_to_tokens(ids)), way_out)


def begin_left_out(template: Template) -> Sign | None:
    """A begin token that the tokenizer writes and the chat template does not: runners differ in which one they obey."""
    tokenizer = template.tokenizer
    text = template.render([{"role": "user", "content": PROBE}], prompt=True)
    bos, ids = tokenizer.bos_token_id, list(tokenizer(text)["input_ids"])
    if bos is None or ids[:1] != [bos] or text.startswith(tokenizer.bos_token):
        return None
    said = (
        f"The tokenizer writes {tokenizer.bos_token} before a text, the chat template does not: Goldloop trains and "
        "evaluates without it, as apply_chat_template does; a runner that tokenizes in the ordinary way adds it."
    )
    way_out = (
        f"Begin the chat template with {{{{ bos_token }}}} if the base model was tuned with {tokenizer.bos_token}."
    )
    return Sign("begin left out", "warning", said, " ".join(tokenizer.convert_ids_to_tokens(ids[:3])), way_out)


def end_of_turn(template: Template) -> str | None:
    """The control token that ends a reply, as the template writes it; None when there is none."""
    turns = [{"role": "user", "content": PROBE}, {"role": "assistant", "content": ANSWER}]
    tail = template.render(turns).rpartition(ANSWER)[2]
    found = [(tail.find(control), -len(control), control) for control in template.controls if control in tail]
    return min(found)[2] if found else None


def other_end(template: Template) -> Sign | None:
    """An end of turn at which others would not stop: it is not among the ends that the model's files name."""
    end = end_of_turn(template)
    if end is None:
        said = "The chat template closes a reply with no special token, so the model cannot learn to stop."
        tail = template.render([{"role": "user", "content": PROBE}, {"role": "assistant", "content": ANSWER}])
        way_out = "Choose a base model whose template has an end of turn."
        return Sign("no end of turn", "error", said, around(tail, ANSWER), way_out, stops=True)
    ends = declared_ends(template)
    mine = template.controls[end]
    if not ends or mine in ends:
        return None
    names = ", ".join(str(one) for one in template.tokenizer.convert_ids_to_tokens(sorted(ends)))
    said = (
        f"Replies end with {end}, but the model's files name {names} as the end: a program that goes by them would "
        "not stop after a reply. Goldloop's evaluation stops at both."
    )
    way_out = f"Give {end} as a stop word where you serve the model, or set eos_token_id in generation_config.json."
    return Sign("other end of turn", "warning", said, f"{end} = {mine}; named: {sorted(ends)}", way_out)


def declared_ends(template: Template) -> set[int]:
    """The end tokens that the model's generation_config.json names; without that file, the tokenizer's own."""
    folder = Path(str(template.tokenizer.name_or_path or ""))
    for name in ("generation_config.json", "config.json"):
        try:
            named = json.loads((folder / name).read_text("utf-8")).get("eos_token_id")
        except (OSError, ValueError, AttributeError):
            continue
        if named is not None:
            return set(named if isinstance(named, list) else [named])
    own = template.tokenizer.eos_token_id
    return set() if own is None else {own}


def padding_is_end(template: Template) -> Sign | None:
    end, padding = end_of_turn(template), template.tokenizer.pad_token
    if end is None or padding != end:
        return None
    said = (
        f"Padding and the end of turn are the same token ({end}). Goldloop labels the end of every reply all the same; "
        "a trainer that masks padding by its number would never teach the model to stop."
    )
    way_out = "Nothing to do here. Elsewhere, set another padding token before training on these rows."
    return Sign("padding is the end", "hint", said, f"pad = {end} = {template.tokenizer.pad_token_id}", way_out)


def default_system(template: Template) -> Sign | None:
    """A system prompt that the template writes by itself where a conversation has none."""
    asked: list[Message] = [{"role": "user", "content": ANSWER}]
    bare = template.render(asked, prompt=True)
    head, _, rest = template.render([{"role": "system", "content": PROBE}, *asked], prompt=True).partition(PROBE)
    closing = rest.partition(ANSWER)[0]
    if not rest or not closing or not bare.startswith(head) or closing not in bare[len(head) :]:
        return None
    added = bare[len(head) : bare.index(closing, len(head))]
    if not any(letter.isalnum() for letter in added):
        return None
    said = "Where a row has no system prompt, the chat template writes one of its own."
    way_out = "Give the rows the system prompt that you mean to use, or leave it: evaluation gets the same one."
    return Sign("default system", "hint", said, shown(added), way_out)


def changes_by_day(template: Template, *, has_system: bool = False, lacks_system: bool = True) -> Sign | None:
    """Today's date in the rendered text of rows like these: what is trained today is not what is asked tomorrow.

    Some templates write it into their default system prompt only, so rows that bring their own one are not touched.
    """
    asked: list[Message] = [{"role": "user", "content": PROBE}]
    own: list[Message] = [{"role": "system", "content": ANSWER}, *asked]
    looks = [turns for turns, wanted in ((asked, lacks_system), (own, has_system)) if wanted]
    return next((sign for turns in looks if (sign := _dated(template, turns)) is not None), None)


def _dated(template: Template, turns: list[Message]) -> Sign | None:
    source = str(template.tokenizer.get_chat_template())
    if CLOCK not in source:
        return None
    today = template.render(turns, prompt=True)
    dated = f"{{% macro a_day(form) %}}{A_DAY}{{% endmacro %}}" + source.replace(CLOCK, "a_day(")
    other = template.render(turns, prompt=True, source=dated)
    if today == other:
        return None
    at = next(place for place, (mine, its) in enumerate(zip(today, other, strict=False)) if mine != its)
    said = "The chat template writes today's date: the same row renders to other bytes tomorrow."
    way_out = "Replace strftime_now in the model's chat template by a fixed date before training."
    return Sign("changes by day", "warning", said, shown(today[max(0, at - CONTEXT) : at + CONTEXT]), way_out)


def trims(template: Template) -> Sign | None:
    """Blanks and line breaks at the ends of a reply that do not arrive."""
    text = template.render([{"role": "user", "content": PROBE}, {"role": "assistant", "content": f"\n  {ANSWER} \n"}])
    if f"\n  {ANSWER} \n" in text:
        return None
    said = "The chat template strips blanks and line breaks at the ends of a reply."
    return Sign("trims", "hint", said, around(text, ANSWER), "Nothing to do, unless such blanks matter in your format.")


def drops_thinking(template: Template, many_turns: bool, thinking: bool = False) -> Sign | None:
    """Thinking (<think>...</think>) that is left out of replies before the last one, or of all."""
    thought = f"<think>\n{THOUGHT}\n</think>\n\n{ANSWER}"
    turns = [
        {"role": "user", "content": PROBE},
        {"role": "assistant", "content": thought},
        {"role": "user", "content": PROBE},
        {"role": "assistant", "content": thought.replace(ANSWER, LATER)},
    ]
    text = template.render(turns)
    times = text.count(THOUGHT)
    if times == 2:
        return None
    which = "earlier replies" if times else "every reply"
    said = f"The chat template leaves the thinking (<think>) out of {which}."
    if many_turns and times:
        said += " In rows with several replies that have some, only the last reply can be trained as it is read later."
    evidence = around(text, ANSWER)
    if thinking and not times:
        said += " Your replies hold some: it would not be trained."
        return Sign("drops thinking", "warning", said, evidence, "Choose a base model whose template keeps it.")
    return Sign("drops thinking", "hint", said, evidence, "Nothing to do, unless your replies hold thinking.")


def no_generation_mark(template: Template) -> Sign | None:
    """No mark of what the assistant says: trainers that go by it refuse, or train on everything."""
    source = template.tokenizer.chat_template
    texts = source.values() if isinstance(source, dict) else [source]
    if any(GENERATION.search(str(text)) for text in texts):
        return None
    said = (
        "The chat template has no generation mark ({% generation %}). Goldloop finds the replies itself; a trainer "
        "that needs the mark (TRL's assistant_only_loss) refuses this template or trains on the questions too."
    )
    evidence = shown(str(next(iter(texts)))[: 2 * CONTEXT])
    return Sign("no generation mark", "hint", said, evidence, "Nothing to do here.")


def shown(text: str) -> str:
    """A piece of rendered text on one line."""
    return json.dumps(text, ensure_ascii=False)[1:-1].replace('\\"', '"')


def around(text: str, word: str) -> str:
    """The rendered text around a word."""
    at = text.find(word)
    return shown(text[max(0, at - CONTEXT) : at + len(word) + CONTEXT])


def rows_said(rows: Sequence[str], most: int = 5) -> str:
    """Some row ids: "r1, r2 and 7 more"."""
    more = f" and {len(rows) - most:,} more" if len(rows) > most else ""
    return ", ".join(rows[:most]) + more
