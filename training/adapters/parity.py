"""Whether a tuned model says the same in every form it is handed on in, token by token

Each form answers the same prompts greedily, one prompt at a time, in 32 bit arithmetic: a batch would pad, and padding
moves the last bits. Beside the tokens stands the largest difference of the scores along the first form's answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Report = Callable[[float, str], None]
MOST_TOKENS = 48  # an answer is compared over; a difference in the weights shows in the first few


@dataclass(frozen=True)
class Difference:
    """Where two answers part: the prompt's name, the place of the token, both tokens as text.

    lead: how far, in nats, the first form's best token was ahead of the other's there; under .001 it is a tie that
    rounding decides.
    """

    prompt: str
    place: int
    expected: str
    given: str
    lead: float


@dataclass(frozen=True)
class FormParity:
    """One form against the first. counts: whether it must agree; a form in 16 bit is only told."""

    form: str
    counts: bool
    prompts: int
    same: int
    tokens: int
    largest: float  # difference of a score, in nats, along the first form's answers
    first: Difference | None

    @property
    def holds(self) -> bool:
        return self.first is None


@dataclass(frozen=True)
class Parity:
    """Every form against the adapter on its base, as it was trained and evaluated."""

    reference: str
    forms: tuple[FormParity, ...]

    @property
    def holds(self) -> bool:
        """Whether every form that counts gives the very same tokens; a single other token is a no."""
        return bool(self.forms) and all(one.holds for one in self.forms if one.counts)


@dataclass(frozen=True)
class Said:
    """A model's answers: tokens a prompt, and the scores (tokens, vocabulary) that chose them, in 32 bit."""

    tokens: list[list[int]]
    scores: list[Any]


def parity(
    prompts: Mapping[str, Sequence[int]],
    forms: Sequence[tuple[str, bool, Callable[[], Any]]],
    *,
    tokenizer: Any,
    ends: Sequence[int],
    most_tokens: int = MOST_TOKENS,
    report: Report | None = None,
) -> Parity:
    """How each form answers beside the first one.

    prompts: ids by name. forms: name, whether it must agree, and what loads it; one model is in memory at a time. ends:
    the tokens at which an answer stops.
    """
    tell = report or (lambda done, line: None)
    (reference, _, load), *others = forms
    tell(0.0, f"asking: {reference}")
    first = _answer(load(), prompts, ends, most_tokens)
    found = []
    for place, (name, counts, load_form) in enumerate(others, start=1):
        tell(place / len(forms), f"asking: {name}")
        model = load_form()
        given = _answer(model, prompts, ends, most_tokens)
        apart = [
            float((scores - own).abs().max()) if answer == same else _apart(model, ids, answer, scores)
            for ids, answer, scores, same, own in
            zip(prompts.values(), first.tokens, first.scores, given.tokens, given.scores, strict=True)
        ]  # fmt: skip
        found.append(_form(name, counts, prompts, first, given, max(apart, default=0.0), tokenizer))
        del model
    return Parity(reference, tuple(found))


def _form(
    name: str, counts: bool, prompts: Mapping[str, Sequence[int]], first: Said, given: Said, largest: float,
    tokenizer: Any,
) -> FormParity:  # fmt: skip
    pairs = list(zip(prompts, first.tokens, given.tokens, strict=True))
    parted = next(
        (
            _difference(prompt, wanted, other, first.scores[place], tokenizer)
            for place, (prompt, wanted, other) in enumerate(pairs)
            if wanted != other
        ),
        None,
    )
    same = sum(wanted == other for _, wanted, other in pairs)
    return FormParity(name, counts, len(pairs), same, sum(len(one) for one in first.tokens), largest, parted)


def _difference(prompt: str, wanted: Sequence[int], given: Sequence[int], scores: Any, tokenizer: Any) -> Difference:
    at = next((n for n, (a, b) in enumerate(zip(wanted, given, strict=False)) if a != b), min(len(wanted), len(given)))
    text = [tokenizer.decode([one[at]]) if at < len(one) else "" for one in (wanted, given)]
    lead = 0.0
    if at < len(wanted) and at < len(given):
        lead = float(scores[at][wanted[at]] - scores[at][given[at]])
    return Difference(prompt, at, text[0], text[1], lead)


def _answer(model: Any, prompts: Mapping[str, Sequence[int]], ends: Sequence[int], most_tokens: int) -> Said:
    """Greedy answers with a cache, each with its end token where it came to one."""
    import torch

    said = Said([], [])
    with torch.inference_mode():
        for ids in prompts.values():
            past, fed = None, torch.tensor([list(ids)], device=model.device)
            tokens: list[int] = []
            scores = []
            while len(tokens) < most_tokens and (not tokens or tokens[-1] not in ends):
                out = model(input_ids=fed, past_key_values=past, use_cache=True, logits_to_keep=1)
                past, row = out.past_key_values, out.logits[0, -1].float()
                tokens.append(int(row.argmax()))
                scores.append(row.cpu())
                fed = torch.tensor([[tokens[-1]]], device=model.device)
            said.tokens.append(tokens)
            said.scores.append(torch.stack(scores))
    return said


def _apart(model: Any, ids: Sequence[int], answer: Sequence[int], scores: Any) -> float:
    """The largest difference of a score along an answer that is given to the model, not drawn by it."""
    import torch

    past, fed, largest = None, torch.tensor([list(ids)], device=model.device), 0.0
    with torch.inference_mode():
        for token, row in zip(answer, scores, strict=True):
            out = model(input_ids=fed, past_key_values=past, use_cache=True, logits_to_keep=1)
            past = out.past_key_values
            largest = max(largest, float((out.logits[0, -1].float().cpu() - row).abs().max()))
            fed = torch.tensor([[token]], device=model.device)
    return largest
