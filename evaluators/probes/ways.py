"""One loaded model run in several ways: as the base, with its adapter, a weaker one, or an earlier checkpoint's"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluators.errors import BadRequest
from evaluators.models import loading, whole

if TYPE_CHECKING:
    from evaluators.models.chat_model import ChatModel

EARLIER = "earlier"  # the name under which a checkpoint's adapter is put beside the run's own
OWN = "default"  # the name that PEFT gives the first adapter
MOST_SCALE = 2.0
NO_DORA_SCALE = (
    "a DoRA adapter also learns the lengths of weights, so a share of its strength is not a share of what it changes. "
    "Measure it as trained, or train with method=lora to try smaller scales."
)


@dataclass(frozen=True)
class Way:
    """scale: what the adapter's change is multiplied by, 1 as trained. folder: another adapter of the same base."""

    name: str
    adapter: bool = True
    scale: float = 1.0
    folder: Path | None = None

    def __post_init__(self) -> None:
        if not 0 < self.scale <= MOST_SCALE:
            raise BadRequest(
                f"an adapter scale of {self.scale:g} cannot be measured; give one above 0 and up to {MOST_SCALE:g}, "
                "for instance 0.5. The base model, which is a scale of 0, is measured anyway."
            )

    def about(self, model: ChatModel) -> dict[str, Any]:
        """What tells results of this way from others, for the cache."""
        if not self.adapter:
            return {"adapter": None}
        digest = model.adapter_digest if self.folder is None else loading.folder_digest(self.folder)
        return {"adapter": digest, **({} if self.scale == 1 else {"scale": self.scale})}


BASE, TUNED = Way("base", adapter=False), Way("tuned")


def at_scale(scale: float) -> Way:
    """The run's adapter, weakened: 0.5 is half of what it changes."""
    return Way(f"scale {scale:g}", scale=scale)


@contextmanager
def run_as(model: ChatModel, way: Way) -> Iterator[None]:
    """Meanwhile the model's adapter is that of the way; the model's own `arm` still switches it on and off.

    Source of the scaling: PEFT's `rescale_adapter_scale`, which equals weight interpolation between base and tuned
    (Wortsman et al. 2022, arXiv 2109.01903).
    """
    if not way.adapter or (way.scale == 1 and way.folder is None):
        yield
        return
    network = model.network
    if model.whole:
        other = network.tuned_weights if way.folder is None else whole.read_weights(network, way.folder)
        weights = other if way.scale == 1 else whole.between(network.base_weights, other, way.scale)
        with whole.worn(network, weights):
            yield
        return
    if way.scale != 1 and network.peft_config[OWN].use_dora:
        raise BadRequest(NO_DORA_SCALE)
    from peft.helpers import rescale_adapter_scale

    if way.folder is not None:
        network.load_adapter(str(loading.checked_adapter(way.folder)), EARLIER, autocast_adapter_dtype=False)
        network.set_adapter(EARLIER)
    try:
        with rescale_adapter_scale(network, way.scale):
            yield
    finally:
        if way.folder is not None:
            network.set_adapter(OWN)
            network.delete_adapter(EARLIER)
