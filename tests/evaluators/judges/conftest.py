"""A judge server for the tests of judges."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


def loaded() -> Any:
    """The module of the server, which lies beside the folders of tests."""
    path = Path(__file__).parents[2] / "judge_server.py"
    spec = importlib.util.spec_from_file_location("judge_server", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SERVER = loaded()


@pytest.fixture
def server() -> Iterator[Any]:
    """A server of this test's own; `server.trouble`, `server.delay` and `server.seen` are the test's to use."""
    made = SERVER.JudgeServer()
    yield made
    made.close()


@pytest.fixture
def judge_server() -> Any:
    """The server's module: its judges and how it reads fences."""
    return SERVER
