"""Several people rate at once, in processes of their own; one is killed in the middle, and no vote is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

from workbench.actions.open_round import open_round
from workbench.blind.plan import Design
from workbench.store import rating_locks, ratings

RATER = """
import sys
from workbench.actions import rate
from workbench.store import Store
store, name = Store.open(sys.argv[1]), sys.argv[2]
sys.stdin.readline()  # all begin when all are loaded
while cards := rate.next_cards(store, 1, name, most=1).cards:
    rate.vote(store, 1, name, cards[0].key, "a", nonce=f"{name}-{cards[0].key}")
    print(cards[0].key, flush=True)
"""


def test_three_people_at_once_and_a_kill_lose_no_vote_and_no_single_card_goes_to_two(store, evaluated):
    this = open_round(store, evaluated.id, seed=2, design=Design(raters=2, overlap_rows=4, repeats=0, known=0))
    run = [sys.executable, "-c", RATER, str(store.root)]
    env = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    people = {
        name: subprocess.Popen([*run, name], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for name in ("Ann", "Ben", "Cleo")
    }
    told: dict[str, list[str]] = {}
    begin(people["Ann"])
    first = people["Ann"].stdout
    assert first is not None
    told["Ann"] = [first.readline().strip()]  # she has voted once; the others come in, and she is gone in the middle
    for name in ("Ben", "Cleo"):
        begin(people[name])
    os.kill(people["Ann"].pid, signal.SIGKILL)
    told["Ann"] += first.read().split()
    for name in ("Ben", "Cleo"):
        told[name] = people[name].communicate(timeout=500)[0].split()
    people["Ann"].wait()
    assert told["Ann"][0]
    assert told["Ben"] + told["Cleo"]  # some cards are wanted twice, and nobody rates one twice; either may be quicker
    votes = ratings.standing(ratings.votes_of(store, this.id))
    for name, keys in told.items():
        assert set(keys) <= {key for rater, key in votes if rater == name}, name
    wanted = {card.key: card.wanted for card in ratings.cards_of(store, this.id)}
    times = Counter(key for _, key in votes)
    assert all(count <= wanted[key] for key, count in times.items())
    counted = {card.key: card.wanted - card.missing for card in ratings.cards_of(store, this.id) if card.kind == "pair"}
    assert counted == {key: times.get(key, 0) for key in counted}


def begin(rater: subprocess.Popen[str]) -> None:
    assert rater.stdin is not None
    rater.stdin.write("\n")
    rater.stdin.flush()


def test_after_a_kill_the_rest_of_the_cards_is_rated_by_others_when_the_lock_has_ended(store, evaluated, monkeypatch):
    design = Design(raters=1, repeats=0, known=0, lock_minutes=30)
    this = open_round(store, evaluated.id, seed=2, design=design)
    hold = (
        RATER.split("while")[0]
        + "rate.next_cards(store, 1, name, most=9)\nprint('held', flush=True)\nimport time; time.sleep(600)"
    )
    env = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    ann = subprocess.Popen(
        [sys.executable, "-c", hold, str(store.root), "Ann"], env=env, stdout=subprocess.PIPE, text=True
    )
    assert ann.stdout is not None
    assert ann.stdout.readline() == "held\n"
    ann.kill()
    ann.wait()
    from workbench.actions import rate

    assert rate.next_cards(store, this.id, "Ben").over == "held"
    clock = rating_locks.clock
    monkeypatch.setattr(rating_locks, "clock", lambda connection: clock(connection) + 31 * 60)
    assert len(rate.next_cards(store, this.id, "Ben", most=9).cards) == 9
