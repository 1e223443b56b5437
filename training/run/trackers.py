"""Experiment trackers, where asked for: the curves of a run go into TensorBoard, trackio, W&B or MLflow, too

They are written by the callbacks that TRL's `report_to` names, into the run's own folder, without a network call unless
the user's own environment says otherwise (WANDB_MODE=online, MLFLOW_TRACKING_URI, TRACKIO_SPACE_ID). A tracker is told
knobs, the model's configuration and figures; never a row.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from training.errors import PlanError
from training.result import write_whole

FOLDER = "trackers"  # inside the run's folder
IDS = "ids.json"  # under which names a run stands in its trackers, so that a resumed one goes on there
PROJECT = "goldloop"
# Its package and licence, and what it is told beside the folder: no questions, no reports of its own use.
PACKAGES = {"tensorboard": "tensorboard", "trackio": "trackio", "wandb": "wandb", "mlflow": "mlflow"}
LICENCES = {"tensorboard": "Apache-2.0", "trackio": "MIT", "wandb": "MIT", "mlflow": "Apache-2.0"}
MIRRORED = ("eval_loss", "tokens_per_second", "memory", "eval_memory")  # of a metric line; the rest is TRL's own log


def names_of(report_to: str) -> list[str]:
    """The trackers that a plan asks for; [] for "none"."""
    return [] if report_to in ("", "none") else [name.strip() for name in report_to.split(",")]


def refuse_missing(report_to: str) -> None:
    """Raises PlanError, before anything is begun, for a tracker that is not installed or not known."""
    for name in names_of(report_to):
        if name not in PACKAGES:
            raise PlanError(f'there is no tracker "{name}". There are: {", ".join(PACKAGES)}.')
        if find_spec(PACKAGES[name]) is None:
            raise PlanError(
                f"the tracker {name} is asked for (report_to={report_to}), but it is not installed. "
                f"Install it (pip install {PACKAGES[name]}), or set report_to=none."
            )


def surroundings(names: Sequence[str], out: Path) -> dict[str, str]:
    """Environment variables under which these trackers write into the run's folder and nowhere else."""
    folder = (out / FOLDER).resolve()
    ids = read_ids(out)
    said: dict[str, str] = {}
    if "tensorboard" in names:
        said["TENSORBOARD_LOGGING_DIR"] = str(folder / "tensorboard")
    if "trackio" in names:
        said |= {"TRACKIO_DIR": str(folder / "trackio"), "GRADIO_ANALYTICS_ENABLED": "False"}
    if "wandb" in names:
        said |= {
            "WANDB_MODE": "offline", "WANDB_DIR": str(folder), "WANDB_PROJECT": PROJECT, "WANDB_SILENT": "true",
            "WANDB_ERROR_REPORTING": "false", "WANDB_DISABLE_GIT": "true", "WANDB_DISABLE_CODE": "true",
        }  # fmt: skip
        if "wandb" in ids:
            said |= {"WANDB_RUN_ID": ids["wandb"], "WANDB_RESUME": "allow"}
    if "mlflow" in names:
        said |= {
            "MLFLOW_TRACKING_URI": f"sqlite:///{folder / 'mlflow.db'}", "MLFLOW_EXPERIMENT_NAME": PROJECT,
            "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "MLFLOW_FLATTEN_PARAMS": "1",
        }  # fmt: skip
        if "mlflow" in ids:
            said["MLFLOW_RUN_ID"] = ids["mlflow"]
    return said


@contextmanager
def reporting(trainer: Any, report_to: str, out: Path, lines: list[dict[str, Any]]) -> Iterator[None]:
    """While this lasts, what the trainer logs goes to the trackers, too; they are closed however the run ends.

    lines: the run's metric lines, as its watch keeps and lengthens them: the validation loss stands there, and not in
    what the trainer logs by itself. Call it after the watch's callback was added.
    """
    names = names_of(report_to)
    if not names:
        yield
        return
    refuse_missing(report_to)
    (out / FOLDER).mkdir(parents=True, exist_ok=True)
    ours = {name: value for name, value in surroundings(names, out).items() if name not in os.environ}
    os.environ.update(ours)
    ended = "FAILED"
    try:
        mirror = _hung_in(trainer, names, out, lines)
        try:
            yield
            ended = "FINISHED"
        finally:
            mirror.told()
            _close(names, ended)
    finally:
        for name in ours:
            os.environ.pop(name, None)


