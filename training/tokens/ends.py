"""Where a reply ends: the token that the template closes it with, and what others would stop at"""

from __future__ import annotations

import json
from pathlib import Path

from training.tokens.sign import Sign, around, shown
from training.tokens.template import ANSWER, PROBE, Template


def end_of_turn(template: Template) -> str | None:
    """The control token that ends a reply, as the template writes it; None when there is none."""
    turns = [{"role": "user", "content": PROBE}, {"role": "assistant", "content": ANSWER}]
    tail = template.render(turns).rpartition(ANSWER)[2]
    found = [(tail.find(control), -len(control), control) for control in template.controls if control in tail]
    return min(found)[2] if found else None


def other_end(template: Template, many_turns: bool = False) -> Sign | None:
    """An end of turn at which others would not stop: it is not among the ends that the model's files name.

    many_turns: whether a row has two replies.
    """
    end = end_of_turn(template)
    if end is None:
        return _no_end(template, many_turns)
    ends = declared_ends(template)
    mine = template.controls[end]
    second = (template.closing() or "").removeprefix(end)  # of two in a row both are trained (Command R7B)
    if not ends or mine in ends or any(second.startswith(one) for one in _texts(template, ends)):
        return None
    names = ", ".join(_texts(template, ends))
    said = (
        f"Replies end with {end}, but the model's files name {names} as the end: a program that goes by them would "
        "not stop after a reply. Goldloop's evaluation stops at both."
    )
    way_out = f"Give {end} as a stop word where you serve the model, or set eos_token_id in generation_config.json."
    return Sign("other end of turn", "warning", said, f"{end} = {mine}; named: {sorted(ends)}", way_out)


def _no_end(template: Template, many_turns: bool) -> Sign:
    """The template closes a reply with no token: the tokenizer's own end token does it, if there is one."""
    eos = template.tokenizer.eos_token
    tail = template.closing() or ""
    text = template.render([{"role": "user", "content": PROBE}, {"role": "assistant", "content": ANSWER}])
    evidence = around(text, ANSWER)
    written = f'with the text "{shown(tail)}" and no special token' if tail else "with no special token"
    if eos is None:
        said = f"The chat template closes a reply {written}, so the model cannot learn to stop."
        way_out = "Choose a base model whose template has an end of turn."
        return Sign("no end of turn", "error", said, evidence, way_out, stops=True)
    said = (
        f"The chat template closes a reply {written}. Goldloop ends the last reply of a row with the tokenizer's own "
        f"{eos}, and its evaluation stops there, as other programs do."
    )
    if many_turns:
        said += " The replies before the last one are trained without an end."
    way_out = "Nothing to do; or write {{ eos_token }} behind each reply in the model's chat template."
    return Sign("end added", "warning" if many_turns else "hint", said, evidence, way_out)


def declared_ends(template: Template) -> set[int]:
    """The end tokens that the model's generation_config.json names; without that file, the tokenizer's own."""
    for name in ("generation_config.json", "config.json"):
        try:
            file = _file_of(str(template.tokenizer.name_or_path or ""), name)
            named = json.loads(file.read_text("utf-8")).get("eos_token_id")
        except (OSError, ValueError, AttributeError):
            continue
        if named is not None:
            return set(named if isinstance(named, list) else [named])
    own = template.tokenizer.eos_token_id
    return set() if own is None else {own}


def _texts(template: Template, ends: set[int]) -> list[str]:
    return [str(one) for one in template.tokenizer.convert_ids_to_tokens(sorted(ends))]


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


def _file_of(model: str, name: str) -> Path:
    """A file of a model in a folder, or of one by its hub name, if it was fetched: a look never waits for a network."""
    if Path(model).is_dir() or model.count("/") != 1 or model.startswith((".", "/", "~")):
        return Path(model) / name
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(model, name)
    return Path(found) if isinstance(found, str) else Path(model) / name
