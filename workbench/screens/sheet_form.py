"""The sheet of a dataset as a form: what it should be, one thing a line, in words that a person types."""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Sequence
from typing import Any

import gradio as gr
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from evaluators.format_rules import EXAMPLES
from workbench.errors import BadInput
from workbench.screens.uploads import SUFFIXES, take
from workbench.sheet import EdgeCase, Sheet
from workbench.store import Store
from workbench.store.sheets import sheet_of

CASE = re.compile(
    r"(?P<name>[^:\[(]+)(?::(?P<words>[^\[(]*))?(?:\[(?P<tag>[^\]]*)\])?\s*(?:\((?P<fewest>\d{1,6})\))?\s*"
)
HOW = {  # field -> how it is written in its box
    "languages": "One a line.",
    "terms": "One a line, the right term first: e-mail: email, E-Mail",
    "banned": "One a line.",
    "tone": "One a line.",
    "edge_cases": "One a line: Returns from abroad: abroad, customs [tag] (5); words, tag, number may be left out.",
    "licences": "One a line.",
    "required": "One a line; either will do: 30 days | a month. A single row asks for more by a tag: must:30 days.",
    "forbidden": "One a line. For a single row by a tag: must-not:guarantee.",
    "format_rules": f"One a line: {EXAMPLES}.",
}
SHOWN = [name for name in Sheet.model_fields if name != "benchmark"]
DEMANDS = ("required", "forbidden", "format_rules", "json_schema")  # of a model's answers, not of the rows
LONG = ("terms", "edge_cases", "guidelines", *DEMANDS)
LINE = 4  # boxes side by side


class SheetForm:
    """Draws the inputs where it is made. `inputs`: the components, in the order of `SHOWN`, then the benchmark's."""

    def __init__(self) -> None:
        made: dict[str, Any] = {}
        plain = [name for name in SHOWN if name not in LONG]
        for names in (plain, LONG[: -len(DEMANDS)], DEMANDS):
            for at in range(0, len(names), LINE):
                with gr.Row(equal_height=False):
                    for name in names[at : at + LINE]:
                        made[name] = _box(name, Sheet.model_fields[name])
        field = Sheet.model_fields["benchmark"]
        with gr.Row(equal_height=False):
            self.benchmark = gr.File(
                label=f"{field.title}: {field.description}", file_types=SUFFIXES, type="filepath", height=96
            )
            self.kept = gr.Textbox(
                label="Benchmark in use", interactive=False, info="Bring another file to replace it."
            )
            self.without = gr.Checkbox(label="Use no benchmark", value=False)
        self.inputs = [made[name] for name in SHOWN]
        self.shown = [*self.inputs, self.benchmark, self.kept, self.without]

    def values(self, sheet: Sheet) -> tuple[Any, ...]:
        """What `shown` holds for a sheet."""
        name = sheet.benchmark.replace("\\", "/").rpartition("/")[2]
        return *(as_text(getattr(sheet, field)) for field in SHOWN), None, name, False


def _box(name: str, field: FieldInfo) -> gr.Textbox:
    several = name in HOW or name in LONG
    about = (field.description or "").strip().rstrip(".")
    told = ". ".join(filter(None, (about[:1].upper() + about[1:], HOW.get(name, ""))))
    return gr.Textbox(
        label=field.title or name, info=told or None, lines=5 if name in LONG else 2 if several else 1,
        max_lines=14 if several else 1, elem_id=f"sheet-{name}", scale=1, min_width=200,
    )  # fmt: skip


def as_text(value: Any) -> str:
    """A field's value as its box shows it."""
    if value is None:
        return ""
    if isinstance(value, dict) and not all(isinstance(one, tuple) for one in value.values()):
        return json.dumps(value, ensure_ascii=False, indent=1)
    if isinstance(value, dict):
        return "\n".join(f"{right}: {', '.join(wrong)}" if wrong else right for right, wrong in value.items())
    if isinstance(value, tuple):
        return "\n".join(_case(one) if isinstance(one, EdgeCase) else str(one) for one in value)
    return str(value)


def _case(case: EdgeCase) -> str:
    words = f": {', '.join(case.words)}" if case.words else ""
    tag = f" [{case.tag}]" if case.tag else ""
    return f"{case.name}{words}{tag} ({case.fewest})"


def sheet_from(given: Sequence[Any], benchmark: str) -> Sheet:
    """The sheet that the boxes say. Raises BadInput naming every box that does not fit."""
    if len(given) != len(SHOWN):
        raise BadInput("The form did not arrive whole. Reload the page and try again.")
    texts = {name: str(value or "")[:100_000] for name, value in zip(SHOWN, given, strict=True)}
    values: dict[str, Any] = {"benchmark": benchmark}
    for name, text in texts.items():
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if name == "terms":
            values[name] = dict(map(_term, lines))
        elif name == "edge_cases":
            values[name] = [_edge_case(line) for line in lines]
        elif name == "json_schema":
            values[name] = _schema(text)
        elif name in HOW:
            values[name] = lines
        elif text.strip() or isinstance(Sheet.model_fields[name].default, str):
            values[name] = text.strip()
    try:
        return Sheet.model_validate(values)
    except ValidationError as problem:
        told = []
        for one in problem.errors():
            name = str(one["loc"][0]) if one["loc"] else ""
            label = Sheet.model_fields[name].title or name if name in Sheet.model_fields else name
            told.append(f'{label}: "{str(one.get("input"))[:60]}" does not fit. {one["msg"]}.')
        raise BadInput("\n".join(dict.fromkeys(told))) from None


def _term(line: str) -> tuple[str, list[str]]:
    right, _, wrong = line.partition(":")
    return right.strip(), [one.strip() for one in wrong.split(",") if one.strip()]


def _edge_case(line: str) -> dict[str, Any]:
    found = CASE.fullmatch(line)
    if found is None:
        raise BadInput(f'Edge cases: "{line[:60]}" cannot be read. Write it as name: word, word [tag] (fewest rows).')
    case: dict[str, Any] = {
        "name": found["name"].strip(),
        "words": [one.strip() for one in (found["words"] or "").split(",") if one.strip()],
        "tag": (found["tag"] or "").strip(),
    }
    return {**case, "fewest": int(found["fewest"])} if found["fewest"] else case


def _schema(text: str) -> dict[str, Any]:
    """The schema typed into the box, {} for none."""
    try:
        found = json.loads(text) if text.strip() else {}
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadInput(f"JSON schema of the answers: this is no JSON ({error}).") from None
    if not isinstance(found, dict):
        raise BadInput('JSON schema of the answers: write an object, such as {"type": "object"}.')
    return found


def save(store: Store, dataset: str, given: Sequence[Any], file: Any, without: Any) -> Sheet:
    """Saves what the form says; a benchmark file that was brought is kept in the store."""
    from workbench.actions.set_sheet import set_sheet

    benchmark = "" if without else sheet_of(store, dataset).benchmark
    if file and not without:
        upload = take(store, file)
        target = store.folder("benchmarks", secrets.token_hex(6)) / upload.path.name
        shutil.move(upload.path, target)
        shutil.rmtree(upload.path.parent, ignore_errors=True)
        benchmark = str(target)
    return set_sheet(store, dataset, sheet_from(given, benchmark))
