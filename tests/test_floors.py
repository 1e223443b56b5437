"""The house's floors: imports run downhill, and light things stay light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = ("torch", "transformers", "trl", "peft", "datasets", "gradio", "sklearn")


def test_the_import_contracts_hold() -> None:
    done = subprocess.run([Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "module", ["workbench", "workbench.cli", "workbench.actions.train", "workbench.worker", "training", "evaluators"]
)
def test_importing_this_loads_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("package", ["training", "evaluators"])
def test_the_ground_is_usable_without_the_workbench(package: str) -> None:
    for file in (ROOT / package).rglob("*.py"):
        imported = {
            alias.name.split(".")[0] if isinstance(node, ast.Import) else (node.module or "").split(".")[0]
            for node in ast.walk(ast.parse(file.read_text()))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        other = {"training": "evaluators", "evaluators": "training"}[package]
        assert not imported & {"workbench", "app", other}, file


def test_nothing_imports_the_app() -> None:
    for package in ("workbench", "training", "evaluators"):
        for file in (ROOT / package).rglob("*.py"):
            names = {
                name
                for node in ast.walk(ast.parse(file.read_text()))
                if isinstance(node, ast.Import | ast.ImportFrom)
                for name in ([node.module] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names])
            }
            assert "app" not in names, file
