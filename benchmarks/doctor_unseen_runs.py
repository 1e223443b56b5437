"""Runs for the run doctor that its rules were not set on, each with its truth measured beside it

Other models, texts, seeds, lengths, batches, schedules and methods than in `doctor_runs`. While a run trains, rows that
it never sees and rows that it does see are scored by the model as it stands, every few steps, apart from the run's own
validation side; how good a rate is tells a ladder of rates on the same rows. What a run suffers from is decided from
these figures (`doctor_unseen`) or by how the run was built, never by what the doctor reads.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import doctor_unseen_loop
from doctor_runs import bytes_tokenizer
from doctor_unseen_loop import PROBED

from training.plan import TrainingPlan

Talk = list[dict[str, str]]
TRUTH = "truth.json"
LADDER = (1e-5, 2e-4, 2e-3, 1e-2, 4e-2, 0.2)  # of a LoRA on a model of some 100 thousand weights
FULL_SHARE = 0.2  # of a LoRA's rate, where every weight is learned
MOST_READ = 800  # rows a run reads in all, which keeps it at some seconds
BASE_STEPS = 400
CHARACTERS = 60  # of a turn: a byte is a token here


@dataclass(frozen=True)
class Case:
    """A run to make. built: what it suffers from by construction. family: runs that differ in their rate only."""

    name: str
    base: Path
    talks: list[Talk]
    unseen: list[Talk]
    knobs: dict[str, Any]
    built: tuple[str, ...] = ()
    family: str = ""
    order: list[int] | None = None  # in which rows are read; None: as the trainer does


def read_talks(folder: Path) -> dict[str, list[Talk]]:
    """The conversations of every .jsonl in a folder, by the file's name, their turns shortened to some ten words."""
    told = {}
    for file in sorted(folder.glob("*.jsonl")):
        talks = [json.loads(line)["messages"] for line in file.read_text("utf-8").splitlines()]
        told[file.stem] = [
            [{"role": turn["role"], "content": turn["content"][:CHARACTERS]} for turn in talk]
            for talk in talks
            if talk and all(turn["content"] for turn in talk)
        ]
    return told


