"""Add a model judge: a rubric, and a server or a local model that applies it."""

from __future__ import annotations

import os
import re
from typing import Any, cast, get_args
from urllib.parse import urlsplit

from evaluators.judges.rubric import STARTER, read_rubric
from evaluators.models.endpoint import MOST_TOKENS, checked_key_name, checked_url
from workbench.errors import BadInput, Refused
from workbench.judging.model import digest_of
from workbench.records import Judge, JudgeForm
from workbench.settings import user_name
from workbench.store import Store, judges

NAME = re.compile(r"[^\W_][\w.-]{0,59}")
HOSTS = "GOLDLOOP_JUDGE_HOSTS"
LONGEST_MODEL = 200  # characters
MOST_PRICE = 100_000.0  # for a million tokens; beyond it somebody gave the price of one token wrongly


def add_judge(
    store: Store,
    name: str,
    *,
    form: str = "pairwise",
    rubric: str = STARTER,
    model: str,
    url: str = "",
    key_name: str = "",
    per_million_in: float = 0.0,
    per_million_out: float = 0.0,
    most_tokens: int = MOST_TOKENS,
) -> Judge:
    """Saves a judge as the next number of its name; nothing is sent anywhere.

    url: base address of an OpenAI-compatible server, "" for a model on this machine (`model` is then its name or
    folder). key_name: the environment variable that holds the key, never the key itself. per_million_in,
    per_million_out: what a million tokens cost. Where GOLDLOOP_JUDGE_HOSTS lists hosts, only they may be named. Raises
    BadInput, BadRequest for an address, key name or rubric that cannot be used, Refused for a host that is not listed.
    """
    if not NAME.fullmatch(name.strip()):
        raise BadInput(f'"{name[:60]}" is no name for a judge: use letters, digits, dots and dashes, 60 at most.')
    if form not in get_args(JudgeForm):
        raise BadInput(f'There is no form "{form[:20]}": a judge compares (pairwise) or marks (rubric).')
    if not model.strip() or len(model) > LONGEST_MODEL:
        raise BadInput("Name the model: as its server knows it, or the name or folder of a local one.")
    for price in (per_million_in, per_million_out):
        if not 0 <= price <= MOST_PRICE:
            raise BadInput("Prices are for a million tokens, in one currency of yours: 0 or more.")
    if not 16 <= most_tokens <= 32_768:
        raise BadInput("The longest reply has 16 to 32,768 tokens.")
    read_rubric(rubric)
    source: dict[str, Any] = {"kind": "local", "model": model.strip(), "most_tokens": most_tokens}
    if url.strip():
        address = checked_url(url)
        _refuse_unlisted(urlsplit(address).hostname or "")
        source |= {
            "kind": "endpoint", "url": address, "key_name": checked_key_name(key_name.strip()),
            "per_million_in": per_million_in, "per_million_out": per_million_out,
        }  # fmt: skip
    return judges.add(
        store, name.strip(), form=cast(JudgeForm, form), rubric=rubric, source=source,
        digest=digest_of(form, rubric, source), who=user_name(),
    )  # fmt: skip


def _refuse_unlisted(host: str) -> None:
    """Where whoever runs the app lists the hosts of judges, no other may be named."""
    listed = [one.strip().casefold() for one in os.environ.get(HOSTS, "").split(",") if one.strip()]
    if listed and host.casefold() not in listed:
        raise Refused(f"{host} is not among the hosts that {HOSTS} allows: {', '.join(listed)}.")
