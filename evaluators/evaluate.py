"""Run the arms on the same golden rows: what each answers, and how surprised it is at the references"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Any, Literal

from evaluators.answer_cache import AnswerCache, key_of
from evaluators.errors import BadRequest
from evaluators.models.chat_model import ChatModel, Decoding
from evaluators.sample import Message, Sample

__all__ = ["Arm", "Decoding", "conversation", "evaluate"]

Report = Callable[[float, str], None]
READING = 0.2  # work of reading one reference against writing one answer, for the progress only


@dataclass(frozen=True)
class Arm:
    """One way to ask: with or without the adapter, with the row's own prompt or a better one.

    system: a text put before the row's own system message (which may hold facts that the answer needs, so it is never
    dropped), or as the system message where the row has none. examples: (question, answer) pairs from the training
    side, shown as earlier turns. examples_by_row: the same for single rows by their id, such as the training rows that
    are likest to each question; a row that stands there is shown those instead.
    """

    name: str
    adapter: bool
    system: str | None = None
    examples: tuple[tuple[str, str], ...] = ()
    examples_by_row: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Question:
    """One row as one arm asks it, with the keys under which its results are kept."""

    arm: Arm
    sample: Sample
    turns: tuple[Message, ...]
    answer_key: str
    nll_key: str
    fits: bool


def conversation(sample: Sample, arm: Arm) -> tuple[Message, ...]:
    """What an arm sends for a row: system text and the row's own system message, examples, the row's turns."""
    first = sample.prompt[:1] if sample.prompt and sample.prompt[0].get("role") == "system" else ()
    system = "\n\n".join(text for text in (arm.system, *(message["content"] for message in first)) if text)
    turns: list[Message] = [{"role": "system", "content": system}] if system else []
    for question, answer in arm.examples_by_row.get(sample.id, arm.examples):
        turns += [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return (*turns, *sample.prompt[len(first) :])


def evaluate(
    model: str | Path | ChatModel,
    adapter_path: str | Path | None,
    samples: Sequence[Sample],
    arms: Sequence[Arm],
    decoding: Decoding,
    *,
    cache: Path | None = None,
    only: Literal["answers", "likelihoods"] | None = None,
    report: Report | None = None,
) -> dict[str, list[Sample]]:
    """Every row answered by every arm: arm name -> samples in order, with `output` and `measured` filled in.

    Their prompt is what the arm was really asked (`conversation`), so ask again with the samples that went in.
    measured: nll (nats per reference token, end of turn included), reference_tokens, output_tokens, stopped (0 or 1),
    seconds (of the row's share in its batch when it was first asked). Same model, precision and decoding for all arms.
    model: its folder, or a ChatModel that the caller keeps loaded over several calls (then adapter_path is the one
    that it was made with). only: "answers" leaves the references unread (no nll), "likelihoods" asks for no answer.
    A row that is too long for the model under an arm has no output there and is "not judged". cache: a folder; what is
    stored there is not asked again, so a killed or cancelled run goes on where it stopped, and a retrained adapter pays
    only for its own arm. report(done 0..1, line) may raise to cancel: what is answered by then is kept.
    Raises BadRequest before any work, ModelUnusable when model or adapter cannot be loaded.
    """
    check_request(adapter_path, samples, arms)
    tell = report or (lambda done, line: None)
    tell(0.0, "loading the model")
    asker = model if isinstance(model, ChatModel) else loaded(model, adapter_path, arms)
    settled = asker.settle(decoding, [s.reference for s in samples])
    store = AnswerCache(cache)
    asked = [question for arm in arms for question in questions(asker, arm, samples, settled)]
    steps = [(step, share) for name, step, share in STEPS if only in (None, name)]
    work = sum(share for _, share in steps) * sum(question.fits for question in asked) or 1.0
    done = sum(share * (store.get(key_for(step, q)) is not None) for q in asked if q.fits for step, share in steps)
    for arm in arms:
        mine = [question for question in asked if question.arm is arm and question.fits]
        for step, share in steps:
            left = list({key_for(step, q): q for q in mine if store.get(key_for(step, q)) is None}.values())
            kept, word = len(mine) - len(left), "answered" if step is answered else "references read"
            for found in timed(step(asker, left, settled)):
                store.add(found)
                kept, done = kept + len(found), done + share * len(found)
                tell(min(1.0, done / work), f"{arm.name}: {kept} of {len(mine)} {word}")
    too_long = sum(not question.fits for question in asked)
    tell(
        1.0,
        f"{len(samples)} rows, {len(arms)} arm{'s' * (len(arms) != 1)}: all answered"
        + (f" but {too_long}, too long for the model" if too_long else ""),
    )
    return {arm.name: [filled(question, store, only) for question in asked if question.arm is arm] for arm in arms}


def loaded(model_path: str | Path, adapter_path: str | Path | None, arms: Sequence[Arm]) -> ChatModel:
    """The model, with its adapter where an arm wants it."""
    return ChatModel(model_path, adapter_path if any(arm.adapter for arm in arms) else None)


def check_request(adapter_path: str | Path | None, samples: Sequence[Sample], arms: Sequence[Arm]) -> None:
    """Refuse what cannot give an honest comparison, before a model is loaded."""
    if not samples or not arms:
        raise BadRequest("there is nothing to evaluate: it takes at least one golden row and one arm.")
    for what, names in (("sample id", [s.id for s in samples]), ("arm name", [arm.name for arm in arms])):
        twice = next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
        if twice is not None:
            raise BadRequest(
                f'the {what} "{twice}" occurs twice. Rows and arms are told apart by it, so make it unique.'
            )
    empty = next((s.id for s in samples if not s.prompt), None)
    if empty is not None:
        raise BadRequest(f"row {empty} has no message before the reply, so there is nothing to ask.")
    tuned = next((arm.name for arm in arms if arm.adapter), None)
    if tuned is not None and adapter_path is None:
        raise BadRequest(
            f'the arm "{tuned}" wants the adapter, but none was given. Name a training run or adapter folder.'
        )


def questions(model: ChatModel, arm: Arm, samples: Sequence[Sample], decoding: Decoding) -> Iterator[Question]:
    """Every row as this arm asks it. The base arms' keys know no adapter, so they outlive a new training run."""
    about = {
        "model": model.digest,
        "adapter": model.adapter_digest if arm.adapter else None,
        "precision": model.precision,
    }
    drawing = {name: value for name, value in asdict(decoding).items() if name != "batch_size"}
    for sample in samples:
        turns = conversation(sample, arm)
        prompt = model.render(turns, tools=sample.tools)
        room = len(model.token_ids(prompt)) + max(
            decoding.max_new_tokens or 0, len(model.token_ids(sample.reference)) + 1
        )
        yield Question(
            arm,
            sample,
            turns,
            key_of(kind="answer", prompt=prompt, decoding=drawing, **about),
            key_of(kind="nll", prompt=prompt, reference=sample.reference, **about),
            model.longest is None or room <= model.longest,
        )


Step = Callable[[ChatModel, Sequence[Question], Decoding], Iterator[dict[str, dict[str, Any]]]]


def answered(model: ChatModel, asked: Sequence[Question], decoding: Decoding) -> Iterator[dict[str, dict[str, Any]]]:
    """Answers by key, a batch at a time."""
    from evaluators.models.generation import answer_batches

    prompts = [model.token_ids(model.render(one.turns, tools=one.sample.tools)) for one in asked]
    for batch in answer_batches(model, prompts, adapter=bool(asked) and asked[0].arm.adapter, decoding=decoding):
        yield {
            asked[place].answer_key: {"text": answer.text, "tokens": answer.tokens, "stopped": answer.stopped}
            for place, answer in batch.items()
        }


def read(model: ChatModel, asked: Sequence[Question], decoding: Decoding) -> Iterator[dict[str, dict[str, Any]]]:
    """Likelihoods of the references by key, a batch at a time."""
    if not asked:
        return
    turns, references, tools = zip(*((q.turns, q.sample.reference, q.sample.tools) for q in asked), strict=True)
    for batch in model.likelihood_batches(turns, references, tools=tools, adapter=asked[0].arm.adapter):
        yield {
            asked[place].nll_key: {"nll": found.nats_per_token, "tokens": found.tokens}
            for place, found in batch.items()
        }


STEPS: tuple[tuple[str, Step, float], ...] = (("answers", answered, 1.0), ("likelihoods", read, READING))


def key_for(step: Step, question: Question) -> str:
    """The key under which a step keeps its result for a question."""
    return question.answer_key if step is answered else question.nll_key


def timed(batches: Iterator[dict[str, dict[str, Any]]]) -> Iterator[dict[str, dict[str, Any]]]:
    """The same batches with each row's share of its batch's seconds."""
    began = perf_counter()
    for batch in batches:
        share = (perf_counter() - began) / len(batch)
        yield {key: {**value, "seconds": round(share, 4)} for key, value in batch.items()}
        began = perf_counter()


def filled(question: Question, store: AnswerCache, only: str | None = None) -> Sample:
    """The sample with what this arm was asked and answered, and what was measured on the way.

    Its prompt is the arm's own: a fact of the better prompt or of an example was given, so it is not made up.
    """
    answer = None if only == "likelihoods" else store.get(question.answer_key)
    likelihood = None if only == "answers" else store.get(question.nll_key)
    lacking = (answer is None and only != "likelihoods") or (likelihood is None and only != "answers")
    if not question.fits or lacking:
        return question.sample
    measured = dict(question.sample.measured)
    if likelihood is not None:
        measured |= {"nll": likelihood["nll"], "reference_tokens": float(likelihood["tokens"])}
    if answer is not None:
        measured |= {
            "output_tokens": float(answer["tokens"]),
            "stopped": float(answer["stopped"]),
            "seconds": answer["seconds"],
        }
    text = question.sample.output if answer is None else answer["text"]
    return replace(question.sample, prompt=question.turns, output=text, measured=measured)
