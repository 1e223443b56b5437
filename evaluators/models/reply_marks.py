"""What a chat template writes around a reply, found by rendering one: what comes before its words, and what ends it

Training labels the same tokens (`training.tokens.template`); tests/test_same_bytes.py holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Render = Callable[[Sequence[dict[str, str]], bool], str]  # a conversation, with the opening of the next reply or not

THOUGHT = ("<think>", "</think>")  # of Qwen 3, DeepSeek R1, GLM, Nemotron
ASKED, SAID, NEXT = "opening words", "closing words", "later words"  # no template contains them


@dataclass(frozen=True)
class ReplyMarks:
    """Around the words of a reply.

    before: ids between the opening, which a prompt ends with, and the words (a channel, an empty thought).
    after: ids of the end of turn; closed: whether the template writes it. If not, it is the tokenizer's own end token.
    tail: what the template writes behind the last reply.
    over: the text at which an answer is over where no token says so, "" where one does: the opening of a next question.
    plain_before: the text of `before`, where it holds no control token. thinks: whether the prompt opens a thought.
    """

    before: tuple[int, ...]
    after: tuple[int, ...]
    closed: bool
    tail: str
    over: str
    plain_before: str
    thinks: bool

    def of_reply(self, tokenizer: Any, before: str, whole: str, reply: str) -> list[int]:
        """Ids of a reply in a rendered conversation, its end of turn included and nothing after it.

        before, whole: the text up to the opening of the reply, and with it.
        """
        words = reply.strip()
        if not self.closed:
            whole = whole.removesuffix(self.tail)
            whole = whole[: whole.rindex(words) + len(words)] if words in whole[len(before) :] else whole
        ids = ids_behind(tokenizer, before, whole)
        end = ids.index(self.after[0]) if self.closed and self.after[0] in ids else len(ids)
        return [*ids[:end], *self.after]

    def words(self, ids: Sequence[int], tokenizer: Any) -> tuple[str, bool]:
        """What an answer says, without what the template would write before it; and whether it ended in text."""
        kept = list(ids)
        size = len(self.before)
        if self.before and not self.plain_before:  # a model that thinks in another channel first writes them later on
            places = (at for at in range(len(kept) - size, -1, -1) if tuple(kept[at : at + size]) == self.before)
            begin = next(places, None)
            kept = kept if begin is None else kept[begin + size :]
        text = tokenizer.decode(kept, skip_special_tokens=True)
        text, over, _ = text.partition(self.over) if self.over else (text, "", "")
        said = text.strip().removeprefix(self.plain_before).strip()
        opened = self.thinks and THOUGHT[1] in said  # then as rows hold it, with its beginning
        return f"{THOUGHT[0]}\n{said}" if opened else said, bool(over)


def reply_marks(tokenizer: Any, render: Render) -> ReplyMarks:
    """The marks of a tokenizer's chat template; render raises what it raises."""
    asked = [{"role": "user", "content": ASKED}]
    told = [*asked, {"role": "assistant", "content": SAID}]
    opening, text = render(asked, True), render(told, False)
    controls = {str(token): place for place, token in tokenizer.added_tokens_decoder.items() if token.special}
    controls |= {token: tokenizer.convert_tokens_to_ids(token) for token in tokenizer.all_special_tokens}
    header, _, _ = text.removeprefix(opening).partition(SAID) if text.startswith(opening) else ("", "", "")
    before = ids_behind(tokenizer, opening, opening + header) if header.strip() else []
    special = bool(set(controls.values()) & set(before))
    tail = text.rpartition(SAID)[2]
    after = _after(tokenizer, tail, controls)
    own = [] if tokenizer.eos_token_id is None else [tokenizer.eos_token_id]
    return ReplyMarks(
        before=tuple(before),
        after=tuple(after or own),
        closed=bool(after),
        tail=tail,
        over="" if after else _over(render, told, controls),
        plain_before="" if special else tokenizer.decode(before).strip(),
        thinks=opening.rstrip().endswith(THOUGHT[0]),
    )


def ids_behind(tokenizer: Any, before: str, whole: str) -> list[int]:
    """Ids of what follows `before` in a rendered text, as training has them: split where a token reaches over."""
    head, ids = (list(tokenizer(text, add_special_tokens=False)["input_ids"]) for text in (before, whole))
    if ids[: len(head)] == head:
        return ids[len(head) :]
    return list(tokenizer(whole[len(before) :], add_special_tokens=False)["input_ids"])


def _after(tokenizer: Any, tail: str, controls: dict[str, int]) -> list[int]:
    """The first control token behind a reply, and the end token where it follows at once; ordinary added ones, too."""
    added = {str(token): place for place, token in tokenizer.added_tokens_decoder.items() if str(token).strip()}
    for known in (controls, added):
        found = [(tail.find(one), -len(one), one) for one in known if one and one in tail]
        if found:
            at, _, end = min(found)
            eos = tokenizer.eos_token
            both = eos and end != eos and tail.startswith(eos, at + len(end))
            return [known[end], *([tokenizer.eos_token_id] if both else [])]
    return []


def _over(render: Render, told: Sequence[dict[str, str]], controls: dict[str, int]) -> str:
    """What the template writes between a reply and a next question, up to its last blanks, where that is text alone."""
    text = render([*told, {"role": "user", "content": NEXT}], True)
    between = text.partition(SAID)[2].partition(NEXT)[0].rstrip()
    plain = any(sign.isalnum() for sign in between) and not any(one in between for one in controls)
    return between if plain else ""
