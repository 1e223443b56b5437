"""What spares a GPU work without changing what is learned: nothing computed twice where there is room, and no mask

Written with the help of the libraries' sources and tried on a processor, where every piece gives the same loss and the
same gradients; no GPU was at hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from training.machine import Machine, tokens_kept
from training.plan import TrainingPlan
from training.run import ranks, replies
from training.tokens.encode import EncodedRow

CHECKPOINT_FROM = 1_000_000_000  # parameters from which on a GPU may be too small to keep activations
# Tokens from which on a pass is worth its reading of the weights: a GPU that does 800 TFLOP/s and reads 3 TB/s computes
# for longer than it reads from 270 tokens on (two operations and two bytes a weight); four times that, to be sure.
LEAST_PART = 1024
LEARNED_BYTES = 12  # a weight that is learned: its gradient and two moments of AdamW, all in fp32
ATTENTION = "goldloop_right_padded"


@dataclass(frozen=True)
class Division:
    """How a GPU gets by with its memory: activations computed twice, or batches computed in parts, or neither."""

    recomputes: bool
    part_tokens: int | None = None


def division(longest: int, at_once: int, kept: int, *, may_part: bool = True) -> Division:
    """The quickest way to compute batches of `at_once` rows, the longest of so many tokens, where `kept` tokens fit.

    Computing activations twice makes every step a quarter to a third slower; parts of at least LEAST_PART tokens cost
    next to nothing, and only the few batches that are too large have any.
    """
    if longest * at_once <= kept:
        return Division(recomputes=False)
    if may_part and kept >= max(longest, LEAST_PART):
        return Division(recomputes=False, part_tokens=kept)
    return Division(recomputes=True)


def division_for(
    plan: TrainingPlan, model: Any, rows: Sequence[EncodedRow], machine: Machine, batch_size: int
) -> Division:
    """How this GPU computes this run's batches. Its free memory is asked for before the model lies on it, or after."""
    if machine.device != "cuda" or model.num_parameters() < CHECKPOINT_FROM:
        return Division(recomputes=False)
    import torch

    torch.cuda.empty_cache()  # what quantising the weights took is torch's still, and counts as taken
    free = torch.cuda.mem_get_info()[0] - still_to_come(plan, model)
    # a batch that was halved for want of memory has its parts halved, too: less fits than was reckoned
    fits = tokens_kept(model.config.get_text_config(), free) * batch_size // max(batch_size, plan.batch_size)
    longest = max(len(row.ids) for row in rows)
    # with weights in shards all processes have to compute equally many parts
    return division(longest, ranks.share_of(batch_size), fits, may_part=not ranks.is_sharded())


def still_to_come(plan: TrainingPlan, model: Any) -> int:
    """Bytes the model does not take on the GPU yet, but will: weights that are not there, and what learning needs."""
    waiting = sum(one.numel() * one.element_size() for one in model.parameters() if one.device.type != "cuda")
    return waiting + (LEARNED_BYTES * model.num_parameters() if plan.method == "full" else 0)


def attend_without_padding_mask(model: Any) -> None:
    """Attention that is told nothing of the padding, for batches whose padding stands on the right, as ours does.

    A token sees only those before it, so a real token never sees padding behind it; what padding sees is not scored.
    Without a mask torch takes its flash kernel, and repeats no keys for grouped queries; with one it takes a slower
    kernel and builds a mask of rows x tokens x tokens. Asking whether any row is padded at all, as the library does
    first, would make the GPU wait.
    """
    from transformers import AttentionInterface
    from transformers.integrations.sdpa_attention import sdpa_attention_forward
    from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

    base = replies.causal_model(model)
    if getattr(base.config, "_attn_implementation", None) != "sdpa":
        return

    def mask(*given: Any, attention_mask: Any = None, allow_is_causal_skip: bool = True, **named: Any) -> Any:
        if allow_is_causal_skip:  # plainly causal; where tokens may also see later ones, padding has to be masked
            attention_mask = None
        return sdpa_mask(*given, attention_mask=attention_mask, allow_is_causal_skip=allow_is_causal_skip, **named)

    AttentionInterface.register(ATTENTION, sdpa_attention_forward)
    AttentionMaskInterface.register(ATTENTION, mask)
    base.set_attn_implementation(ATTENTION)
