"""The Python API holds the verbs of the app: every name of it is there, and is what its module says."""

import re
from pathlib import Path

import pytest

import workbench

OF_TRAINING = {
    "Question", "check_parity", "choose_plan", "compare_runs", "examine_run", "export_preferences", "list_runs",
    "measure_steps", "plan_resume", "plan_study", "plan_training", "prefer", "push_to_hub", "repeat_run",
    "resume_study", "see", "ship", "study", "train",
}  # fmt: skip


@pytest.mark.parametrize("name", workbench.__all__)
def test_a_name_of_the_api_can_be_imported(name):
    assert getattr(workbench, name).__name__ == name


def test_what_one_does_with_training_is_in_the_api():
    assert OF_TRAINING - set(workbench.__all__) == set()


def test_the_lists_of_the_api_name_the_same():
    source = Path(workbench.__file__).read_text(encoding="utf-8")
    assert set(workbench.__all__) == {*workbench._WHERE}
    imported = {name.strip() for names in re.findall(r"import ([\w, ]+)\n", source) for name in names.split(",")}
    assert set(workbench.__all__) <= imported
