"""How surprised a model is at given replies, in batches"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from evaluators.models.chat_model import Likelihood, inner_model
from evaluators.models.generation import left_padded

if TYPE_CHECKING:
    from evaluators.models.chat_model import ChatModel

BATCH = 16
MOST_SCORED = 2048  # reply tokens a batch: with a vocabulary of 150,000 their logits take 1.2 GB in fp32

Row = tuple[Sequence[int], Sequence[int]]


def likelihood_batches(model: ChatModel, rows: Sequence[Row], *, adapter: bool) -> Iterator[dict[int, Likelihood]]:
    """Likelihoods by place in the list, a batch at a time. rows: (prompt ids, reply ids); longest first."""
    order = sorted(range(len(rows)), key=lambda place: (-len(rows[place][0]) - len(rows[place][1]), place))
    batch: list[int] = []
    for place in order:
        longest = max(len(rows[p][1]) for p in [*batch, place])
        if batch and (len(batch) == BATCH or longest * (len(batch) + 1) > MOST_SCORED):
            yield dict(zip(batch, likelihoods(model, [rows[p] for p in batch], adapter), strict=True))
            batch = []
        batch.append(place)
    if batch:
        yield dict(zip(batch, likelihoods(model, [rows[p] for p in batch], adapter), strict=True))


def likelihoods(model: ChatModel, rows: Sequence[Row], adapter: bool) -> list[Likelihood]:
    """Mean negative log-likelihood of each reply's tokens, nats; softmax in fp32 whatever the model's precision."""
    import torch

    network = model.network
    ids, mask = left_padded([[*prompt, *reply] for prompt, reply in rows], model.tokenizer.pad_token_id, network.device)
    known = inspect.signature(inner_model(network).forward).parameters
    options = {}
    if "position_ids" in known:
        options["position_ids"] = (mask.cumsum(-1) - 1).clamp(min=0)
    if "logits_to_keep" in known:  # the head over the replies only: it is a third of a small model's work
        options["logits_to_keep"] = max(len(reply) for _, reply in rows) + 1
    with torch.inference_mode(), model.arm(adapter):
        logits = network(input_ids=ids, attention_mask=mask, use_cache=False, **options).logits
        found = []
        for place, (_, reply) in enumerate(rows):
            scores = logits[place, -len(reply) - 1 : -1].float()
            wanted = scores.gather(1, ids[place, -len(reply) :, None])[:, 0]
            found.append(Likelihood(float((scores.logsumexp(-1) - wanted).mean()), len(reply)))
    return found