def _hung_in(trainer: Any, names: Sequence[str], out: Path, lines: list[dict[str, Any]]) -> Any:
    """The trackers' callbacks in the trainer, before the watch's, and the mirror behind it."""
    from transformers.integrations import get_reporting_integration_callbacks

    trainer.args.report_to = list(names)
    trainer.args.run_name = f"{PROJECT} {out.resolve().parent.name} {out.resolve().name}"
    if hasattr(trainer.args, "project"):
        trainer.args.project = PROJECT
    if "tensorboard" in names and lines:
        _purge(lines[-1]["step"] + 1)
    last = trainer.callback_handler.callbacks
    watching = last.pop()  # the watch may raise at a step; the trackers shall have heard of it before
    for callback in get_reporting_integration_callbacks(list(names)):
        trainer.add_callback(callback)
    last.append(watching)
    mirror = _mirror(trainer, lines, out, names)
    trainer.add_callback(mirror)
    return mirror


def _mirror(trainer: Any, lines: list[dict[str, Any]], out: Path, names: Sequence[str]) -> Any:
    """A callback that logs what only the metric lines know: validation loss, speed, memory."""
    from transformers import Trainer, TrainerCallback

    class Mirror(TrainerCallback):
        def __init__(self) -> None:
            self.step = lines[-1]["step"] if lines and lines[-1]["step"] > 0 else -1

        def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            if state.is_world_process_zero:
                _write_ids(out, names)
            self.told()

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
            if logs and "loss" in logs and "learning_rate" in logs:
                self.told()

        def told(self) -> None:
            """Logs the newest line, unless it was; called once more at the end, where the watch may have raised."""
            if not lines or lines[-1]["step"] <= self.step or lines[-1]["step"] != trainer.state.global_step:
                return
            self.step = lines[-1]["step"]
            known = {name: lines[-1][name] for name in MIRRORED if lines[-1].get(name) is not None}
            if known:
                Trainer.log(trainer, known)  # past SFTTrainer's, which would add its own averages again

    return Mirror()


def _purge(step: int) -> None:
    """Tells TensorBoard that what an earlier attempt wrote from this step on does not count."""
    from torch.utils.tensorboard import SummaryWriter

    writer: Any = SummaryWriter(log_dir=os.environ["TENSORBOARD_LOGGING_DIR"], purge_step=step)
    writer.close()


def read_ids(out: Path) -> dict[str, str]:
    """The name of the run in each tracker that gives it one; {} before its first step."""
    try:
        known = json.loads((out / FOLDER / IDS).read_text("utf-8"))
        return {str(name): str(value) for name, value in known.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _write_ids(out: Path, names: Sequence[str]) -> None:
    known = read_ids(out)
    if "wandb" in names:
        import wandb

        known["wandb"] = wandb.run.id
    if "mlflow" in names:
        import mlflow

        known["mlflow"] = mlflow.active_run().info.run_id
    if known:
        write_whole(out / FOLDER / IDS, json.dumps(known))


def _close(names: Sequence[str], ended: str) -> None:
    """Ends the run in each tracker; a tracker that cannot even be closed does not spoil the training."""
    with suppress(Exception):
        if "wandb" in names:
            import wandb

            if wandb.run is not None:
                wandb.finish(exit_code=0 if ended == "FINISHED" else 1)
    with suppress(Exception):
        if "mlflow" in names:
            import mlflow

            if mlflow.active_run() is not None:
                mlflow.end_run(status=ended)
    with suppress(Exception):
        if "trackio" in names:
            import trackio

            trackio.finish()
