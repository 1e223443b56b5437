"""The command line as scripts use it: words, exit codes, one readable sentence for a mistake."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

DESK = [
    ("How do I reach you?", "Write to ada.lovelace@lovelace-mills.co.uk at any time of the day."),
    ("Is the shop open?", "Yes, it is open from nine to five on every working day."),
    ("And on Sundays?", "No, Sundays are quiet here and nobody answers."),
    ("Who are you?", ""),
]


def goldloop(*words: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs the command as a person would, in a process of its own with a store in `folder`."""
    environment = {**os.environ, "GOLDLOOP_STORE": str(folder / "store"), "GOLDLOOP_USER": "ada"}
    command = [sys.executable, "-m", "workbench.cli", *map(str, words)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=500)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "desk.jsonl"
    path.write_text(
        "".join(
            json.dumps({"messages": [{"role": "user", "content": a}, {"role": "assistant", "content": b}]}) + "\n"
            for a, b in DESK
        )
    )
    return path


def test_check_reads_a_file_without_a_store_and_prints_the_agreed_json(file: Path, tmp_path: Path) -> None:
    done = goldloop("check", file, "--json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["rows"] == 4
    assert {"rows", "findings", "advice"} <= set(said)
    personal = next(one for one in said["findings"] if one["check"] == "personal_data")
    assert set(personal) == {"check", "family", "severity", "flagged", "limit", "rows", "about"}
    assert personal["family"] == "safety"
    assert [row["row"] for row in personal["rows"]] == [0]
    assert set(personal["rows"][0]) == {"row", "measure", "note", "spans"}
    assert not (tmp_path / "store").exists()


def test_a_row_is_named_by_its_place_in_the_file_also_after_a_record_that_cannot_be_read(
    file: Path, tmp_path: Path
) -> None:
    file.write_text('{"messages": [broken\n' + file.read_text())
    said = json.loads(goldloop("check", file, "--json", "--only", "personal_data", folder=tmp_path).stdout)
    assert said["rows"] == 5
    assert [row["row"] for row in said["findings"][0]["rows"]] == [1]
    assert [one["line"] for one in said["rejects"]] == [1]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([], 0),
        (["--fail-on", "error"], 1),
        (["--fail-on", "warning"], 1),
        (["--only", "mojibake", "--fail-on", "warning"], 0),
        (["--only", "no_such_check"], 2),
        (["--set", "repetition.most=0.9"], 0),
        (["--limit", "personal_data=1", "--only", "personal_data", "--fail-on", "warning"], 0),
        (["--limit", "personal_data=0", "--only", "personal_data", "--fail-on", "warning"], 1),
        (["--limit", "personal_data"], 2),
        (["--limit", "no_such_check=1"], 2),
        (["--limit", "repetition=nan"], 2),
        (["--set", "repetition"], 2),
        (["--set", "repetition.loudness=1"], 2),
        (["--format", "klingon"], 2),
    ],
)
def test_exit_codes_of_check(file: Path, tmp_path: Path, words: list[str], code: int) -> None:
    done = goldloop("check", file, *words, folder=tmp_path)
    assert done.returncode == code, done.stdout + done.stderr


def test_the_words_of_the_data_side_work_one_after_the_other(file: Path, tmp_path: Path) -> None:
    def run(*words: str | Path) -> str:
        done = goldloop(*words, folder=tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "desk@1: 4 rows read as chat, 0 rejected" in run("import", file)
    assert "personal_data" in run("check")
    assert "Nothing was changed" in run("fix", "mask_personal_data", "--preview")
    assert "desk@2: 1 row changed" in run("fix", "mask_personal_data", "--why", "no names")
    assert "[-ada.lovelace@lovelace-mills.co.uk-]{+[EMAIL]+}" in run("diff", "desk@1", "desk@2")
    assert "desk@3: 1 row dropped" in run("fix", "drop_rows", "--where", "check=empty_turn")
    assert "desk@4: took back version 3" in run("undo")
    listed = run("versions")
    assert "no names" in listed
    assert "fix mask_personal_data" in listed
    assert run("versions", "desk@2") == listed
    out = tmp_path / "out.jsonl"
    run("export", "desk@2", "--format", "chat", "-o", out)
    assert (
        json.loads(out.read_text().splitlines()[0])["messages"][1]["content"]
        == "Write to [EMAIL] at any time of the day."
    )


@pytest.mark.parametrize(
    "words",
    [
        ["import", "nowhere.jsonl"],
        ["check", "nothing@3"],
        ["check", "nowhere.jsonl", "--json"],
        ["fix", "no_such_fix"],
        ["undo"],
        ["golden", "freeze", "--share", "0.99"],
        ["golden", "show"],
        ["golden", "show", "nosuch"],
        ["golden", "freeze", "--seed", "-1"],
        ["versions", "nosuch"],
        ["jobs", "stop", "99999999999999999999"],
        ["evaluate", "99999999999999999999"],
        ["plan"],
        ["train", "--set", "epochs=many"],
        ["jobs", "watch", "9"],
        ["jobs", "stop", "nine"],
        ["evaluate", "1"],
        ["rate", "1"],
        ["compare", "a", "b"],
        ["gaps", "1"],
        ["report", "1"],
        ["export", "desk", "-o", "x"],
        ["models", "fetch", "no-such-model"],
        ["no-such-command"],
        ["app", "--host", "0.0.0.0"],
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(tmp_path: Path, words: list[str]) -> None:
    done = goldloop(*words, folder=tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 4


def test_text_of_a_row_cannot_act_on_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "desk.jsonl"
    path.write_text(
        json.dumps({"prompt": "Who?", "completion": "Call \x1b[2Jada@lovelace-mills.co.uk now, please."}) + "\n"
    )
    goldloop("import", path, folder=tmp_path)
    done = goldloop("fix", "mask_personal_data", "--preview", folder=tmp_path)
    assert "\x1b" not in done.stdout
    assert "[EMAIL]" in done.stdout


def test_a_record_that_cannot_be_read_fails_a_guarded_pipeline(file: Path, tmp_path: Path) -> None:
    file.write_text('{"messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]}\n{"mess')
    words = ("check", file, "--only", "mojibake")
    assert goldloop(*words, "--fail-on", "error", folder=tmp_path).returncode == 1
    assert goldloop(*words, folder=tmp_path).returncode == 0


@pytest.mark.parametrize("where", [0, 1, 2])
def test_the_store_option_wins_over_the_environment_wherever_it_stands(file: Path, tmp_path: Path, where: int) -> None:
    words: list[str | Path] = ["import", file]
    words[where:where] = ["--store", tmp_path / "other"]
    done = goldloop(*words, folder=tmp_path)
    assert done.returncode == 0
    assert (tmp_path / "other" / "goldloop.db").exists()
    assert not (tmp_path / "store").exists()