def base_model(folder: Path, talks: list[Talk], *, width: int, layers: int, seed: int, steps: int = BASE_STEPS) -> Path:
    """A tiny Llama that has read these conversations; with steps=0 one that has read nothing. Made once."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    if (folder / "config.json").exists():
        return folder
    tokenizer = bytes_tokenizer()
    torch.manual_seed(seed)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer), hidden_size=width, intermediate_size=2 * width, num_hidden_layers=layers,
            num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=512, bos_token_id=None,
            eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id, tie_word_embeddings=True,
        )
    )  # fmt: skip
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3)
    chance = random.Random(seed)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = 4e-3 * min(1.0, step / 50) * (1 - step / steps)
        texts = [tokenizer.apply_chat_template(chance.choice(talks), tokenize=False) for _ in range(12)]
        batch = tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=False)
        batch = {name: tensor[:, :256] for name, tensor in batch.items() if name != "token_type_ids"}
        labels = batch["input_ids"].masked_fill(batch["attention_mask"] == 0, -100)
        model(**batch, labels=labels).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def family_knobs(chance: random.Random, rows: int) -> tuple[int, dict[str, Any]]:
    """How many rows, and the knobs that a family of runs shares."""
    count = min(rows, chance.choice([40, 80, 160, 320, 640]))
    size, accumulation = chance.choice([(1, 1), (2, 1), (4, 1), (8, 1), (16, 1), (32, 1), (4, 2)])
    step_rows = size * accumulation
    wanted = chance.choice([10, 20, 40, 80, 160, 400])
    steps = max(10, min(wanted, MOST_READ // step_rows, round(4 * count / step_rows)))
    knobs = {
        "batch_size": size, "accumulation": accumulation, "epochs": 100.0, "max_steps": steps,
        "schedule": chance.choice(["linear", "cosine", "constant"]), "warmup": chance.choice([0.0, 0.05, 0.1]),
        "method": chance.choice(["lora", "lora", "lora", "dora", "rslora", "full"]), "rank": chance.choice([4, 8, 32]),
        "validation_share": chance.choice([0.0, 0.1, 0.2]), "evaluations_per_epoch": chance.choice([1, 2, 4]),
    }  # fmt: skip
    return count, knobs


def ladders(
    bases: list[Path], talks: dict[str, list[Talk]], names: list[str], *, families: int, seed: int
) -> Iterator[Case]:
    """Families of runs that differ in their rate only."""
    for number in range(families):
        chance = random.Random(f"ladder {seed} {number}")
        name = names[number % len(names)]
        rows = chance.sample(talks[name], len(talks[name]))
        count, knobs = family_knobs(chance, len(rows) - PROBED)
        base = bases[number % len(bases)]
        share = FULL_SHARE if knobs["method"] == "full" else 1.0
        for place, rate in enumerate(LADDER):
            yield Case(
                f"ladder{number}-{place}-{name}", base, rows[PROBED : PROBED + count], rows[:PROBED],
                {**knobs, "learning_rate": rate * share, "seed": seed + number}, family=f"ladder{number}",
            )  # fmt: skip


def specials(
    bases: list[Path], talks: dict[str, list[Talk]], names: list[str], read: list[Talk], *, each: int, seed: int
) -> Iterator[Case]:
    """Runs built to suffer. read: what the bases have read, from which they have nothing to learn."""
    for number in range(each):
        chance = random.Random(f"special {seed} {number}")
        base = bases[number % len(bases)]
        name = names[number % len(names)]
        rows = chance.sample(talks[name], len(talks[name]))
        unseen, rest = rows[:PROBED], rows[PROBED:]
        common = {"seed": seed + number, "learning_rate": 4e-3, "batch_size": chance.choice([2, 4, 8])}
        few = rest[: chance.choice([16, 24, 40])]
        yield Case(
            f"overfit{number}-{name}", base, few, unseen,
            common | {"epochs": 40.0, "validation_share": 0.25, "evaluations_per_epoch": 1, "rank": 32,
                      "learning_rate": chance.choice([4e-3, 8e-3]), "schedule": chance.choice(["linear", "constant"])},
        )  # fmt: skip
        yield Case(
            f"heart{number}-{name}", base, rest[:12], unseen,
            common | {"epochs": 80.0, "validation_share": chance.choice([0.0, 0.2]), "rank": 32, "batch_size": 4,
                      "learning_rate": 1e-2},
        )  # fmt: skip
        yield Case(
            f"nan{number}-{name}", base, rest[:80], unseen, common | {"epochs": 3.0, "learning_rate": 1e30},
            built=("not a number",),
        )  # fmt: skip
        again = random.Random(f"read {seed} {number}").sample(read, 160)
        yield Case(
            f"nothing{number}", base, again, random.Random(number).sample(read, PROBED),
            common | {"epochs": 2.0, "learning_rate": chance.choice([3e-4, 1e-3, 3e-3])}, family=f"nothing{number}",
        )  # fmt: skip
        yield Case(
            f"short{number}-{name}", base, rest[:32], unseen,
            common | {"epochs": 1.0, "batch_size": chance.choice([8, 16]), "learning_rate": 2e-3},
            built=("too few steps",),
        )  # fmt: skip


def sorted_runs(
    bases: list[Path], talks: dict[str, list[Talk]], kinds: list[tuple[str, ...]], *, seed: int
) -> Iterator[Case]:
    """Rows read in an order that a shuffling trainer would not take: by topic, by length, by what the base finds hard.

    kinds: which texts make the topics of each run.
    """
    for number, names in enumerate(kinds):
        chance = random.Random(f"sorted {seed} {number}")
        base = bases[number % len(bases)]
        blocks = [chance.sample(talks[name], chance.choice([40, 70])) for name in names]
        joined = [row for block in blocks for row in block]
        unseen = [chance.choice(talks[name]) for name in names for _ in range(PROBED // len(names))]
        knobs = {"epochs": chance.choice([1.0, 2.0]), "batch_size": chance.choice([4, 8]), "learning_rate": 4e-3,
                 "validation_share": 0.0, "seed": seed + number}  # fmt: skip
        places = list(range(len(joined)))
        lengths = [sum(len(turn["content"]) for turn in row) for row in joined]
        hard = row_losses(base, joined)
        shuffled = chance.sample(places, len(places))
        mild = sorted(places, key=lambda at: hard[at] + chance.gauss(0, 1) * spread(hard))
        for how, order in {
            "topic": places, "length": sorted(places, key=lambda at: lengths[at]),
            "loss": sorted(places, key=lambda at: hard[at]), "mild": mild, "shuffled": shuffled,
        }.items():  # fmt: skip
            built = () if how == "shuffled" else ("mild order",) if how == "mild" else ("order", f"by {how}")
            yield Case(f"sorted{number}-{how}", base, joined, unseen, knobs, built=built, order=order)


def spread(values: list[float]) -> float:
    mean = sum(values) / len(values)
    return math.sqrt(sum((one - mean) ** 2 for one in values) / len(values))


def row_losses(base: Path, talks: list[Talk]) -> list[float]:
    """What the base finds hard: its loss a token on each conversation."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model, tokenizer = AutoModelForCausalLM.from_pretrained(base), AutoTokenizer.from_pretrained(base)
    told = []
    with torch.no_grad():
        for talk in talks:
            text = tokenizer.apply_chat_template(talk, tokenize=False)
            ids = tokenizer(text, return_tensors="pt", add_special_tokens=False)["input_ids"][:, :256]
            told.append(float(model(input_ids=ids, labels=ids).loss))
    return told


def made_run(case: Case, out: Path) -> Path:
    """The folder of this run with its truth beside it, trained now if it is not there."""
    if (out / TRUTH).exists():
        return out
    # past the bounds of the knobs, since a loss that is not a number needs a rate that no form would take
    plan = TrainingPlan(model=str(case.base), max_length=256, untrainable="leave out").model_copy(update=case.knobs)
    told = doctor_unseen_loop.run(plan, case.base, case.talks, case.unseen, out, case.order)
    facts = {"name": case.name, "built": case.built, "family": case.family, "rate": case.knobs["learning_rate"],
             "probes": told.probes, "knobs": case.knobs}  # fmt: skip
    (out / TRUTH).write_text(json.dumps(facts), "utf-8")
    return out


def make_all(texts: Path, work: Path, *, seed: int, families: int, each: int) -> None:
    """Every run that is not there yet. The bases read the first half of each text, the runs are made of the second."""
    talks = read_talks(texts)
    read = [talk for one in talks.values() for talk in one[: len(one) // 2]]
    rest = {name: one[len(one) // 2 :] for name, one in talks.items()}
    names = sorted(rest)
    bases = [
        base_model(work / f"base{width}-{seed}", read, width=width, layers=layers, seed=seed)
        for width, layers in ((80, 2), (96, 3))
    ]
    kinds = [(name, names[(at + 1) % len(names)]) for at, name in enumerate(names)]
    cases = [
        *ladders(bases, rest, names, families=families, seed=seed),
        *specials(bases, rest, names, read, each=each, seed=seed),
        *sorted_runs(bases, rest, kinds[: max(1, each // 2)], seed=seed),
    ]
    for at, case in enumerate(cases):
        made_run(case, work / "runs" / case.name)
        print(f"{at + 1} of {len(cases)}: {case.name}", flush=True)
