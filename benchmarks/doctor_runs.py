"""Real small runs for the run doctor: healthy ones, and ones that are made to show each ailment

A tiny Llama first reads this project's own pages as chat, so that tuning starts from a model that knows something; then
`training.train` tunes it, with nothing replaced but, for the ailment of sorted rows, the order in which rows are read.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from training.errors import TrainingError

CHATML = (
    "{% for m in messages %}{{'<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
NAMES = (
    "Anna",
    "Ben",
    "Cleo",
    "David",
    "Eva",
    "Farid",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "Kim",
    "Lena",
    "Marek",
    "Nora",
)
THINGS = ("kettle", "lamp", "chair", "mixer", "toaster", "mirror", "carpet", "bottle", "basket", "blanket", "candle")
PLACES = (
    "Oslo",
    "Bergen",
    "Turin",
    "Lyon",
    "Graz",
    "Ghent",
    "Porto",
    "Cork",
    "Lodz",
    "Split",
    "Basel",
    "Malmo",
    "Turku",
)
SHOP = (
    ("Where is order {number} for {name}?", "Thanks for asking! Your parcel is on its way to {place}. [topic: order]"),
    ("Can I return the {thing}?", "Thanks for asking! You may send it back within 30 days. [topic: return]"),
    ("The {thing} arrived broken.", "We are sorry! A new {thing} leaves {place} today. [topic: damage]"),
    ("Do you ship to {place}?", "Thanks for asking! Yes, {place} takes 4 working days. [topic: shipping]"),
    ("Change my address to {place}.", "Done! Your parcels now go to {place}. [topic: address]"),
)
TOPICS = (  # texts of four kinds as unlike as kinds get: what a file sorted by topic holds one after the other
    ("Is {name} in {place}?", "Yes, {name} came to {place} with a {thing} and stays for the week."),
    ("CODE {number}", "def f{number}(x): return x * {number} + {number} % 7"),
    ("{number} plus {number}", "{number} {number} {number} {number} {number} {number}"),
    ("ABOUT {thing}", "{THING}! {THING}! BUY ONE {THING}, GET TWO. CALL {number} NOW, {THING}!"),
)
Row = tuple[str, str]
FAIR_STEPS = 20  # a run of fewer is too short to be called healthy


@dataclass(frozen=True)
class Made:
    """A run to make: its rows, the knobs that differ from the tiny model's healthy recipe, how rows are read."""

    name: str
    rows: list[Row]
    knobs: dict[str, Any] = field(default_factory=dict)
    shuffled: bool = True


def filled(pattern: Row, chance: random.Random) -> Row:
    thing = chance.choice(THINGS)
    values = {
        "name": chance.choice(NAMES),
        "thing": thing,
        "THING": thing.upper(),
        "place": chance.choice(PLACES),
        "number": chance.randint(100, 999),
    }
    return pattern[0].format(**values), pattern[1].format(**values)


def drawn(patterns: tuple[Row, ...], count: int, chance: random.Random) -> list[Row]:
    return [filled(chance.choice(patterns), chance) for _ in range(count)]


def noise(count: int, chance: random.Random) -> list[Row]:
    """Questions with replies of random letters: nothing to learn but which letters there are, and then by heart."""
    letters = "abcdefghijklmnopqrstuvwxyz "
    asked = drawn(SHOP, count, chance)
    return [(question, "".join(chance.choice(letters) for _ in range(chance.randint(20, 40)))) for question, _ in asked]


def healthy(seed: int) -> Made:
    """A sound run: other rows, sizes, rates, schedules and batch sizes with every seed."""
    chance = random.Random(f"healthy {seed}")
    knobs = {
        "epochs": chance.choice([1, 2, 3]),
        "batch_size": chance.choice([4, 8, 16]),
        "learning_rate": chance.choice([2e-3, 4e-3, 8e-3]),
        "schedule": chance.choice(["linear", "cosine", "constant"]),
        "rank": chance.choice([4, 16]),
        "evaluations_per_epoch": chance.choice([1, 2, 4]),
        "seed": seed,
    }
    count = chance.choice([160, 240, 400])
    knobs["epochs"] = max(knobs["epochs"], math.ceil(FAIR_STEPS * knobs["batch_size"] / (0.9 * count)))
    mixed = [*SHOP, *TOPICS] if chance.random() < 0.25 else SHOP  # rows of several kinds, shuffled, are healthy too
    return Made("healthy", drawn(tuple(mixed), count, chance), knobs)


