"""goldloop check FILE --cluster: what it says where Ray is there, and where it is not."""

import json
import os
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from workbench.cli.data import check
from workbench.cli.terminal import Faults
from workbench.rows import Rows

ROWS = Rows.of(
    ("When do you open?", "We open at nine and close at"), ("May I?", ""), ("Hello", "<p>Hi, <b>you</b>.</p>")
)
ONLY = ("--only", "empty_turn", "--only", "leftover_markup", "--only", "exact_copy")


@click.group(cls=Faults)
@click.pass_context
def main(context: click.Context) -> None:
    context.obj = None


main.add_command(check)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.parquet"
    ROWS.frame.write_parquet(path)
    return path


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["check", *map(str, words)])


@pytest.fixture
def findable(monkeypatch):
    """Ray's workers find the package where the tests do."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")]))


def test_on_ray_here_it_says_what_it_says_without(file, findable):
    pytest.importorskip("ray", reason="LOUD: goldloop[ray] is not installed; --cluster was NOT tried")
    there, here = (json.loads(run(file, *ONLY, "--json", *more).stdout) for more in (["--cluster"], []))
    assert there["rows"] == 3
    assert [one["flagged"] for one in there["findings"]] == [1, 1, 0]
    assert there["findings"] == here["findings"]


def test_without_ray_it_says_what_to_install(file, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    said = run(file, *ONLY, "--cluster")
    assert (said.exit_code, said.stderr) == (
        2,
        "Error: Work on a cluster needs Ray, which is not installed. Install it: pip install goldloop[ray]\n",
    )


def test_a_version_of_the_store_is_not_sent_to_a_cluster():
    said = run("desk@1", "--cluster", "local")
    assert said.exit_code == 2
    assert "--cluster goes with a file" in said.stderr


def test_only_files_of_rows_are_read_by_other_machines(tmp_path):
    path = tmp_path / "desk.jsonl"
    path.write_text(json.dumps({"prompt": "When?", "completion": "At nine."}) + "\n")
    said = run(path, "--cluster", "ray://head:10001")
    assert said.exit_code == 2
    assert "is no Parquet file with the columns row_id, messages" in said.stderr
