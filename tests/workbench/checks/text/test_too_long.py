import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from training.plan import TrainingPlan
from workbench.checks.text.too_long import too_long
from workbench.errors import NotRun
from workbench.rows import Rows


@pytest.fixture
def model(tmp_path):
    """A model folder whose tokens are words."""
    toy = Tokenizer(models.WordLevel({"?": 0, "word": 1}, unk_token="?"))
    toy.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    toy.enable_truncation(4)
    toy.save(str(tmp_path / "tokenizer.json"))
    return str(tmp_path)


def test_the_measure_is_all_contents_and_a_role_and_four_marks_for_each_turn(model):
    rows = Rows.of(("word word", "word"), [{"role": "assistant", "content": None}])
    assert too_long.run(rows, model=model).measure.to_list() == [13.0, 5.0]


def test_the_note_says_how_much_is_over_and_what_is_lost(model):
    rows = Rows.of(("word", "word " * 30), ("word " * 30, "word"))
    assert too_long.run(rows, model=model, limit=20).note == [
        "41 tokens, 21 over the limit of 20: the end of the reply would be cut off",
        "41 tokens, 21 over the limit of 20: nothing of the last turn would be left",
    ]


def test_a_row_is_flagged_where_training_would_cut_it_and_not_before(model):
    fits, cut = "word " * 1013, "word " * 1014  # and 11 for the question, the two roles and their marks
    assert TrainingPlan().max_length == 1024
    findings = too_long.run(Rows.of(("word", fits), ("word", cut)), model=model)
    assert findings.measure.to_list() == [1024.0, 1025.0]
    assert findings.flagged.to_list() == [False, True]


def test_the_page_names_the_limit_that_training_has():
    assert f"{TrainingPlan().max_length:,} tokens" in too_long.page


def test_a_truncation_saved_with_the_tokenizer_hides_nothing(model):
    assert too_long.run(Rows.of(("word", "word " * 3000)), model=model).measure.to_list() == [3011.0]


def test_without_a_tokenizer_nothing_is_guessed(tmp_path, monkeypatch):
    monkeypatch.setenv("GOLDLOOP_MODELS", str(tmp_path))
    with pytest.raises(NotRun, match="goldloop models fetch"):
        too_long.run(Rows.of("word"))


def test_a_folder_that_is_no_model_is_named(tmp_path):
    with pytest.raises(NotRun, match="There is no tokenizer"):
        too_long.run(Rows.of("word"), model=str(tmp_path / "nothing"))


def test_a_broken_tokenizer_file_is_not_run_and_not_a_crash(tmp_path):
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(NotRun, match="cannot be read as a tokenizer"):
        too_long.run(Rows.of("word"), model=str(tmp_path))


def test_the_embedded_model_is_looked_for_in_the_models_folder(model, tmp_path, monkeypatch):
    (tmp_path / "smollm2-135m").mkdir()
    (tmp_path / "tokenizer.json").rename(tmp_path / "smollm2-135m" / "tokenizer.json")
    monkeypatch.setenv("GOLDLOOP_MODELS", str(tmp_path))
    assert too_long.run(Rows.of(("word", "word"))).measure.to_list() == [12.0]
