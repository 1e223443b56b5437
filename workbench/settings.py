"""Where things live and who is at work: read from the environment once, here."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from pathlib import Path

# No telemetry: the hub's library reads this when it is first imported, which is always after this module.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

Report = Callable[[float, str], None]
"""`report(done, line)`: done 0 to 1, one line for a person. It may raise to stop the caller."""

DEFAULT_STORE = Path("data/local")
DEFAULT_MODEL = "smollm2-135m"
EMBEDDER = "minilm"
LONGEST_NAME = 200  # characters, as the store's tables have it


def no_report(done: float, line: str) -> None:
    """The report of somebody who does not want to hear."""


def store_folder(given: str | Path | None = None) -> Path:
    """The store's folder: as given, else GOLDLOOP_STORE, else data/local/ under the working folder."""
    return Path(given or os.environ.get("GOLDLOOP_STORE") or DEFAULT_STORE).expanduser().resolve()


def database_url() -> str | None:
    """GOLDLOOP_DATABASE, for instance postgresql+pg8000://user@host/goldloop; None: SQLite in the store's folder."""
    return os.environ.get("GOLDLOOP_DATABASE") or None


def models_folder() -> Path:
    """Where fetched models lie: GOLDLOOP_MODELS, else ~/.cache/goldloop/models."""
    return Path(os.environ.get("GOLDLOOP_MODELS") or "~/.cache/goldloop/models").expanduser()


def user_name() -> str:
    """Who a change is signed by: GOLDLOOP_USER, else the login name, else "someone" where there is none."""
    try:
        return (os.environ.get("GOLDLOOP_USER") or getpass.getuser())[:LONGEST_NAME]
    except (KeyError, OSError):  # a container without an entry for its user
        return "someone"
