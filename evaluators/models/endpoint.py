"""A chat model behind an OpenAI-compatible address: the user's own server, or a service the user named

chat = Endpoint("http://127.0.0.1:8080/v1", "some-model")
chat(ask)   # -> Reply; raises CallFailed for this call, EndpointRefused when no call would do better

The key is read from the environment at each call and kept nowhere. Nothing is followed to another address.
"""

from __future__ import annotations

import ipaddress
import json
import os
import random
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from evaluators.errors import BadRequest, EvaluationError
from evaluators.judges.chat import Ask, Reply

KEY_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,60}_API_KEY|GOLDLOOP_JUDGE_[A-Z0-9_]{1,50}")
TIMEOUT = 120.0  # seconds of one try, from the first byte sent to the last received
CONNECT_TIMEOUT = 10.0
TRIES = 5
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds; doubled from try to try, with jitter
LARGEST_ANSWER = 2_000_000  # bytes; a verdict has some hundred
MOST_TOKENS = 1024  # of a reply: twelve criteria with a sentence each
AGAIN = (408, 409, 425, 429, 500, 502, 503, 504, 529)
SHAPES = ("json_schema", "json_object", "plain")  # what is tried in turn until the server takes it
BYTES_PER_TOKEN = 4  # rough, for servers that count nothing
PROTOCOL_TOKENS = 64  # roles and separators that a chat template adds


class EndpointRefused(EvaluationError):
    """The server will not answer any call like this: wrong key, unknown model, a request it does not understand."""


class CallFailed(EvaluationError):
    """One call failed after all tries; the next may do better. billed: it may have cost as much as a whole reply."""

    def __init__(self, message: str, *, billed: bool = False) -> None:
        super().__init__(message)
        self.billed = billed


@dataclass(frozen=True)
class Price:
    """What a million tokens cost, in the user's currency; 0 where nothing is charged."""

    per_million_in: float = 0.0
    per_million_out: float = 0.0

    def of(self, tokens_in: int, tokens_out: int) -> float:
        return (tokens_in * self.per_million_in + tokens_out * self.per_million_out) / 1_000_000


