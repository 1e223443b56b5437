"""Graphics cards that people train on: memory, speed, rent, and how each is known; which card is in this machine

Memory in GB as it is sold. bf16: dense multiply-add operations a second with fp32 sums, in 1e12; 0 where the card has
no bf16, and then training computes in fp32. Bandwidth in GB/s. A100, H100 and H200: the SXM form. Price: US dollars an
hour for one card, from the cheapest listing to the usual rate on demand (RunPod's own data centres, AWS or Lambda).
Each entry names where its speed and its price were looked up and what of it stands from memory. The sources were read
in stored copies in November 2026, rents as others wrote them down from the lenders' lists; of the GeForce cards' upper
ends no month is known. Prices move every week: an assumption, to be replaced by the price you pay.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from functools import lru_cache

LOOKED_UP = "November 2026"
HOURS_A_MONTH = 730
# Share of the published speed that LoRA training reaches: 35 to 45 % on an H100 with tuned kernels (NVIDIA NeMo's
# figures scaled down), 20 % and less for plain libraries and short rows. Hence a wide range around a quarter.
USED, USED_LEAST, USED_MOST = 0.25, 0.08, 0.45
SMALL_MODEL_USED = 0.06  # of a model below a billion weights: starting the kernels takes longer than their work
TIGHT = 0.85  # of the memory there is; above it the formula's error decides whether a run fits
ASK_SECONDS = 5.0


@dataclass(frozen=True)
class Card:
    """One kind of graphics card. Prices in US dollars an hour. source: where memory and speed were looked up;
    remembered: what of them stands from memory; priced: whose rents, and of when, "" where they stand from memory."""

    name: str
    memory: int
    bf16: float
    fp32: float
    bandwidth: int
    price_low: float
    price_high: float
    source: str
    priced: str = ""
    remembered: str = ""

    @property
    def usable(self) -> float:
        """Bytes a program gets: the driver and the screen keep some."""
        return self.memory * 1e9 * 0.97

    @property
    def operations(self) -> float:
        """Operations a second by the data sheet, in the format that training takes on this card."""
        return (self.bf16 or self.fp32) * 1e12

    @property
    def known(self) -> str:
        """How memory and speed are known, in words that follow a name."""
        memory = f"; from memory: {self.remembered}" if self.remembered else ""
        return f"looked up in {LOOKED_UP} in {self.source}{memory}"

    @property
    def rent_known(self) -> str:
        """Whose rents these are, and of when."""
        return self.priced or "from memory"


# NVIDIA's papers and data sheets as quoted where they were read: images.nvidia.com/aem-dam/Solutions/geforce/
# blackwell/nvidia-rtx-blackwell-gpu-architecture.pdf (table 3), nvidia.com/content/PDF/
# nvidia-ampere-ga-102-gpu-architecture-whitepaper-v2.pdf, nvidia.com/content/dam/en-zz/Solutions/Data-Center/a100/pdf/
# nvidia-a100-datasheet-nvidia-us-2188504-web.pdf, nvidia.com/en-us/data-center/ h100, h200, l4, l40s. Lists of
# specifications: sysrqmts.com, topcpu.net, hmc-tech.com, siliconcat.net. Rents: runpod.io/pricing,
# aws.amazon.com/ec2/pricing/on-demand, lambda.com, hyperstack.cloud/gpu-pricing, openrelay.inc/gpu-pricing-calculator.
LISTS = "two lists of specifications"
AMPERE = "NVIDIA's GA102 and RTX Blackwell papers as others quote them"
ADA, BLACKWELL = "NVIDIA's Ada paper as others quote it", "NVIDIA's RTX Blackwell paper as others quote it"
SHEET = "NVIDIA's data sheet as others quote it"
TWICE = "bf16, as twice fp32 like NVIDIA's larger cards of the family"
CARDS = (
    Card("RTX 3060 12 GB", 12, 25.5, 12.7, 360, 0.06, 0.20, LISTS, remembered=TWICE),
    Card("RTX 4060 Ti 16 GB", 16, 44.1, 22.1, 288, 0.10, 0.25, "a list of specifications",
         remembered=f"bandwidth; {TWICE}"),
    Card("T4 16 GB", 16, 0.0, 8.1, 320, 0.19, 0.53, LISTS, "cheapest listing and AWS, 2026"),
    Card("RTX 3090 24 GB", 24, 71.2, 35.6, 936, 0.18, 0.43, AMPERE, "OpenRelay and RunPod, 2026"),
    Card("RTX 4090 24 GB", 24, 165.2, 82.6, 1008, 0.29, 0.69, ADA, "OpenRelay and RunPod, 2026"),
    Card("L4 24 GB", 24, 121.0, 30.3, 300, 0.44, 0.80, SHEET, "RunPod, Mar; AWS, Aug 2026"),
    Card("A10G 24 GB", 24, 70.0, 31.5, 600, 0.50, 1.01, f"{LISTS} and a measurement",
         "AWS, Aug 2026; low end: memory"),
    Card("RTX 5090 32 GB", 32, 209.5, 104.8, 1792, 0.69, 0.99, BLACKWELL, "RunPod, 2026"),
    Card("A100 40 GB", 40, 312.0, 19.5, 1555, 1.00, 1.99, SHEET, "RunPod, Aug; Lambda, Nov 2026"),
    Card("L40S 48 GB", 48, 362.0, 91.6, 864, 0.79, 1.86, SHEET, "RunPod, Sep; AWS, Aug 2026"),
    Card("A100 80 GB", 80, 312.0, 19.5, 2039, 1.19, 1.79, SHEET, "RunPod, November 2026"),
    Card("H100 80 GB", 80, 989.0, 67.0, 3350, 1.99, 3.99, SHEET, "RunPod, November 2026"),
    Card("H200 141 GB", 141, 989.0, 67.0, 4800, 3.99, 4.59, SHEET, "Hyperstack, RunPod, Oct 2026"),
)  # fmt: skip


def from_memory() -> str:
    """What of the cards' memory and speed stands from memory, card by card."""
    return "; ".join(f"{one.name} ({one.remembered})" for one in CARDS if one.remembered)


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