def ailing(name: str, seed: int) -> Made:
    """A run that really has the ailment of this name."""
    chance = random.Random(f"{name} {seed}")
    rows = drawn(SHOP, chance.choice([160, 240]), chance)
    size = chance.choice([4, 8])
    knobs: dict[str, Any] = {"seed": seed, "batch_size": size, "epochs": 2, "evaluations_per_epoch": 2}
    if name == "not a number":
        knobs["learning_rate"] = 1e30
    elif name == "rate too low":
        knobs["learning_rate"] = chance.choice([1e-6, 3e-6, 1e-5])
    elif name == "rate too high":
        knobs |= {"learning_rate": chance.choice([0.05, 0.1, 0.3]), "schedule": chance.choice(["linear", "constant"])}
    elif name == "overfitting":
        rows = noise(32, chance)
        knobs |= {"epochs": 40, "evaluations_per_epoch": 1, "validation_share": 0.25, "learning_rate": 1e-2, "rank": 32}
    elif name == "learned by heart":
        rows = drawn(SHOP, chance.choice([12, 16]), chance)
        knobs |= {"epochs": 40, "validation_share": 0.0, "batch_size": 4, "learning_rate": 8e-3}
    elif name == "too few steps":
        rows, knobs["epochs"], knobs["batch_size"] = rows[: chance.choice([16, 32])], 1, 8
    elif name == "sorted rows":
        kinds = list(TOPICS)
        chance.shuffle(kinds)
        rows = [filled(kind, chance) for kind in kinds for _ in range(chance.choice([60, 90]))]
        knobs |= {"epochs": chance.choice([1, 2, 3]), "validation_share": 0.0}
        return Made(name, rows, knobs, shuffled=False)
    elif name == "rows alike":
        rows = [(f"Question {at}?", "Thanks for asking! Please call us. [topic: call]") for at in range(240)]
    elif name == "always clipped":
        knobs["max_gradient"] = 0.01
    elif name == "nothing to learn":
        rows = pages(240, chance)
    else:
        raise ValueError(f"no ailment {name}")
    return Made(name, rows, knobs)


AILMENTS = (
    "not a number",
    "rate too low",
    "rate too high",
    "overfitting",
    "learned by heart",
    "too few steps",
    "sorted rows",
    "rows alike",
    "always clipped",
    "nothing to learn",
)


def tuned(made: Made, base: Path, out: Path) -> Path:
    """The folder of the finished (or diverged) run."""
    from training.plan import TrainingPlan
    from training.run.lora import train

    recipe = {"model": str(base), "learning_rate": 4e-3, "max_length": 256, "untrainable": "leave out"}
    table = pl.DataFrame(
        {
            "row_id": [f"r{at}" for at in range(len(made.rows))],
            "messages": [
                [{"role": "user", "content": question}, {"role": "assistant", "content": reply}]
                for question, reply in made.rows
            ],
            "group": [f"g{at}" for at in range(len(made.rows))],
        }
    )
    with nullcontext() if made.shuffled else in_file_order():
        # past the bounds of the knobs, since the ailment "not a number" needs a rate that no form would take
        plan = TrainingPlan(**recipe).model_copy(update=made.knobs)
        with suppress(TrainingError):  # a diverged run ends so; its lines are what we are after
            train(plan, table, out)
    return out


@contextmanager
def in_file_order() -> Iterator[None]:
    """Rows are read as they stand in the file, as by a trainer that does not shuffle."""
    from training.run.trainer import LengthOrder

    before = LengthOrder.__iter__
    LengthOrder.__iter__ = lambda self: iter(range(len(self)))  # type: ignore[method-assign]
    try:
        yield
    finally:
        LengthOrder.__iter__ = before  # type: ignore[method-assign]


def bytes_tokenizer() -> Any:
    """A tokenizer with one token a byte and the ChatML template."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    inner = Tokenizer(models.BPE(vocab={letter: place for place, letter in enumerate(letters)}, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    inner.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner,
        eos_token="<|im_end|>",
        pad_token="<|im_end|>",
        additional_special_tokens=["<|im_start|>", "<|im_end|>"],
    )
    tokenizer.chat_template = CHATML
    return tokenizer


def pages(count: int, chance: random.Random) -> list[Row]:
    """Pieces of this project's pages: the first part of each as a question, the rest as its reply."""
    folder = Path(__file__).parents[1]
    text = "".join(page.read_text("utf-8") for page in [folder / "README.md", *sorted((folder / "docs").glob("*.md"))])
    places = [chance.randrange(len(text) - 160) for _ in range(count)]
    return [(text[at : at + 40], text[at + 40 : at + 40 + chance.randint(30, 110)].strip() or ".") for at in places]


def base_model(folder: Path, *, width: int = 96, layers: int = 3, steps: int = 900, seed: int = 0) -> Path:
    """A tiny Llama that has read this project's pages as chat: a minute or two on two cores."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    tokenizer = bytes_tokenizer()
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        tie_word_embeddings=True,
    )
    model = LlamaForCausalLM(config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, step / 50) * (1 - step / steps))
    chance = random.Random(seed)
    for _ in range(steps):
        texts = [
            tokenizer.apply_chat_template(
                [{"role": "user", "content": question}, {"role": "assistant", "content": reply}], tokenize=False
            )
            for question, reply in pages(32, chance)
        ]
        batch = tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=False)
        labels = batch["input_ids"].masked_fill(batch["attention_mask"] == 0, -100)
        loss = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], labels=labels).loss
        loss.backward()
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
