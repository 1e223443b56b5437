"""Ship a run: its model in the forms that others load, with the proof that it says the same."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from evaluators.models import embedded
from training.adapters.adapter import CARD, base_shape, check_adapter
from training.adapters.merge import Precision, merge, put_in_place
from training.adapters.whole import is_whole
from training.tokens.encode import clean
from training.tokens.template import tokenizer_for
from training.tokens.tools import COLUMN as TOOLS
from workbench.errors import BadInput, NotFound
from workbench.records import Run
from workbench.settings import Report, models_folder, no_report
from workbench.shipping import cards, llama_cpp
from workbench.shipping import shipment as made
from workbench.shipping.commands import Command, llama_server, not_beside_base, ollama, vllm_adapter, vllm_whole
from workbench.shipping.modelfile import common_system, modelfile
from workbench.shipping.proof import prove
from workbench.shipping.shipment import ADAPTER, FORMS, GGUF, MERGED, MODELFILE, WHOLE, Shipment
from workbench.store import Store, runs

OTHER_BASE = (
    "{base} on the hub need not hold the very weights that were trained on ({origin}). Who loads the adapter there "
    "may get other answers; the merged model does not depend on it."
)
NAMELESS_BASE = (
    "The base model has no name on a hub that is known here: {base} stands for the folder in which it lies, in the "
    "commands and in the adapter's configuration."
)
# What Ollama's `create` converts an adapter for, by the base's config; source: its documentation, "Importing a model"
OLLAMA_ADAPTERS = ("llama", "mistral", "mixtral", "gemma2")


@dataclass
class _Making:
    """A shipment while it is made: in a folder beside its own."""

    store: Store
    run: Run
    source: Path
    base: str
    part: Path
    folder: Path
    forms: tuple[str, ...]
    precision: Precision
    llama_cpp: str | Path | None
    notes: list[str]
    merged_as: str = "fp32"

    @property
    def whole(self) -> bool:
        return is_whole(self.source)


def ship(
    store: Store,
    run_id: int,
    *,
    to: str | Path | None = None,
    forms: Sequence[str] = (),
    precision: Precision = "auto",
    llama_cpp_folder: str | Path | None = None,
    parity: bool = True,
    preview: bool = False,
    report: Report = no_report,
) -> Shipment:
    """Writes a run's adapter, and the forms asked for, into a folder of their own, whole or not at all.

    forms: of "merge" (one whole model), "ollama" (a Modelfile), "vllm" (its command), "gguf" (by llama.cpp's script;
    of the merged model, or of the adapter where none is asked). A run that tuned every weight ships as a whole model.
    to: by default "shipped" in the run's folder. parity: ask every form the same questions afterwards. With `preview`
    the same, with nothing written and no sizes. Raises NotFound, BadInput for a form or a tool that is not there or
    that cannot load this adapter, Refused for a folder that holds something else or a card with a golden text.
    """
    run, source, base = shippable(store, run_id)
    chosen = _chosen(forms)
    folder = made.chosen_folder(store, run, to)
    part = folder.with_name(f".{folder.name}.part")
    making = _Making(store, run, source, base, part, folder, chosen, precision, llama_cpp_folder, [])
    alone = "merge" not in chosen and not making.whole and not {"ollama", "gguf"}.isdisjoint(chosen)
    if alone and (why_not := not_beside_base(check_config(source))):
        raise BadInput(why_not)
    if "gguf" in chosen:  # told before an hour of merging, not after
        llama_cpp.script(llama_cpp.WHOLE if "merge" in chosen or making.whole else llama_cpp.ADAPTER, llama_cpp_folder)
    if preview:
        return Shipment(run.id, folder, chosen, (), tuple(_commands(making, folder)), tuple(making.notes), None)
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        _fill(making, report)
        proved = _proved(making, report) if parity else None
        _describe(making, proved)
        put_in_place(part, folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    report(1.0, f"shipped to {folder}")
    found = made.read(store, run, folder)
    assert found is not None
    return replace(found, commands=tuple(_commands(replace(making, notes=[]), folder)))


def shippable(store: Store, run_id: int) -> tuple[Run, Path, str]:
    """The run, the folder of its result and its base model. Raises NotFound, BadInput with the way to one."""
    run = runs.get(store, run_id)
    source = runs.folder(store, run.id) / "adapter"
    if run.result is None or not source.is_dir():
        raise BadInput(
            f"Run {run_id} has no adapter yet, so there is nothing to ship. See how far it is: goldloop jobs"
        )
    check_adapter(source)
    return run, source, str(embedded.resolve(run.plan["model"], models_folder()))


def shipped(store: Store, run_id: int, to: str | Path | None = None) -> Shipment:
    """The shipment that lies in the folder, with its commands. Raises NotFound."""
    run, source, base = shippable(store, run_id)
    found = made.read(store, run, to)
    if found is None:
        raise NotFound(f"Run {run_id} was not shipped there yet. Ship it: goldloop ship {run_id} --merge")
    making = _Making(store, run, source, base, found.folder, found.folder, found.forms, "auto", None, [])
    return replace(found, commands=tuple(_commands(making, found.folder)))


def _chosen(forms: Sequence[str]) -> tuple[str, ...]:
    unknown = [form for form in forms if form not in FORMS]
    if unknown:
        raise BadInput(f'There is no form "{unknown[0]}" to ship in. There are: {", ".join(FORMS)}.')
    return tuple(form for form in FORMS if form in forms)


def _fill(making: _Making, report: Report) -> None:
    """The weights in every form asked for."""
    copy: Callable[[Path, Path, str], None] = cards.copy_whole if making.whole else cards.copy_adapter
    copy(making.source, making.part / (WHOLE if making.whole else ADAPTER), making.base)
    if "merge" in making.forms:
        card = making.source / CARD
        done = merge(
            making.base, making.source, making.part / MERGED, precision=making.precision,
            report=lambda done, line: report(0.5 * done, line),
        )  # fmt: skip
        making.merged_as = done.precision
        if card.is_file():
            told = cards.card_of_merged(
                card.read_text("utf-8"), done.precision, whole=making.whole,
                learned_in_4bit=making.run.plan.get("quantization") == "4bit",
            )  # fmt: skip
            (done.folder / CARD).write_text(told, "utf-8")
    if "gguf" in making.forms:
        report(0.5, "llama.cpp is converting")
        _convert(making)
    if "ollama" in making.forms:
        (making.part / MODELFILE).write_text(_modelfile(making), "utf-8")


def _convert(making: _Making) -> None:
    name = made.name_of(making.run)
    folder = making.llama_cpp
    if "merge" in making.forms:
        llama_cpp.convert_model(
            making.part / MERGED, making.part / GGUF / f"{name}.gguf", precision=making.merged_as, folder=folder
        )
    elif making.whole:
        llama_cpp.convert_model(
            making.part / WHOLE, making.part / GGUF / f"{name}.gguf", precision="fp32", folder=folder
        )
    else:
        llama_cpp.convert_adapter(
            making.part / ADAPTER, Path(making.base), making.part / GGUF / f"{name}-adapter.gguf", folder=folder
        )


def _modelfile(making: _Making) -> str:
    """A Modelfile on the most whole form that is shipped: GGUF, merged, or base and adapter."""
    tokenizer = tokenizer_for(_tokenizer_of(making))
    source, adapter = f"./{WHOLE}" if making.whole else making.base, None if making.whole else f"./{ADAPTER}"
    if "merge" in making.forms:
        source, adapter = f"./{MERGED}", None
    if "gguf" in making.forms and (making.whole or "merge" in making.forms):
        source, adapter = f"./{GGUF}/{made.name_of(making.run)}.gguf", None
    done = modelfile(tokenizer, source=source, adapter=adapter, system=_system(making))
    making.notes += done.notes
    if _offers_tools(making):
        making.notes.append(
            "The rows of this run offer tools, and the Ollama template written here shows none: to serve a model that "
            "calls tools take vLLM (--enable-auto-tool-choice with the parser of its family) or Ollama's own template "
            "of the base model."
        )
    if adapter:
        making.notes.append(
            "The Modelfile names the base model where it lay on the computer that shipped it: change FROM where the "
            "folder goes elsewhere."
        )
        kind = (base_shape(making.base) or {}).get("model_type")
        if kind and kind not in OLLAMA_ADAPTERS:
            making.notes.append(
                f"Ollama takes adapters of Llama-like and Gemma 2 models, as far as its documentation goes; of {kind} "
                "ship the merged model for it (--merge)."
            )
    if not source.endswith(".gguf"):
        making.notes.append(
            "Ollama puts the weights in 16 bit when it makes a model from safetensors, so single words may differ "
            "from what was evaluated. A GGUF file in 32 bit (--merge --gguf) is taken as it is."
        )
    return done.text


def _system(making: _Making) -> str | None:
    rows = runs.folder(making.store, making.run.id) / "rows.parquet"
    if not rows.is_file():
        return None
    return common_system(clean(turns) for turns in pl.read_parquet(rows, columns=["messages"])["messages"].to_list())


def _offers_tools(making: _Making) -> bool:
    rows = runs.folder(making.store, making.run.id) / "rows.parquet"
    return rows.is_file() and TOOLS in pl.read_parquet_schema(rows)


def _tokenizer_of(making: _Making) -> str:
    own = making.whole and (making.source / "tokenizer_config.json").is_file()
    return str(making.source) if own else making.base


def _commands(making: _Making, folder: Path, *, base: str | None = None) -> list[Command]:
    """How to load what is shipped. folder: before the names of its parts; base: how to name the base model."""
    name, base = made.name_of(making.run), base or making.base
    at: Callable[..., str] = lambda *parts: str(Path(folder, *parts))  # noqa: E731
    found: list[Command] = []
    if "vllm" in making.forms:
        if "merge" in making.forms or making.whole:
            found.append(vllm_whole(at(MERGED if "merge" in making.forms else WHOLE), name))
        if not making.whole:
            config = check_config(making.source)
            command, why_not = vllm_adapter(base, name, at(ADAPTER), config)
            found += [command] if command else []
            making.notes += [why_not] if why_not and "merge" not in making.forms else []
    if "ollama" in making.forms:
        found.append(ollama(name, at(MODELFILE)))
    if "gguf" in making.forms:
        one = "merge" in making.forms or making.whole
        found.append(
            llama_server(at(GGUF, f"{name}.gguf")) if one
            else llama_server("BASE.gguf", at(GGUF, f"{name}-adapter.gguf"))
        )  # fmt: skip
    return found


def check_config(folder: Path) -> dict[str, Any]:
    """An adapter's configuration, as written by training."""
    import json

    return dict(json.loads((folder / "adapter_config.json").read_text("utf-8")))


