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
    from workbench.actions.apply_fix import apply_fix
    from workbench.actions.close_queue import close_queue
    from workbench.actions.compare import compare
    from workbench.actions.edit_row import edit_row
    from workbench.actions.evaluate import evaluate
    from workbench.actions.export_rows import export_rows
    from workbench.actions.find_copies import find_copies
    from workbench.actions.find_gaps import find_gaps
    from workbench.actions.freeze_golden import freeze_golden
    from workbench.actions.import_rows import import_rows
    from workbench.actions.merge_datasets import merge_datasets
    from workbench.actions.mine_tickets import mine_tickets
    from workbench.actions.open_queue import open_queue
    from workbench.actions.plan_training import plan_training
    from workbench.actions.rebalance import rebalance
    from workbench.actions.redo import redo
    from workbench.actions.restore import restore
    from workbench.actions.rule_out import rule_out
    from workbench.actions.run_checks import run_checks
    from workbench.actions.set_sheet import set_sheet
    from workbench.actions.train import train
    from workbench.actions.undo import undo
    from workbench.actions.write_report import write_report
    from workbench.rows import Rows
    from workbench.store import Store

__version__ = "0.1.0"

_WHERE = {
    "Rows": "workbench.rows",
    "Store": "workbench.store",
    "apply_fix": "workbench.actions.apply_fix",
    "close_queue": "workbench.actions.close_queue",
    "compare": "workbench.actions.compare",
    "edit_row": "workbench.actions.edit_row",
    "evaluate": "workbench.actions.evaluate",
    "export_rows": "workbench.actions.export_rows",
    "find_copies": "workbench.actions.find_copies",
    "find_gaps": "workbench.actions.find_gaps",
    "freeze_golden": "workbench.actions.freeze_golden",
    "import_rows": "workbench.actions.import_rows",
    "merge_datasets": "workbench.actions.merge_datasets",
    "mine_tickets": "workbench.actions.mine_tickets",
    "open_queue": "workbench.actions.open_queue",
    "plan_training": "workbench.actions.plan_training",
    "rebalance": "workbench.actions.rebalance",
    "redo": "workbench.actions.redo",
    "restore": "workbench.actions.restore",
    "rule_out": "workbench.actions.rule_out",
    "run_checks": "workbench.actions.run_checks",
    "set_sheet": "workbench.actions.set_sheet",
    "train": "workbench.actions.train",
    "undo": "workbench.actions.undo",
    "write_report": "workbench.actions.write_report",
}

__all__ = [
    "Rows",
    "Store",
    "apply_fix",
    "close_queue",
    "compare",
    "edit_row",
    "evaluate",
    "export_rows",
    "find_copies",
    "find_gaps",
    "freeze_golden",
    "import_rows",
    "merge_datasets",
    "mine_tickets",
    "open_queue",
    "plan_training",
    "rebalance",
    "redo",
    "restore",
    "rule_out",
    "run_checks",
    "set_sheet",
    "train",
    "undo",
    "write_report",
]


def __getattr__(name: str) -> Any:
    """A name of the API, imported when it is first asked for: `import workbench` itself costs nothing."""
    if name not in _WHERE:
        raise AttributeError(f"module 'workbench' has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)
