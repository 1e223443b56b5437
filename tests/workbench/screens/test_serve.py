"""Where the app listens: on this computer alone unless somebody says otherwise."""

import os

import httpx
import pytest

from workbench.errors import BadInput, Refused
from workbench.screens.serve import MOST_TABS, launch, login_of, loopback, reach


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.53"])
def test_an_address_of_this_computer_needs_no_login(host):
    assert loopback(host)
    assert reach(host, 7860, login=False, insecure_no_auth=False).host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.20", "::", "desk.example", ""])
def test_an_open_address_without_a_login_is_refused_with_the_way_out(host):
    with pytest.raises(Refused, match="--insecure-no-auth"):
        reach(host, 7860, login=False, insecure_no_auth=False)


@pytest.mark.parametrize(
    "allowed", [{"login": True, "insecure_no_auth": False}, {"login": False, "insecure_no_auth": True}]
)
def test_an_open_address_is_served_with_a_login_or_on_demand(allowed):
    assert "192.168.1.20:7860" in reach("192.168.1.20", 7860, **allowed).hosts


def test_a_foreign_name_of_this_address_is_not_a_host():
    assert "evil.example:7860" not in reach("127.0.0.1", 7860, login=False, insecure_no_auth=False).hosts


def test_a_space_is_known_by_its_public_name_and_served_in_a_frame():
    found = reach("127.0.0.1", 7860, login=False, insecure_no_auth=False, space_host="anna-goldloop.hf.space")
    assert found.origins == {"https://anna-goldloop.hf.space"}
    assert "anna-goldloop.hf.space" in found.hosts
    assert found.framed


def test_a_login_is_a_name_and_a_password_of_eight_characters():
    assert login_of("anna:long enough:really") == ("anna", "long enough:really")
    assert login_of(None) is None
    for wrong in ("anna", "anna:short", ":longenough"):
        with pytest.raises(BadInput, match="GOLDLOOP_LOGIN"):
            login_of(wrong)


def test_an_open_page_keeps_no_connection_of_the_six_that_a_browser_opens(store, monkeypatch, free_port):
    monkeypatch.setenv("GRADIO_TEMP_DIR", os.environ.get("GRADIO_TEMP_DIR", ""))  # put back what the launch sets
    app = launch(store, "127.0.0.1", free_port(), block=False, quiet=True)
    try:
        assert app.get_blocks().config["connect_heartbeat"] is False
        assert app.state_holder.capacity == MOST_TABS, "closed tabs are not remembered without an end"
    finally:
        app.get_blocks().close(verbose=False)


def test_on_a_machine_too_busy_to_answer_at_once_the_app_opens_all_the_same(store, monkeypatch, free_port):
    monkeypatch.setenv("GRADIO_TEMP_DIR", os.environ.get("GRADIO_TEMP_DIR", ""))  # put back what the launch sets
    monkeypatch.setattr("gradio.networking.url_ok", lambda url: False)  # what Gradio makes of an answer after 3 seconds
    port = free_port()
    app = launch(store, "127.0.0.1", port, block=False, quiet=True)
    try:
        assert httpx.get(f"http://127.0.0.1:{port}/", timeout=120).status_code == 200
    finally:
        app.get_blocks().close(verbose=False)
