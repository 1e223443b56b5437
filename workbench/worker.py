"""Runs one job in a process of its own: `python -m workbench.worker ID`."""

from __future__ import annotations

import dataclasses
import json
import os
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any

os.environ.setdefault("GOMP_SPINCOUNT", "0")  # before torch is imported anywhere

import psutil

from workbench import jobs
from workbench.errors import Cancelled, GoldloopError, is_mistake
from workbench.settings import Report, database_url, store_folder
from workbench.store import Store
from workbench.store import jobs as table
from workbench.store.store import now

Work = Callable[[Store, Mapping[str, Any], Report, int], Any]


def import_file(store: Store, settings: Mapping[str, Any], report: Report, job_id: int) -> Any:
    from workbench.actions.import_rows import import_rows

    return import_rows(
        store,
        settings["path"],
        format=settings.get("format"),
        name=settings.get("name"),
        why=settings.get("why", ""),
        report=report,
    )


def check(store: Store, settings: Mapping[str, Any], report: Report, job_id: int) -> Any:
    from workbench.actions.run_checks import run_checks

    checked = run_checks(
        store, settings.get("version"), only=settings.get("only"), knobs=settings.get("knobs"), report=report
    )
    return {"version": checked.version.label, "findings": sum(run.flagged for run in checked.runs)}


def train(store: Store, settings: Mapping[str, Any], report: Report, job_id: int) -> Any:
    from workbench.actions.train import train

    run = train(
        store,
        settings.get("version"),
        model=settings.get("model"),
        settings=settings.get("settings") or (),
        report=report,
        job_id=job_id,
    )
    return {"run": run.id}


def measure(store: Store, settings: Mapping[str, Any], report: Report, job_id: int) -> Any:
    from workbench.actions.measure_steps import measure_steps

    known = {key: settings[key] for key in ("model", "settings") if settings.get(key)}
    measured = measure_steps(store, settings.get("version"), report=report, **known)
    return {"steps": len(measured.steps), "busy": measured.busy}


def evaluate(store: Store, settings: Mapping[str, Any], report: Report, job_id: int) -> Any:
    from workbench.actions.evaluate import evaluate

    known = ("part", "prompt", "examples", "saved_prompt", "max_new_tokens", "primary", "margins", "useful", "why")
    options = {key: settings[key] for key in known if key in settings}
    return {"evaluation": evaluate(store, settings["run"], report=report, job_id=job_id, **options).id}


def gaps(store: Store, settings: Mapping[str, Any], report: Report, job_id: int) -> Any:
    from workbench.actions.find_gaps import find_gaps

    return {"gaps": len(find_gaps(store, settings["evaluation"], report=report))}


def models(store: Store, settings: Mapping[str, Any], report: Report, job_id: int) -> Any:
    from workbench.actions.fetch_model import fetch_model

    return {"folder": str(fetch_model(settings["name"], report=report))}


def losses(store: Store, settings: Mapping[str, Any], report: Report, job_id: int) -> Any:
    from workbench.actions.measure_losses import measure_losses

    done = measure_losses(store, settings["run"], settings.get("version"), report=report)
    return {"run": done.run.id, "measured": done.measured, "left_out": dict(done.left_out)}


def tickets(store: Store, settings: Mapping[str, Any], report: Report, job_id: int) -> Any:
    from workbench.actions.mine_tickets import mine_tickets

    known = ("name", "top", "drafts", "groups", "subject", "body", "answer", "mask", "seed", "preview")
    options = {key: settings[key] for key in known if key in settings}
    mined = mine_tickets(store, settings["path"], report=report, **options)
    asked = [
        {"name": one.name, "count": one.count, "share": one.share, "answered": one.answered, "example": one.examples[0]}
        for one in mined.intents
    ]
    label = mined.version.label if mined.version else None  # a preview makes no dataset
    return {"version": label, "intents": len(asked), "tickets": mined.tickets, "asked": asked}


def copies(store: Store, settings: Mapping[str, Any], report: Report, job_id: int) -> Any:
    from workbench.actions.find_copies import find_copies

    options = {key: settings[key] for key in ("field", "against", "least") if key in settings}
    found = find_copies(store, settings.get("version"), report=report, **options)
    return {"of": found.label, "pairs": found.near.height, "copies": len(found.dropped())}


def probe(store: Store, settings: Mapping[str, Any], report: Report, job_id: int) -> Any:
    from workbench.actions.probe import probe

    known = ("scales", "checkpoints", "form", "sample", "seed", "folder", "lm_eval")
    options = {key: settings[key] for key in known if key in settings}
    return {"probe": probe(store, settings["run"], report=report, job_id=job_id, **options).id}


def prompts(store: Store, settings: Mapping[str, Any], report: Report, job_id: int) -> Any:
    from workbench.actions.climb_prompts import climb_prompts

    options = {key: value for key, value in settings.items() if key != "version"}
    climb = climb_prompts(store, settings.get("version"), report=report, job_id=job_id, **options)
    return {"climb": climb.id, "budget": climb.settings["budget"]}


