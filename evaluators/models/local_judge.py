"""A model on this machine as a judge: the same questions, answered greedily, nothing leaves the machine"""

from __future__ import annotations

import threading
import time
from pathlib import Path

from evaluators.judges.chat import Ask, Reply
from evaluators.models.chat_model import ChatModel, Decoding
from evaluators.models.endpoint import MOST_TOKENS, CallFailed


class LocalJudge:
    """A chat model without an adapter, loaded when the first question comes."""

    def __init__(self, folder: str | Path, *, most_tokens: int = MOST_TOKENS) -> None:
        self._model = ChatModel(folder)
        self._most_tokens = most_tokens
        self._stopped = threading.Event()

    @property
    def digest(self) -> str:
        """What tells this model from another."""
        return self._model.digest

    def __call__(self, ask: Ask) -> Reply:
        if self._stopped.is_set():
            raise CallFailed("stopped")
        tokens = len(self._model.token_ids(self._model.render(ask.messages)))
        longest = self._model.longest
        if longest is not None and tokens + self._most_tokens > longest:
            room = longest - tokens
            if room < self._most_tokens // 4:
                return Reply(f"(the question has {tokens} tokens, the model takes {longest})", ask.code)
        else:
            room = self._most_tokens
        began = time.monotonic()
        decoding = Decoding(max_new_tokens=min(room, self._most_tokens))
        (answer,) = self._model.generate([ask.messages], adapter=False, decoding=decoding)
        seconds = round(time.monotonic() - began, 3)
        return Reply(answer.text, ask.code, tokens, answer.tokens, seconds, not answer.stopped)

    def most_cost(self, ask: Ask) -> float:
        """Nothing: it runs here."""
        return 0.0

    def stop(self) -> None:
        """Refuses further questions."""
        self._stopped.set()
