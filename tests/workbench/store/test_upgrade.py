"""A store that an earlier Goldloop wrote opens with everything in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from workbench.actions.edit_row import edit_row
from workbench.actions.undo import undo
from workbench.rows import Rows, message
from workbench.store import Store, datasets, findings, goldens, migrations

ROWS, GOLDEN = Rows.of("One.", "Two."), Rows.of(("Held out?", "Yes."))


def first_edition(folder: Path, engine: Engine) -> None:
    """Writes a store as edition 0001 did: its tables, a version, a golden set, a check run, files by the old digest."""
    from alembic import command
    from alembic.config import Config

    (folder / "rows").mkdir(parents=True)
    for rows in (ROWS, GOLDEN):
        rows.frame.write_parquet(folder / "rows" / f"{rows.first_digest}.parquet")
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for line in (
            "insert into datasets (id, name, head, touched) values (1, 'desk', 1, 'now')",
            "insert into versions (id, dataset_id, number, digest, size, verb, settings, why, counts, who, created) "
            f"values (1, 1, 1, '{ROWS.first_digest}', 2, 'import', '{{}}', '', '{{}}', 'ada', 'then')",
            "insert into goldens (id, dataset_id, number, drawn_from, digest, size, share, seed, strata, groups, who, "
            f"created) values (1, 1, 1, 1, '{GOLDEN.first_digest}', 1, 0.1, 0, '{{}}', '{{}}', 'ada', 'then')",
            'insert into check_runs (version_id, "check", family, severity, edition, knobs, "limit", side, flagged, '
            "measured, not_run, seconds) "
            "values (1, 'cut_off', 'text', 'warning', 1, '{}', 0.5, 'above', 1, 2, '', 0.1)",
        ):
            connection.execute(text(line))


def holds_everything(store: Store) -> None:
    version = datasets.version(store, "desk@1")
    assert (version.change.who, version.name, version.note) == ("ada", "", "")
    assert datasets.rows_of(store, version).reply == ["One.", "Two."]
    assert goldens.rows_of(store, goldens.newest(store, "desk")).reply == ["Yes."]
    (run,) = findings.runs(store, version)
    assert (run.flagged, run.ruled) == (1, 0)


def goes_on(store: Store) -> None:
    """Every step of the new edition works on what the old one wrote. The ids that it gave are not given again."""
    edit_row(store, "row-1", [message("user", "Q"), message("assistant", "Other.")], version="desk")
    assert datasets.rows_of(store, datasets.version(store, "desk")).reply == ["Other.", "Two."]
    assert datasets.rows_of(store, undo(store, "desk").version).reply == ["One.", "Two."]


def test_a_store_of_the_first_edition_opens_with_everything_and_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    engine = create_engine(f"sqlite:///{tmp_path / 'goldloop.db'}")
    first_edition(folder, engine)
    engine.dispose()
    (tmp_path / "goldloop.db").rename(folder / "goldloop.db")
    store = Store.open(folder)
    holds_everything(store)
    goes_on(store)
    store.close()


def test_an_upgrade_that_breaks_half_way_leaves_the_store_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "store"
    engine = create_engine(f"sqlite:///{tmp_path / 'goldloop.db'}")
    first_edition(folder, engine)
    with engine.connect() as connection, connection.begin():
        connection.execute(text("create table decisions (mine integer)"))  # in the way of the last table
    engine.dispose()
    (tmp_path / "goldloop.db").rename(folder / "goldloop.db")
    with pytest.raises(Exception, match="decisions"):
        Store.open(folder)
    engine = create_engine(f"sqlite:///{folder / 'goldloop.db'}")
    with engine.connect() as connection:
        assert connection.scalar(text("select version_num from alembic_version")) == "0001"
        tables = set(connection.scalars(text("select name from sqlite_master where type = 'table'")))
    assert "queues" not in tables
    engine.dispose()
