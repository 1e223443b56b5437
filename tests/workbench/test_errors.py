"""What is told in one sentence, and what is a defect."""

import pytest

from evaluators.errors import Unpaired
from evaluators.models.embedded import ModelUnavailable
from training.errors import PlanError
from workbench.errors import BadInput, Cancelled, is_mistake


@pytest.mark.parametrize("error", [BadInput("x"), PlanError("x"), Unpaired("x"), ModelUnavailable("x")])
def test_what_a_user_can_mend_is_a_mistake(error: Exception) -> None:
    assert is_mistake(error)


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), OSError("x"), Cancelled()])
def test_everything_else_is_not(error: Exception) -> None:
    assert not is_mistake(error)
