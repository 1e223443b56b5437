"""The files for several GPUs and for a rented one: they are read by the tools they are for, and name what is there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
TASK = yaml.safe_load((ROOT / "deploy" / "skypilot.yaml").read_text("utf-8"))


@pytest.mark.parametrize(("name", "kind", "version"), [("ddp", "MULTI_GPU", None), ("fsdp2", "FSDP", 2)])
def test_accelerate_reads_the_configuration(name: str, kind: str, version: int | None) -> None:
    from accelerate.commands.config.config_args import load_config_from_file

    found = load_config_from_file(str(ROOT / "deploy" / "accelerate" / f"{name}.yaml"))
    assert found.distributed_type.value == kind
    assert found.fsdp_config.get("fsdp_version") == version


def test_the_commands_of_the_task_are_whole() -> None:
    for part in ("setup", "run"):
        subprocess.run(["bash", "-n"], input=TASK[part], text=True, check=True)


def test_the_task_names_files_that_are_there_and_variables_that_it_sets() -> None:
    assert all((ROOT / path).is_file() for path in re.findall(r"deploy/\S+\.yaml", TASK["run"]))
    assert set(re.findall(r"\$\{?([A-Z]+)", str(TASK))) == {"BUCKET", "RUN", "PROCESSES", "OUT"}


def test_a_machine_that_was_taken_away_is_replaced_by_one_that_goes_on() -> None:
    assert TASK["resources"]["use_spot"]
    assert TASK["run"].count('"$OUT" --resume') == 2  # one process, and several
    assert TASK["file_mounts"]["/bucket"]["mode"] == "MOUNT_CACHED"
