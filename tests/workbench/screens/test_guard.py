"""Who may talk to the app: its own page and plain clients, nobody else."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from workbench.screens.guard import Guard

HERE = "127.0.0.1:7860"


@pytest.fixture
def client():
    seen = []

    async def anything(request):
        seen.append(request.url.path)
        return PlainTextResponse("ok")

    guard = Middleware(Guard, origins={f"http://{HERE}"}, hosts={HERE})
    app = Starlette(routes=[Route("/{path:path}", anything, methods=["GET", "POST"])], middleware=[guard])
    client = TestClient(app, base_url=f"http://{HERE}")
    client.seen = seen
    return client


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Host": "evil.example"},
        {"Host": "evil.example:7860"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_foreign_request_is_refused_and_reaches_nothing(client, headers, method):
    assert client.request(method, "/gradio_api/run/save", headers=headers).status_code == 403
    assert client.seen == []


@pytest.mark.parametrize("path", ["/gradio_api/file=http://169.254.169.254/", "/gradio_api/proxy=http://evil.example/"])
def test_the_fetch_proxy_is_closed(client, path):
    assert client.get(path).status_code == 403
    assert client.seen == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": f"http://{HERE}"},
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    ],
)
def test_the_own_page_a_plain_client_and_a_link_from_elsewhere_pass(client, headers):
    assert client.get("/rows", headers=headers).status_code == 200


def test_every_answer_forbids_foreign_images_frames_and_connections(client):
    policy = client.get("/").headers["content-security-policy"]
    for rule in ("default-src 'self'", "img-src 'self' data: blob:", "connect-src 'self'", "frame-ancestors 'self'"):
        assert rule in policy
    assert "huggingface" not in policy


def test_only_a_space_may_be_framed_by_the_hub():
    guard = Guard(None, origins=(), hosts=(), framed=True)
    assert b"frame-ancestors 'self' https://huggingface.co" in dict(guard.headers)[b"content-security-policy"]
