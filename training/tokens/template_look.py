"""What a chat template does to a conversation behind one's back, found by rendering small probes through it"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from training.tokens.ends import declared_ends as declared_ends
from training.tokens.ends import end_of_turn as end_of_turn
from training.tokens.ends import other_end, padding_is_end
from training.tokens.openings import LOST, opened_otherwise, text_lost, written_before_replies
from training.tokens.sign import CONTEXT, Sign, around, shown
from training.tokens.sign import rows_said as rows_said
from training.tokens.template import ANSWER, PROBE, Message, Template, Unfit

LATER = "goldloop-later"
THOUGHT = "goldloop-thought"
CLOCK = "strftime_now"  # the one clock that transformers gives to a template
A_DAY = "1 January 2001"  # a date that no template has by itself
GENERATION = re.compile(r"{%-?\s*generation\s*-?%}")


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
        lambda: text_lost(template),
        lambda: system_role(template, has_system),
        lambda: begins_twice(template),
        lambda: added_by_tokenizer(template),
        lambda: begin_left_out(template),
        lambda: end_behind_prompts(template),
        lambda: other_end(template, many_turns),
        lambda: padding_is_end(template),
        lambda: default_system(template) if lacks_system else None,
        lambda: changes_by_day(template, has_system=has_system, lacks_system=lacks_system),
        lambda: trims(template),
        lambda: drops_thinking(template, many_turns, thinking),
        lambda: opened_otherwise(template),
        lambda: written_before_replies(template),
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
        if sign is not None and sign.kind == LOST:
            break  # every other look would be about the same
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


def end_behind_prompts(template: Template) -> Sign | None:
    """An end token that the tokenizer writes behind every text, so behind a prompt, too, in tools that let it."""
    tokenizer = template.tokenizer
    text = template.render([{"role": "user", "content": PROBE}], prompt=True)
    ids = list(tokenizer(text)["input_ids"])
    if tokenizer.eos_token_id is None or ids[-1:] != [tokenizer.eos_token_id] or text.endswith(tokenizer.eos_token):
        return None
    said = (
        f"The tokenizer writes {tokenizer.eos_token} behind every text: a tool that renders first and then tokenizes "
        "in the ordinary way ends each question with it. Goldloop writes none there."
    )
    way_out = "In your own code call apply_chat_template(tokenize=True), or tokenize with add_special_tokens=False."
    return Sign("end elsewhere", "hint", said, " ".join(tokenizer.convert_ids_to_tokens(ids[-3:])), way_out)


def default_system(template: Template) -> Sign | None:
    """A system prompt that the template writes by itself where a conversation has none."""
    added = _system_of_its_own(template) or _before_first_question(template)
    if added is None:
        return None
    said = "Where a row has no system prompt, the chat template writes one of its own."
    way_out = "Give the rows the system prompt that you mean to use, or leave it: evaluation gets the same one."
    return Sign("default system", "hint", said, shown(added), way_out)


def _system_of_its_own(template: Template) -> str | None:
    """What stands in the place of a system prompt where there is none."""
    asked: list[Message] = [{"role": "user", "content": ANSWER}]
    bare = template.render(asked, prompt=True)
    try:
        text = template.render([{"role": "system", "content": PROBE}, *asked], prompt=True)
    except Unfit:
        return None
    head, _, rest = text.partition(PROBE)
    closing = rest.partition(ANSWER)[0]
    if not rest or not closing or not bare.startswith(head) or closing not in bare[len(head) :]:
        return None
    added = bare[len(head) : bare.index(closing, len(head))]
    return added if any(letter.isalnum() for letter in added) else None


def _before_first_question(template: Template) -> str | None:
    """What stands before the first question and not before a second one, where it holds a sentence."""
    turns: list[Message] = [{"role": "user", "content": PROBE}, {"role": "assistant", "content": ANSWER}]
    head, _, rest = template.render([*turns, {"role": "user", "content": LATER}], prompt=True).partition(PROBE)
    between = rest.partition(ANSWER)[2].partition(LATER)[0]
    same = next((at for at in range(len(head)) if between.endswith(head[at:])), len(head))
    added = head[:same].removeprefix(template.tokenizer.bos_token or "")
    text = added
    for control in sorted(template.controls, key=len, reverse=True):
        text = text.replace(control, " ")
    return added if len(text.split()) > 2 else None  # else a mark, or the name of a role


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
    dated = f"{{% macro {CLOCK}(form) %}}{A_DAY}{{% endmacro %}}" + source  # stands before the clock of that name
    other = template.render(turns, prompt=True, source=dated)
    if today == other:
        return None
    at = next(place for place, (mine, its) in enumerate(zip(today, other, strict=False)) if mine != its)
    said = "The chat template writes today's date: the same row renders to other bytes tomorrow."
    way_out = (
        f"Begin the model's chat template with {{% macro {CLOCK}(form) %}}1 January 2026{{% endmacro %}}, with the "
        "date that it shall always show."
    )
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
