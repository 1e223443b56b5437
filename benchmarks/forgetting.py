"""How fast the probes' questions are read, how they agree with lm-evaluation-harness, and what an untuned model knows.

    python benchmarks/forgetting.py [ADAPTER] [--every N] [--lm-eval]

Prints, for the embedded model: accuracy and its length-normalised kind by tier in both formats; questions a second with
shared beginnings read once, against a row for each answer, and the largest difference between the two; with --lm-eval
the harness's own accuracies on the same loaded model (needs the optional extra). ADAPTER: also with this adapter on.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

from evaluators.models import embedded
from evaluators.models.chat_model import ChatModel
from evaluators.models.likelihood import likelihood_batches
from evaluators.probes import lm_harness
from evaluators.probes.choices import FORMATS, Format, Scored, choice_batches, split_ids
from evaluators.probes.items import CHOICES, FOLDER, ChoiceItem, load
from workbench.settings import DEFAULT_MODEL, models_folder

TASK = """task: goldloop_choices
dataset_path: json
dataset_kwargs: {{data_files: {{test: {file}}}}}
test_split: test
output_type: multiple_choice
doc_to_text: "Question: {{{{question}}}}\\nAnswer:"
doc_to_choice: "{{{{choices}}}}"
doc_to_target: "{{{{answer}}}}"
metric_list: [{{metric: acc}}, {{metric: acc_norm}}]
"""


def read(model: ChatModel, items: list[ChoiceItem], form: Format, adapter: bool) -> tuple[list[Scored], float]:
    """(scored items in order, seconds)."""
    began, found = time.perf_counter(), {}
    for batch in choice_batches(model, items, adapter=adapter, form=form):
        found.update(batch)
    return [found[place] for place in range(len(items))], time.perf_counter() - began


def one_by_one(model: ChatModel, items: list[ChoiceItem], adapter: bool) -> tuple[list[list[float]], float]:
    """(nats of each choice, seconds) with a row for each answer, in batches."""
    rows, owners = [], []
    for place, item in enumerate(items):
        before, choices = split_ids(model, item, "plain")
        rows += [(before, choice) for choice in choices]
        owners += [place] * len(choices)
    began, found = time.perf_counter(), {}
    for batch in likelihood_batches(model, rows, adapter=adapter):
        found.update(batch)
    nats: list[list[float]] = [[] for _ in items]
    for at, place in enumerate(owners):
        nats[place].append(-found[at].nats_per_token * found[at].tokens)
    return nats, time.perf_counter() - began


def by_tier(scored: list[Scored]) -> dict[str, list[Scored]]:
    tiers: dict[str, list[Scored]] = defaultdict(list)
    for one in scored:
        tiers["all"].append(one)
        tiers[one.item.tier].append(one)
    return tiers


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("adapter", nargs="?", type=Path)
    wanted.add_argument("--every", type=int, default=1, help="only every Nth question")
    wanted.add_argument("--lm-eval", action="store_true", dest="harness")
    given = wanted.parse_args()
    model = ChatModel(embedded.resolve(DEFAULT_MODEL, models_folder()), given.adapter, precision="fp32")
    assert model.network is not None
    items = list(load().choices[:: given.every])
    for adapter in (False, True) if given.adapter else (False,):
        name = "tuned" if adapter else "base"
        for form in FORMATS:
            scored, seconds = read(model, items, form, adapter)
            print(f"{name}, {form}: {len(items) / seconds:.1f} questions a second")
            for tier, ones in by_tier(scored).items():
                acc, norm = (
                    sum(getattr(one, what) for one in ones) / len(ones) for what in ("right", "right_by_length")
                )
                print(f"  {tier:16} n {len(ones):3}  acc {acc:.4f}  acc_norm {norm:.4f}")
            if form == "plain":
                nats, slow = one_by_one(model, items, adapter)
                apart = max(
                    abs(a - b)
                    for one, two in zip(scored, nats, strict=True)
                    for a, b in zip(one.log_p, two, strict=True)
                )
                print(f"  a row for each answer: {len(items) / slow:.1f} questions a second; {apart:.1e} nats apart")
    if given.harness:
        with TemporaryDirectory() as folder:
            lines = [json.loads(line) for line in (FOLDER / CHOICES).read_text("utf-8").splitlines()][:: given.every]
            file = Path(folder) / "items.jsonl"
            file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
            task = Path(folder) / "task.yaml"
            task.write_text(TASK.format(file=file), "utf-8")
            for line in lm_harness.run_tasks(model, [str(task)]):
                print(f"lm-eval {line['metric']}: base {line['base']:.4f}, tuned {line['tuned']:.4f}, n {line['n']}")


if __name__ == "__main__":
    main()
