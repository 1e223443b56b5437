"""A model's chat template as Ollama takes it: a Go template that renders the same bytes

Nothing is known by name of a model family. The Jinja template is asked with words that no template contains, and what
it puts before, between and after them is kept. That is enough for templates in which the text between two messages
depends on their roles alone: ChatML, Llama 2 and 3, Gemma, Phi, Zephyr, and Mistral where the system message goes into
the first user turn. The result is held against the Jinja template on further conversations; where a byte differs there
is no Go template, and the reason is told.

Source: Ollama's documentation of Modelfile and template (`.Messages` with `.Role` and `.Content`, Go's text/template).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from training.tokens.ends import end_of_turn
from training.tokens.template import Template

Message = dict[str, Any]
START, END = "", "end"  # beside the roles: before the first message, after the last
SYSTEM, USER, ASSISTANT = "system", "user", "assistant"
# Private-use signs: in no template, and no template acts on them
WORDS = tuple(f"\ue000{place}\ue001" for place in range(8))
ODD_TEXTS = ('a "quoted" {{word}} and {% tag %}', "two\n\nparagraphs, Käse 🧀", "x", "a\\n b 'c' <b>", "1. y\n2. z")


class NoGoTemplate(Exception):
    """Why there is no Go template for this chat template."""


@dataclass(frozen=True)
class Joints:
    """The text between two messages, by the roles on both sides; before the first and after the last one.

    begin: what the tokenizer itself puts first (the begin token), which is left out of the Go template, since Ollama's
    runner adds it. trims: the Jinja template takes blanks off the ends of a text, which a Go template cannot.
    """

    between: Mapping[tuple[str, str], str]
    begin: str
    trims: bool

    @property
    def takes_system(self) -> bool:
        return (START, SYSTEM) in self.between

    def render(self, messages: Sequence[Message]) -> str:
        """A conversation with the opening of the next reply, without the begin token; KeyError for an unknown joint."""
        text, before = "", START
        for message in messages:
            text += self.between[before, message["role"]] + message["content"]
            before = message["role"]
        return text + self.between[before, END]

    def closings(self) -> list[str]:
        """What follows a reply, up to the next message: where its end-of-turn token stands."""
        return [self.between[ASSISTANT, USER]]


def joints_of(tokenizer: Any) -> Joints:
    """What the tokenizer's chat template puts between messages. Raises NoGoTemplate with the reason."""
    begin = tokenizer.bos_token or ""
    user, system, reply = ({"role": role} for role in (USER, SYSTEM, ASSISTANT))
    turns = _asked(tokenizer, [user, reply, user])
    if turns is None:
        raise NoGoTemplate("the chat template renders a plain conversation of two turns in a way that cannot be read.")
    has_begin = _adds(tokenizer) and turns[0].startswith(begin)
    between = {
        (START, USER): turns[0].removeprefix(begin) if has_begin else turns[0],
        (USER, ASSISTANT): turns[1],
        (ASSISTANT, USER): turns[2],
        (USER, END): turns[3],
    }
    with_system = _asked(tokenizer, [system, user])
    if with_system is not None:
        first = with_system[0].removeprefix(begin) if has_begin else with_system[0]
        between |= {(START, SYSTEM): first, (SYSTEM, USER): with_system[1]}
    found = Joints(between, begin if has_begin else "", _trims(tokenizer))
    _hold(found, tokenizer)
    return found


def go_template(joints: Joints) -> str:
    """The Go template of these joints, as text for a Modelfile's TEMPLATE."""
    between = joints.between
    user = [f'{{{{ if eq $before "" }}}}{_literal(between[START, USER])}']
    if joints.takes_system:
        user.append(f'{{{{ else if eq $before "system" }}}}{_literal(between[SYSTEM, USER])}')
    user.append(f"{{{{ else }}}}{_literal(between[ASSISTANT, USER])}{{{{ end }}}}{{{{ .Content }}}}")
    branches = [f'{{{{ if eq .Role "user" }}}}{"".join(user)}']
    if joints.takes_system:
        branches.append(f'{{{{ else if eq .Role "system" }}}}{_literal(between[START, SYSTEM])}{{{{ .Content }}}}')
    branches.append(
        f'{{{{ else if eq .Role "assistant" }}}}{_literal(between[USER, ASSISTANT])}{{{{ .Content }}}}{{{{ end }}}}'
    )
    body = "".join(branches)
    return (
        f'{{{{ $before := "" }}}}{{{{ range .Messages }}}}{body}{{{{ $before = .Role }}}}{{{{ end }}}}'
        f"{_literal(between[USER, END])}"
    )


