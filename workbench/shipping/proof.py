"""Export parity: the same questions through the run's adapter and through every shipped form, token by token"""

from __future__ import annotations

import filecmp
import importlib.util
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from training.adapters.adapter import CONFIG, WEIGHTS
from training.adapters.merge import tuned_model
from training.adapters.parity import Parity, parity
from training.adapters.whole import is_whole, model_files
from training.tokens.encode import clean, offered
from training.tokens.template import Template, Unfit, tokenizer_for
from training.tokens.template_look import declared_ends
from workbench.errors import BadInput
from workbench.records import Run
from workbench.settings import Report
from workbench.shipping.shipment import ADAPTER, MERGED, WHOLE
from workbench.store import Store, goldens, runs

PROMPTS = 8  # half of them golden ones, half of the training side
TIE = 0.001  # nats: below, rounding decides which of two tokens is best


def prove(
    store: Store, run: Run, base: str, folder: Path, *, prompts: int = PROMPTS, most_tokens: int = 32, report: Report
) -> dict[str, Any]:
    """What parity finds on a shipment, as plain values with a sentence for a person.

    Golden rows are taken from those that people may read. Raises BadInput where there is nothing to ask.
    """
    adapter = runs.folder(store, run.id) / "adapter"
    whole = is_whole(adapter)
    tokenizer = tokenizer_for(str(adapter) if whole and (adapter / "tokenizer_config.json").is_file() else base)
    asked = asked_prompts(store, run, tokenizer, prompts)
    if not asked:
        raise BadInput(f"Run {run.id} has no rows whose question could be asked, so nothing can be compared.")
    forms: list[tuple[str, bool, Any]] = [
        ("the run's model, in 32 bit" if whole else "adapter on its base, in 32 bit", True,
         lambda: tuned_model(base, adapter, merged=False)),
    ]  # fmt: skip
    shipped = folder / (WHOLE if whole else ADAPTER)
    if (folder / MERGED).is_dir():
        merged = folder / MERGED
        if not whole:
            forms.append(("merged in memory", True, lambda: tuned_model(base, adapter, merged=True)))
        forms.append(("merged, read back from its files", True, lambda: tuned_model(merged, merged, merged=True)))
        forms.append(("merged, computed in 16 bit", False, lambda: tuned_model(merged, merged, merged=True, bits=16)))
    if not (folder / MERGED).is_dir() or not is_copy(adapter, shipped):
        forms.append(("read back from the shipment", True, lambda: tuned_model(base, shipped, merged=False)))
    if run.plan.get("quantization") == "4bit" and importlib.util.find_spec("bitsandbytes"):
        forms.append(
            ("adapter on the base in 4 bit, as trained", False,
             lambda: tuned_model(base, adapter, merged=False, bits=4))
        )  # fmt: skip
    ends = sorted(declared_ends(Template.of(tokenizer)) | {tokenizer.eos_token_id})
    found = parity(asked, forms, tokenizer=tokenizer, ends=ends, most_tokens=most_tokens, report=report)
    return told(found)


def is_copy(adapter: Path, shipped: Path) -> bool:
    """Whether the shipped weights are the run's own byte for byte, so that asking them would tell nothing new."""
    names = model_files(adapter) if is_whole(adapter) else [WEIGHTS]
    try:
        if not all(filecmp.cmp(adapter / name, shipped / name, shallow=False) for name in names):
            return False
        if is_whole(adapter):
            return True
        configs = [json.loads((one / CONFIG).read_text("utf-8")) for one in (adapter, shipped)]
    except (OSError, ValueError):
        return False
    return configs[0] == {**configs[1], "base_model_name_or_path": configs[0].get("base_model_name_or_path")}


def asked_prompts(store: Store, run: Run, tokenizer: Any, count: int) -> dict[str, list[int]]:
    """Ids of prompts by the name of their row: golden ones that people may read, and training ones, spread evenly."""
    template = Template.of(tokenizer)
    golden = goldens.readable(store, goldens.by_id(store, run.golden_id))
    half = count // 2
    talks: list[tuple[str, Any, Any]] = [
        (f"golden {row}", turns, tools)
        for row, turns, tools in zip(golden.row_id, golden.messages, golden.tools, strict=True)
    ]
    chosen = spread(talks, half)
    rows_file = runs.folder(store, run.id) / "rows.parquet"
    if rows_file.is_file():
        table = pl.read_parquet(rows_file)
        rows = zip(table["row_id"].to_list(), table["messages"].to_list(), offered(table), strict=True)
        chosen += spread([(f"training {row}", turns, tools) for row, turns, tools in rows], count - len(chosen))
    asked = {}
    for name, turns, tools in chosen:
        talk = clean(turns)
        while talk and talk[-1].get("role") == "assistant":
            talk = talk[:-1]
        try:
            asked[name] = template.tokens(template.offering(tools).render(talk, prompt=True))
        except Unfit:  # a row that the template cannot ask was not trained on either
            continue
    return {name: ids for name, ids in asked.items() if ids}


def spread(found: list[Any], count: int) -> list[Any]:
    """So many of a list, evenly through it."""
    if count >= len(found):
        return list(found)
    return [found[place * len(found) // count] for place in range(count)]


def nats(value: float) -> str:
    """A difference as a person reads it: two digits, and no power of ten where it is small."""
    return f"{value:.2g}" if value >= TIE else f"{value:.6f}".rstrip("0").rstrip(".")


def told(found: Parity) -> dict[str, Any]:
    """Parity as plain values, each form with its sentence."""
    forms = [{**asdict(one), "holds": one.holds, "sentence": form_sentence(asdict(one))} for one in found.forms]
    counted = [one for one in found.forms if one.counts]
    if found.holds:
        most = max(one.largest for one in counted)
        sentence = (
            f"Parity holds: on {counted[0].prompts} prompts ({counted[0].tokens} tokens) every shipped form gives the "
            f"same tokens as {_the(found.reference)}; scores differ by {nats(most)} nats at most."
        )
    else:
        parted = [one.form for one in counted if not one.holds]
        sentence = (
            f"Parity does not hold: {' and '.join(parted)} {'does' if len(parted) == 1 else 'do'} not give the same "
            f"tokens as {_the(found.reference)}."
        )
    return {"reference": found.reference, "holds": found.holds, "sentence": sentence, "forms": forms}


def _the(reference: str) -> str:
    return reference if reference.startswith("the ") else f"the {reference}"


def form_sentence(form: Mapping[str, Any]) -> str:
    """One form in plain words."""
    apart = f"; scores differ by {nats(form['largest'])} nats at most"
    if form["first"] is None:
        return f"{form['form']}: the same tokens on all {form['prompts']} prompts{apart}."
    first = form["first"]
    why = " That is a tie, which rounding decides." if abs(first["lead"]) < TIE else ""
    return (
        f"{form['form']}: the same tokens on {form['same']} of {form['prompts']} prompts{apart}. First at token "
        f"{first['place'] + 1} of the answer to {first['prompt']}: {first['given']!r} for {first['expected']!r}, which "
        f"was ahead by {first['lead']:.2g} nats.{why}"
    )
