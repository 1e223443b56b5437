"""How much memory a stretch of work took at most: training and evaluation counted apart"""

from __future__ import annotations

import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Protocol

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
RESET_PEAK = "5"  # what Linux takes as "forget the peak of resident memory": proc(5), clear_refs
SAMPLE_SECONDS = 0.02  # between two looks where the system keeps no peak that can be reset


class Peak(Protocol):
    """The most memory in use since `restart`, in bytes."""

    def restart(self) -> None: ...
    def so_far(self) -> int: ...
    def close(self) -> None: ...


class AcceleratorPeak:
    """Kept by torch, of its own allocations; untried on more than one accelerator."""

    def restart(self) -> None:
        import torch

        torch.cuda.reset_peak_memory_stats()

    def so_far(self) -> int:
        import torch

        return int(torch.cuda.max_memory_allocated())

    def close(self) -> None:
        pass


class KernelPeak:
    """Kept by Linux for this process (VmHWM), exact."""

    def restart(self) -> None:
        CLEAR.write_text(RESET_PEAK)

    def so_far(self) -> int:
        for line in STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024  # the unit there is kB, meaning 1024 bytes
        raise OSError("no VmHWM in /proc/self/status")

    def close(self) -> None:
        pass


class SampledPeak:
    """Looked at fifty times a second by a thread; a spike shorter than that may be missed."""

    def __init__(self) -> None:
        import psutil

        self._process = psutil.Process()
        self._most = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def restart(self) -> None:
        self._most = self._now()

    def so_far(self) -> int:
        self._most = max(self._most, self._now())
        return self._most

    def close(self) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            self._most = max(self._most, self._now())

    def _now(self) -> int:
        return int(self._process.memory_info().rss)


def peak_of(device: str) -> Peak:
    """The best way that this machine has to see a peak, begun anew."""
    if device == "cuda":
        found: Peak = AcceleratorPeak()
        found.restart()
        return found
    if sys.platform == "linux":
        with suppress(OSError):  # a container may forbid it
            found = KernelPeak()
            found.restart()
            found.so_far()
            return found
    return SampledPeak()