def stops_of(joints: Joints, tokenizer: Any) -> list[str]:
    """The tokens at which an answer ends: the chat template's end of turn, and the tokenizer's own end token.

    Where the template closes a reply with none, the control token that opens the next turn, if there is one.
    """
    template = Template.of(tokenizer)
    end = end_of_turn(template)
    found = [] if end is None else [end]
    for closing in joints.closings() if end is None else ():
        places = [(closing.find(one), -len(one), one) for one in template.controls if one and one in closing]
        found += [min(places)[2]] if places else []
    return list(dict.fromkeys([*found, *([tokenizer.eos_token] if tokenizer.eos_token else [])]))


def conversations(takes_system: bool) -> Iterator[list[Message]]:
    """Conversations of one to three turns with awkward texts, with and without a system message."""
    texts = ODD_TEXTS
    for turns in (1, 2, 3):
        for shift in range(len(texts)):
            talk: list[Message] = []
            for turn in range(turns):
                talk.append({"role": USER, "content": texts[(shift + 2 * turn) % len(texts)]})
                if turn < turns - 1:
                    talk.append({"role": ASSISTANT, "content": texts[(shift + 2 * turn + 1) % len(texts)]})
            yield talk
            if takes_system:
                yield [{"role": SYSTEM, "content": texts[(shift + 3) % len(texts)]}, *talk]


def rendered(tokenizer: Any, messages: Sequence[Message]) -> str | None:
    """The conversation by the model's own template with the opening of the next reply; None where it refuses."""
    from jinja2 import TemplateError

    try:
        return str(tokenizer.apply_chat_template(list(messages), tokenize=False, add_generation_prompt=True))
    except (TemplateError, KeyError, TypeError, ValueError):
        return None


def _asked(tokenizer: Any, roles: Sequence[Mapping[str, str]]) -> list[str] | None:
    """The pieces of text around the words of a conversation with these roles; None where a word is lost or moved."""
    talk = [{**one, "content": WORDS[place]} for place, one in enumerate(roles)]
    left = rendered(tokenizer, talk) or ""
    pieces = []
    for message in talk:
        before, found, left = left.partition(message["content"])
        if not found:
            return None
        pieces.append(before)
    pieces.append(left)
    return None if any(word in piece for piece in pieces for word in WORDS) else pieces


def _adds(tokenizer: Any) -> bool:
    """Whether the tokenizer puts its begin token before any text, as Ollama's runner then does, too."""
    return tokenizer.bos_token_id is not None and list(tokenizer("x")["input_ids"])[:1] == [tokenizer.bos_token_id]


def _trims(tokenizer: Any) -> bool:
    text = rendered(tokenizer, [{"role": USER, "content": f"  {WORDS[0]}  "}])
    return text is not None and f"  {WORDS[0]}  " not in text


def _hold(joints: Joints, tokenizer: Any) -> None:
    """Raises NoGoTemplate where the joints render any of the conversations differently."""
    for talk in conversations(joints.takes_system):
        wanted = rendered(tokenizer, talk)
        given = joints.begin + joints.render(talk)
        if wanted != given:
            at = next((n for n, (a, b) in enumerate(zip(wanted or "", given, strict=False)) if a != b), 0)
            said = "refuses" if wanted is None else f"from its sign {at} on renders differently"
            roles = ", ".join(message["role"] for message in talk)
            raise NoGoTemplate(
                f"what it puts between two messages depends on more than their roles (it {said} a conversation of "
                f"{roles})."
            )


def _literal(text: str) -> str:
    """A piece of text inside a Go template: as it is where nothing in it means something there, else as a string."""
    plain = "{{" not in text and "}}" not in text and '"""' not in text and all(
        sign.isprintable() or sign == "\n" for sign in text
    )  # fmt: skip
    if plain and not text.endswith("{"):
        return text
    return f"{{{{ {json.dumps(text)} }}}}"  # JSON's escapes are Go's
