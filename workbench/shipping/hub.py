"""To a model hub, on request only: what would go, to whom, and the one call that sends it

The token is read at the moment of sending, from the environment or where `hf auth login` put it; it is kept nowhere and
said nowhere. Only a shipment's own files go, never rows, votes or anything else of a store.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import urlsplit

from training.adapters.adapter import ABOUT, CARD, CONFIG, WEIGHTS
from training.adapters.whole import KEPT
from workbench.errors import BadInput, GoldloopError, Refused
from workbench.shipping.shipment import ADAPTER, GGUF, MERGED, WHOLE, Shipment, in_words

FORMS = (MERGED, WHOLE, ADAPTER, GGUF)  # the first that a shipment has goes, unless one is named
HUB = "huggingface.co"
NAME = re.compile(r"[\w][\w.-]{0,95}/[\w][\w.-]{0,95}")
# What a model consists of, by name: a run's rows, plan or curve has no such one, whatever its form.
SENT = (
    *KEPT,
    WEIGHTS,
    CONFIG,
    ABOUT,
    CARD,
    "normalizer.json",
    "*.jinja",
    "*.model",
    "*.gguf",
    "LICEN[CS]E*",
    "NOTICE*",
)


class PushFailed(GoldloopError):
    """A hub that said no, or that did not answer."""


@dataclass(frozen=True)
class PushPlan:
    """What would be sent: files as (name, bytes), from `folder`, to the new repository `repo` at `endpoint`."""

    repo: str
    private: bool
    endpoint: str
    form: str
    folder: Path
    files: tuple[tuple[str, int], ...]

    @property
    def size(self) -> int:
        return sum(size for _, size in self.files)

    @property
    def sentence(self) -> str:
        who = "which only you and whom you let in can read" if self.private else "which EVERYBODY can read"
        count = f"{len(self.files)} file{'' if len(self.files) == 1 else 's'}"
        return f"{count}, {in_words(self.size)}, would go to the new repository {self.repo} at {self.endpoint}, {who}."


def plan_push(shipment: Shipment, repo: str, *, private: bool = True, form: str | None = None) -> PushPlan:
    """The exact files of one form of a shipment and where they would go; sends nothing.

    Raises BadInput for a name that is none, or a form that was not shipped.
    """
    if not NAME.fullmatch(repo) or "--" in repo or ".." in repo:
        raise BadInput(f'"{repo}" is no name of a repository. Give owner/name, in letters, digits, ".", "-" and "_".')
    there = [one for one in FORMS if shipment.has(one)]
    if form is not None and form not in there:
        raise BadInput(f"The shipment has no {form}; it has: {', '.join(there)}.")
    chosen = form or there[0]
    folder = shipment.folder / chosen
    files = tuple(
        (name.removeprefix(f"{chosen}/"), size) for name, size in shipment.files if name.startswith(f"{chosen}/")
    )
    strange = [name for name, _ in files if not any(fnmatchcase(Path(name).name, one) for one in SENT)]
    if strange:
        raise Refused(f"{folder} holds {strange[0]}, which is no part of a model. Take it out, then push again.")
    endpoint = (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")
    return PushPlan(repo, private, endpoint, chosen, folder, files)


def push(plan: PushPlan) -> str:
    """Makes the repository and sends the files in one commit; its address. Raises Refused, BadInput, PushFailed."""
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        raise Refused("HF_HUB_OFFLINE is set, so nothing is sent. Unset it to push.")
    from huggingface_hub import CommitOperationAdd, HfApi, get_token

    token = get_token()
    if not token:
        raise BadInput("There is no token of the hub. Set HF_TOKEN, or log in with: hf auth login")
    api = HfApi(endpoint=plan.endpoint, token=token)
    with _told(plan, token):
        api.create_repo(plan.repo, private=plan.private, exist_ok=False, repo_type="model")
    operations = [
        CommitOperationAdd(path_in_repo=name, path_or_fileobj=str(plan.folder / name)) for name, _ in plan.files
    ]
    with _told(plan, token, made=True), _transfer(plan.endpoint):
        api.create_commit(plan.repo, operations, commit_message="Model made with Goldloop", repo_type="model")
    return f"{plan.endpoint}/{plan.repo}"


@contextmanager
def _transfer(endpoint: str) -> Iterator[None]:
    """The library's xet transfer to the public hub alone; plain HTTP, which every hub takes, to any other.

    Wherever hf_xet is installed the library takes it without asking the hub, and against one that does not speak it, it
    waits without an end. The setting is read at each upload, so that it can be changed for this one.
    """
    from huggingface_hub import constants

    host, before = urlsplit(endpoint).hostname or "", constants.HF_HUB_DISABLE_XET
    constants.HF_HUB_DISABLE_XET = before or not (host == HUB or host.endswith(f".{HUB}"))
    try:
        yield
    finally:
        constants.HF_HUB_DISABLE_XET = before


@contextmanager
def _told(plan: PushPlan, token: str, *, made: bool = False) -> Iterator[None]:
    """Errors of the hub's library in one sentence, without the token."""
    from huggingface_hub.errors import HfHubHTTPError

    left = f" The empty repository {plan.repo} was made; delete it there, or push under another name." if made else ""
    try:
        yield
    except HfHubHTTPError as error:
        code = getattr(error.response, "status_code", None)
        said = {
            401: "the hub does not know the token. Make a new one there, or log in again: hf auth login",
            403: f"the token may not write to {plan.repo}. Make one with the right to write, or choose your own name.",
            409: f"there is a repository {plan.repo} already. Choose another name; nothing of it was touched.",
            413: "the hub refuses files of this size.",
            429: "the hub asks to wait; try again in some minutes.",
        }.get(code or 0, f"the hub answered {code}: {_clean(str(error), token)}")
        raise PushFailed(f"Not pushed: {said}{left}") from None
    except Exception as error:  # what the library raises for a network has no base that its versions share
        raise PushFailed(
            f"Not pushed: {plan.endpoint} cannot be reached or broke off ({_clean(str(error), token)}).{left}"
        ) from None


def _clean(said: str, token: str) -> str:
    lines = [line for line in said.replace(token, "***").splitlines() if line.strip()]
    return lines[0][:200] if lines else "without a word"
