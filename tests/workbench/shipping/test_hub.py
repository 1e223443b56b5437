"""A push to a stand-in that speaks the hub's HTTP API: what arrives, what is refused, and in which words."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from workbench.actions.push_to_hub import push_to_hub
from workbench.errors import BadInput, Refused
from workbench.records import Evaluation
from workbench.shipping.hub import PushFailed, _transfer, plan_push
from workbench.shipping.shipment import Shipment
from workbench.store import Store, goldens, runs

ROOT = Path(__file__).resolve().parents[3]
TOKEN = "hf_secret0123456789"


@dataclass
class Hub:
    """What the stand-in was asked, and what it keeps."""

    address: str = ""
    answer: int = 200  # to the making of a repository
    seen: list[tuple[str, str]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    made: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)


def handler_of(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *told: Any) -> None:
            pass

        def body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "") == "chunked":
                parts = []
                while size := int(self.rfile.readline().strip() or b"0", 16):
                    parts.append(self.rfile.read(size))
                    self.rfile.readline()
                self.rfile.readline()
                return b"".join(parts)
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))

        def say(self, code: int, facts: Any) -> None:
            text = json.dumps(facts).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def do_GET(self) -> None:
            hub.seen.append(("GET", self.path))
            self.say(200, {"sha": "0" * 40, "id": "ann/desk", "siblings": [], "private": True})

        def do_POST(self) -> None:
            hub.seen.append(("POST", self.path))
            hub.tokens.add(self.headers.get("Authorization", ""))
            body = self.body()
            if self.path == "/api/repos/create":
                hub.made = json.loads(body)
                self.say(hub.answer, {"url": f"{hub.address}/ann/desk", "id": "ann/desk", "error": "said no"})
            elif "/preupload/" in self.path:
                asked = json.loads(body)["files"]
                self.say(200, {"files": [
                    {"path": one["path"], "shouldIgnore": False,
                     "uploadMode": "lfs" if one["path"].endswith(".safetensors") else "regular"} for one in asked
                ]})  # fmt: skip
            elif self.path.endswith("/info/lfs/objects/batch"):
                asked = json.loads(body)["objects"]
                self.say(200, {"transfer": "basic", "objects": [
                    {**one, "authenticated": True,
                     "actions": {"upload": {"href": f"{hub.address}/lfs/{one['oid']}", "header": {}}}} for one in asked
                ]})  # fmt: skip
            elif "/commit/" in self.path:
                for line in body.splitlines():
                    fact = json.loads(line)
                    if fact["key"] == "file":
                        hub.files[fact["value"]["path"]] = base64.b64decode(fact["value"]["content"])
                    elif fact["key"] == "lfsFile":
                        hub.files[fact["value"]["path"]] = hub.objects[fact["value"]["oid"]]
                self.say(200, {"success": True, "commitOid": "1" * 40, "commitUrl": f"{hub.address}/ann/desk/commit/1"})
            else:
                self.say(200, {})

        def do_PUT(self) -> None:
            hub.seen.append(("PUT", self.path))
            body = self.body()
            hub.objects[hashlib.sha256(body).hexdigest()] = body
            self.say(200, {})

    return Handler


@pytest.fixture
def hub() -> Iterator[Hub]:
    there = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(there))
    there.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield there
    server.shutdown()
    server.server_close()


@pytest.fixture
def shipped(store: Store, evaluated: Evaluation) -> Path:
    """A small shipment of run 1, as `ship` leaves it."""
    folder = runs.folder(store, 1) / "shipped"
    (folder / "adapter").mkdir(parents=True)
    (folder / "adapter" / "adapter_model.safetensors").write_bytes(b"weights" * 100)
    (folder / "adapter" / "adapter_config.json").write_text('{"r": 4}')
    (folder / "adapter" / "README.md").write_text("# a card\n")
    (folder / "Modelfile").write_text("FROM x\n")
    (folder / "shipment.json").write_text(json.dumps({"run": 1, "forms": [], "notes": [], "parity": None}))
    return folder


def pushed(store: Store, hub: Hub, *options: str, token: str = TOKEN, **environment: str) -> Any:
    """`goldloop ship 1 --push ann/desk` in a process that is not offline."""
    known = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGING"))}
    here = {
        **known,
        "HF_ENDPOINT": hub.address,
        "HF_HOME": str(store.root / "hf"),
        **environment,
    }
    if token:
        here["HF_TOKEN"] = token
    command = [
        sys.executable,
        "-m",
        "workbench.cli",
        "--store",
        str(store.root),
        "ship",
        "1",
        "--push",
        "ann/desk",
        *options,
    ]
    return subprocess.run(
        command, cwd=ROOT, env=here, capture_output=True, text=True, timeout=500, input="", check=False
    )


def test_a_push_makes_a_private_repository_with_exactly_the_files_shown(store: Store, hub: Hub, shipped: Path) -> None:
    done = pushed(store, hub, "--yes", "ann/desk")
    assert done.returncode == 0, done.stderr
    assert (hub.made["name"], hub.made["organization"]) == ("desk", "ann")
    assert hub.made.get("visibility") == "private" or hub.made.get("private") is True, hub.made
    assert hub.files == {
        "adapter_model.safetensors": b"weights" * 100, "adapter_config.json": b'{"r": 4}', "README.md": b"# a card\n",
    }  # fmt: skip
    assert "3 files, 717 bytes, would go to the new repository ann/desk" in done.stdout
    assert f"Sent to {hub.address}/ann/desk" in done.stdout

    assert hub.tokens == {f"Bearer {TOKEN}"}
    assert TOKEN not in done.stdout + done.stderr
    kept = [path for path in store.root.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()]
    assert kept == [], "the token is kept nowhere"


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch, hub: Hub, tmp_path: Path) -> None:
    """The tests run offline; this one's hub lies on the loopback."""
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("HF_ENDPOINT", hub.address)
    monkeypatch.setenv("HF_TOKEN", TOKEN)


