"""How surprised a trained model still is at each row of its dataset: a loss per row, for `outlying_loss`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from evaluators.errors import ModelUnusable
from evaluators.models import embedded
from training.pairs.pair_rows import last_reply
from training.tokens.calls import calls_of, unfolded
from training.tokens.encode import clean
from training.tokens.learned import context_mark
from training.tokens.template import Template, Unfit
from workbench.asked import as_asked, tools_asked_with
from workbench.errors import BadInput
from workbench.known_beside import LOSSES
from workbench.records import Run, Version
from workbench.rows import Rows
from workbench.settings import Report, models_folder, no_report
from workbench.store import Store, datasets, runs
from workbench.store.row_files import write_whole

SAVE_EVERY = 500  # rows: what a stop or a crash can cost


@dataclass(frozen=True)
class Losses:
    """measured: rows whose reply has a loss now; left_out: why others have none -> how many of them."""

    run: Run
    version: Version
    measured: int
    left_out: Mapping[str, int]


@dataclass(frozen=True)
class Asked:
    """A row as the model reads it: where it stands, its prompt and its reply as token ids."""

    place: int
    prompt: list[int]
    reply: list[int]


def measure_losses(store: Store, run_id: int, version: str | None = None, *, report: Report = no_report) -> Losses:
    """Measures nats per token of every row's reply under a run's adapter, and keeps them in the run's folder.

    version: by default the newest one of the run's dataset. Rows measured before whose text is the same are not read
    again, so a stopped measurement goes on where it was. Raises NotFound for a run that is not there, BadInput for one
    without an adapter, and for a version of another dataset.
    """
    from evaluators.models.chat_model import ChatModel
    from evaluators.models.likelihood import likelihood_batches

    run = runs.get(store, run_id)
    if run.result is None:
        raise BadInput(
            f"Run {run_id} has no adapter yet. Wait for it, or go on with it: goldloop jobs resume {run.job_id}"
        )
    dataset = run.version.rpartition("@")[0]
    of = datasets.version(store, version or dataset)
    if of.dataset != dataset:
        raise BadInput(
            f"Run {run_id} was trained on {dataset}, not on {of.dataset}: its losses say nothing of that one."
        )
    rows = datasets.rows_of(store, of)
    known = _known(store, run, rows)
    report(0.0, "loading the model")
    folder = runs.folder(store, run.id)
    chat = ChatModel(embedded.resolve(run.plan["model"], models_folder()), folder / "adapter")
    asked, left_out = _asked(chat, rows, {row_id for row_id, *_ in known})
    digests, ids = rows.text_digests, rows.row_id
    unsaved = 0
    pairs = [(one.prompt, one.reply) for one in asked]
    for batch in likelihood_batches(chat, pairs, adapter=True):
        for at, found in batch.items():
            place = asked[at].place
            known.append((ids[place], digests[place], found.nats_per_token, found.tokens))
        unsaved += len(batch)
        if unsaved >= SAVE_EVERY:
            _save(store, run, known)
            unsaved = 0
        report(min(1.0, len(known) / max(len(rows), 1)), f"{len(known):,} of {len(rows):,} rows read")
    _save(store, run, known)
    return Losses(run, of, len(known), left_out)


Known = list[tuple[str, str, float, int]]  # row id, digest of its text, nats per token, tokens


def _known(store: Store, run: Run, rows: Rows) -> Known:
    """What an earlier measurement says of rows whose text is still the same."""
    path = runs.folder(store, run.id) / LOSSES
    if not path.exists():
        return []
    here = pl.DataFrame({"row_id": rows.row_id, "text": rows.text_digests})
    return here.join(pl.read_parquet(path), on=["row_id", "text"]).select("row_id", "text", "nats", "tokens").rows()


def _save(store: Store, run: Run, known: Known) -> None:
    kinds = {"row_id": pl.String, "text": pl.String, "nats": pl.Float64, "tokens": pl.Int64}
    frame = pl.DataFrame(known, schema=kinds, orient="row")
    write_whole(runs.folder(store, run.id) / LOSSES, lambda part: frame.write_parquet(part))


def _asked(chat: Any, rows: Rows, known: set[str]) -> tuple[list[Asked], dict[str, int]]:
    """The rows to be read as token ids, and why others cannot be."""
    asked: list[Asked] = []
    left_out: dict[str, int] = {}
    for place, (row_id, turns, offered) in enumerate(zip(rows.row_id, rows.messages, rows.tools, strict=True)):
        if row_id in known:
            continue
        why = ""
        last = unfolded(turns[-1]) if turns and turns[-1]["role"] == "assistant" else {}
        if not (last.get("content") or "").strip() and not calls_of(last):
            why = "no reply"
        elif context_mark(last) is not None:
            why = "a reply that is marked as context only"
        else:
            try:
                one = _tokens(chat, place, turns, offered)
                if chat.longest is not None and len(one.prompt) + len(one.reply) > chat.longest:
                    why = "too long for the model"
                else:
                    asked.append(one)
            except (ModelUnusable, Unfit):  # a role or an order that the chat template refuses
                why = "a conversation that the model's chat template refuses"
        if why:
            left_out[why] = left_out.get(why, 0) + 1
    return asked, left_out


def _tokens(chat: Any, place: int, turns: Sequence[Mapping[str, Any]], offered: str | None) -> Asked:
    """The row's prompt and reply as ids; a reply that calls tools as training labels it, calls and all."""
    if calls_of(unfolded(turns[-1])):
        prompt, ids = last_reply(clean(turns), Template.of(chat.tokenizer).offering(offered))
        return Asked(place, prompt, ids)
    before, tools = [as_asked(turn) for turn in turns[:-1]], tools_asked_with(offered)
    reply = turns[-1]["content"] or ""
    return Asked(place, chat.token_ids(chat.render(before, tools=tools)), chat.reply_ids(before, reply, tools=tools))
