"""How much faster are batched answers than asking one by one?

    python benchmarks/generation_speed.py MODEL_FOLDER [--rows 32] [--new-tokens 48]

Asks the same questions greedily by plain `generate`, one by one in fp32 (what a script without this project does), then
by `ChatModel` in batches, in fp32 and in the precision it would choose itself, and reads the references too. Every
answer is forced to the full length, so that all of them do the same work. Prints rows a second and the ratio within
this one run; figures of two runs are not comparable on a machine that does other work.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from time import perf_counter

from evaluators.models.chat_model import ChatModel, Decoding

TOPICS = (
    "a late parcel",
    "an invoice",
    "a broken kettle",
    "the warranty",
    "a new address",
    "a second user",
    "the opening hours",
    "an exchange",
)
DETAIL = "I ordered it some weeks ago, and nobody answered my first message about it. "


def conversations(rows: int) -> list[list[dict[str, str]]]:
    """Questions of spread lengths."""
    return [
        [{"role": "user", "content": DETAIL * (place % 4) + f"What do I do about {TOPICS[place % len(TOPICS)]}?"}]
        for place in range(rows)
    ]


def seconds(work: Callable[[], object]) -> float:
    """How long the work takes."""
    began = perf_counter()
    work()
    return perf_counter() - began


def one_by_one(model: ChatModel, asked: list[list[dict[str, str]]], new_tokens: int) -> None:
    """Plain generate for each conversation."""
    import torch

    for conversation in asked:
        ids = torch.tensor([model.token_ids(model.render(conversation))], device=model.network.device)
        with torch.inference_mode():
            model.network.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=new_tokens,
                min_new_tokens=new_tokens,
                do_sample=False,
            )


def batched(model: ChatModel, asked: list[list[dict[str, str]]], new_tokens: int, batch: int) -> None:
    """`ChatModel.generate`, with the end of turn forbidden so that the work is the same."""
    model.network.generation_config.min_new_tokens = new_tokens
    model.generate(asked, adapter=False, decoding=Decoding(new_tokens, batch_size=batch))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--rows", type=int, default=32)
    parser.add_argument("--new-tokens", type=int, default=48)
    given = parser.parse_args()
    asked = conversations(given.rows)
    plain, chosen = ChatModel(given.model, precision="fp32"), ChatModel(given.model)
    for model in (plain, chosen):
        model.generate(asked[:2], adapter=False, decoding=Decoding(2))  # warm up: first calls pick kernels
    few = asked[: max(4, given.rows // 4)]
    slow = seconds(lambda: one_by_one(plain, few, given.new_tokens)) / len(few)
    print(f"one by one, fp32: {1 / slow:.2f} rows/s ({len(few)} rows of {given.new_tokens} tokens)")
    for model in (plain, chosen) if chosen.precision != "fp32" else (plain,):
        for batch in (8, 16, 32):
            fast = seconds(lambda m=model, b=batch: batched(m, asked, given.new_tokens, b)) / len(asked)  # type: ignore[misc]
            print(f"batches of {batch:2}, {model.precision}: {1 / fast:.2f} rows/s, {slow / fast:.1f} times one by one")
    references = [DETAIL * 2] * len(asked)
    for model in (plain, chosen) if chosen.precision != "fp32" else (plain,):
        took = seconds(lambda m=model: m.reference_nll(asked, references, adapter=False))  # type: ignore[misc]
        print(f"references read, {model.precision}: {len(asked) / took:.1f} rows/s")


if __name__ == "__main__":
    main()