def test_only_the_public_hub_is_sent_to_by_xet(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", False)
    off = {}
    for endpoint in ("https://huggingface.co", "https://hub.example.org", "https://huggingface.co.example.org"):
        with _transfer(endpoint):
            off[endpoint] = constants.HF_HUB_DISABLE_XET
    assert list(off.values()) == [False, True, True]
    assert constants.HF_HUB_DISABLE_XET is False, "as it was, for whatever else uses the library"


def test_without_the_typed_yes_nothing_is_sent(store: Store, hub: Hub, shipped: Path, online: None) -> None:
    with pytest.raises(Refused, match="Nothing was sent: type the repository's name, ann/desk"):
        push_to_hub(store, 1, "ann/desk", yes="ann/other")
    assert hub.seen == []


@pytest.mark.parametrize(
    ("code", "said"),
    [(401, "the hub does not know the token"), (403, "the token may not write to ann/desk"),
     (409, "there is a repository ann/desk already")],
)  # fmt: skip
def test_a_hub_that_says_no_is_told_in_one_sentence(
    store: Store, hub: Hub, shipped: Path, online: None, code: int, said: str
) -> None:
    hub.answer = code
    with pytest.raises(PushFailed) as told:
        push_to_hub(store, 1, "ann/desk", yes="ann/desk")
    assert str(told.value).startswith(f"Not pushed: {said}")
    assert len(str(told.value).splitlines()) == 1
    assert TOKEN not in str(told.value)
    assert hub.files == {}


def test_a_hub_that_is_not_there_is_told_in_one_sentence(
    store: Store, shipped: Path, online: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(PushFailed, match=r"Not pushed: http://127\.0\.0\.1:9 cannot be reached"):
        push_to_hub(store, 1, "ann/desk", yes="ann/desk")


def test_a_public_repository_is_made_only_when_asked_for(store: Store, hub: Hub, shipped: Path, online: None) -> None:
    done = push_to_hub(store, 1, "ann/desk", yes="ann/desk", private=False)
    assert hub.made.get("visibility") == "public" or hub.made.get("private") is False, hub.made
    assert "which EVERYBODY can read" in done.plan.sentence


def test_offline_nothing_is_sent(
    store: Store, hub: Hub, shipped: Path, online: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(Refused, match="HF_HUB_OFFLINE is set, so nothing is sent"):
        push_to_hub(store, 1, "ann/desk", yes="ann/desk")
    assert hub.seen == []


def test_without_a_token_the_way_to_one_is_told(
    store: Store, hub: Hub, shipped: Path, online: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import huggingface_hub.constants

    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr(huggingface_hub.constants, "HF_TOKEN_PATH", str(tmp_path / "none"))
    with pytest.raises(BadInput, match=r"There is no token of the hub\. Set HF_TOKEN, or log in with: hf auth login"):
        push_to_hub(store, 1, "ann/desk", yes="ann/desk")


def test_a_card_with_a_golden_text_is_not_sent(store: Store, hub: Hub, shipped: Path, online: None) -> None:
    golden = goldens.rows_of(store, goldens.newest(store, "desk"))
    text = max((turn["content"] for turn in golden.messages[0]), key=len)
    (shipped / "adapter" / "README.md").write_text(f"# a card\n\nAn example: {text}\n")
    with pytest.raises(Refused, match="holds the text of a row of desk golden 1, so it is not shipped") as told:
        push_to_hub(store, 1, "ann/desk", yes="ann/desk")
    assert text not in str(told.value)
    assert hub.seen == []


@pytest.mark.parametrize("name", ["rows.parquet", "rows.json", "plan.json", "metrics.json", "validation.txt"])
def test_a_file_that_is_no_part_of_a_model_is_refused(shipped: Path, name: str) -> None:
    files = ((f"adapter/{name}", 10), ("adapter/README.md", 5))
    with pytest.raises(Refused, match=f"holds {name}, which is no part of a model"):
        plan_push(Shipment(1, shipped, (), files, (), (), None), "ann/desk")


def test_a_name_without_an_owner_is_refused(shipped: Path) -> None:
    with pytest.raises(BadInput, match="Give owner/name"):
        plan_push(Shipment(1, shipped, (), (), (), (), None), "desk")