def judge(store: Store, settings: Mapping[str, Any], report: Report, job_id: int) -> Any:
    from workbench.actions.judge import judge
    from workbench.actions.judge_card import judge_card

    work = judge if settings["work"] == "run" else judge_card
    options = {key: settings[key] for key in ("pairs", "cap", "agreed") if key in settings}
    done = work(store, settings["evaluation"], settings["judge"], report=report, job_id=job_id, **options)
    summary = done.run.summary if done.run else None
    return {"judge_run": done.run.id if done.run else None, "said": (summary or {}).get("reason", "")}


def recite(store: Store, settings: Mapping[str, Any], report: Report, job_id: int) -> Any:
    from workbench.actions.examine_run import examine_run

    done = examine_run(store, settings["run"], recite=True, sample=settings.get("sample"), report=report)
    return {"run": done.run.id, "said": done.recited.said() if done.recited else ""}


def repeat(store: Store, settings: Mapping[str, Any], report: Report, job_id: int) -> Any:
    from workbench.actions.repeat_run import repeat_run

    done = repeat_run(store, settings["run"], model=settings.get("model"), report=report)
    return {"run": done.run.id, "equal": done.equal, "said": "; ".join(done.lines)}


def suspects(store: Store, settings: Mapping[str, Any], report: Report, job_id: int) -> Any:
    from workbench.actions.find_suspects import find_suspects

    found = find_suspects(store, settings.get("version"), anew=bool(settings.get("anew")), report=report)
    return {"version": found.search.version, "counts": dict(found.search.counts), "open": len(found.open)}


def ship(store: Store, settings: Mapping[str, Any], report: Report, job_id: int) -> Any:
    from workbench.actions.ship import ship

    known = ("to", "forms", "precision", "llama_cpp_folder", "parity")
    options = {key: settings[key] for key in known if settings.get(key) is not None}
    done = ship(store, settings["run"], report=report, **options)
    return {"run": done.run, "folder": str(done.folder), "parity": (done.parity or {}).get("sentence", "")}


def prefer(store: Store, settings: Mapping[str, Any], report: Report, job_id: int) -> Any:
    from workbench.actions.prefer import prefer

    run = prefer(
        store,
        settings["run"],
        pairs=settings.get("pairs"),
        settings=settings.get("settings") or (),
        drop_alike=bool(settings.get("drop_alike")),
        report=report,
        job_id=job_id,
    )
    return {"run": run.id}


def study(store: Store, settings: Mapping[str, Any], report: Report, job_id: int) -> Any:
    from workbench.actions.resume_study import resume_study
    from workbench.actions.study import study
    from workbench.studying.questions import question_of

    if "study" in settings:  # one that goes on
        done = resume_study(store, settings["study"], minutes=settings.get("minutes"), report=report, job_id=job_id)
        return {"study": done.id, "said": (done.result or {}).get("sentence", "")}
    done = study(store, question_of(settings), report=report, job_id=job_id)
    return {"study": done.id, "said": (done.result or {}).get("sentence", "")}


KINDS: dict[str, Work] = {
    "import": import_file,
    "check": check,
    "train": train,
    "measure": measure,
    "evaluate": evaluate,
    "gaps": gaps,
    "models": models,
    "losses": losses,
    "tickets": tickets,
    "copies": copies,
    "suspects": suspects,
    "prompts": prompts,
    "probe": probe,
    "judge": judge,
    "study": study,
    "ship": ship,
    "prefer": prefer,
    "recite": recite,
    "repeat": repeat,
}


def run(store: Store, job_id: int) -> int:
    """Takes a waiting job, does it and writes down how it ended. Gives the exit code."""
    me = psutil.Process()
    if not table.claim(store, job_id, host=socket.gethostname(), pid=me.pid, pid_created=me.create_time()):
        print(f"Job {job_id} is not waiting: somebody else took it.", file=sys.stderr)
        return 2
    job = table.get(store, job_id)
    over = threading.Event()
    threading.Thread(target=_beat, args=(store, job_id, over), daemon=True).start()
    try:
        result = KINDS[job.kind](store, job.settings, jobs.reporter(store, job_id), job_id)
        end = {"state": "done", "done": 1.0, "result": plain(result), "line": "done"}
    except Cancelled:
        end = {"state": "stopped", "line": f"stopped on request at: {table.get(store, job_id).line}"}
    except Exception as error:
        traceback.print_exc()
        said = str(error) if is_mistake(error) else f"{type(error).__name__}: {error}"
        end = {"state": "failed", "error": said[:5000], "line": said.split("\n")[0][:500]}
    over.set()
    table.note(store, job_id, finished=now(), **end)
    return 0 if end["state"] == "done" else 1


def _beat(store: Store, job_id: int, over: threading.Event) -> None:
    while not over.wait(jobs.BEAT_SECONDS):
        try:
            table.note(store, job_id, beat=time.time())
        except GoldloopError as error:  # a full disk must not end the work; the next beat may pass
            print(f"no beat: {error}", file=sys.stderr)


def plain(value: Any) -> Any:
    """A result as JSON holds it: dataclasses become dicts, paths become text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = dataclasses.asdict(value)
    return json.loads(json.dumps(value, default=str))


def main() -> int:
    store = Store.open(store_folder(), database_url())
    return run(store, int(sys.argv[1]))


if __name__ == "__main__":
    sys.exit(main())
