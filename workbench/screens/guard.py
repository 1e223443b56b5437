"""What stands in front of Gradio: who may talk to the app at all.

Gradio answers every origin on any host but localhost and runs a JSON POST of a foreign page. The guard refuses first:
foreign origins, unknown hosts (DNS rebinding), cross-site fetches, and Gradio's own fetch proxy. It also sends the
security headers.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from starlette.responses import JSONResponse

# Gradio needs inline scripts and eval, so escaping is the defence against scripts in data; this policy still stops
# images, connections and frames from elsewhere, which Markdown and toasts would load.
CSP = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'self'"
)
SPACE_ANCESTORS = " https://huggingface.co https://*.hf.space"  # a Space is shown in a frame of the hub's page


class Guard:
    """ASGI middleware: 403 for anything that is not the app's own page or a plain client (command line, tests)."""

    def __init__(self, app: Any, origins: Collection[str], hosts: Collection[str], framed: bool = False) -> None:
        """origins: "http://127.0.0.1:7860", ...; hosts: what the Host header may say; framed: by a Space's page."""
        self.app, self.origins, self.hosts = app, frozenset(origins), frozenset(hosts)
        policy = CSP + (SPACE_ANCESTORS if framed else "")
        self.headers = [
            (b"content-security-policy", policy.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
        ]

    def refused(self, scope: Any) -> bool:
        """True for a request that the app must not see."""
        headers = {key.decode("latin1").lower(): value.decode("latin1") for key, value in scope["headers"]}
        path = scope["path"]
        return (
            headers.get("host") not in self.hosts
            or ("origin" in headers and headers["origin"] not in self.origins)
            or (
                headers.get("sec-fetch-site") in ("cross-site", "same-site")
                and headers.get("sec-fetch-mode") != "navigate"
            )
            or "/gradio_api/file=http" in path
            or "/gradio_api/proxy=" in path
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        if self.refused(scope):
            return await JSONResponse({"detail": "cross-origin request refused"}, 403)(scope, receive, send)

        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *self.headers]}
            await send(message)

        return await self.app(scope, receive, with_headers)
