# ruff: noqa: PT017  (both outcomes are right, and each is held to its own terms)
"""A folder of real files: each imports, or says why not, record by record where it has records.

The folder is named by GOLDLOOP_REAL_DATA, else ../shared/data beside the checkout; without either this is skipped.
"""

import os
from pathlib import Path

import pytest

from workbench.errors import BadInput
from workbench.formats.read import NothingRead, read_file

ROOT = Path(__file__).parents[3]
FOLDER = Path(os.environ.get("GOLDLOOP_REAL_DATA") or ROOT.parent / "shared" / "data")
FILES = sorted(path for path in FOLDER.glob("*/*") if path.is_file()) if FOLDER.is_dir() else []
LARGE = 10_000_000  # bytes: left to the benchmarks

WAYS_OUT = ("--format", "Make it a CSV", "add a line such as", "Add a reply", "not an object with keys")


@pytest.mark.skipif(not FILES, reason=f"SKIPPED LOUDLY: no real data in {FOLDER}; name a folder in GOLDLOOP_REAL_DATA")
@pytest.mark.parametrize("path", [path for path in FILES if path.stat().st_size < LARGE], ids=lambda path: path.name)
def test_a_real_file_imports_or_says_why_not(path: Path) -> None:
    try:
        got = read_file(path)
    except NothingRead as refused:
        assert any(way in str(refused) for way in WAYS_OUT)
        assert refused.rejects
        assert all(reject.reason for reject in refused.rejects)
    except BadInput as refused:
        assert any(way in str(refused) for way in WAYS_OUT)
    else:
        assert len(got.rows) > 0
        assert len(got.rows) == len(set(got.rows.row_id))
        assert all(reject.reason and reject.line for reject in got.rejects)
