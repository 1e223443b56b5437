"""What every test may ask for: a fresh store, small rows, the folder of fetched models."""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("GOMP_SPINCOUNT", "0")  # before torch is imported anywhere
os.environ.setdefault("GOLDLOOP_MODELS", str(Path("~/.cache/goldloop/models").expanduser()))

from workbench.rows import Rows
from workbench.store import Store

# The same drawn examples in every run: a new one would show its fault to somebody who changed something else. More are
# drawn by raising max_examples. How long drawing takes on a busy machine says nothing of the code.
settings.register_profile("suite", derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

SUBJECTS = ("kettle", "toaster", "lamp", "fan", "clock", "radio", "mixer", "heater", "scale", "iron")
ACTIONS = ("return", "repair", "clean", "order", "wrap")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store in a folder of its own."""
    opened = Store.open(tmp_path / "store")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """`free_port()` gives a port of loopback for a server that is about to start.

    None of those that the system hands out by itself (32,768 and up): another process's connection could take it first.
    """

    def choose() -> int:
        while True:
            port = random.SystemRandom().randrange(20_000, 32_000)
            with socket.socket() as tried, suppress(OSError):
                tried.bind(("127.0.0.1", port))
                return port

    return choose


@pytest.fixture(scope="session")
def fifty_rows() -> Rows:
    """Fifty different conversations in five topics, none a near copy of another."""
    records = []
    for number, subject in enumerate(SUBJECTS):
        for step, action in enumerate(ACTIONS):
            day = 3 + 7 * number + step
            asked = f"May I {action} the {subject}? It is order {1000 + day * 13} and I wonder about {action}ing."
            said = (
                f"For a {subject} the desk allows {day} days to {action}; write {subject.upper()}-{day} on the parcel, "
                f"then hand it to counter {day % 9} beside {subject}s."
            )
            records.append(
                {
                    "row_id": f"{subject}-{action}",
                    "tags": [f"topic:{action}"],
                    "source": "fifty",
                    "line": len(records) + 1,
                    "messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": said}],
                }
            )
    return Rows.from_records(records)
