"""Goldloop: curate fine-tuning data, hold out a golden set, train an adapter and prove what it brought.

The Python API is the verbs that the app and the command line use, and what they work on:

    from workbench import Store, import_rows, run_checks
    store = Store.open("data/local")
    imported = import_rows(store, "support.jsonl")
    print(run_checks(store).runs)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.actions.add_judge import add_judge
    from workbench.actions.apply_fix import apply_fix
    from workbench.actions.check_parity import check_parity
    from workbench.actions.choose_plan import choose_plan
    from workbench.actions.climb_prompts import climb_prompts
    from workbench.actions.close_queue import close_queue
    from workbench.actions.close_round import close_round
    from workbench.actions.compare import compare
    from workbench.actions.compare_golden import compare_golden
    from workbench.actions.compare_runs import compare_runs
    from workbench.actions.edit_golden import edit_golden
    from workbench.actions.edit_row import edit_row
    from workbench.actions.evaluate import evaluate
    from workbench.actions.examine_run import examine_run
    from workbench.actions.export_preferences import export_preferences
    from workbench.actions.export_rows import export_rows
    from workbench.actions.find_copies import find_copies
    from workbench.actions.find_gaps import find_gaps
    from workbench.actions.find_suspects import find_suspects
    from workbench.actions.follow_gaps import follow_gaps
    from workbench.actions.freeze_golden import freeze_golden
    from workbench.actions.import_rows import import_rows
    from workbench.actions.judge import judge
    from workbench.actions.judge_card import judge_card
    from workbench.actions.list_runs import list_runs
    from workbench.actions.measure_steps import measure_steps
    from workbench.actions.merge_datasets import merge_datasets
    from workbench.actions.mine_tickets import mine_tickets
    from workbench.actions.note_failure import note_failure
    from workbench.actions.open_queue import open_queue
    from workbench.actions.open_round import open_round
    from workbench.actions.override_leaks import override_leaks
    from workbench.actions.plan_study import plan_study
    from workbench.actions.plan_training import plan_training
    from workbench.actions.prefer import prefer
    from workbench.actions.probe import probe
    from workbench.actions.push_to_hub import push_to_hub
    from workbench.actions.rating_pack import rating_pack
    from workbench.actions.rebalance import rebalance
    from workbench.actions.redo import redo
    from workbench.actions.refresh_golden import refresh_golden
    from workbench.actions.repeat_run import repeat_run
    from workbench.actions.restore import restore
    from workbench.actions.resume_study import plan_resume, resume_study
    from workbench.actions.rule_out import rule_out
    from workbench.actions.rule_suspect import rule_suspect
    from workbench.actions.run_checks import run_checks
    from workbench.actions.save_prompt import save_prompt
    from workbench.actions.see import see
    from workbench.actions.set_sheet import set_sheet
    from workbench.actions.ship import ship
    from workbench.actions.sign_golden import sign_golden
    from workbench.actions.study import study
    from workbench.actions.train import train
    from workbench.actions.undo import undo
    from workbench.actions.write_for_gap import write_for_gap
    from workbench.actions.write_report import write_report
    from workbench.rows import Rows
    from workbench.store import Store
    from workbench.studying.questions import Question

__version__ = "0.1.0"

_WHERE = {
    "Question": "workbench.studying.questions",
    "Rows": "workbench.rows",
    "Store": "workbench.store",
    "add_judge": "workbench.actions.add_judge",
    "apply_fix": "workbench.actions.apply_fix",
    "check_parity": "workbench.actions.check_parity",
    "choose_plan": "workbench.actions.choose_plan",
    "climb_prompts": "workbench.actions.climb_prompts",
    "close_queue": "workbench.actions.close_queue",
    "close_round": "workbench.actions.close_round",
    "compare": "workbench.actions.compare",
    "compare_golden": "workbench.actions.compare_golden",
    "compare_runs": "workbench.actions.compare_runs",
    "edit_golden": "workbench.actions.edit_golden",
    "edit_row": "workbench.actions.edit_row",
    "evaluate": "workbench.actions.evaluate",
    "examine_run": "workbench.actions.examine_run",
    "export_preferences": "workbench.actions.export_preferences",
    "export_rows": "workbench.actions.export_rows",
    "find_copies": "workbench.actions.find_copies",
    "find_gaps": "workbench.actions.find_gaps",
    "find_suspects": "workbench.actions.find_suspects",
    "follow_gaps": "workbench.actions.follow_gaps",
    "freeze_golden": "workbench.actions.freeze_golden",
    "import_rows": "workbench.actions.import_rows",
    "judge": "workbench.actions.judge",
    "judge_card": "workbench.actions.judge_card",
    "list_runs": "workbench.actions.list_runs",
    "measure_steps": "workbench.actions.measure_steps",
    "merge_datasets": "workbench.actions.merge_datasets",
    "mine_tickets": "workbench.actions.mine_tickets",
    "note_failure": "workbench.actions.note_failure",
    "open_queue": "workbench.actions.open_queue",
    "open_round": "workbench.actions.open_round",
    "override_leaks": "workbench.actions.override_leaks",
    "plan_resume": "workbench.actions.resume_study",
    "plan_study": "workbench.actions.plan_study",
    "plan_training": "workbench.actions.plan_training",
    "prefer": "workbench.actions.prefer",
    "probe": "workbench.actions.probe",
    "push_to_hub": "workbench.actions.push_to_hub",
    "rating_pack": "workbench.actions.rating_pack",
    "rebalance": "workbench.actions.rebalance",
    "redo": "workbench.actions.redo",
    "refresh_golden": "workbench.actions.refresh_golden",
    "repeat_run": "workbench.actions.repeat_run",
    "restore": "workbench.actions.restore",
    "resume_study": "workbench.actions.resume_study",
    "rule_out": "workbench.actions.rule_out",
    "rule_suspect": "workbench.actions.rule_suspect",
    "run_checks": "workbench.actions.run_checks",
    "save_prompt": "workbench.actions.save_prompt",
    "see": "workbench.actions.see",
    "set_sheet": "workbench.actions.set_sheet",
    "ship": "workbench.actions.ship",
    "sign_golden": "workbench.actions.sign_golden",
    "study": "workbench.actions.study",
    "train": "workbench.actions.train",
    "undo": "workbench.actions.undo",
    "write_for_gap": "workbench.actions.write_for_gap",
    "write_report": "workbench.actions.write_report",
}

__all__ = [
    "Question",
    "Rows",
    "Store",
    "add_judge",
    "apply_fix",
    "check_parity",
    "choose_plan",
    "climb_prompts",
    "close_queue",
    "close_round",
    "compare",
    "compare_golden",
    "compare_runs",
    "edit_golden",
    "edit_row",
    "evaluate",
    "examine_run",
    "export_preferences",
    "export_rows",
    "find_copies",
    "find_gaps",
    "find_suspects",
    "follow_gaps",
    "freeze_golden",
    "import_rows",
    "judge",
    "judge_card",
    "list_runs",
    "measure_steps",
    "merge_datasets",
    "mine_tickets",
    "note_failure",
    "open_queue",
    "open_round",
    "override_leaks",
    "plan_resume",
    "plan_study",
    "plan_training",
    "prefer",
    "probe",
    "push_to_hub",
    "rating_pack",
    "rebalance",
    "redo",
    "refresh_golden",
    "repeat_run",
    "restore",
    "resume_study",
    "rule_out",
    "rule_suspect",
    "run_checks",
    "save_prompt",
    "see",
    "set_sheet",
    "ship",
    "sign_golden",
    "study",
    "train",
    "undo",
    "write_for_gap",
    "write_report",
]


def __getattr__(name: str) -> Any:
    """A name of the API, imported when it is first asked for: `import workbench` itself costs nothing."""
    if name not in _WHERE:
        raise AttributeError(f"module 'workbench' has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)
