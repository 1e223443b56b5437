"""The electric energy that a run took, where the machine has a meter; never guessed

Counted: the processor packages (RAPL, as Linux shows it) and the graphics card that trains (NVML). Both count
everything that runs on them, other programs too, and leave out memory, disks, fans and the power supply. A machine
without a readable meter, most virtual machines among them, has no figure: None, not an estimate.

Source: Linux Documentation/power/powercap/powercap.rst; NVML API, nvmlDeviceGetTotalEnergyConsumption.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

POWERCAP = Path("/sys/class/powercap")
PACKAGE = re.compile(r"(intel|amd)-rapl:\d+")  # whole packages; "intel-rapl:0:0" is a part of one
JOULES_PER_KWH = 3_600_000
NVML = "libnvidia-ml.so.1"

Reading = Callable[[], float]  # joules since some moment in the past


class Meter:
    """Counts joules from its making on; `so_far` is None where the machine has no meter.

    Has to be read at least every half hour: the processor's counter starts again at 0 after some 260 kJ.
    """

    def __init__(self, readings: list[Counter]) -> None:
        self._counters = readings
        self._joules = 0.0
        self._broken = not readings
        for counter in readings:
            self._broken |= counter.restart() is None

    def so_far(self) -> float | None:
        """Joules since this meter was made."""
        for counter in self._counters:
            added = counter.added()
            if added is None:
                self._broken = True
            else:
                self._joules += added
        return None if self._broken else self._joules


class Counter:
    """One counter that only rises, and begins again at 0 after `span` joules where it has one."""

    def __init__(self, name: str, read: Reading, span: float | None = None) -> None:
        self.name, self._read, self._span, self._last = name, read, span, 0.0

    def restart(self) -> float | None:
        """Counts from now on; None where it cannot be read."""
        try:
            self._last = self._read()
        except (OSError, ValueError):
            return None
        return self._last

    def added(self) -> float | None:
        """Joules since it was last asked; None where it can no longer be read."""
        before = self._last
        now = self.restart()
        if now is None:
            return None
        if now >= before:
            return now - before
        return None if self._span is None else now + self._span - before


def meter_for(device: str, powercap: Path = POWERCAP) -> Meter:
    """The meter of this machine for a run on "cpu" or "cuda".

    A card's energy alone, or a processor's alone, would look like all of it: a run on a card needs the card's counter,
    and the processor's is added where it is readable.
    """
    packages = package_counters(powercap)
    if device != "cuda":
        return Meter(packages)
    card = card_counter()
    return Meter([] if card is None else [card, *packages])


def package_counters(powercap: Path = POWERCAP) -> list[Counter]:
    """A counter for every processor package that may be read; most systems allow that to root only."""
    found = []
    folders = sorted(powercap.iterdir()) if powercap.is_dir() else []
    for folder in folders:
        if not PACKAGE.fullmatch(folder.name):
            continue
        with suppress(OSError, ValueError):
            name = (folder / "name").read_text().strip()
            span = microjoules(folder / "max_energy_range_uj")
            microjoules(folder / "energy_uj")
            if name.startswith("package"):
                found.append(Counter(name, lambda file=folder / "energy_uj": microjoules(file), span))  # type: ignore[misc]
    return found


def microjoules(file: Path) -> float:
    """A counter's file, in joules."""
    return int(file.read_text()) / 1e6


def card_counter() -> Counter | None:
    """The counter of the graphics card that torch computes on, or None where it has none (before Volta).

    The card is found by its UUID: NVML numbers all cards of the machine, torch the visible ones.
    """
    try:
        import torch

        uuid = f"GPU-{torch.cuda.get_device_properties(0).uuid}".encode()
        library = ctypes.CDLL(NVML)
        handle = ctypes.c_void_p()
        if library.nvmlInit_v2() or library.nvmlDeviceGetHandleByUUID(uuid, ctypes.byref(handle)):
            return None
    except (OSError, AttributeError, RuntimeError, AssertionError):
        return None

    def read() -> float:
        millijoules = ctypes.c_ulonglong()
        if library.nvmlDeviceGetTotalEnergyConsumption(handle, ctypes.byref(millijoules)):
            raise OSError("this card counts no energy")
        return millijoules.value / 1000

    return Counter("card", read)


def in_kwh(joules: float) -> float:
    """Kilowatt hours, as an electricity bill counts."""
    return joules / JOULES_PER_KWH


def cost(joules: float, price_per_kwh: float) -> float:
    """What that energy costs at a price a kilowatt hour, in the currency of the price."""
    return in_kwh(joules) * price_per_kwh


def energy_told(joules: float | None) -> str:
    """The energy as one says it: "0.012 kWh", or why there is none."""
    return "not measured: this machine has no readable meter" if joules is None else f"{in_kwh(joules):.3g} kWh"
