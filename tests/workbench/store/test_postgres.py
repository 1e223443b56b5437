"""The same store on a real PostgreSQL server, started here and ended here."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench import history, jobs
from workbench.errors import Conflict, StoreError
from workbench.rows import Rows
from workbench.store import Store, datasets, findings, ratings
from workbench.store import jobs as job_table

pytestmark = pytest.mark.postgres


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    path = shutil.which("initdb")
    return Path(path).parent if path else None


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a fresh server on loopback."""
    programs = _programs()
    if programs is None:
        pytest.skip("SKIPPED LOUDLY: the PostgreSQL server programs are not installed (Debian: postgresql)")
    folder = tmp_path_factory.mktemp("postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    as_user: list[str] = []
    import os

    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "postgres", "postgres")
        for parent in folder.parents:
            if parent == Path("/tmp") or parent == Path("/"):
                break
            parent.chmod(parent.stat().st_mode | 0o055)
        as_user = ["runuser", "-u", "postgres", "--"]
    data = folder / "data"
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder}"
    subprocess.run(
        [*as_user, programs / "initdb", "-D", data, "-A", "trust", "-U", "desk"], check=True, capture_output=True
    )
    start = [*as_user, programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"]
    subprocess.run(start, check=True, stdout=subprocess.DEVNULL)
    try:
        yield f"postgresql+pg8000://desk@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run(
            [*as_user, programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], check=True, capture_output=True
        )


def test_versions_findings_jobs_and_votes_live_in_postgresql(url: str, tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store", url)
    assert not (tmp_path / "store" / "goldloop.db").exists()
    head, _ = history.commit(store, None, Rows.of("One.", "Two."), dataset="desk", verb="import", settings={"a": [1]})
    history.commit(store, head, Rows.of("One."), verb="edit", settings={})
    with pytest.raises(Conflict):
        history.commit(store, head, Rows.of("Late."), verb="edit", settings={})
    reopened = Store.open(tmp_path / "store", url)
    found = datasets.version(reopened, "desk@1")
    assert found.change.settings == {"a": [1]}
    assert datasets.version(reopened).number == 2
    assert findings.runs(reopened, found) == []
    job = job_table.add(reopened, "check", {}, "ada")
    assert job_table.claim(reopened, job.id, host="elsewhere", pid=1, pid_created=0.0)
    assert not job_table.claim(reopened, job.id, host="elsewhere", pid=2, pid_created=0.0)
    assert jobs.get(reopened, job.id).state == "running"  # its beat is fresh, though the process is not on this host
    assert ratings.rounds_of(reopened, 1) == []
    store.close()
    reopened.close()


def test_a_worker_finds_the_database_that_its_job_was_started_on(url: str, tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store", url)
    history.commit(store, None, Rows.of("One.", ""), dataset="worked on", verb="import", settings={})
    job = jobs.start(store, "check", {"version": "worked on", "only": ["empty_turn"]})
    end = [one.state for one in jobs.watch(store, job.id, every=0.2)][-1]
    assert end == "done", jobs.log_path(store, job.id).read_text()
    assert findings.runs(store, datasets.version(store, "worked on"))[0].flagged == 1
    store.close()


def test_processes_that_open_a_new_database_at_once_all_get_it(url: str, tmp_path: Path) -> None:
    from sqlalchemy import create_engine, make_url

    with create_engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("create database fresh")
    fresh = make_url(url).set(database="fresh").render_as_string(hide_password=False)
    code = "import sys; from workbench.store import Store; Store.open(sys.argv[1], sys.argv[2])"
    openers = [subprocess.Popen([sys.executable, "-c", code, tmp_path / "store", fresh]) for _ in range(4)]
    assert [opener.wait() for opener in openers] == [0, 0, 0, 0]


def test_two_checks_of_one_version_at_once_leave_one_line_a_check(url: str, tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store", url)
    history.commit(store, None, Rows.of("One.", ""), dataset="twice checked", verb="import", settings={})
    started = [jobs.start(store, "check", {"version": "twice checked", "only": ["empty_turn"]}) for _ in range(3)]
    ends = [[one.state for one in jobs.watch(store, job.id, every=0.2)][-1] for job in started]
    assert ends == ["done", "done", "done"]
    assert len(findings.runs(store, datasets.version(store, "twice checked"))) == 1
    store.close()


def test_a_server_that_does_not_answer_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be used"):
        Store.open(tmp_path / "store", "postgresql+pg8000://desk@127.0.0.1:1/none")


def test_a_conflict_over_a_new_name_is_told_on_postgresql_too(url: str, tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store", url)
    history.commit(store, None, Rows.of("One."), dataset="twice", verb="import", settings={})
    with pytest.raises(Conflict, match="made in the meantime"):
        history.commit(store, None, Rows.of("Two."), dataset="twice", verb="import", settings={})
    store.close()
