"""Whatever verbs people use in whatever order: the versions are whole, and no golden row comes back."""

from __future__ import annotations

import random
from contextlib import suppress
from itertools import pairwise

import pytest

from workbench import history
from workbench.actions.apply_fix import apply_fix
from workbench.actions.close_queue import close_queue
from workbench.actions.edit_row import edit_row
from workbench.actions.freeze_golden import freeze_golden
from workbench.actions.merge_datasets import merge_datasets
from workbench.actions.open_queue import open_queue
from workbench.actions.redo import redo
from workbench.actions.restore import restore
from workbench.actions.undo import undo
from workbench.actions.work_queue import decide, next_item
from workbench.errors import GoldloopError
from workbench.records import Version
from workbench.rows import Rows, message
from workbench.store import Store, datasets, goldens, queues

STEPS = 40
FEWEST = 25  # rows; with fewer nothing is dropped any more


class Walk:
    """Somebody who does anything at all to the dataset "desk", also from versions that are no longer the newest."""

    def __init__(self, store: Store, seed: int) -> None:
        self.store, self.draw, self.made = store, random.Random(seed), 0

    def any_version(self) -> str:
        return f"desk@{self.draw.randint(1, datasets.version(self.store, 'desk').number)}"

    def any_row(self, version: str) -> str:
        return self.draw.choice(datasets.rows_of(self.store, datasets.version(self.store, version)).row_id)

    def turns(self) -> list[dict]:
        words = [" ".join(f"w{self.draw.randrange(9_999)}" for _ in range(12)) for _ in range(2)]
        return [message("user", words[0]), message("assistant", words[1])]

    def edit(self) -> None:
        version = self.draw.choice(["desk", self.any_version()])
        edit_row(self.store, self.any_row(version), self.turns(), version=version)

    def drop(self) -> None:
        version = self.draw.choice(["desk", self.any_version()])
        if datasets.version(self.store, "desk").size > FEWEST:
            apply_fix(self.store, "drop_rows", version=version, where=f"row={self.any_row(version)}")

    def undo(self) -> None:
        undo(self.store, "desk")

    def redo(self) -> None:
        redo(self.store, "desk")

    def back_and_forth(self) -> None:
        before = datasets.version(self.store, "desk").digest
        undo(self.store, "desk")
        redo(self.store, "desk")
        assert datasets.version(self.store, "desk").digest == before

    def restore(self) -> None:
        restore(self.store, self.any_version())

    def freeze(self) -> None:
        freeze_golden(self.store, "desk", share=self.draw.choice([0.1, 0.15, 0.2]), seed=self.made)

    def open_queue(self) -> None:
        open_queue(self.store, "look", version=self.any_version(), where="all", overlap=self.draw.choice([1, 2]))

    def decide(self) -> None:
        for queue in [one for one in queues.listed(self.store, "desk") if one.state == "open"]:
            who, action = self.draw.choice("abc"), self.draw.choice(["keep", "edit", "drop", "skip", "undo", "flag"])
            if found := next_item(self.store, queue.id, who):
                turns = self.turns() if action == "edit" else None
                self.made += 1
                decide(self.store, queue.id, found.row_id, who, nonce=str(self.made), action=action, messages=turns)

    def close_queue(self) -> None:
        for queue in [one for one in queues.listed(self.store, "desk") if one.state == "open"]:
            close_queue(self.store, queue.id)

    def merge(self) -> None:
        self.made += 1
        done = merge_datasets(self.store, self.any_version(), "shop", name=f"both {self.made}")
        assert not history.like_golden(self.store, "desk", done.rows)

    def step(self) -> None:
        verbs = (self.edit, self.edit, self.drop, self.undo, self.undo, self.redo, self.back_and_forth, self.restore,
                 self.freeze, self.open_queue, self.decide, self.decide, self.close_queue, self.merge)  # fmt: skip
        with suppress(GoldloopError):  # what cannot be done here is refused, and changes nothing
            self.draw.choice(verbs)()


def golden_of(store: Store) -> Rows:
    frozen = goldens.listed(store, "desk")
    return goldens.rows_of(store, frozen[-1]) if frozen else Rows.empty()


def assert_whole(store: Store, versions: list[Version]) -> None:
    assert [one.number for one in versions] == list(range(1, len(versions) + 1))
    for one in versions:
        rows = store.row_files.verified(one.digest)
        assert one.size == len(rows) == len(set(rows.row_id))
    for before, after in pairwise(versions):
        counts = after.change.counts
        assert (after.parent, after.size) == (before.number, before.size + counts["added"] - counts["removed"])
    assert sum(branch.stands for branch in history.tree(store, "desk")) >= 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_any_verbs_in_any_order_leave_whole_versions_without_a_golden_row(
    store: Store, fifty_rows: Rows, seed: int
) -> None:
    history.commit(
        store, None, fifty_rows.keep([n < 40 for n in range(50)]), dataset="desk", verb="import", settings={}
    )
    history.commit(
        store, None, fifty_rows.keep([n >= 45 for n in range(50)]), dataset="shop", verb="import", settings={}
    )
    walk = Walk(store, seed)
    for _ in range(STEPS):
        walk.step()
        rows = datasets.rows_of(store, datasets.version(store, "desk"))
        assert not set(golden_of(store).row_id) & set(rows.row_id)
        assert not history.like_golden(store, "desk", rows)
    assert_whole(store, datasets.listed(store, "desk"))
    assert len(golden_of(store)) >= 4  # else nothing golden could have come back
