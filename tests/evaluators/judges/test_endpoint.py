"""The client for OpenAI-compatible servers, against a real server on loopback."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from evaluators.errors import BadRequest
from evaluators.judges.chat import Ask
from evaluators.judges.pairwise import Pair, pair_asks
from evaluators.judges.rubric import read_rubric
from evaluators.models.endpoint import CallFailed, Endpoint, EndpointRefused, Price, checked_key_name, checked_url

RUBRIC = read_rubric("correct: Is it right?")
SECRET = "sk-secret-value"


def ask() -> Ask:
    return pair_asks("judge", RUBRIC, Pair("1", "How long?", "Seven days.", "Seven days.", "Nine weeks."))[0]


def client(server: Any, model: str = "honest", **settings: Any) -> Endpoint:
    return Endpoint(server.url, model, **{"first_pause": 0.01, "timeout": 60.0, **settings})


@pytest.mark.parametrize(
    "url", ["https://api.example.com/v1", "http://127.0.0.1:8080/v1", "http://localhost:1/v1", "http://[::1]:8/v1"]
)
def test_https_anywhere_and_http_on_this_machine_are_taken(url: str) -> None:
    assert checked_url(url + "/") == url


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://api.example.com/v1", "unencrypted"),
        ("http://192.168.1.5/v1", "unencrypted"),
        ("http://127.0.0.1.example.com/v1", "unencrypted"),
        ("https://user:pass@example.com/v1", "leave secrets out"),
        ("https://example.com/v1?api-key=x", "leave secrets out"),
        ("https://169.254.169.254/latest", "no address of a model server"),
        ("file:///etc/passwd", "must look like"),
        ("ftp://example.com", "must look like"),
        ("example.com/v1", "must look like"),
        ("https://example.com:notaport/v1", "must look like"),
    ],
)
def test_other_addresses_are_refused_with_the_reason(url: str, reason: str) -> None:
    with pytest.raises(BadRequest, match=reason):
        checked_url(url)


@pytest.mark.parametrize(
    "name", ["sk-abc", "AKIAIOSFODNN7EXAMPLE", "GOLDLOOP_DATABASE", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY"]
)
def test_a_key_or_the_name_of_another_secret_is_refused_and_not_repeated(name: str) -> None:
    with pytest.raises(BadRequest) as caught:
        checked_key_name(name)
    assert name not in str(caught.value)


def test_a_call_asks_for_the_schema_and_tells_tokens_and_cost(server: Any) -> None:
    reply = client(server, price=Price(1.0, 2.0))(ask())
    path, _, body = server.seen[0]
    assert path == "/v1/chat/completions"
    assert (body["temperature"], body["seed"], body["response_format"]["type"]) == (0, 0, "json_schema")
    assert list(body["response_format"]["json_schema"]["schema"]["properties"]) == ["aspects", "verdict", "code"]
    assert json.loads(reply.text)["verdict"] == "A"
    assert reply.cost == pytest.approx((reply.tokens_in + 2 * reply.tokens_out) / 1e6)


def test_no_call_can_cost_more_than_what_is_set_aside_for_it(server: Any) -> None:
    judge = client(server, price=Price(1.0, 2.0))
    assert judge(ask()).cost < judge.most_cost(ask())


def test_the_key_goes_into_the_header_and_nowhere_else(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOLDLOOP_JUDGE_TEST", SECRET)
    judge = client(server, key_name="GOLDLOOP_JUDGE_TEST")
    judge(ask())
    _, headers, body = server.seen[0]
    assert headers["Authorization"] == f"Bearer {SECRET}"
    assert SECRET not in json.dumps(body)
    assert SECRET not in repr(judge)


def test_a_server_that_repeats_the_key_in_its_error_does_not_spread_it(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOLDLOOP_JUDGE_TEST", SECRET)
    server.trouble = lambda number: (401, {}, f'{{"error": "bad key {SECRET}"}}')
    with pytest.raises(EndpointRefused) as caught:
        client(server, key_name="GOLDLOOP_JUDGE_TEST")(ask())
    assert SECRET not in str(caught.value)
    assert "GOLDLOOP_JUDGE_TEST" in str(caught.value)
    assert len(server.seen) == 1


def test_a_missing_key_is_told_before_anything_is_sent(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOLDLOOP_JUDGE_TEST", raising=False)
    with pytest.raises(EndpointRefused, match="GOLDLOOP_JUDGE_TEST is not set"):
        client(server, key_name="GOLDLOOP_JUDGE_TEST")(ask())
    assert server.seen == []


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_passing_trouble_is_tried_again(server: Any, status: int) -> None:
    server.trouble = lambda number: (status, {}, "busy") if number < 3 else None
    assert client(server)(ask()).text
    assert len(server.seen) == 3


def test_the_pause_that_a_server_asks_for_is_kept(server: Any) -> None:
    server.trouble = lambda number: (429, {"Retry-After": "0.3"}, "slow down") if number == 1 else None
    began = time.monotonic()
    client(server)(ask())
    assert time.monotonic() - began >= 0.3


def test_an_exhausted_limit_delays_the_next_call(server: Any) -> None:
    judge = client(server)
    done = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "300ms"}
    server.trouble = lambda number: (200, done, '{"choices": [{"message": {"content": "x"}}]}') if number == 1 else None
    began = time.monotonic()
    judge(ask())
    judge(ask())
    assert time.monotonic() - began >= 0.3


def test_a_server_that_asks_for_an_hour_ends_the_run_with_its_reason(server: Any) -> None:
    server.trouble = lambda number: (429, {"Retry-After": "3600"}, "daily limit")
    with pytest.raises(EndpointRefused, match="3600 seconds"):
        client(server)(ask())


def test_a_server_that_stays_down_fails_the_call_after_all_tries(server: Any) -> None:
    server.trouble = lambda number: (500, {}, "broken")
    with pytest.raises(CallFailed, match="after 3 tries: 500 broken"):
        client(server, tries=3)(ask())
    assert len(server.seen) == 3


def test_a_slow_server_is_given_up_and_not_asked_twice_where_it_costs(server: Any) -> None:
    server.delay = 60.0
    with pytest.raises(CallFailed) as caught:
        client(server, timeout=0.2, price=Price(1.0, 1.0))(ask())
    assert caught.value.billed
    while not server.seen:  # on a busy machine it reads the request when the client has gone already
        time.sleep(0.01)
    assert len(server.seen) == 1


def test_nobody_listening_is_told_in_words() -> None:
    with pytest.raises(CallFailed, match="no connection"):
        Endpoint("http://127.0.0.1:9/v1", "m", tries=2, first_pause=0.01)(ask())


def test_a_redirect_is_not_followed(server: Any) -> None:
    server.trouble = lambda number: (307, {"Location": "http://169.254.169.254/"}, "")
    with pytest.raises(EndpointRefused, match="not followed"):
        client(server)(ask())
    assert len(server.seen) == 1


def test_a_server_without_schemas_is_asked_for_json_and_then_plainly(server: Any) -> None:
    def trouble(number: int) -> tuple[int, dict[str, str], str] | None:
        form = server.seen[-1][2].get("response_format")
        return (400, {}, "response_format is not supported") if form else None

    server.trouble = trouble
    judge = client(server)
    assert json.loads(judge(ask()).text)["verdict"] == "A"
    judge(ask())
    kinds = [body.get("response_format", {}).get("type") for _, _, body in server.seen]
    assert kinds == ["json_schema", "json_object", None, None]


def test_a_setting_that_a_model_does_not_take_is_left_out(server: Any) -> None:
    def trouble(number: int) -> tuple[int, dict[str, str], str] | None:
        return (400, {}, "Use max_completion_tokens, not max_tokens") if "max_tokens" in server.seen[-1][2] else None

    server.trouble = trouble
    client(server)(ask())
    assert "max_completion_tokens" in server.seen[-1][2]


@pytest.mark.parametrize(
    "body", ["", "<html>", "[]", '{"choices": []}', '{"choices": [{"message": {"content": null}}]}']
)
def test_an_answer_in_another_shape_is_an_empty_reply(server: Any, body: str) -> None:
    server.trouble = lambda number: (200, {}, body)
    assert client(server)(ask()).text == ""


def test_an_endless_answer_is_cut(server: Any) -> None:
    server.trouble = lambda number: (200, {}, "x" * 3_000_000)
    with pytest.raises(CallFailed, match="two megabytes"):
        client(server, tries=1)(ask())
