"""A store outlives kill -9 and a full disk: earlier versions are whole, and nothing half-made shows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from workbench import history
from workbench.errors import StoreError
from workbench.rows import Rows
from workbench.store import Store, datasets

WRITER = """
import sys
from workbench import history
from workbench.rows import Rows
from workbench.store import Store, datasets
store = Store.open(sys.argv[1])
number = 0
while True:
    number += 1
    head = datasets.version(store, "desk")
    fresh = Rows.of(*[f"{number} {i}" for i in range(300)])
    history.commit(store, head, fresh, verb="edit", settings={})
    print(number, flush=True)
"""


def test_killing_a_writer_at_any_moment_leaves_every_version_whole(store: Store) -> None:
    history.commit(store, None, Rows.of("One."), dataset="desk", verb="import", settings={})
    for wait in (0.0, 0.013, 0.029, 0.047, 0.071):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(store.root)], stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        writer.stdout.readline()  # it has begun
        time.sleep(wait)
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
        reopened = Store.open(store.root)
        versions = datasets.listed(reopened, "desk")
        assert [one.number for one in versions] == list(range(1, len(versions) + 1))
        for version in versions:
            assert len(reopened.row_files.verified(version.digest)) == version.size
    assert len(versions) > 5


@pytest.mark.skipif(os.geteuid() != 0, reason="SKIPPED LOUDLY: mounting a small disk needs root")
def test_a_full_disk_is_a_clear_error_and_earlier_versions_stand(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(disk)], check=False).returncode:
        pytest.skip("SKIPPED LOUDLY: this machine does not let us mount a small disk")
    try:
        store = Store.open(disk / "store")
        head, _ = history.commit(store, None, Rows.of("One."), dataset="desk", verb="import", settings={})
        too_much = Rows.of(*[os.urandom(400).hex() for _ in range(2000)])
        with pytest.raises(StoreError, match="The disk is full"):
            history.commit(store, head, too_much, verb="edit", settings={})
        assert datasets.version(store, "desk").number == 1
        assert store.row_files.verified(head.digest).reply == ["One."]
        assert not list((disk / "store" / "rows").glob(".*"))
        store.close()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
