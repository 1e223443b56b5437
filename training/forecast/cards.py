"""Graphics cards that people train on: memory, speed, price to rent; and which card is in this machine

Memory in GB as it is sold. bf16: dense multiply-add operations a second with fp32 sums, in 1e12; 0 where the card has
no bf16, and then training computes in fp32. Bandwidth in GB/s. Both as remembered from NVIDIA's data sheets and
architecture papers; only L4, L40S and RTX 4090 were held against reprints of theirs (November 2026). Price: US dollars
an hour for one card, from the cheapest interruptible to the usual on-demand rate of large rental markets; RunPod's list
of March 2026 as told by deploybase.ai/articles/runpod-gpu-pricing for the cards it names, for T4, A10G and A100 40 AWS'
on-demand rates as remembered, else an estimate from neighbouring cards. Prices move every week: an assumption, to be
replaced by the price you pay.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from functools import lru_cache

PRICES_OF = "March 2026"
HOURS_A_MONTH = 730
# Share of the published speed that LoRA training reaches: 35 to 45 % on an H100 with tuned kernels (NVIDIA NeMo's
# figures scaled down), 20 % and less for plain libraries and short rows. Hence a wide range around a quarter.
USED, USED_LEAST, USED_MOST = 0.25, 0.08, 0.45
SMALL_MODEL_USED = 0.06  # of a model below a billion weights: starting the kernels takes longer than their work
TIGHT = 0.85  # of the memory there is; above it the formula's error decides whether a run fits
ASK_SECONDS = 5.0


@dataclass(frozen=True)
class Card:
    """One kind of graphics card. Prices in US dollars an hour."""

    name: str
    memory: int
    bf16: float
    fp32: float
    bandwidth: int
    price_low: float
    price_high: float

    @property
    def usable(self) -> float:
        """Bytes a program gets: the driver and the screen keep some."""
        return self.memory * 1e9 * 0.97

    @property
    def operations(self) -> float:
        """Operations a second by the data sheet, in the format that training takes on this card."""
        return (self.bf16 or self.fp32) * 1e12


CARDS = (
    Card("RTX 3060 12 GB", 12, 25.5, 12.7, 360, 0.06, 0.20),
    Card("RTX 4060 Ti 16 GB", 16, 44.1, 22.1, 288, 0.10, 0.25),
    Card("T4 16 GB", 16, 0.0, 8.1, 320, 0.15, 0.53),
    Card("RTX 3090 24 GB", 24, 71.0, 35.6, 936, 0.22, 0.39),
    Card("RTX 4090 24 GB", 24, 165.2, 82.6, 1008, 0.34, 0.60),
    Card("L4 24 GB", 24, 121.0, 30.3, 300, 0.44, 0.78),
    Card("A10G 24 GB", 24, 70.0, 31.2, 600, 0.50, 1.01),
    Card("RTX 5090 32 GB", 32, 209.5, 104.8, 1792, 0.69, 1.22),
    Card("A100 40 GB", 40, 312.0, 19.5, 1555, 1.00, 4.10),
    Card("L40S 48 GB", 48, 362.0, 91.6, 864, 0.79, 1.40),
    Card("A100 80 GB", 80, 312.0, 19.5, 2039, 1.19, 2.45),
    Card("H100 80 GB", 80, 989.0, 67.0, 3350, 1.99, 4.76),
    Card("H200 141 GB", 141, 989.0, 67.0, 4800, 3.59, 6.35),
)
APPLE = (
    "Apple M-series: memory is shared with the system and may be large enough, but training here takes the CPU there "
    "(torch's Metal part lacks 4 bit and some of the arithmetic), so reckon with hours, not minutes."
)


@dataclass(frozen=True)
class Here:
    """A graphics card in this machine. free: bytes nobody uses now."""

    name: str
    memory: int
    free: int

    @property
    def card(self) -> Card | None:
        """The same card in the list above, None where it is not in it."""
        words = self.name.replace("NVIDIA", "").replace("GeForce", "").split()
        fitting = [one for one in CARDS if all(part in words for part in one.name.split()[:-2] if part != "Ti")]
        near = [one for one in fitting if abs(one.memory * 1e9 / self.memory - 1) < 0.2]
        return near[0] if near else None


@lru_cache(maxsize=1)
def cards_here() -> tuple[Here, ...]:
    """The NVIDIA cards of this machine as its driver names them; none where there is no driver."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    ask = [program, "--query-gpu=name,memory.total,memory.free", "--format=csv,noheader,nounits"]
    try:
        said = subprocess.run(ask, capture_output=True, text=True, timeout=ASK_SECONDS, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(read_card(line) for line in said.splitlines() if line.count(",") == 2)


def read_card(line: str) -> Here:
    """A card from a line of nvidia-smi: name, total and free memory in MiB."""
    name, total, free = (part.strip() for part in line.split(","))
    return Here(name, int(float(total)) << 20, int(float(free)) << 20)


def card_named(text: str) -> Card | None:
    """The card that a person means by "4090" or "a100 80"; None when none or several of unlike memory are meant."""
    wanted = text.lower().replace("gb", " ").split()
    found = [one for one in CARDS if wanted and all(part in one.name.lower().split() for part in wanted)]
    return found[0] if len(found) == 1 else None
