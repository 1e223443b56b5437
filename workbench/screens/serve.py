"""Puts the app on a port: on this computer alone unless somebody says otherwise, and says nothing to anybody else."""

from __future__ import annotations

import atexit
import ipaddress
import os
import shutil
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from starlette.middleware import Middleware

from workbench.errors import BadInput, Refused
from workbench.screens.guard import Guard
from workbench.screens.look import CSS, HEAD, theme
from workbench.store import Store

LARGEST_UPLOAD = "200mb"
AT_ONCE, WAITING = (
    16,
    200,
)  # Gradio's own default of one handler at a time made 8 users wait 4 s for half a second's work

# Open tabs that the app remembers, the one used longest ago forgotten first. Since no connection tells of a closed tab,
# each stays until then; Gradio's 10,000 would grow for months. A forgotten tab finds what it shows in its URL again.
MOST_TABS = 200


@dataclass(frozen=True)
class Reach:
    """Where the app listens and who may talk to it."""

    host: str
    origins: frozenset[str]
    hosts: frozenset[str]
    framed: bool


def loopback(host: str) -> bool:
    """True for an address that only this computer reaches."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def reach(host: str, port: int, *, login: bool, insecure_no_auth: bool, space_host: str = "") -> Reach:
    """Who may talk to an app bound to host and port. Raises Refused for an open address without a login.

    space_host: the address of a Hugging Face Space, "" elsewhere; there the hub stands in front.
    """
    here = {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}
    if space_host:
        public = {name.strip() for name in space_host.split(",") if name.strip()}
        return Reach("0.0.0.0", frozenset({f"https://{name}" for name in public}), frozenset(public | here), True)
    if loopback(host):
        return Reach(host, frozenset(f"http://{name}" for name in here), frozenset(here), False)
    if not (login or insecure_no_auth):
        raise Refused(
            f"Goldloop will not listen on {host} without a login: everybody who reaches this computer could read and "
            "change the data. Leave --host away to use it on this computer, set GOLDLOOP_LOGIN=name:password, or say "
            "--insecure-no-auth if that is what you want."
        )
    names = {host, *(own_addresses() if host in ("0.0.0.0", "::") else ())}
    hosts = here | {f"[{name}]:{port}" if ":" in name else f"{name}:{port}" for name in names}
    return Reach(host, frozenset(f"http://{name}" for name in hosts), frozenset(hosts), False)


def own_addresses() -> set[str]:
    """The names and addresses under which other computers may know this one."""
    found = {socket.gethostname(), socket.getfqdn()}
    for addresses in psutil.net_if_addrs().values():
        found |= {one.address.split("%")[0] for one in addresses if one.family in (socket.AF_INET, socket.AF_INET6)}
    return found


def login_of(text: str | None) -> tuple[str, str] | None:
    """Name and password from "name:password"; None where nothing is set. Raises BadInput."""
    if not text:
        return None
    name, colon, password = text.partition(":")
    if not (name and colon and len(password) >= 8):
        raise BadInput("GOLDLOOP_LOGIN must be name:password, with a password of at least 8 characters.")
    return name, password


def launch(
    store: Store, host: str = "127.0.0.1", port: int = 7860, *, insecure_no_auth: bool = False, block: bool = True,
    quiet: bool = False,
) -> Any:  # fmt: skip
    """Opens the app and, with `block`, serves it until Ctrl+C. Gives Gradio's ASGI app (for tests).

    Raises Refused for an open address without a login, BadInput when the port is taken.
    """
    login = login_of(os.environ.get("GOLDLOOP_LOGIN"))
    space = os.environ.get("SPACE_HOST", "") if os.environ.get("SPACE_ID") else ""
    who = reach(host, port, login=login is not None, insecure_no_auth=insecure_no_auth, space_host=space)
    _private_uploads()
    from workbench.screens.shell import build

    demo = build(store)
    demo.queue(default_concurrency_limit=AT_ONCE, max_size=WAITING)
    guard = Middleware(Guard, origins=who.origins, hosts=who.hosts, framed=who.framed)
    try:
        app, _, _ = demo.launch(
            server_name=who.host, server_port=port, prevent_thread_lock=True, quiet=True, auth=login,
            app_kwargs={"middleware": [guard], "docs_url": None, "redoc_url": None, "openapi_url": None},
            max_file_size=LARGEST_UPLOAD, run_history=False, footer_links=[], enable_monitoring=False, show_error=False,
            ssr_mode=False, share=False, pwa=False, mcp_server=False, allowed_paths=[],
            blocked_paths=_closed(store), state_session_capacity=MOST_TABS,
            theme=theme, css=CSS, head=HEAD,
            # else Gradio asks its own page once and, on a machine too busy to answer within 3 seconds, ends the app
            _frontend=False,
        )  # fmt: skip
    except OSError as error:
        raise BadInput(
            f"Port {port} of {who.host} cannot be used, perhaps it is taken. Choose another with --port."
        ) from error
    # Gradio keeps a connection open for every open page, and a browser opens six to one app: with a seventh tab all of
    # them would stand still. All that the connection does is to forget the few ids of a closed tab sooner.
    demo.config["connect_heartbeat"] = False
    if not quiet:
        print(f"Goldloop is open at http://{host}:{port} (Ctrl+C closes it; running jobs go on)")
        print(f"Its store is {store.root}")
    if block:
        demo.block_thread()
    return app


def _private_uploads() -> None:
    """Uploads land in a folder that only this user can read, and that is gone when the app ends."""
    folder = tempfile.mkdtemp(prefix="goldloop-")
    os.environ["GRADIO_TEMP_DIR"] = folder
    atexit.register(shutil.rmtree, folder, ignore_errors=True)


def _closed(store: Store) -> list[str]:
    """Folders from which Gradio never serves or takes a file; the home folder too, unless the uploads lie in it."""
    uploads = Path(os.environ["GRADIO_TEMP_DIR"]).resolve()
    folders = [store.root, Path("/etc"), Path("/proc"), Path.home().resolve()]
    return [str(folder) for folder in folders if not uploads.is_relative_to(folder)]
