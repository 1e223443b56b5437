"""What several processes of one run agree on: who writes files, when all stop, what their sums are

Started by `accelerate launch` or torchrun, each process (a rank) computes its share of every step's rows. In a run of
one process every function here does nothing, or answers for that one, without importing torch.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable
from typing import NoReturn, TypeVar

from training.errors import PlanError, TrainingError

Result = TypeVar("Result")


class StoppedTogether(TrainingError):
    """Another process of this run was stopped or failed, so this one ended, too."""


def count() -> int:
    """How many processes this run has."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def number() -> int:
    """Which of them this one is, from 0."""
    return int(os.environ.get("RANK", "0")) if count() > 1 else 0


def is_first() -> bool:
    """Whether this process writes the files and talks to people."""
    return number() == 0


def is_sharded() -> bool:
    """Whether the weights themselves are divided among the processes (FSDP)."""
    return count() > 1 and os.environ.get("ACCELERATE_USE_FSDP", "").lower() in ("1", "true")


def join() -> None:
    """Meets the other processes."""
    if count() > 1:
        import torch
        from accelerate import PartialState

        PartialState(cpu=not torch.cuda.is_available())


def part() -> None:
    """Leaves the other processes, at the end."""
    if count() > 1:
        import torch.distributed as dist

        if dist.is_initialized():
            dist.destroy_process_group()


def leave(code: int) -> NoReturn:
    """Ends this process with that exit code, after what is written and what others asked to be done at the end.

    Of several processes none takes Python down piece by piece: DistributedDataParallel keeps the group's threads alive
    beyond `part`, and one that touches a Python object then ends a run that is done with SIGABRT ("terminate called
    without an active exception"; pytorch/pytorch issue 190489 and pull request 179291).
    """
    if count() > 1:
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)
    sys.exit(code)


def share_of(batch_size: int) -> int:
    """Rows of a batch that each process computes. Raises PlanError when they cannot be divided evenly."""
    ranks = count()
    if batch_size % ranks:
        fitting = [n for n in range(1, batch_size + 1) if batch_size % n == 0]
        raise PlanError(
            f"batch_size={batch_size} rows cannot be divided evenly among {ranks} processes. Set batch_size to "
            f"{-(-batch_size // ranks) * ranks}, or start {' or '.join(str(n) for n in fitting)} processes."
        )
    return batch_size // ranks


def once(action: Callable[[], Result]) -> Result:
    """What `action` returns in the first process, in all of them; what it raises there ends all of them."""
    if count() == 1:
        return action()
    import torch.distributed as dist

    told: list[tuple[Result | None, str | None]] = [(None, None)]
    problem: BaseException | None = None
    if is_first():
        try:
            told = [(action(), None)]
        except BaseException as raised:
            problem, told = raised, [(None, str(raised) or type(raised).__name__)]
    dist.broadcast_object_list(told, src=0)
    if problem is not None:
        raise problem
    result, said = told[0]
    if said is not None:
        raise StoppedTogether(said)
    return result  # type: ignore[return-value]


def together(action: Callable[[], None]) -> None:
    """`action` in every process; when it raises in one of them, it does in all, so that none waits for ever."""
    problem: BaseException | None = None
    try:
        action()
    except BaseException as raised:
        problem = raised
    failed = total(0.0 if problem is None else 1.0) > 0
    if problem is not None:
        raise problem
    if failed:
        raise StoppedTogether("another process of this run was stopped, or failed; its own message says why.")


def total(value: float) -> float:
    """The sum of a number over all processes."""
    if count() == 1:
        return value
    return sums([value])[0]


def sums(values: list[float]) -> list[float]:
    """The sums of some numbers over all processes, in double precision."""
    if count() == 1:
        return values
    import torch
    import torch.distributed as dist

    device = "cuda" if dist.get_backend() == "nccl" else "cpu"
    held = torch.tensor(values, dtype=torch.float64, device=device)
    dist.all_reduce(held)
    return [float(one) for one in held]


def wait() -> None:
    """Until all processes are here."""
    if count() > 1:
        import torch.distributed as dist

        dist.barrier()
