"""How likely a model finds several continuations of one text, reading what they share only once

Answers of one token need one row for all of them, since the row's last place says how likely every token is; longer
ones need a row for each different beginning. Measured by benchmarks/forgetting.py beside a row for each answer.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evaluators.models.chat_model import ChatModel

ROWS = 32  # a batch: short rows, so that 32 of them fill a processor as 16 long ones do

Ids = Sequence[int]
Group = tuple[Ids, Sequence[Ids]]  # ids of the text, ids of each continuation


def log_likelihood_batches(
    model: ChatModel, groups: Sequence[Group], *, adapter: bool
) -> Iterator[dict[int, list[float]]]:
    """Sum of log P of each continuation's tokens, nats, by place of its group; a batch of whole groups at a time."""
    order = sorted(range(len(groups)), key=lambda place: (-len(groups[place][0]), place))
    batch: list[int] = []
    rows = 0
    for place in order:
        mine = len(stems(groups[place][1]))
        if batch and rows + mine > ROWS:
            yield dict(zip(batch, log_likelihoods(model, [groups[p] for p in batch], adapter), strict=True))
            batch, rows = [], 0
        batch.append(place)
        rows += mine
    if batch:
        yield dict(zip(batch, log_likelihoods(model, [groups[p] for p in batch], adapter), strict=True))


def stems(continuations: Sequence[Ids]) -> list[tuple[int, ...]]:
    """What must be read after the text: each continuation but its last token, unless a longer one begins with it."""
    wanted = sorted({tuple(one[:-1]) for one in continuations}, key=lambda stem: (-len(stem), stem))
    kept: list[tuple[int, ...]] = []
    for stem in wanted:
        if not any(longer[: len(stem)] == stem for longer in kept):
            kept.append(stem)
    return kept


def log_likelihoods(model: ChatModel, groups: Sequence[Group], adapter: bool) -> list[list[float]]:
    """One batch: for each group the nats of its continuations; softmax in fp32 whatever the model's precision."""
    import torch

    from evaluators.models.chat_model import inner_model
    from evaluators.models.generation import left_padded

    read = [(place, stem) for place, (_, after) in enumerate(groups) for stem in stems(after)]
    network = model.network
    rows = [[*groups[place][0], *stem] for place, stem in read]
    ids, mask = left_padded(rows, model.tokenizer.pad_token_id, network.device)
    known = inspect.signature(inner_model(network).forward).parameters
    options = {}
    if "position_ids" in known:
        options["position_ids"] = (mask.cumsum(-1) - 1).clamp(min=0)
    if "logits_to_keep" in known:  # the head over a large vocabulary is a third of a small model's work
        options["logits_to_keep"] = max(len(stem) for _, stem in read) + 1
    with torch.inference_mode(), model.arm(adapter):
        logits = network(input_ids=ids, attention_mask=mask, use_cache=False, **options).logits
        spread = {at: logits[at, -len(stem) - 1 :].float().log_softmax(-1) for at, (_, stem) in enumerate(read)}
    found = []
    for place, (_, after) in enumerate(groups):
        mine = [(at, stem) for at, (owner, stem) in enumerate(read) if owner == place]
        found.append([
            sum(float(spread[at][step, token]) for step, token in enumerate(one))
            for one in after
            for at in [next(at for at, stem in mine if stem[: len(one) - 1] == tuple(one[:-1]))]
        ])  # fmt: skip
    return found
