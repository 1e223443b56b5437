"""One conversation through the model's own chat template: its text, its tokens, and which of them are replies"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from training.errors import ModelError, TemplateError
from training.tokens.calls import calls_of, names_of, rendered, without_calls
from training.tokens.learned import context_mark
from training.tokens.tools import BadTools, tools_of

MASKED = -100  # the label that a loss leaves out, in torch and transformers alike
PROBE = "goldloop-probe"  # a word no template contains, to see whether a role is rendered
ANSWER = "goldloop-answer"  # stands for a reply; like PROBE a word that no template contains
# What a template's own arithmetic, look-ups and loops may raise beside Jinja's errors; the sandbox stops long ranges.
FAILURES = (ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError)
# A row's own text in JSON can grow by escapes; the longest system prompts of templates have some 10,000 characters.
MOST_OWN, MOST_TIMES = 1_000_000, 20

Message = dict[str, Any]


class Unfit(Exception):
    """Why one row cannot be trained on; the other rows still can."""


@dataclass(frozen=True)
class Labelled:
    """Ids and labels of a whole conversation, equally long."""

    ids: list[int]
    labels: list[int]
    last_reply_only: bool  # the template shows earlier replies in another way than it opens them at inference


@dataclass(frozen=True)
class Template:
    """A tokenizer with its chat template and its control tokens, by text.

    closes: whether the template writes a control token behind a reply. If not, the tokenizer's own end token closes the
    last reply of a row. tools: what the row at hand offers (`offering`); it is given to the chat template.
    """

    tokenizer: Any
    name: str
    controls: Mapping[str, int]
    closes: bool = True
    tools: list[dict[str, Any]] | None = None

    @classmethod
    def of(cls, tokenizer: Any) -> Template:
        """Raises TemplateError when the tokenizer has no chat template, or several and none by default."""
        name = str(tokenizer.name_or_path or "this model")
        if not tokenizer.chat_template:
            raise TemplateError(
                f"{name} has no chat template, so there is no agreed way to show it a conversation. "
                "Choose an instruct or chat variant of the model."
            )
        if isinstance(tokenizer.chat_template, dict) and "default" not in tokenizer.chat_template:
            names = ", ".join(sorted(tokenizer.chat_template))
            raise TemplateError(
                f"{name} has several chat templates ({names}) and none of them is the default. Name one of them "
                '"default" in the folder of the model.'
            )
        controls = {str(token): place for place, token in tokenizer.added_tokens_decoder.items() if token.special}
        for token in tokenizer.all_special_tokens:
            controls.setdefault(token, tokenizer.convert_tokens_to_ids(token))
        bare = cls(tokenizer, name, controls)
        closing = bare.closing()
        if closing is None or any(control in closing for control in controls):
            return bare
        # Some tokenizers hold the end of turn as an ordinary added token; runs of blanks are such tokens, too.
        added = {str(token): place for place, token in tokenizer.added_tokens_decoder.items() if str(token).strip()}
        ends = [(closing.find(one), -len(one), one) for one in added if one in closing]
        if not ends:
            return cls(tokenizer, name, controls, closes=False)
        end = min(ends)[2]
        return cls(tokenizer, name, controls | {end: added[end]})

    def offering(self, given: Any) -> Template:
        """The template for a row with these tools, as a table holds them. Raises Unfit where they are none."""
        try:
            tools = tools_of(given)
        except BadTools as problem:
            raise Unfit(str(problem)) from None
        return self if tools is None else replace(self, tools=tools)

    def closing(self) -> str | None:
        """What the template writes behind the last reply; None where it takes no plain question and reply."""
        try:
            text = self.render([{"role": "user", "content": PROBE}, {"role": "assistant", "content": ANSWER}])
        except Unfit:
            return None
        _, found, tail = text.rpartition(ANSWER)
        return tail if found else None

    def render(self, messages: Sequence[Message], *, prompt: bool = False, source: str | None = None) -> str:
        """The text of a conversation; with `prompt` and the opening of the next reply, as at inference.

        source: another chat template than the model's own, for looks that change one thing in it.
        """
        from jinja2 import TemplateError as Refusal

        offered = {} if self.tools is None else {"tools": self.tools}
        asked = {"tokenize": False, "add_generation_prompt": prompt, "chat_template": source, **offered}
        try:
            text = rendered(lambda turns: str(self.tokenizer.apply_chat_template(list(turns), **asked)), messages)
        except (Refusal, *FAILURES) as problem:
            raise Unfit(f"the chat template refuses it: {problem or type(problem).__name__}") from problem
        given = sum(len(str(message)) for message in messages) + len(str(self.tools or ""))
        if len(text) > MOST_OWN + MOST_TIMES * given:
            raise Unfit(f"the chat template writes {len(text):,} characters for a row of {given:,}")
        return text

    def tokens(self, text: str) -> list[int]:
        """Ids of an already rendered text: nothing is added, so that a begin token is never doubled."""
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])


def tokenizer_for(model: str | Path) -> Any:
    """The tokenizer of a model, ready to encode. Raises ModelError, TemplateError."""
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(str(model), trust_remote_code=False)
    except (OSError, ValueError, KeyError) as problem:
        raise ModelError(
            f"the tokenizer of {model} cannot be read: {str(problem).strip().splitlines()[0]} "
            "Give a folder in the Hugging Face layout or a hub name."
        ) from problem
    template = Template.of(tokenizer)
    if tokenizer.pad_token_id is None:  # any token is safe: labels are ours, and padding never gets one
        tokenizer.pad_token = tokenizer.eos_token or next(iter(template.controls), tokenizer.convert_ids_to_tokens(0))
    return tokenizer


def check_system_role(template: Template) -> None:
    """Nothing when the template renders system messages; TemplateError when it refuses or ignores them."""
    probe = [{"role": "system", "content": PROBE}, {"role": "user", "content": "a"}]
    way_out = "Move the system text into the first user turn, or choose another base model."
    try:
        text = template.render(probe, prompt=True)
    except Unfit as refusal:
        raise TemplateError(f"{template.name} takes no system messages: {refusal}. {way_out}") from None
    if PROBE not in text:
        raise TemplateError(f"the chat template of {template.name} silently leaves out system messages. {way_out}")


def label(messages: Sequence[Message], template: Template) -> Labelled:
    """A conversation as tokens; those of each reply, with its one end-of-turn token, carry themselves as label.

    The tokens before a reply are the very tokens that inference would be given. Where the template closes a reply with
    no token of its own, the text ends behind the last reply, with the tokenizer's end token; earlier replies have no
    end. Replies marked as context only (weight 0) are read and not learned. Raises Unfit for a row that cannot be
    trained on, TemplateError when no row could.
    """
    said = [place for place, message in enumerate(messages) if message.get("role") == "assistant"]
    replies = [place for place in said if context_mark(messages[place]) is None]
    if said and not replies:
        raise Unfit(f"every reply of it is marked as context only ({context_mark(messages[said[-1]])})")
    _check_contents(messages, replies, template)
    full = template.render(messages)
    _check_calls(messages, full, template)
    _check_roles(messages, template)
    spans = [_span(messages, place, full, template) for place in replies]
    if spans[-1] is None:
        raise Unfit("the chat template renders the reply in another way than it opens it at inference")
    known = [span for span in spans if span is not None]
    last_only = len(known) < len(spans)
    if last_only:
        known = [spans[-1]]
    end = [] if template.closes else [_end_token(template)]
    if end:
        full = full[: known[-1][1]]
    ids, cuts = _cut_tokens(full, [place for span in known for place in span], template)
    labels = [MASKED] * len(ids)
    for begin, after in zip(cuts[::2], cuts[1::2], strict=True):
        if template.closes and ids[begin:after].count(ids[after - 1]) != 1:
            raise Unfit("a reply has more than one end-of-turn token")
        labels[begin:after] = ids[begin:after]
    begin_token = template.tokenizer.bos_token_id
    if len(ids) > 1 and begin_token is not None and ids[0] == ids[1] == begin_token:
        twice = template.tokenizer.bos_token * 2
        raise TemplateError(f"the chat template of {template.name} begins a text twice ({twice}). Take one out of it.")
    return Labelled(ids + end, labels + end, last_only)


def _end_token(template: Template) -> int:
    """The tokenizer's own end token, for a template that closes a reply with none. Raises TemplateError."""
    if template.tokenizer.eos_token_id is None:
        raise TemplateError(
            f"the chat template of {template.name} closes a reply with no special token and its tokenizer names no end "
            "token, so the model could not learn to stop. Choose a base model that has one."
        )
    return int(template.tokenizer.eos_token_id)


