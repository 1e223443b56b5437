"""Base and tuned weights of a model that was tuned as a whole: one network, which wears one of the two at a time

An adapter is switched off; a model whose every weight was tuned has none, so both sets of weights are kept in memory,
and changing over costs no copying. The network wears the tuned weights unless told otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from evaluators.errors import ModelUnusable

CONFIG, ADAPTER_CONFIG = "config.json", "adapter_config.json"
Weights = Mapping[str, Any]  # name -> tensor, as `named_parameters` gives them


def is_whole(folder: Path) -> bool:
    """Whether a run's result is a whole model rather than an adapter."""
    return (folder / CONFIG).is_file() and not (folder / ADAPTER_CONFIG).exists()


def with_whole(network: Any, folder: Path) -> Any:
    """The base network wearing the tuned weights of this folder; its own lie ready. Raises ModelUnusable."""
    network.base_weights = weights_of(network)
    network.tuned_weights = read_weights(network, folder)
    wear(network, network.tuned_weights)
    return network


def read_weights(network: Any, folder: Path) -> Weights:
    """A whole model's weights in the network's precision and on its device. Raises ModelUnusable."""
    from transformers import AutoModelForCausalLM

    from evaluators.models.loading import first_line, no_bars

    try:
        with no_bars():
            other = AutoModelForCausalLM.from_pretrained(
                str(folder), dtype=network.dtype, trust_remote_code=False, use_safetensors=True
            )
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise ModelUnusable(f"the tuned model {folder} cannot be loaded: {first_line(error)}") from error
    found = weights_of(other.to(network.device))
    mine = weights_of(network)
    if {name: one.shape for name, one in found.items()} != {name: one.shape for name, one in mine.items()}:
        raise ModelUnusable(
            f"the tuned model {folder} has other weights than its base. Evaluate it with the model it was trained on."
        )
    return found


def weights_of(network: Any) -> Weights:
    """The weights that the network wears now."""
    return {name: one.data for name, one in network.named_parameters()}


def wear(network: Any, weights: Weights) -> None:
    """From now on the network computes with these weights."""
    for name, one in network.named_parameters():
        one.data = weights[name]


@contextmanager
def worn(network: Any, weights: Weights) -> Iterator[None]:
    """Meanwhile the network wears these weights."""
    before = weights_of(network)
    wear(network, weights)
    try:
        yield
    finally:
        wear(network, before)


def between(base: Weights, tuned: Weights, scale: float) -> Weights:
    """The weights on the line from base (0) to tuned (1). Source: Wortsman et al. 2022, arXiv 2109.01903."""
    return {
        name: (one.float() + scale * (tuned[name].float() - one.float())).to(one.dtype) for name, one in base.items()
    }
