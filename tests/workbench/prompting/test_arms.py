"""What may be shown to a question, and a saved prompt as the better prompt of an evaluation."""

import importlib.util
import shutil
from pathlib import Path

import pytest

from evaluators.prompting.recipe import Recipe
from evaluators.sample import Sample
from training.plan import TrainingPlan
from workbench.actions.evaluate import evaluate
from workbench.actions.freeze_golden import freeze_golden
from workbench.actions.save_prompt import save_prompt
from workbench.errors import BadInput, NotFound
from workbench.prompting.arms import shown_from
from workbench.rows import Rows
from workbench.store import datasets, runs

spec = importlib.util.spec_from_file_location("toy_models", Path(__file__).parents[2] / "evaluators" / "conftest.py")
toys = importlib.util.module_from_spec(spec)
spec.loader.exec_module(toys)
tiny_model, tiny_adapter = toys.tiny_model, toys.tiny_adapter

ASKED = "May I bring the kettle back to the counter after a month of daily use?"


def row(row_id, question, reply, tags=()):
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": reply}]
    return {"row_id": row_id, "messages": turns, "tags": list(tags), "source": "here", "line": 1}


TRAINING = Rows.from_records(
    [
        row("copy", ASKED + "!", "Certainly, for thirty days, at counter four, with the receipt."),
        row("kin", "Which colours does the lamp come in this year?", "In red and blue, and soon also in green.",
            ["customer:7"]),
        row("free", "How long does the parcel to Norway take?", "It takes about nine days by ship and road."),
        {**row("talk", "Hello", "Hello, how can the desk help you today?"), "messages": [
            {"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hello, how can we help?"},
            {"role": "user", "content": "Is it open?"}, {"role": "assistant", "content": "It is open until six."}]},
        row("suspect", "Could the kettle still go back once it was used?", "For thirty days it can go back to us."),
    ]
)  # fmt: skip
GOLDEN = Rows.from_records([row("golden", ASKED, "Yes: thirty days, counter four, receipt in hand.", ["customer:7"])])
QUESTION = Sample("golden", ({"role": "user", "content": ASKED},), None, "Yes.")


def shown(recipe, **options):
    arm = shown_from(TRAINING, GOLDEN, **options).arm(recipe, "arm", [QUESTION])
    return [question for question, _ in arm.examples_by_row["golden"]]


def test_copies_and_rows_of_the_same_customer_are_never_shown():
    assert shown(Recipe(mode="similar", k=8)) == [
        "How long does the parcel to Norway take?",
        "Could the kettle still go back once it was used?",
    ]


def test_what_the_guard_suspects_is_not_shown_either():
    left = shown(Recipe(mode="random", k=8), suspects={"golden": {"suspect"}})
    assert left == ["How long does the parcel to Norway take?"]


def test_only_rows_with_one_question_and_one_reply_are_examples_and_the_others_are_counted():
    found = shown_from(TRAINING, GOLDEN)
    assert "talk" not in found.pool.ids
    assert found.left_out == 1


def test_without_an_embedding_model_likeness_is_of_words_and_says_so():
    assert shown_from(TRAINING, GOLDEN).embedder["meaning"] is False
    assert "paraphrases are not seen" in shown_from(TRAINING, GOLDEN).embedder["name"]


def test_a_text_alone_shows_no_row():
    arm = shown_from(TRAINING, GOLDEN).arm(Recipe("desk", "Be brief."), "arm", [QUESTION])
    assert (arm.system, arm.examples, dict(arm.examples_by_row)) == ("Be brief.", (), {})


@pytest.fixture
def trained(store, fifty_rows, tiny_model, tiny_adapter, monkeypatch, tmp_path):
    """Run 1 of a toy model on "desk", with a golden set of ten."""
    monkeypatch.setenv("GOLDLOOP_MODELS", str(tmp_path / "no-models"))
    datasets.add_version(store, "desk", fifty_rows, parent=None, verb="import", settings={}, counts={}, who="Ann")
    frozen = freeze_golden(store, "desk", share=0.2)
    run = runs.add(store, frozen.version, frozen.golden, TrainingPlan(model=str(tiny_model)).model_dump(), "Ann", None)
    shutil.copytree(tiny_adapter, runs.folder(store, run.id) / "adapter")
    runs.finish(store, run.id, {"adapter": "adapter"})
    return store


def test_a_saved_prompt_is_the_better_prompt_of_an_evaluation_and_is_told(trained):
    saved = save_prompt(trained, "desk voice", "Be brief.", examples=1)
    done = evaluate(trained, 1, saved_prompt=saved.number, max_new_tokens=3)
    told = done.summary["arms"]["prompted"]
    assert told == {
        "adapter": False,
        "system": "Be brief.",
        "examples": [],
        "saved_prompt": 1,
        "title": "desk voice + 1 similar example",
        "chosen": "similar",
        "k": 1,
        "from": "desk@2",
    }
    assert (done.settings["saved_prompt"], done.settings["prompt"], done.settings["examples"]) == (1, "Be brief.", 1)


def test_a_saved_prompt_beside_a_text_or_one_that_is_not_there_is_refused(trained):
    saved = save_prompt(trained, "desk voice", "Be brief.")
    with pytest.raises(BadInput, match="not both"):
        evaluate(trained, 1, saved_prompt=saved.number, prompt="Another text.")
    with pytest.raises(NotFound, match="no saved prompt 5"):
        evaluate(trained, 1, saved_prompt=5)