def _proved(making: _Making, report: Report) -> dict[str, Any]:
    return prove(
        making.store, making.run, making.base, making.part, report=lambda done, line: report(0.5 + 0.5 * done, line)
    )


def _describe(making: _Making, proved: dict[str, Any] | None) -> None:
    """What the shipment says of itself, and that it holds no golden text."""
    portable = cards.portable_base(making.base)
    here = _commands(making, Path(), base=portable)
    origin = cards.origin_of(making.base)
    if not making.whole and "merge" not in making.forms and origin and portable != making.base:
        making.notes.append(OTHER_BASE.format(base=portable, origin=origin))
    if not making.whole and cards.hub_name(making.base) is None:
        making.notes.append(NAMELESS_BASE.format(base=portable))
    if making.run.plan.get("quantization") == "4bit":
        making.notes.append(
            "It was trained on the base in 4 bit, and its training losses are of that one; merged and evaluated it is "
            "on the base in full precision."
        )
    if proved and not proved["holds"] and making.merged_as != "fp32":
        making.notes.append(
            f"The merged model was rounded to {making.merged_as}; in 32 bit (--precision fp32) it takes more room and "
            "is exact."
        )
    notes = tuple(dict.fromkeys(making.notes))
    how = made.how_to_load(making.run, portable, here, notes, proved)
    shown = Shipment(making.run.id, making.folder, making.forms, made.listed(making.part), (), notes, proved)
    made.write(making.run, shown, making.part, how)
    cards.refuse_golden_texts(making.store, making.run.dataset, making.part)