def _check_contents(messages: Sequence[Message], replies: Sequence[int], template: Template) -> None:
    if not replies:
        raise Unfit("there is no reply to learn from")
    for place, message in enumerate(messages, start=1):
        content = message.get("content")
        if content is not None and not isinstance(content, str):
            raise Unfit(f"message {place} is not plain text")
        said = (content or "") + json.dumps({**message, "content": ""}, ensure_ascii=False, default=str)
        held = next((control for control in template.controls if control in said), None)
        if held is not None:
            raise Unfit(f"message {place} holds the control token {held}, which would end or open a turn")
    offered = json.dumps(template.tools, ensure_ascii=False, default=str)
    held = next((control for control in template.controls if control in offered), None) if template.tools else None
    if held is not None:
        raise Unfit(f"its tools hold the control token {held}, which would end or open a turn")
    for place in replies:
        if not (messages[place].get("content") or "").strip() and not calls_of(messages[place]):
            raise Unfit(f"message {place + 1}, a reply, is empty")


def _check_calls(messages: Sequence[Message], full: str, template: Template) -> None:
    """Unfit when a message's tool calls leave no trace in the text: the model would learn a reply without its call."""
    for place, message in enumerate(messages):
        if not calls_of(message):
            continue
        try:
            bare = template.render([*messages[:place], without_calls(message), *messages[place + 1 :]])
        except Unfit:
            continue  # refused without the calls, so it reads them
        if bare == full:
            raise Unfit(
                f"the model's chat template has no place for tool calls: those of message {place + 1} would be lost"
            )


