"""A form says what the model's fields say, and no more."""

from typing import Literal

import gradio as gr
import pytest
from pydantic import BaseModel, Field

from training.plan import TrainingPlan
from workbench.errors import BadInput
from workbench.screens.form import Form, by_label, in_words


class Knobs(BaseModel):
    epochs: float = Field(3.0, title="Epochs", description="How often.", gt=0, le=100)
    rate: float | None = Field(None, title="Rate", description="How large.", gt=0, le=1)
    kind: Literal["linear", "cosine"] = Field("linear", title="Kind", description="Which.")
    seed: int = Field(0, title="Seed", description="Chance.", ge=0, le=2**31 - 1, json_schema_extra={"advanced": True})


@pytest.fixture
def form():
    with gr.Blocks():
        return Form(Knobs)


def test_help_tells_the_bounds_in_words_but_not_those_of_the_machine():
    assert in_words(Knobs.model_fields["epochs"]) == "How often. (above 0, at most 100)"
    assert in_words(Knobs.model_fields["seed"]) == "Chance. (at least 0)"


def test_each_field_gets_the_input_of_its_type(form):
    assert [type(one).__name__ for one in form.inputs] == ["Number", "Textbox", "Dropdown", "Number"]
    assert [one.label for one in form.inputs] == ["Epochs", "Rate", "Kind", "Seed"]


def test_only_what_differs_from_the_default_is_a_setting(form):
    assert form.settings([3, "", "linear", 0]) == []
    assert form.settings([2.0, "0.0012345678", "cosine", 7]) == [
        "epochs=2",
        "rate=0.0012345678",
        "kind=cosine",
        "seed=7",
    ]


def test_every_wrong_field_is_named_in_words(form):
    with pytest.raises(BadInput) as told:
        form.settings([0, "much", "square", 0])
    assert str(told.value).splitlines() == [
        'Epochs: "0" does not fit. It takes a number above 0 and at most 100.',
        'Rate: "much" does not fit. It takes a number above 0 and at most 1.',
        'Kind: "square" does not fit. It takes one of linear, cosine.',
    ]


def test_a_number_out_of_bounds_that_only_the_machine_has_and_a_text_are_told_what_they_take():
    with gr.Blocks():
        plan = Form(TrainingPlan, skip=("model",))
    wrong = plan.errors({**plan.start, "seed": 2**31, "epochs": None, "report_to": "excel"})
    assert wrong["seed"] == (
        'Seed: "2147483648" does not fit. It takes a whole number of at least 0 and at most 2,147,483,647.'
    )
    assert wrong["epochs"] == "Epochs: it is empty. It takes a number above 0 and at most 100."
    assert wrong["report_to"].startswith('Tracker: "excel" does not fit. Where else the curves go: none, tensorboard')


def test_a_sentence_of_the_command_line_is_told_with_the_labels_of_the_boxes():
    fields = TrainingPlan.model_fields
    assert by_label("rank=512 is large. Lower batch_size, or method=full.", fields) == (
        "LoRA rank 512 is large. Lower batch size, or method full."
    )
    assert by_label("learning_rate=0.5 is high: a rank of 8 may do.", fields) == (
        "Learning rate 0.5 is high: a rank of 8 may do."
    )


def test_a_form_that_arrives_cut_is_refused(form):
    with pytest.raises(BadInput, match="Reload"):
        form.settings([3])


def test_settings_mean_the_same_to_the_training_plan():
    with gr.Blocks():
        form = Form(TrainingPlan, skip=("model",))
    values = [form.start[name] for name in form.names]
    assert form.settings(values) == []
    values[form.names.index("epochs")], values[form.names.index("learning_rate")] = 1.5, "0.002"
    plan = TrainingPlan().with_settings(form.settings(values))
    assert (plan.epochs, plan.learning_rate) == (1.5, 0.002)


def test_a_form_is_filled_in_with_a_plan_and_gives_it_back():
    with gr.Blocks():
        form = Form(TrainingPlan, skip=("model",))
    plan = TrainingPlan(epochs=1.5, learning_rate=2e-4, patience=3, method="dora", report_to="tensorboard", warmup=0.25)
    filled = form.shown(plan.model_dump())
    assert TrainingPlan().with_settings(form.settings(filled)) == plan


def test_knobs_that_do_not_go_together_are_refused_in_one_sentence():
    with gr.Blocks():
        form = Form(TrainingPlan, skip=("model",))
    wrong = form.shown(TrainingPlan().model_dump() | {"method": "full", "quantization": "4bit"})
    with pytest.raises(BadInput) as told:
        form.settings(wrong)
    assert str(told.value).startswith("Method full cannot be combined with quantization 4bit: ")


def test_filling_a_form_in_is_no_edit_of_a_person(form):
    assert len(form.edits) == 7  # two for each of three boxes, one for the list
