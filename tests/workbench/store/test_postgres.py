"""The same store on a real PostgreSQL server, started here and ended here."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
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
def url(tmp_path_factory: pytest.TempPathFactory, free_port: Callable[[], int]) -> Iterator[str]:
    """The address of a fresh server on loopback."""
    programs = _programs()
    if programs is None:
        pytest.skip("SKIPPED LOUDLY: the PostgreSQL server programs are not installed (Debian: postgresql)")
    folder = tmp_path_factory.mktemp("postgres")
    port = free_port()
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
    start = [*as_user, programs / "pg_ctl", "-D", data, "-w", "-t", "300", "-l", folder / "log", "-o", options, "start"]
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


def test_a_store_of_the_first_edition_is_upgraded_on_postgresql_too(url: str, tmp_path: Path) -> None:
    import runpy

    from sqlalchemy import create_engine, make_url

    steps = runpy.run_path(str(Path(__file__).parent / "test_upgrade.py"))
    with create_engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("create database old")
    old = make_url(url).set(database="old").render_as_string(hide_password=False)
    engine = create_engine(old)
    steps["first_edition"](tmp_path / "store", engine)
    engine.dispose()
    store = Store.open(tmp_path / "store", old)
    steps["holds_everything"](store)
    with store.write() as connection:  # the old lines came in with ids of their own choosing
        connection.exec_driver_sql("select setval('versions_id_seq', 100)")
    steps["goes_on"](store)
    store.close()


WORK = """
import sys, time, uuid
from workbench.actions.work_queue import decide, next_item, progress
from workbench.store import Store
store, queue, who = Store.open(sys.argv[1], sys.argv[2]), int(sys.argv[3]), sys.argv[4]
while progress(store, queue).done < 60:  # a row that somebody else locks right now is passed over, so ask again
    if (found := next_item(store, queue, who)) is None:
        time.sleep(0.05)
    else:
        decide(store, queue, found.row_id, who, nonce=uuid.uuid4().hex, action="keep", tags=[who], note="seen")
"""


def test_people_share_a_queue_on_postgresql_without_waiting_for_each_other_or_doing_a_row_twice(
    url: str, tmp_path: Path
) -> None:
    from workbench.actions.close_queue import close_queue
    from workbench.actions.open_queue import open_queue
    from workbench.actions.work_queue import progress
    from workbench.store import decisions

    store = Store.open(tmp_path / "store", url)
    rows = Rows.of(*[f"This is reply {number}." for number in range(60)])
    history.commit(store, None, rows, dataset="queued", verb="import", settings={})
    queue = open_queue(store, "many", version="queued", where="all", overlap=2, overlap_share=0.2)
    command = [sys.executable, "-c", WORK, str(tmp_path / "store"), url, str(queue.id)]
    people = [subprocess.Popen([*command, who]) for who in ("ann", "bob", "cat", "dan")]
    assert [person.wait(timeout=500) for person in people] == [0, 0, 0, 0]
    done = progress(store, queue.id)
    assert (done.done, sum(done.mine.values()), done.leased) == (60, 72, {})
    by_row: dict[str, set[str]] = {}
    for one in decisions.of_queue(store, queue.id)[0]:
        by_row.setdefault(one.row_id, set()).add(one.who)
    assert sorted(map(len, by_row.values())) == [1] * 48 + [2] * 12
    closed = close_queue(store, queue.id)
    assert closed.after is not None
    assert len(closed.difference.changed) == 60 - len(closed.disagreed)
    store.close()


def test_the_whole_desk_works_on_postgresql(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.actions.name_version import name_version
    from workbench.actions.open_queue import open_queue
    from workbench.actions.rule_out import rule_out, take_back_ruling
    from workbench.actions.set_sheet import set_sheet
    from workbench.actions.work_queue import decide, next_item, progress, renew
    from workbench.rows import message
    from workbench.sheet import Sheet
    from workbench.store import leases, queues, rulings, sheets

    store = Store.open(tmp_path / "store", url)
    history.commit(store, None, Rows.of("One.", "Two."), dataset="expert", verb="import", settings={})
    set_sheet(store, "expert", Sheet(guidelines="Be\x00 kind.", terms={"e-mail": ("Email",)}))
    assert sheets.sheet_of(store, "expert").guidelines == "Be kind."
    (ruling,) = rule_out(store, "cut_off", ["row-1"], version="expert", reason="meant \x00so")
    assert rulings.ruled_out(store, "expert", Rows.of("One.", "Two."))["cut_off"].to_list() == [True, False]
    take_back_ruling(store, ruling.id)
    assert name_version(store, "expert@1", "first").name == "first"
    queue = open_queue(store, "short", version="expert", where="all", lease_minutes=30)
    assert next_item(store, queue.id, "ann").row_id == "row-1"
    assert renew(store, queue.id, "row-1", "bob") is None
    clock = leases.clock
    monkeypatch.setattr(leases, "clock", lambda connection: clock(connection) + 31 * 60)  # the lease is over
    assert next_item(store, queue.id, "bob").row_id == "row-1"
    turns = [message("user", "Q"), message("assistant", "\x00 \ud800 '; drop table decisions; --")]
    decide(store, queue.id, "row-1", "ann", nonce="n", action="edit", messages=turns)
    with pytest.raises(Conflict, match="ann decided this row meanwhile"):
        decide(store, queue.id, "row-1", "bob", nonce="m", action="drop")
    assert decide(store, queue.id, "row-1", "ann", nonce="u", action="undo").given_back == "row-1"
    assert decide(store, queue.id, "row-1", "ann", nonce="u", action="undo").done == 0
    assert progress(store, queue.id).mine == {"ann": 0}
    assert [one.name for one in queues.listed(store, "expert")] == ["short"]
    store.close()
