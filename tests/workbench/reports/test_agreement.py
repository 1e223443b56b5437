"""Agreement of people, what they dispute, and what the silent checks say of each."""

from __future__ import annotations

from workbench.records import Answer, Card, Round, Vote
from workbench.reports.agreement import agreement, disputed, with_people
from workbench.reports.raters import checks_of, too_fast

ROUND = Round(1, 1, ("base", "tuned"), 0, True, "")


def vote(row: str, choice: str, rater: str, kind: str = "pair", left: str = "tuned", **more) -> Vote:
    right = {"tuned": "base", "base": "tuned", "reference": "another row's", "another row's": "reference"}[left]
    key = more.pop("card", row)
    return Vote(1, rater, row, left, choice, "", more.pop("ms", 9000), "", right, key, kind, **more)  # type: ignore[arg-type]


def card(key: str, kind: str = "pair", twin: str = "", words: int = 60) -> Card:
    return Card(1, 1, key, key, ("base", "tuned"), kind, "", twin, "", words, 1, 0, 1)  # type: ignore[arg-type]


def test_agreement_counts_pairs_of_raters_of_one_card():
    votes = [vote("1", "a", "Ann"), vote("1", "a", "Ben"), vote("2", "a", "Ann"), vote("2", "tie", "Ben"),
             vote("3", "b", "Ann"), vote("3", "b", "Ben"), vote("4", "a", "Ann"), vote("5", "skip", "Ben")]  # fmt: skip
    found = agreement(ROUND, votes)
    assert (found.cards, found.agreed.value, found.decided.value) == (3, 2 / 3, 1.0)
    assert found.alpha is not None
    assert round(found.alpha, 3) == 0.545  # 1 - 5 * 2 / 22
    assert found.two is not None
    assert (found.two.names, found.two.cards) == (("Ann", "Ben"), 3)


def test_the_same_choice_on_other_sides_is_no_agreement():
    votes = [vote("1", "a", "Ann", left="tuned"), vote("1", "a", "Ben", left="base")]
    assert agreement(ROUND, votes).agreed.value == 0.0
    [one] = disputed(ROUND, votes)
    assert one.said == {"Ann": "tuned", "Ben": "base"}


def test_grades_are_compared_by_arm_and_not_by_side():
    votes = [
        vote("1", "a", "Ann", left="tuned", grades={"a": {"tone": 5}, "b": {"tone": 1}}),
        vote("1", "b", "Ben", left="base", grades={"a": {"tone": 1}, "b": {"tone": 5}}),
    ]
    assert agreement(ROUND, votes).grades == {"tone": 1.0}


def test_a_metric_agrees_where_it_prefers_the_arm_that_people_prefer():
    def said(arm: str, **scores: float | None) -> list[Answer]:
        return [Answer(row, arm, "", {}, {"m": value}, {}) for row, value in scores.items()]

    answers = {"base": said("base", x=0.1, y=0.9, z=0.5, w=None), "tuned": said("tuned", x=0.8, y=0.2, z=0.5, w=1.0)}
    people = {"x": "tuned", "y": "tuned", "z": "tuned", "w": "tuned", "v": "tie"}
    found = with_people(people, ("base", "tuned"), answers, {"m": True})
    assert (found["m"].value, found["m"].n) == (0.5, 2)
    assert with_people(people, ("base", "tuned"), answers, {"m": False})["m"].value == 0.5


def test_a_card_of_sixty_words_cannot_be_read_in_less_than_four_seconds():
    assert too_fast(vote("1", "a", "Ann", ms=3999), 60)
    assert not too_fast(vote("1", "a", "Ann", ms=4001), 60)
    assert not too_fast(vote("1", "a", "Ann", ms=0), 60)  # not measured
    assert too_fast(vote("1", "a", "Ann", ms=1400), 3)


def test_known_and_repeated_pairs_flag_who_fails_them_and_nobody_else():
    cards = {str(n): card(str(n)) for n in range(4)}
    cards |= {f"r{n}": card(f"r{n}", "repeat", str(n)) for n in range(4)}
    cards |= {f"k{n}": card(f"k{n}", "known") for n in range(4)}
    votes = []
    for rater, fails in (("Ann", False), ("Ben", True)):
        for n in range(4):
            votes.append(vote(str(n), "a" if n % 2 else "b", rater))
            same = "b" if n % 2 else "a"  # the sides are swapped
            other = "a" if n % 2 else "b"
            votes.append(vote(str(n), other if fails else same, rater, "repeat", "base", card=f"r{n}"))
            votes.append(vote(str(n), "b" if fails else "a", rater, "known", "reference", card=f"k{n}"))
    ann, ben = checks_of(ROUND, votes, cards)
    assert (ann.known_right, ann.repeated_alike, ann.flags) == (4, 4, ())
    assert (ben.known_right, ben.repeated_alike) == (0, 0)
    assert ben.flags == (
        "preferred the golden reply in 0 of 4 known pairs only",
        "chose the same again in 0 of 4 repeated pairs only",
    )


def test_a_hand_that_always_takes_the_left_is_flagged():
    cards = {str(n): card(str(n)) for n in range(12)}
    votes = [vote(str(n), "a", "Ann", left="tuned" if n % 2 else "base") for n in range(12)]
    [ann] = checks_of(ROUND, votes, cards)
    assert ann.flags == ("preferred the answer on the left in 100% of 12 decided choices",)


def test_alpha_of_three_arms_does_not_gain_from_labels_that_a_pair_cannot_get():
    # On ten rows two people agree on nine and always on the later arm; by name 'tuned' and 'prompted' would be told
    # apart although no pair has the choice, and alpha would rise from 0 to .83.
    this = Round(1, 1, ("base", "prompted", "tuned"), 0, True, "")

    def said(card: int, rater: str, choice: str, arms: tuple[str, str]) -> Vote:
        return Vote(1, rater, f"r{card}", arms[0], choice, "", 5000, "", arms[1], f"c{card}")  # type: ignore[arg-type]

    votes = []
    for card in range(10):
        arms = ("base", "prompted") if card % 2 else ("base", "tuned")
        votes += [said(card, "Ann", "b", arms), said(card, "Ben", "a" if card == 9 else "b", arms)]
    assert round(agreement(this, votes).alpha, 2) == 0.0
    assert disputed(this, votes)[0].said == {"Ann": "prompted", "Ben": "base"}
