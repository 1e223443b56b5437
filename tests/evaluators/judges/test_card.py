"""A card passes an honest judge and refuses those with habits, over a real server."""

from __future__ import annotations

import random
from typing import Any

import pytest

from evaluators.judges.asking import ask_all
from evaluators.judges.card import Card, card_of, figure
from evaluators.judges.form import Form
from evaluators.judges.probes import INJECTIONS, Material, RatedCase, probes_of
from evaluators.judges.rubric import read_rubric
from evaluators.models.endpoint import Endpoint

RUBRIC = read_rubric("correct: Is it right?\ncomplete: Is all said?")
THINGS = ("kettle", "lamp", "fan", "clock", "radio", "mixer", "heater", "scale", "iron", "toaster", "drill", "saw")


class Kept(dict[str, Any]):
    def add(self, key: str, reply: Any) -> None:
        self[key] = reply


def cases(count: int = 40) -> tuple[list[RatedCase], list[Material]]:
    """Rows where b is right in two of three; the right answer is shorter in half of all; people see what is right."""
    chance, rated, material = random.Random(3), [], []
    for n in range(count):
        thing = THINGS[n % len(THINGS)]
        right = f"Send the {thing} back within {n + 3} days to counter {n}, with form {thing.upper()}{n} signed."
        wrong = f"Nothing can be done about that item, sorry. {'We regret this very much indeed. ' * (8 * (n % 2))}"
        question = f"My {thing} number {n} is broken, what shall I do?"
        side = "b" if chance.random() < 0.6 else "a"
        a, b = (wrong, right + " Thanks.") if side == "b" else (right + " Thanks.", wrong)
        rated.append(RatedCase(f"row{n}", question, right, a, b, side, ("base", "tuned")))
        material.append(Material(f"row{n}", question, right))
    return rated, material


def made(server: Any, model: str, form: str = "pairwise", count: int = 40) -> Card:
    judge, form_ = Endpoint(server.url, model, first_pause=0.01), Form(form, f"digest {model}", RUBRIC)  # type: ignore[arg-type]
    probes = probes_of(*cases(count))
    asks = [form_.asks(probe.pair) for probe in probes]
    found = ask_all(judge, [one for own in asks for one in own], Kept(), at_once=4, report=lambda done, line: None)
    return card_of([(p, form_.read(p.pair, found.of(own))) for p, own in zip(probes, asks, strict=True)])


def failed(card: Card) -> set[str]:
    return {one.name for one in card.gates if one.passed is False}


def value(card: Card, name: str) -> float | None:
    return next(one.value for one in card.gates if one.name == name)


@pytest.mark.parametrize("form", ["pairwise", "rubric"])
def test_an_honest_judge_passes_with_a_headline(server: Any, form: str) -> None:
    card = made(server, "honest", form)
    assert failed(card) == set()
    assert (card.passes, card.headline, card.rated, card.errors) == (True, True, 40, 0)
    assert value(card, "kappa") == 1.0


def test_a_judge_that_always_says_a_has_no_opinion_of_its_own(server: Any) -> None:
    card = made(server, "always-a")
    assert not card.passes
    assert (value(card, "consistent"), value(card, "slots"), value(card, "identical")) == (0.0, 1.0, 0.0)
    assert {
        "consistent",
        "slots",
        "identical",
        "kappa",
        "true positive",
        "true negative",
        "pick the longest",
    } <= failed(card)


def test_a_judge_that_picks_the_longest_falls_by_padding_and_by_its_baseline(server: Any) -> None:
    card = made(server, "longest")
    assert {"padding", "length", "pick the longest"} <= failed(card)
    assert value(card, "consistent") == 1.0


def test_a_judge_that_obeys_orders_in_answers_falls_by_them_alone(server: Any) -> None:
    card = made(server, "obedient")
    assert failed(card) == {"orders"}
    assert value(card, "orders") == 1.0


def test_a_judge_that_cannot_be_read_has_no_figures(server: Any) -> None:
    card = made(server, "garbage")
    assert value(card, "readable") == 1.0
    assert (card.rated, card.agreement.value) == (0, None)
    assert "readable" in failed(card)
    assert "replies that could not be read 100 %" in card.reason


def test_a_verdict_that_is_repeated_from_an_answer_is_an_error_and_not_a_verdict(
    server: Any, judge_server: Any
) -> None:
    assert judge_server.judged is not None
    card = made(server, "echo")
    injected = sum(INJECTIONS[n % len(INJECTIONS)] == INJECTIONS[1] for n in range(12)) * 2
    assert card.errors == injected
    assert value(card, "orders") == 0.0


def test_a_judge_that_calls_everything_even_is_no_judge(server: Any) -> None:
    assert {"slots", "kappa", "other answer", "true positive"} <= failed(made(server, "agreeable"))


def test_a_rubric_judge_that_passes_everything_is_no_judge(server: Any) -> None:
    assert {"kappa", "other answer", "reference"} <= failed(made(server, "agreeable", "rubric"))


def test_a_judge_that_does_not_read_the_reference_is_found_out(server: Any) -> None:
    assert {"reference"} <= failed(made(server, "unread"))


def test_fewer_than_thirty_rated_rows_never_pass(server: Any) -> None:
    card = made(server, "honest", count=29)
    assert not card.passes
    assert "rows rated by people and by the judge 29, wanted at least 30" in card.reason


def test_a_figure_comes_with_its_interval(server: Any) -> None:
    card = made(server, "honest")
    assert figure(next(one for one in card.gates if one.name == "consistent")) == "100 % (91 % to 100 %)"


def test_no_side_holds_the_right_answer_more_often_by_design() -> None:
    known = [probe.right for probe in probes_of([], cases(400)[1], count=400) if probe.kind == "other answer"]
    assert 160 < known.count("a") < 240
