"""A form from a pydantic model: title, help, bounds and choices come from its fields, and nowhere else.

    form = Form(TrainingPlan, skip=("model",))      # draws its inputs where it is made; advanced ones in an accordion
    page.on(button.click, start, form.inputs, [...])
    def start(look, *values): settings = form.settings(values)   # ["epochs=2", ...]: only what differs from the default

Raises BadInput naming every field that is wrong.
"""

from __future__ import annotations

import re
import types
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Union, get_args, get_origin

import gradio as gr
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from workbench.errors import BadInput

ENDLESS = 2**31 - 1  # a bound that only the machine has; nothing to tell a person


def plain_type(annotation: Any) -> tuple[Any, bool]:
    """A field's type without None, and whether None is allowed."""
    if get_origin(annotation) in (Union, types.UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
        return kinds[0], len(kinds) < len(get_args(annotation))
    return annotation, False


def bounds(field: FieldInfo) -> dict[str, float]:
    """The bounds of a field as pydantic names them: ge, gt, le, lt."""
    found = {}
    for rule in field.metadata:
        for name in ("ge", "gt", "le", "lt"):
            if getattr(rule, name, None) is not None:
                found[name] = getattr(rule, name)
    return found


def in_words(field: FieldInfo) -> str:
    """The help of a field with its bounds: "How often ... (above 0, at most 100)"."""
    said = _edges({name: edge for name, edge in bounds(field).items() if edge < ENDLESS})
    text = (field.description or "").rstrip()
    return f"{text} ({', '.join(said)})" if said else text


def _edges(edges: Mapping[str, float]) -> list[str]:
    words = (("gt", "above"), ("ge", "at least"), ("lt", "below"), ("le", "at most"))
    return [f"{word} {_number(edges[name])}" for name, word in words if name in edges]


def _number(edge: float) -> str:
    return f"{edge:,.0f}" if edge == int(edge) else f"{edge:g}"


def wanted(field: FieldInfo) -> str:
    """What a field takes, told to somebody who gave something else: "It takes a number above 0 and at most 100."."""
    kind, _ = plain_type(field.annotation)
    if get_origin(kind) is Literal:
        return f"It takes one of {', '.join(str(choice) for choice in get_args(kind))}."
    if kind not in (int, float):
        return field.description or "It takes a text."
    edges = " and ".join(_edges(bounds(field)))
    number = "a whole number" if kind is int else "a number"
    return f"It takes {number}{' of' if edges.startswith('at') else ''}{' ' if edges else ''}{edges}."


def by_label(text: str, fields: Mapping[str, FieldInfo]) -> str:
    """A sentence that names fields as the command line does, with the labels of the boxes: "batch size" for batch_size.

    "rank=512" becomes "LoRA rank 512"; a name of one word without a value is a word, and stays.
    """
    if not fields:
        return text
    joined = "|".join(name for name in fields if "_" in name) or "(?!)"  # no name of two words: nothing to find

    def label(found: re.Match[str]) -> str:
        title = fields[found["given"] or found["name"]].title or found[0]
        within = text[: found.start()].rstrip()[-1:] not in ("", ".", "!", "?")
        if within and title[1:2].islower():  # LoRA stays LoRA
            title = title[0].lower() + title[1:]
        return f"{title} " if found["given"] else title

    return re.sub(rf"\b(?:(?P<given>{'|'.join(fields)})=(?=\S)|(?P<name>{joined})\b)", label, text)


def as_text(value: Any) -> str:
    """A value as `name=value` takes it: "none" for None, 3 for 3.0, a bool as true or false."""
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


class Form:
    """The inputs of a model. `inputs`: the components, in the order of the fields; `names`: the fields' names."""

    def __init__(
        self,
        model: type[BaseModel],
        *,
        skip: Sequence[str] = (),
        start: Mapping[str, Any] | None = None,
        columns: int = 3,
    ) -> None:
        """start: values to begin with instead of the defaults."""
        self.model = model
        self.fields = {name: field for name, field in model.model_fields.items() if name not in skip}
        self.names = list(self.fields)
        self.start = {name: field.default for name, field in self.fields.items()} | dict(start or {})
        made: dict[str, Any] = {}
        plain = [name for name, field in self.fields.items() if not _advanced(field)]
        advanced = [name for name in self.names if name not in plain]
        _in_rows(plain, columns, lambda name: made.update({name: self._input(name)}))
        if advanced:
            with gr.Accordion("Advanced settings", open=False):
                _in_rows(advanced, columns, lambda name: made.update({name: self._input(name)}))
        self.inputs = [made[name] for name in self.names]

    @property
    def edits(self) -> list[Any]:
        """The events by which a person changes an input; filling the form in raises none of them."""
        found = []
        for one in self.inputs:
            typed = isinstance(one, gr.Number | gr.Textbox)
            found += [one.blur, one.submit] if typed else [one.input]
        return found

    def shown(self, values: Mapping[str, Any]) -> list[Any]:
        """What fills the inputs with these values, in their order."""
        return [self._shown(name, values[name]) for name in self.names]

    def _shown(self, name: str, value: Any) -> Any:
        kind, optional = plain_type(self.fields[name].annotation)
        if get_origin(kind) is Literal or kind is bool or (kind in (int, float) and not optional):
            return value
        return "" if value is None else as_text(value)

    def _input(self, name: str) -> Any:
        field, value = self.fields[name], self.start[name]
        kind, optional = plain_type(field.annotation)
        said = {"label": field.title or name, "info": in_words(field), "elem_id": f"knob-{name}"}
        edges = bounds(field)
        if get_origin(kind) is Literal:
            choices = [str(choice) for choice in get_args(kind)]
            return gr.Dropdown(choices=["", *choices] if optional else choices, value=value, **said)
        if kind is bool:
            return gr.Checkbox(value=bool(value), **said)
        if kind in (int, float) and not optional:
            return gr.Number(
                value=value, precision=0 if kind is int else None, step=1 if kind is int else _step(edges), **said
            )
        # an empty number box reads as 0 in some browsers; a text box keeps "empty" apart
        hint = "chosen for you" if optional else ""
        return gr.Textbox(value=self._shown(name, value), placeholder=hint, max_lines=1, **said)

    def values(self, given: Sequence[Any]) -> dict[str, Any]:
        """Name -> value, an empty box of an optional field as None. Raises BadInput in words for every wrong field."""
        if len(given) != len(self.names):
            raise BadInput("The form did not arrive whole. Reload the page and try again.")
        cleaned = {name: None if value == "" else value for name, value in zip(self.names, given, strict=True)}
        wrong = self.errors(cleaned)
        if wrong:
            raise BadInput("\n".join(wrong.values()))
        return cleaned

    def errors(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Field -> what is wrong with it, in words; {} when all is well."""
        try:
            self.model.model_validate({**values})
        except ValidationError as problem:
            wrong = {}
            for one in problem.errors():
                if not one["loc"]:  # fields that do not go together
                    wrong[""] = by_label(one["msg"].removeprefix("Value error, "), self.model.model_fields)
                    continue
                name = str(one["loc"][0])
                field = self.fields.get(name)
                label = (field.title if field else "") or name
                given = values.get(name)
                told = "it is empty" if given is None else f'"{given}" does not fit'
                own = field is None or one["type"] == "value_error"  # what the model itself says of it
                wrong[name] = f"{label}: {told}. {one['msg'] + '.' if own or field is None else wanted(field)}"
            return wrong
        return {}

    def settings(self, given: Sequence[Any]) -> list[str]:
        """["epochs=2", ...]: the fields that differ from the model's defaults, as the command line takes them."""
        values = self.values(given)
        return [
            f"{name}={as_text(value)}" for name, value in values.items()
            if as_text(value) != as_text(self.fields[name].default)
        ]  # fmt: skip


def _advanced(field: FieldInfo) -> bool:
    extra = field.json_schema_extra
    return bool(extra.get("advanced")) if isinstance(extra, dict) else False


def _step(edges: Mapping[str, float]) -> float:
    """How far an arrow of a number box goes: fine for shares, halves for the rest."""
    return 0.01 if edges.get("le", edges.get("lt", ENDLESS)) <= 1 else 0.5


def _in_rows(names: Sequence[str], columns: int, make: Any) -> None:
    for at in range(0, len(names), columns):
        with gr.Row(equal_height=False):
            shown = names[at : at + columns]
            for name in shown:
                with gr.Column(scale=1, min_width=200):
                    make(name)
            for _ in range(columns - len(shown)):  # so that a last field alone does not fill the whole line
                with gr.Column(scale=1, min_width=200):
                    pass
