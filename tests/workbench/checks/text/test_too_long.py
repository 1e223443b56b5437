import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from training.plan import TrainingPlan
from workbench.checks.context import Context
from workbench.checks.text.token_counts import _by_words, _whole, turn_tokens
from workbench.checks.text.too_long import too_long
from workbench.errors import NotRun
from workbench.rows import Rows
from workbench.sheet import Sheet


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
    assert too_long.measured(rows, model=model, limit=1).measure.to_list() == [13.0, 5.0]


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ((1, 30), "the reply loses its last 21 of 35 tokens"),
        ((30, 1), "the reply is lost"),
        ((1, 1, 1, 10), "reply 2 of 2 loses its last 13 of 15 tokens"),
        ((1, 1, 20, 1, 1, 1, 1, 1), "reply 2 of 4 is lost; reply 3 of 4 is lost, and 1 more"),
    ],
)
def test_the_note_says_which_reply_loses_how_much(model, sizes, said):
    turns = [{"role": ("user", "assistant")[n % 2], "content": "word " * size} for n, size in enumerate(sizes)]
    total = sum(sizes) + 5 * len(sizes)
    found = too_long.measured(Rows.of(turns), model=model, limit=20)
    assert found.note == [f"{total} tokens, {total - 20} over the limit of 20: {said}"]


def test_the_places_that_are_lost_are_marked(model):
    rows = Rows.of(("word", "word " * 30))
    assert too_long.measured(rows, model=model, limit=20).spans == [[(1, 60, 150)]]


def test_model_and_longest_row_come_from_the_sheet_and_the_settings_win(model):
    sheet = Context(sheet=Sheet(model=model, max_length=20))
    rows = Rows.of(("word", "word " * 30))
    assert too_long.measured(rows, sheet).limit == 20.0
    assert too_long.measured(rows, sheet, limit=50).flagged.to_list() == [False]
    with pytest.raises(NotRun, match="nowhere"):
        too_long.measured(rows, sheet, model="nowhere")


def test_a_row_that_fits_by_its_bytes_is_not_counted(model):
    assert too_long.measured(Rows.of("word", "word " * 300), model=model).measure.to_list() == [None, 312.0]


@pytest.mark.parametrize(
    "text", ["a b", "two  blanks", "line \n  indented\n\n x", " x ", "日本 語", "tab\t x", "<|s|> y", ""]
)
def test_counting_by_words_is_counting_whole_texts(text):
    toy = Tokenizer(models.BPE())
    toy.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    toy.train_from_iterator(["a b two blanks line indented  x"] * 3, trainers.BpeTrainer(show_progress=False))
    assert _by_words(toy, [text]) == _whole(toy, [text])


def test_a_tokenizer_that_joins_words_is_given_whole_texts():
    toy = Tokenizer(models.WordLevel({"?": 0, "a b": 1}, unk_token="?"))
    assert turn_tokens(toy, [[{"role": "", "content": "a b"}]]) == [[1 + 4]]


def test_a_row_is_flagged_where_training_would_cut_it_and_not_before(model):
    fits, cut = "word " * 1013, "word " * 1014  # and 11 for the question, the two roles and their marks
    assert TrainingPlan().max_length == 1024
    findings = too_long.measured(Rows.of(("word", fits), ("word", cut)), model=model)
    assert findings.measure.to_list() == [1024.0, 1025.0]
    assert findings.flagged.to_list() == [False, True]


def test_the_page_names_the_limit_that_training_has():
    assert f"{TrainingPlan().max_length:,} tokens" in too_long.page


def test_a_truncation_saved_with_the_tokenizer_hides_nothing(model):
    assert too_long.measured(Rows.of(("word", "word " * 3000)), model=model).measure.to_list() == [3011.0]


def test_without_a_tokenizer_nothing_is_guessed(tmp_path, monkeypatch):
    monkeypatch.setenv("GOLDLOOP_MODELS", str(tmp_path))
    with pytest.raises(NotRun, match="goldloop models fetch"):
        too_long.measured(Rows.of("word"))


def test_a_folder_that_is_no_model_is_named(tmp_path):
    with pytest.raises(NotRun, match="There is no tokenizer"):
        too_long.measured(Rows.of("word"), model=str(tmp_path / "nothing"))


def test_a_broken_tokenizer_file_is_not_run_and_not_a_crash(tmp_path):
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(NotRun, match="cannot be read as a tokenizer"):
        too_long.measured(Rows.of("word"), model=str(tmp_path))


def test_the_embedded_model_is_looked_for_in_the_models_folder(model, tmp_path, monkeypatch):
    (tmp_path / "smollm2-135m").mkdir()
    (tmp_path / "tokenizer.json").rename(tmp_path / "smollm2-135m" / "tokenizer.json")
    monkeypatch.setenv("GOLDLOOP_MODELS", str(tmp_path))
    assert too_long.measured(Rows.of(("word", "word")), limit=1).measure.to_list() == [12.0]
