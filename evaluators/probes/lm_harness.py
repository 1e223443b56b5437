"""Tasks of EleutherAI's lm-evaluation-harness on the same loaded model, adapter off and on

An optional extra (MIT licence): pip install "goldloop[lm-eval]". A task is a name the harness knows, whose data must be
in the local cache, or a YAML file of your own. Such a file may name Python functions, which the harness runs: use files
that you trust. Nothing is fetched unless HF_HUB_OFFLINE=0 was set.
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluators.errors import BadRequest
from evaluators.probes.passed import passed

if TYPE_CHECKING:
    from evaluators.models.chat_model import ChatModel

INSTALL = 'pip install "goldloop[lm-eval]"'
OFFLINE = ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_EVALUATE_OFFLINE")
BATCH = 8
DRAWS = 100  # bootstrap draws of the harness's own errors; 0 would take away even those that have a formula
YAML = (".yaml", ".yml")


def check(tasks: Sequence[str]) -> None:
    """Refuse before a model is loaded: the extra is not there, or a task's file is not. Raises BadRequest."""
    if not tasks:
        return
    if importlib.util.find_spec("lm_eval") is None:
        raise BadRequest(f"lm-eval is not installed, which --lm-eval needs. Install it with: {INSTALL}")
    for task in tasks:
        if is_file(task) and not Path(task).is_file():
            raise BadRequest(f"there is no task file {task}. Give the path of a YAML file, or the name of a task.")


def is_file(task: str) -> bool:
    """Whether a task is meant as a file."""
    return Path(task).suffix in YAML


def run_tasks(
    model: ChatModel,
    tasks: Sequence[str],
    *,
    limit: int | None = None,
    report: Callable[[float, str], None] | None = None,
) -> list[dict[str, Any]]:
    """A line for each task and metric: task, metric, higher_is_better, base, tuned, n, and `rows`.

    rows: a `passed` of the paired rows where they are 0 or 1, else None. limit: only the first rows of each task.
    Raises BadRequest when the extra is not installed or a task cannot be loaded (most often: its data are not here).
    """
    check(tasks)
    for name in OFFLINE:
        os.environ.setdefault(name, "1")
    os.environ.setdefault("DISABLE_MULTIPROC", "1")
    from lm_eval import simple_evaluate
    from lm_eval.models.huggingface import HFLM

    tell = report or (lambda done, line: None)
    harness = HFLM(pretrained=model.network, tokenizer=model.tokenizer, batch_size=BATCH)
    found: dict[str, dict[str, Any]] = {}
    names, manager = _manager(tasks)
    for place, (arm, adapter) in enumerate((("base", False), ("tuned", True))):
        tell(place / 2, f"lm-eval: {', '.join(names)}, {arm}")
        try:
            with model.arm(adapter) if model.adapter else nullcontext():
                found[arm] = simple_evaluate(
                    model=harness, tasks=list(names), task_manager=manager, limit=limit, log_samples=True,
                    bootstrap_iters=DRAWS, verbosity="ERROR",
                )  # fmt: skip
        except Exception as error:  # the harness raises whatever its libraries raise
            told = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise BadRequest(
                f"lm-eval cannot run {', '.join(names)}: {told} A task's data must be on this machine, since nothing "
                "is fetched; set HF_HUB_OFFLINE=0 to let it, or give a YAML file with a local dataset."
            ) from error
    return [line for task in found["base"]["results"] for line in _lines(task, found)]


def _manager(tasks: Sequence[str]) -> tuple[list[str], Any]:
    """(names of the tasks, the harness's task manager with the folders of the task files)."""
    from lm_eval.tasks import TaskManager

    files = [Path(task) for task in tasks if is_file(task)]
    names = [_name_in(Path(task)) if is_file(task) else task for task in tasks]
    folders = sorted({str(path.resolve().parent) for path in files})
    return names, TaskManager(include_path=folders or None, include_defaults=len(files) < len(tasks))


def _name_in(path: Path) -> str:
    """The task's name as its file says it, read without running anything."""
    named = re.search(r"^task:\s*[\"']?([\w.-]+)", path.read_text("utf-8"), re.MULTILINE)
    if named is None:
        raise BadRequest(f'{path} has no line "task: name", so it is not a task of lm-eval.')
    return named[1]


def _lines(task: str, found: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    told = []
    results = {arm: run["results"][task] for arm, run in found.items()}
    samples = {arm: run["samples"].get(task, []) for arm, run in found.items()}
    better = found["base"].get("higher_is_better", {}).get(task, {})
    for key, value in results["base"].items():
        metric, _, rule = key.partition(",")
        if not isinstance(value, (int, float)) or metric.endswith("_stderr") or not rule:
            continue
        rows = {arm: {one["doc_id"]: one.get(metric) for one in lines} for arm, lines in samples.items()}
        paired = [(rows["base"][doc], rows["tuned"].get(doc)) for doc in rows["base"]]
        binary = bool(paired) and all(value in (0, 1) for pair in paired for value in pair)
        told.append({
            "task": task, "metric": metric, "higher_is_better": better.get(metric, True), "n": len(paired),
            "base": float(value), "tuned": float(results["tuned"][key]),
            "rows": passed([bool(b) for b, _ in paired], [bool(t) for _, t in paired]) if binary else None,
        })  # fmt: skip
    return told
