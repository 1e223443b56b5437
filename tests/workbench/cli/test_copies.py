"""goldloop copies: clusters on the terminal and as JSON, of a version or of a file."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from workbench.cli.copies import copies
from workbench.cli.terminal import Faults

PAIRS = [
    ("How can I track my parcel?", "Open your orders, choose the parcel and press track."),
    ("How can I track my parcel?", "Open your orders, choose parcel and press track."),
    ("When do you open?", "We open at nine."),
]


@click.group(cls=Faults)
@click.option("--store", "folder")
@click.pass_context
def main(context: click.Context, folder: str | None) -> None:
    context.obj = folder


main.add_command(copies)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "desk.jsonl"
    path.write_text("".join(json.dumps({"prompt": prompt, "completion": reply}) + "\n" for prompt, reply in PAIRS))
    return path


def run(tmp_path: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--store", str(tmp_path / "store"), "copies", *words])


def test_a_file_is_compared_without_importing_it(tmp_path, file):
    done = run(tmp_path, str(file))
    assert done.exit_code == 0, done.output
    assert done.output.startswith("1 of 3 rows of desk.jsonl are copies (both, 0.7 and more).")


def test_json_holds_every_cluster_with_scores(tmp_path, file):
    said = json.loads(run(tmp_path, str(file), "--json", "--field", "prompt").stdout)
    assert (said["rows"], said["pairs"], said["copies"]) == (3, 1, 1)
    assert [(row["row"], row["stays"], row["score"]) for row in said["clusters"][0]["rows"]] == [
        (0, True, 1.0),
        (1, False, 1.0),
    ]


def test_another_file_can_be_compared(tmp_path, file):
    other = tmp_path / "other.jsonl"
    other.write_text(json.dumps({"prompt": PAIRS[2][0], "completion": PAIRS[2][1]}) + "\n")
    said = json.loads(run(tmp_path, str(file), "--against", str(other), "--json").stdout)
    assert [(one["row"], one["other"]) for one in said["matches"]] == [(2, 0)]


@pytest.mark.parametrize(
    ("words", "told"),
    [(("nowhere.jsonl",), "There is no file nowhere.jsonl"), (("--least", "0.2"), "no dataset"), (("--drop",), "")],
)
def test_a_mistake_ends_in_one_sentence(tmp_path, words, told):
    done = run(tmp_path, *words)
    assert done.exit_code == 2
    assert "Traceback" not in done.output
    assert told in done.output


def test_copies_of_a_file_cannot_be_dropped(tmp_path, file):
    done = run(tmp_path, str(file), "--drop")
    assert (done.exit_code, "import it first" in done.output) == (2, True)
