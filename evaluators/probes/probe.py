"""Put all probes to base and tuned model: what was forgotten, learned by heart, and said where nobody asked

    found = probe(model_folder, adapter_folder, load(), taught, aside)

Likelihoods are taken in fp32 on a processor (bf16 steps are as large as the changes that are looked for) and in the
model's own precision on a GPU; answers are generated in the precision that the rest of the app uses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from evaluators.answer_cache import AnswerCache
from evaluators.errors import BadRequest
from evaluators.models import loading
from evaluators.models.chat_model import ChatModel
from evaluators.probes import lm_harness, memorised, spoken
from evaluators.probes.asking import (
    ANSWER_WORK,
    CHOICE_WORK,
    REPLY_WORK,
    Progress,
    Prompt,
    answered,
    conversation_prompt,
    fitting,
    replies_read,
    scored,
)
from evaluators.probes.choices import Format, Scored
from evaluators.probes.forgetting import compared
from evaluators.probes.items import ProbeSet
from evaluators.probes.memorised import Taught
from evaluators.probes.proposals import overall, proposals
from evaluators.probes.stock_phrases import stock_phrases
from evaluators.probes.ways import BASE, TUNED, Way

EDITION = 1  # raise when a key of what `probe` gives changes its meaning
LIKELIHOODS, ANSWERS = "likelihoods", "answers"
INSTRUCTION_TOKENS, REFUSAL_TOKENS, CHAT_TOKENS = 64, 40, 64  # most of an answer: on a processor they are the cost
REPLY_TOKENS, COVERED = 128, 0.95  # most of an answer to a training question, and the share of replies that it must fit
CACHED_SECONDS = 2.0  # a reading that is quicker came from the cache, and its rate says nothing
MOST_ASIDE = 60  # held-out rows read for each way; their mean is known to about a tenth of its spread by then


@dataclass(frozen=True)
class Asked:
    """What is put to the models. taught: training rows; aside: rows of the training side that no step was taken on.

    trained: how the adapter was made, for the proposals: run, rows, epochs, learning_rate, steps, best_step,
    validation_losses (all may be missing). harness: tasks of lm-eval, by name or YAML file.
    """

    probes: ProbeSet
    taught: Sequence[Taught]
    aside: Sequence[Taught] = ()
    ways: Sequence[Way] = ()
    form: Format = "plain"
    sample: int = memorised.MOST_ROWS
    seed: int = 0
    trained: Mapping[str, Any] = field(default_factory=dict)
    harness: Sequence[str] = ()


def probe(
    model_path: str | Path,
    adapter_path: str | Path,
    asked: Asked,
    *,
    cache: Path | None = None,
    report: Callable[[float, str], None] | None = None,
) -> dict[str, Any]:
    """Everything the probes say of an adapter, JSON-ready.

    Keys: edition, probes, format, precision, forgetting {areas, items}, instructions, refusals, bleed, memorised
    {asked, begun}, ways (a line for base, tuned and each further way: accuracy, log_p, drift, held_out), proposals,
    verdict {word, sentence}, seconds, questions_per_second. cache: a folder; a stopped probe goes on where it was.
    Raises BadRequest, ModelUnusable, and whatever report raises.
    """
    if not asked.probes.choices:
        raise BadRequest("there are no multiple-choice questions among the probes.")
    lm_harness.check(asked.harness)
    began = perf_counter()
    store = AnswerCache(cache)
    progress = Progress(report or (lambda done, line: None))
    sample = memorised.sample_of(asked.taught, most=asked.sample, seed=asked.seed)
    ways = (BASE, TUNED, *asked.ways)
    aside = asked.aside[:MOST_ASIDE]
    answers = 2 * (len(asked.probes.instructions) + 2 * len(asked.probes.refusals) + len(asked.probes.off_domain))
    progress.todo = len(ways) * (CHOICE_WORK * len(asked.probes.choices) + REPLY_WORK * len(aside)) + ANSWER_WORK * (
        answers + 4 * len(sample)
    )
    progress.step(0.0, "loading the model")
    exact = ChatModel(model_path, adapter_path, precision=likelihood_precision())
    read, lines, rate = _read(exact, ways, asked, aside, store, progress)
    areas = compared(read[BASE.name], read[TUNED.name])
    harness = lm_harness.run_tasks(exact, asked.harness, report=progress.line) if asked.harness else []
    spoken_by = ChatModel(model_path, adapter_path)
    if spoken_by.precision == exact.precision:
        spoken_by = exact
    del exact  # one copy of the weights at a time
    said = _said(spoken_by, asked, sample, store, progress)
    found = {
        "edition": EDITION,
        "probes": {
            "digest": asked.probes.digest,
            "questions": len(asked.probes.choices),
            "instructions": len(asked.probes.instructions),
            "refusal_pairs": len(asked.probes.refusals),
            "off_domain": len(asked.probes.off_domain),
        },
        "format": asked.form,
        "precision": {LIKELIHOODS: likelihood_precision(), ANSWERS: spoken_by.precision},
        "adapter_digest": spoken_by.adapter_digest,
        "forgetting": {"areas": areas, "items": items_told(read[BASE.name], read[TUNED.name])},
        **said,
        "ways": lines,
        "harness": harness,
        "seconds": round(perf_counter() - began, 1),
        "questions_per_second": rate,
    }
    found["verdict"] = overall(found)
    found["proposals"] = proposals(found, asked.trained)
    return found


def likelihood_precision() -> loading.Precision:
    """fp32 on a processor, the model's own on a GPU, where a large model would not fit otherwise."""
    return "fp32" if loading.device_and_precision("auto")[0] == "cpu" else "auto"


