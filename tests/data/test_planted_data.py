"""The planted faults: a file a check, with faulty rows and sound look-alikes, in the form that the benchmark reads."""

import json
from pathlib import Path

import pytest

from workbench.checks.check import catalogue

FOLDER = Path(__file__).parents[2] / "data" / "planted"


@pytest.mark.parametrize("check", catalogue())
def test_every_check_has_planted_faults_and_sound_look_alikes(check):
    lines = (FOLDER / f"{check}.jsonl").read_text(encoding="utf-8").splitlines()
    faults = [json.loads(line)["fault"] for line in lines]
    assert any(faults)
    assert not all(faults)


def test_every_file_belongs_to_a_check():
    named = {path.name.split(".")[0] for path in FOLDER.glob("*.json*")}
    assert named <= set(catalogue())
