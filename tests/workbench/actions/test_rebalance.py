"""Shares are capped as asked, the best rows stay, and what is rare is proposed."""

import pytest
from click.testing import CliRunner

from workbench.actions.rebalance import rebalance
from workbench.cli.balance import rebalance as command
from workbench.errors import BadInput, Refused
from workbench.fixes.rebalance import going, over_the_share
from workbench.rows import Rows
from workbench.sheet import Sheet
from workbench.store import Store, datasets, sheets

NO = "I'm sorry, but I can't help with that."


@pytest.fixture
def store(tmp_path):
    return Store.open(tmp_path / "store")


def put(store, rows):
    return datasets.add_version(store, "desk", rows, parent=None, verb="import", settings={}, counts={}, who="Ann")


def labelled(**counts):
    return Rows.of(*[(f"#{n} {label[0]}", label) for label, count in counts.items() for n in range(count)])


def test_sixty_refusals_in_a_hundred_come_down_to_the_declared_five(store):
    put(store, Rows.of(*[NO] * 60, *[f"Shelf {n} holds screws, and door {n * 3} too." for n in range(40)]))
    sheets.save(store, "desk", Sheet(refusal_share=0.05), "Ann")
    done = rebalance(store, "refusals")
    assert done.after is not None
    assert (done.shares[0].before, done.shares[0].after) == (60, 2)
    assert done.after.size == 42
    assert done.difference.counts["removed"] == 58


def test_a_preview_changes_nothing_and_says_of_what_to_write_more(store):
    put(store, labelled(refund=60, delivery=40, warranty=5))
    done = rebalance(store, "label", most=0.5, preview=True)
    assert done.after is None
    assert datasets.version(store).number == 1
    assert [(one.group, one.after) for one in done.shares] == [("refund", 45), ("delivery", 40), ("warranty", 5)]
    assert done.proposals == ('Write some 35 more rows on "warranty": it has 5, labels here usually 40.',)


def test_rows_with_findings_go_before_sound_ones():
    broken, sound = "The cafÃ© is beside the cafÃ© and open all day long.", "The lamp is on the shelf."
    rows = Rows.of(*[("Where?", text) for text in (broken, sound, broken)])
    assert going(rows, ["a", "a", "a"], {"a": 2}) == [0, 2]


def test_by_diversity_every_topic_of_the_group_keeps_rows():
    lamps = [
        (f"Why does lamp {n} flicker?", "The lamp has a loose contact, so turn it off and wait.") for n in range(20)
    ]
    boats = [(f"Does boat {n} float?", "The boat floats.") for n in range(20)]
    out = set(going(Rows.of(*lamps, *boats), ["a"] * 40, {"a": 20}, by="diversity"))
    assert len(out) == 20
    assert 5 <= len(out & set(range(20))) <= 15  # by quality all lamps would stay: their replies are longer


def test_a_share_is_that_of_the_rows_that_stay():
    assert over_the_share(["a"] * 60 + ["b"] * 40, 0.5) == {"a": 20}
    assert over_the_share(["a"] * 30 + [""] * 70, 0.5) == {}


def test_what_cannot_be_capped_is_told(store):
    put(store, labelled(refund=30, delivery=30))
    with pytest.raises(BadInput, match="No share of refusals is declared"):
        rebalance(store, "refusals")
    with pytest.raises(BadInput, match="between 0 and 1"):
        rebalance(store, "label", most=1.5)
    with pytest.raises(BadInput, match=r'no label "lamps"\. There are: "refund", "delivery"'):
        rebalance(store, "label", group="lamps")
    with pytest.raises(Refused, match="no label is over 60%"):
        rebalance(store, "label", most=0.6)


def test_the_command_shows_the_shares_and_the_proposals(store):
    put(store, labelled(refund=60, delivery=40, warranty=5))
    said = CliRunner().invoke(command, ["label", "--most", "0.5", "--preview"], obj=store.root)
    assert "Write some 35 more rows" in said.output, said.output