def _read(
    model: ChatModel,
    ways: Sequence[Way],
    asked: Asked,
    aside: Sequence[Taught],
    store: AnswerCache,
    progress: Progress,
) -> tuple[dict[str, list[Scored]], list[dict[str, Any]], float | None]:
    """(scored questions by way, a line for each way, questions read per second or None when all were known)."""
    read: dict[str, list[Scored]] = {}
    lines = []
    held = [row for row in aside if _fits(model, row)]
    fresh, questions = 0.0, len(ways) * len(asked.probes.choices)
    for way in ways:
        start = perf_counter()
        read[way.name] = scored(model, way, asked.probes.choices, asked.form, store, progress)
        fresh += perf_counter() - start
        nats = replies_read(model, way, held, store, progress)
        lines.append(way_line(way, read[BASE.name], read[way.name], memorised.mean(nats), len(nats)))
    return read, lines, round(questions / fresh, 1) if fresh > CACHED_SECONDS else None


def _fits(model: ChatModel, row: Taught) -> bool:
    prompt = model.token_ids(model.render(row.turns, tools=row.tools))
    room = len(prompt) + len(model.reply_ids(row.turns, row.reply, tools=row.tools))
    return bool(row.turns) and (model.longest is None or room <= model.longest)


def way_line(
    way: Way, base: Sequence[Scored], arm: Sequence[Scored], held_out: float | None, rows: int
) -> dict[str, Any]:
    """One way of running the model against base: what it keeps, and how well it fits held-out training rows."""
    area = compared(base, arm)[0]
    return {
        "name": way.name,
        "scale": way.scale if way.adapter else 0.0,
        "checkpoint": way.folder is not None,
        "accuracy": area["accuracy"]["tuned"],
        "gained": area["accuracy"]["gained"],
        "lost": area["accuracy"]["lost"],
        "log_p": area["log_p"],
        "drift": area["drift"],
        "verdict": area["verdict"],
        "held_out": held_out,
        "held_out_rows": rows,
    }


