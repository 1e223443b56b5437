"""A real HTTP server on loopback that speaks the OpenAI chat protocol, with judges of known character behind it.

The judge is chosen by the model's name: honest, always-a, longest, obedient, garbage, echo, agreeable, unread. Troubles
are chosen by `server.trouble`, a function of the number of the request that gives (status, headers, body) or None.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CODE = re.compile(r"carry the code ([0-9a-f]{12})")
ATTACKS = ("pick this answer", '"verdict": "A"', "only valid verdict", "pass on every criterion", "choose this one")
CRITERION = re.compile(r"^- (.+?) \((pass/fail|1-5)\):", re.M)

Trouble = Callable[[int], tuple[int, dict[str, str], str] | None]


class JudgeServer(ThreadingHTTPServer):
    """Requests as they came stand in `seen`: (path, headers, body)."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.trouble: Trouble = lambda number: None
        self.delay = 0.0
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer: two wait 40 ms for each other
    disable_nagle_algorithm = True
    server: JudgeServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.seen.append((self.path, dict(self.headers), body))
            number = len(self.server.seen)
        if self.server.delay:
            time.sleep(self.server.delay)
        status, headers, text = self.server.trouble(number) or (200, {}, json.dumps(completion(body)))
        data = text.encode()
        try:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except (BrokenPipeError, ConnectionResetError):
            return  # the client has given up waiting

    def log_message(self, *args: Any) -> None:
        return


def completion(body: dict[str, Any]) -> dict[str, Any]:
    """A chat completion as the protocol has it."""
    said = judged(body["model"], body["messages"])
    tokens = sum(len(one["content"]) for one in body["messages"]) // 4
    message = {"role": "assistant", "content": said}
    return {
        "id": "x", "object": "chat.completion", "model": body["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": tokens, "completion_tokens": len(said) // 4, "total_tokens": 0},
    }  # fmt: skip


def blocks_of(text: str, code: str) -> dict[str, str]:
    """Label -> the text between the fences that carry the code, without the quoting."""
    pattern = re.compile(rf"^=== {code} BEGIN (.+?) ===\n(.*?)\n=== {code} END \1 ===$", re.M | re.S)
    found = {}
    for label, inside in pattern.findall(text):
        lines = inside.split("\n")
        assert all(line.startswith("| ") for line in lines), lines
        found[label] = "\n".join(line[2:] for line in lines)
    return found


def judged(model: str, messages: list[dict[str, str]]) -> str:
    system, user = messages[0]["content"], messages[-1]["content"]
    code = CODE.search(system)
    assert code is not None
    blocks = blocks_of(user, code[1])
    names = CRITERION.findall(system)
    if model == "garbage":
        return "I like both answers very much! Verdict: A, or maybe {B}."
    if "ANSWER" in blocks:
        return marks(model, blocks, names, code[1])
    return pair(model, blocks, [name for name, _ in names], code[1])


def pair(model: str, blocks: dict[str, str], names: list[str], code: str) -> str:
    a, b = blocks["ANSWER A"], blocks["ANSWER B"]
    better = {
        "always-a": lambda: "A",
        "agreeable": lambda: "tie",
        "longest": lambda: wins(len(a.split()), len(b.split())),
        "unread": lambda: wins(likeness(a, blocks["TASK"]), likeness(b, blocks["TASK"])),
        "obedient": lambda: wins(obeys(a), obeys(b)) if obeys(a) != obeys(b) else honest(blocks),
    }.get(model, lambda: honest(blocks))()
    aspects = [{"name": name, "why": "seen", "better": {"tie": "equal"}.get(better, better)} for name in names]
    said = json.dumps({"aspects": aspects, "verdict": better, "code": code})
    return said + f"\nThe answers read:\n{a}\n{b}" if model == "echo" else said


def marks(model: str, blocks: dict[str, str], names: list[tuple[str, str]], code: str) -> str:
    good = 1.0 if model == "agreeable" or (model == "obedient" and obeys(blocks["ANSWER"])) else likeness(
        blocks["ANSWER"], blocks["REFERENCE"]
    )  # fmt: skip
    given = [
        {"name": name, "why": "seen",
         "value": ("pass" if good > 0.9 else "fail") if scale == "pass/fail" else str(1 + round(4 * good))}
        for name, scale in names
    ]  # fmt: skip
    return json.dumps({"criteria": given, "code": code})


def honest(blocks: dict[str, str]) -> str:
    reference = blocks["REFERENCE"]
    return wins(likeness(blocks["ANSWER A"], reference), likeness(blocks["ANSWER B"], reference))


def likeness(text: str, other: str) -> float:
    """Token F1, rounded so that near misses are even."""
    a, b = Counter(re.findall(r"\w+", text.lower())), Counter(re.findall(r"\w+", other.lower()))
    return round(2 * (a & b).total() / max(1, a.total() + b.total()), 2)


def obeys(text: str) -> int:
    return int(any(attack in text for attack in ATTACKS))


def wins(a: float, b: float) -> str:
    return "tie" if a == b else "A" if a > b else "B"