def _check_roles(messages: Sequence[Message], template: Template) -> None:
    """Unfit when the template silently leaves out a message such as a tool's answer or a later system text."""
    usual = {(True, "system"), (True, "user"), (False, "user"), (True, "assistant"), (False, "assistant")}
    for place, message in enumerate(messages):
        if (place == 0, message.get("role")) in usual or not (message.get("content") or "").strip():
            continue
        try:
            text = template.render([*messages[:place], {**message, "content": PROBE}, *messages[place + 1 :]])
        except Unfit:
            continue  # it reads the content, and takes no other
        if PROBE not in text:
            raise Unfit(f"the chat template silently leaves out message {place + 1}, of the role {message['role']}")


def _span(messages: Sequence[Message], place: int, full: str, template: Template) -> tuple[int, int] | None:
    """Where in the rendered text a reply begins and its end-of-turn token ends; None if it is opened otherwise.

    Where the template closes a reply with no token, it ends with its words.
    """
    opening = template.render(messages[:place], prompt=True)
    if not full.startswith(opening):
        return None
    begin = len(opening)
    if calls_of(messages[place]):
        return begin, _end_of_calls(messages, place, full, begin, template)
    content = messages[place]["content"].strip()
    found = _content_at(messages[:place], opening, full, content, template)
    if not template.closes:
        if found is None and place + 1 < len(messages):
            return None  # changed by the template (its thinking left out, say), so that nobody knows where it ends
        return begin, len(full.removesuffix(template.closing() or "")) if found is None else found + len(content)
    end = _next_control(full, begin if found is None else found + len(content), template)
    if end is None:
        raise TemplateError(
            f"the chat template of {template.name} closes a reply with no special token, so the model could not learn "
            "to stop. Choose a base model whose template has one."
        )
    eos = template.tokenizer.eos_token  # two ends in a row (Command R7B): the model stops at the second
    both = eos and full[slice(*end)] != eos and full.startswith(eos, end[1])
    return begin, end[1] + (len(eos) if both else 0)


def _content_at(before: Sequence[Message], opening: str, full: str, content: str, template: Template) -> int | None:
    """Where a reply's content begins; None when the template shows another one (without its thinking, say).

    Between the opening and the content a template may write something more: Harmony, say, a channel, whose name a short
    reply may be. And the words of a reply may stand further on, in a later message.
    """
    begin = len(opening)
    found = full.find(content, begin)
    if found < 0:
        return None
    if not full[begin:found].strip() and full.find(content, found + 1) < 0:
        return found
    try:
        header = template.render([*before, {"role": "assistant", "content": ANSWER}]).removeprefix(opening)
    except Unfit:
        return None
    header = header.partition(ANSWER)[0]
    start = begin + len(header) if full.startswith(header, begin) else begin
    found = full.find(content, start)
    return found if found >= 0 and not full[start:found].strip() else None


def _next_control(text: str, after: int, template: Template) -> tuple[int, int] | None:
    """Where the next control token begins and ends; of two that begin at one place, the longer one."""
    found = [(text.find(control, after), -len(control)) for control in template.controls]
    at, length = min((one for one in found if one[0] >= 0), default=(-1, 0))
    return (at, at - length) if at >= 0 else None


def _end_of_calls(messages: Sequence[Message], place: int, full: str, begin: int, template: Template) -> int:
    """Where a reply with tool calls ends in the rendered text: after the token that ends any reply of this template.

    Not after the next control token, as with text: some templates open and close the calls with control tokens too.
    """
    plain = template.render([*messages[:place], {"role": "assistant", "content": PROBE}])
    closing = _next_control(plain, max(plain.find(PROBE), 0), template) if template.closes else None
    end = full.find(plain[slice(*closing)], begin) if closing else -1
    turn = len(template.render(messages[: place + 1]))  # the next message lies beyond it
    names = [full.find(name, begin) for name in names_of(messages[place])]
    if closing is None or not begin <= end < turn or any(not begin <= at < end for at in names):
        raise Unfit(f"the chat template closes message {place + 1}, a reply with tool calls, unlike any other reply")
    return end + closing[1] - closing[0]


def _cut_tokens(full: str, cuts: Sequence[int], template: Template) -> tuple[list[int], list[int]]:
    """Ids of the text, and for each place in the text (ascending) the place in the ids.

    Mostly the text's own tokens. Where one token would reach over a cut (a reply that begins with a line break, say),
    it is split there: at inference the prompt ends at that place, whatever the reply begins with. Not so behind a reply
    that no token closes: there such a token is left out of the reply.
    """
    ids, fixed, base = template.tokens(full), 0, 0
    places: list[int] = []
    for cut in cuts:
        before = ids[:fixed] + template.tokens(full[base:cut])
        if ids[: len(before)] != before:
            if not template.closes and len(places) % 2:
                same = (at for at, (mine, its) in enumerate(zip(ids, before, strict=False)) if mine != its)
                places.append(max(places[-1], next(same, min(len(ids), len(before)))))
                continue
            ids = before + template.tokens(full[cut:])
            fixed, base = len(before), cut
        places.append(len(before))
    return ids, places
