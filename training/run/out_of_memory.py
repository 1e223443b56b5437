"""What to do when memory runs out: notice it early, give back what the failed attempt held, divide the batch"""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# How the libraries say it: torch on an accelerator, torch's CPU allocator, C++, oneDNN, the system, Python where no
# room is left for a thread's stack
SAID = ("out of memory", "can't allocate memory", "not enough memory", "bad_alloc", "could not create a memory",
        "Cannot allocate memory", "can't start new thread")  # fmt: skip
CGROUP = Path("/sys/fs/cgroup")
LEFT_FREE = 256 << 20  # bytes nobody should count on: other programs breathe, too


def is_out_of_memory(problem: BaseException) -> bool:
    """Whether an accelerator's or the processor's memory was too small."""
    if isinstance(problem, MemoryError) or type(problem).__name__ == "OutOfMemoryError":
        return True
    return isinstance(problem, RuntimeError) and any(said in str(problem) for said in SAID)


def half(batch_size: int) -> int:
    """The largest divisor of a batch that is at most half of it, so that a step keeps its rows."""
    return max(size for size in range(1, batch_size // 2 + 1) if batch_size % size == 0)


def with_smaller_batches(measure: Callable[[int], float], batch_size: int) -> tuple[float, int]:
    """`measure` of the largest batch that fits, from this one on downwards, and that batch.

    Raises what `measure` raises when one row at a time does not fit either.
    """
    while True:
        try:
            return measure(batch_size), batch_size
        except Exception as problem:
            if batch_size == 1 or not is_out_of_memory(problem):
                raise
        batch_size = max(1, batch_size // 2)
        free_memory()


def free_memory() -> None:
    """Gives back what nothing holds any more, to the accelerator and to the system."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # glibc only: it keeps freed pieces for itself otherwise
            ctypes.CDLL("libc.so.6").malloc_trim(0)


@contextmanager
def within_free_memory(reserved: int = 0) -> Iterator[None]:
    """The process may take what is free now, less `reserved` bytes; asking for more fails at once with an exception.

    Otherwise Linux promises memory that it does not have and, when it is used, ends the process without a word. Where
    the limit cannot be set, nothing changes.
    """
    limit = _limit(reserved)
    if limit is None:
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if soft != resource.RLIM_INFINITY and soft <= limit:
        yield
        return
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _limit(reserved: int) -> int | None:
    if sys.platform != "linux":
        return None
    try:
        free = free_bytes() - LEFT_FREE - reserved
        return _status("VmData") + max(free, 0)
    except (OSError, ValueError, StopIteration):
        return None


def free_bytes() -> int:
    """Memory that this process may still take: what the machine has free, or its container, whichever is less."""
    import psutil

    free = int(psutil.virtual_memory().available)
    with suppress(OSError, ValueError):
        most, used = (CGROUP / "memory.max").read_text().strip(), int((CGROUP / "memory.current").read_text())
        cache = next(
            int(line.split()[1])
            for line in (CGROUP / "memory.stat").read_text().splitlines()
            if line.startswith("inactive_file ")
        )
        if most != "max":
            free = min(free, int(most) - used + cache)
    return free


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))
