import json

from evaluators.answer_cache import AnswerCache, key_of


def test_what_was_stored_is_known_to_the_next_run(tmp_path):
    AnswerCache(tmp_path).add({"k1": {"text": "ja, 你好\n"}, "k2": {"nll": 1.5}})
    found = AnswerCache(tmp_path)
    assert found.get("k1") == {"text": "ja, 你好\n"}
    assert found.get("k2") == {"nll": 1.5}
    assert found.get("k3") is None


def test_a_torn_last_line_is_passed_over_and_the_next_append_starts_on_a_fresh_line(tmp_path):
    AnswerCache(tmp_path).add({"k1": {"text": "one"}, "k2": {"text": "two"}})
    file = tmp_path / "answers.jsonl"
    file.write_bytes(file.read_bytes()[:-9])
    found = AnswerCache(tmp_path)
    assert found.get("k1") == {"text": "one"}
    assert found.get("k2") is None
    found.add({"k3": {"text": "three"}})
    again = AnswerCache(tmp_path)
    assert again.get("k1") == {"text": "one"}
    assert again.get("k3") == {"text": "three"}


def test_rubbish_lines_are_passed_over(tmp_path):
    (tmp_path / "answers.jsonl").write_bytes(b'\xff\xfe\n[1]\n3\n{"nokey": 1}\n\n{"key": "k", "text": "x"}\n')
    assert AnswerCache(tmp_path).get("k") == {"text": "x"}


def test_lines_are_only_appended(tmp_path):
    store = AnswerCache(tmp_path)
    store.add({"a": {"text": "1"}})
    before = (tmp_path / "answers.jsonl").read_bytes()
    store.add({"b": {"text": "2"}})
    after = (tmp_path / "answers.jsonl").read_bytes()
    assert after.startswith(before)
    assert json.loads(after.splitlines()[1]) == {"key": "b", "text": "2"}


def test_without_a_folder_it_remembers_for_this_run_only():
    store = AnswerCache(None)
    store.add({"a": {"text": "1"}})
    assert store.get("a") == {"text": "1"}


def test_any_changed_part_changes_the_key():
    assert key_of(prompt="a", seed=0) == key_of(seed=0, prompt="a") != key_of(prompt="a", seed=1)