def checked_url(url: str) -> str:
    """The base address if anything may be sent there. Raises BadRequest with the reason.

    https to anywhere but link-local addresses (where clouds keep their secrets), plain http to this machine only.
    """
    text = url.strip().rstrip("/")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host:
        raise BadRequest(
            "the address of the judge must look like https://server.example/v1 or http://127.0.0.1:8080/v1."
        )
    if parts.username is not None or parts.query or parts.fragment:
        raise BadRequest(
            "the address of the judge holds a name, a password or a query. It is stored and shown, so leave secrets "
            "out of it: give the NAME of an environment variable that holds the key."
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise BadRequest(
            f"plain http to {host} is refused: rows and the key would cross the network unencrypted. Use https, or an "
            "address of this machine (127.0.0.1) with a tunnel to the server."
        )
    address = _address(host)
    if address is not None and (address.is_link_local or address.is_unspecified or address.is_multicast):
        raise BadRequest(f"{host} is no address of a model server.")
    return text.removesuffix("/chat/completions")


def is_loopback(host: str) -> bool:
    """Whether a host name is this machine."""
    address = _address(host)
    return host.lower() == "localhost" if address is None else address.is_loopback


def checked_key_name(name: str) -> str:
    """The name of the variable with the key, "" for none. Raises BadRequest, without repeating what was given."""
    if name and not KEY_NAME.fullmatch(name):
        raise BadRequest(
            "give the NAME of an environment variable and not the key itself. The name must end in _API_KEY "
            "(OPENAI_API_KEY) or begin with GOLDLOOP_JUDGE_, so that no other secret of this machine can be sent."
        )
    return name


@dataclass
class Endpoint:
    """A server that speaks the OpenAI chat protocol. key_name: of the environment variable with its key, or ""."""

    url: str
    model: str
    key_name: str = ""
    price: Price = field(default_factory=Price)
    most_tokens: int = MOST_TOKENS
    timeout: float = TIMEOUT
    tries: int = TRIES
    first_pause: float = FIRST_PAUSE

    def __post_init__(self) -> None:
        self.url = checked_url(self.url)
        checked_key_name(self.key_name)
        self._shape = 0
        self._left_out: set[str] = set()
        self._changing = threading.Lock()
        self._not_before = 0.0
        self._stopped = threading.Event()

    def __call__(self, ask: Ask) -> Reply:
        """The model's reply. Tries again after a pause where that may help, as long as the server asks for."""
        said, pause, attempt = "no answer", self.first_pause, 0
        while attempt < self.tries:
            attempt += 1
            self._wait(self._not_before - time.monotonic())
            shape, left_out = self._shape, frozenset(self._left_out)
            began = time.monotonic()
            try:
                status, headers, body = self._post(ask, shape, left_out)
            except _NoAnswer as problem:
                said, wanted = str(problem), None
                if problem.sent and self.price != Price():  # trying again might be charged twice and pass the cap
                    raise CallFailed(f"{self.host} did not answer: {said}", billed=True) from None
            else:
                self._heed(headers)
                if status == 200:
                    return self._reply(ask, body, time.monotonic() - began)
                said, wanted = f"{status} {self._words(body)}".strip(), asked_pause(headers)
                if status in (400, 415, 422) and self._simpler(body, shape, left_out):
                    attempt -= 1  # no failure of the server: it told what it does not know
                    continue
                if status not in AGAIN:
                    raise EndpointRefused(self._refusal(status, said))
            if wanted is not None and wanted > LONGEST_PAUSE:
                raise EndpointRefused(
                    f"{self.host} asks to wait {wanted:.0f} seconds ({said}). What was answered is kept: go on later."
                )
            if attempt < self.tries:
                self._wait(wanted if wanted is not None else pause * random.uniform(0.5, 1.5))
                pause = min(2 * pause, LONGEST_PAUSE)
        raise CallFailed(f"{self.host} did not answer after {self.tries} tries: {said}")

    @property
    def host(self) -> str:
        """The server as people name it."""
        return urlsplit(self.url).netloc

    def most_cost(self, ask: Ask) -> float:
        """The most that one call can cost: no byte of text is more than one token."""
        sent = sum(len(message["content"].encode("utf-8", "replace")) for message in ask.messages)
        schema = len(json.dumps(ask.schema).encode())
        return self.price.of(sent + schema + PROTOCOL_TOKENS, self.most_tokens)

    def stop(self) -> None:
        """Ends every pause, so that calls under way fail at once instead of trying again."""
        self._stopped.set()

    @cached_property
    def _client(self) -> Any:
        import httpx

        # no redirects: a server could point at another machine. No environment for this machine: a proxy is not it.
        outside = not is_loopback(urlsplit(self.url).hostname or "")
        return httpx.Client(
            timeout=httpx.Timeout(self.timeout, connect=CONNECT_TIMEOUT), follow_redirects=False, trust_env=outside,
            verify=self.url.startswith("https:"),  # plain http needs no certificates, and reading them takes time
            auth=lambda request: request,  # a .netrc must not replace the key
        )  # fmt: skip

    def _post(self, ask: Ask, shape: int, left_out: frozenset[str]) -> tuple[int, Mapping[str, str], bytes]:
        import httpx

        deadline, body = time.monotonic() + self.timeout, bytearray()
        content = json.dumps(self._request(ask, shape, left_out), ensure_ascii=False).encode("utf-8", "replace")
        try:
            with self._client.stream(
                "POST", f"{self.url}/chat/completions", content=content, headers=self._headers()
            ) as answer:
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > LARGEST_ANSWER:
                        raise _NoAnswer("its answer is larger than two megabytes", sent=True)
                    if time.monotonic() > deadline:
                        raise _NoAnswer(f"it took longer than {self.timeout:.0f} seconds", sent=True)
                return answer.status_code, answer.headers, bytes(body)
        except httpx.TimeoutException as problem:
            sent = not isinstance(problem, httpx.ConnectTimeout | httpx.PoolTimeout)
            raise _NoAnswer(f"it took longer than {self.timeout:.0f} seconds", sent=sent) from None
        except httpx.ConnectError:
            raise _NoAnswer("no connection", sent=False) from None
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            raise _NoAnswer(f"the connection broke ({type(problem).__name__})", sent=True) from None

    def _request(self, ask: Ask, shape: int, left_out: frozenset[str]) -> dict[str, Any]:
        wanted: dict[str, Any] = {"model": self.model, "messages": [dict(one) for one in ask.messages]}
        wanted |= {name: 0 for name in ("temperature", "seed") if name not in left_out}
        wanted["max_completion_tokens" if "max_tokens" in left_out else "max_tokens"] = self.most_tokens
        if SHAPES[shape] == "json_schema":
            schema = {"name": "verdict", "strict": True, "schema": dict(ask.schema)}
            wanted["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif SHAPES[shape] == "json_object":
            wanted["response_format"] = {"type": "json_object"}
        return wanted

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "goldloop"}
        if self.key_name:
            key = os.environ.get(self.key_name, "").strip()
            if not key:
                raise EndpointRefused(
                    f"the environment variable {self.key_name} is not set where Goldloop runs. Set it to the key of "
                    f"{self.host} and start again."
                )
            if not key.isascii() or not key.isprintable():
                raise EndpointRefused(f"the environment variable {self.key_name} holds what cannot be a key.")
            headers["Authorization"] = f"Bearer {key}"
        return headers

    def _reply(self, ask: Ask, body: bytes, seconds: float) -> Reply:
        try:
            told = json.loads(body)
            choice = told["choices"][0]
            text = choice["message"].get("content") or ""
            text = text if isinstance(text, str) else "".join(str(part.get("text", "")) for part in text)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return Reply("", ask.code, seconds=seconds, cost=self.most_cost(ask))  # read as "no JSON object"
        usage = told.get("usage") if isinstance(told.get("usage"), dict) else {}
        taken, given = usage.get("prompt_tokens"), usage.get("completion_tokens")
        tokens_in = taken if isinstance(taken, int) else ask.characters // BYTES_PER_TOKEN + PROTOCOL_TOKENS
        tokens_out = given if isinstance(given, int) else len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN + 1
        return Reply(
            text, ask.code, tokens_in, tokens_out, round(seconds, 3), choice.get("finish_reason") == "length",
            self.price.of(tokens_in, tokens_out),
        )  # fmt: skip

    def _simpler(self, body: bytes, shape: int, left_out: frozenset[str]) -> bool:
        """Whether the server may take the request without what it complains of; from now on it is asked so."""
        said = body[:4000].lower()
        with self._changing:
            for name in ("temperature", "seed", "max_tokens"):
                if name.encode() in said and name not in left_out:
                    self._left_out.add(name)
                    return True
            words = (b"response_format", b"json", b"schema", b"grammar", b"unsupported")
            if shape + 1 < len(SHAPES) and any(word in said for word in words):
                self._shape = max(self._shape, shape + 1)
                return True
        return False

    def _heed(self, headers: Mapping[str, str]) -> None:
        """Waits before the next call where the server says that nothing is left of its limit."""
        for kind in ("requests", "tokens"):
            if headers.get(f"x-ratelimit-remaining-{kind}", "").strip() == "0":
                pause = in_seconds(headers.get(f"x-ratelimit-reset-{kind}", ""))
                if pause is not None:
                    self._not_before = max(self._not_before, time.monotonic() + min(pause, LONGEST_PAUSE))

    def _wait(self, seconds: float) -> None:
        if seconds > 0 and self._stopped.wait(seconds):
            raise CallFailed("stopped while waiting for the server")

    def _words(self, body: bytes) -> str:
        """The server's own words, on one line, short, and without the key should it repeat it."""
        text = " ".join(body[:2000].decode("utf-8", "replace").split())[:300]
        key = os.environ.get(self.key_name, "").strip() if self.key_name else ""
        return text.replace(key, "[key]") if key else text

    def _refusal(self, status: int, said: str) -> str:
        if status in (401, 403):
            key = f"the key in {self.key_name}" if self.key_name else "a request without a key"
            return f"{self.host} does not accept {key} ({said})."
        if status == 404:
            return (
                f'{self.host} knows no model "{self.model}" or no such address ({said}). The base usually ends in /v1.'
            )
        if 300 <= status < 400:
            return f"{self.host} points to another address ({status}), which is not followed. Name that one instead."
        return f"{self.host} refuses the request: {said}"


class _NoAnswer(Exception):
    """A try that brought no answer; sent: the server may have worked on it, and may charge for it."""

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent


def asked_pause(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks to wait by Retry-After, None when it says nothing."""
    said = headers.get("retry-after", "").strip()
    if not said:
        return None
    if (seconds := in_seconds(said)) is not None:
        return seconds
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    except (TypeError, ValueError):
        return None


def in_seconds(said: str) -> float | None:
    """ "2", "1.5s", "250ms" or "6m0s" as seconds, None for anything else."""
    said = said.strip().lower()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", said):
        return float(said)
    parts = re.findall(r"(\d{1,9}(?:\.\d+)?)(ms|s|m|h)", said)
    if not parts or "".join(number + unit for number, unit in parts) != said:
        return None
    return sum(float(number) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[unit] for number, unit in parts)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