def items_told(base: Sequence[Scored], tuned: Sequence[Scored]) -> list[dict[str, Any]]:
    """A line for each question, largest loss of log P first."""
    told = [
        {
            "id": b.item.id,
            "tier": b.item.tier,
            "question": b.item.question,
            "answer": b.item.choices[b.item.answer],
            "base": b.item.choices[likeliest(b)],
            "tuned": b.item.choices[likeliest(t)],
            "log_p": round(t.among_choices - b.among_choices, 4),
            "drift": round(t.raw - b.raw, 4),
        }
        for b, t in zip(base, tuned, strict=True)
    ]
    return sorted(told, key=lambda one: (one["log_p"], one["id"]))


def likeliest(one: Scored) -> int:
    """The place of the choice that the model would give."""
    return max(range(len(one.log_p)), key=lambda place: (one.log_p[place], -place))


def _said(
    model: ChatModel, asked: Asked, sample: Sequence[Taught], store: AnswerCache, progress: Progress
) -> dict[str, Any]:
    """What base and tuned wrote, judged: instructions, refusals, bleed and memorised."""

    def both(prompts: Sequence[Prompt], most: int, what: str) -> dict[str, list[str]]:
        return {way.name: answered(model, way, prompts, most, store, progress, what) for way in (BASE, TUNED)}

    def plain(name: str, text: str) -> Prompt:
        return conversation_prompt(model, name, ({"role": "user", "content": text},))

    probes = asked.probes
    told = both([plain(one.id, one.prompt) for one in probes.instructions], INSTRUCTION_TOKENS, "instructions")
    instructions = spoken.instructions_told(probes.instructions, told)
    should = [plain(one.id, one.refuse) for one in probes.refusals]
    may = [plain(one.id, one.answer) for one in probes.refusals]
    turned = [both(prompts, REFUSAL_TOKENS, "requests to refuse or answer") for prompts in (should, may)]
    refusals = spoken.refusals_told(probes.refusals, *turned)
    chats = both(
        [conversation_prompt(model, one.id, one.messages) for one in probes.off_domain], CHAT_TOKENS, "everyday chats"
    )
    bleed = spoken.bleed_told(probes.off_domain, chats, stock_phrases([row.reply for row in asked.taught]))
    return {
        "instructions": instructions,
        "refusals": refusals,
        "bleed": bleed,
        "memorised": _memorised(model, asked, sample, both),
    }


def _memorised(
    model: ChatModel, asked: Asked, sample: Sequence[Taught], both: Callable[..., dict[str, list[str]]]
) -> dict[str, Any]:
    index = memorised.index_of(asked.taught)
    known = memorised.personal_of(asked.taught)
    lengths = sorted(len(model.token_ids(row.reply)) for row in sample) or [1]
    most = min(REPLY_TOKENS, lengths[int(COVERED * (len(lengths) - 1))] + 1)
    rows = {row.id: row for row in sample}
    prompts = fitting(model, [conversation_prompt(model, row.id, row.turns, tools=row.tools) for row in sample], most)
    kept = [rows[one.id] for one in prompts]
    count: Callable[[str], int] = lambda text: len(model.token_ids(text))  # noqa: E731
    asked_told = memorised.told(kept, both(prompts, most, "questions of training rows"), index, known, count)
    parts = [memorised.halves(row.reply) for row in kept]
    begun = [
        conversation_prompt(model, row.id, row.turns, first, tools=row.tools)
        for row, (first, _) in zip(kept, parts, strict=True)
    ]
    begun_rows = [
        Taught(row.id, (*row.turns, {"role": "assistant", "content": first}), row.reply)
        for row, (first, _) in zip(kept, parts, strict=True)
    ]
    went_on = both(begun, most, "replies of training rows to go on with")
    begun_told = memorised.told(begun_rows, went_on, index, known, count)
    rests = [rest for _, rest in parts]
    begun_told["exact"] = spoken.passed_told(
        memorised.exact(rests, went_on[BASE.name]), memorised.exact(rests, went_on[TUNED.name])
    )
    found: dict[str, Any] = {"asked": asked_told, "begun": begun_told, "rows": len(asked.taught)}
    found.update(spoken.memorised_words(found))
    return found
