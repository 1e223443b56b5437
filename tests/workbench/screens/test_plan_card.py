"""The plan card and the boxes of prices, as they look; and a prediction beside the run that it was made for."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from click.testing import CliRunner

from training.forecast.money import Prices
from workbench.actions.freeze_golden import freeze_golden
from workbench.actions.measure_steps import measure_steps
from workbench.actions.plan_training import plan_training
from workbench.actions.train import train
from workbench.cli import main
from workbench.errors import BadInput
from workbench.records import Run
from workbench.rows import Rows
from workbench.screens.address import Look
from workbench.screens.plan_card import beside_html, plan_html
from workbench.screens.prices import prices_of
from workbench.store import Store, datasets
from workbench.training_side import costed

spec = importlib.util.spec_from_file_location("toy_models", Path(__file__).parents[2] / "training" / "conftest.py")
assert spec is not None
assert spec.loader is not None
toys = importlib.util.module_from_spec(spec)
spec.loader.exec_module(toys)
tiny_model, chatml = toys.tiny_model, toys.chatml

QUICK = ("epochs=1", "batch_size=8", "learning_rate=0.02", "validation_share=0.1")


@pytest.fixture
def desk(store: Store, fifty_rows: Rows, no_models: None) -> Store:
    datasets.add_version(store, "desk", fifty_rows, parent=None, verb="import", settings={}, counts={"added": 50},
                         who="Ann", why="")  # fmt: skip
    freeze_golden(store, "desk", share=0.2, seed=0)
    return store


def test_without_a_measurement_the_card_says_that_it_guesses(desk: Store, tiny_model: Path) -> None:
    shown = plan_html(plan_training(desk, "desk", model=str(tiny_model), settings=QUICK))
    assert "A guess: measure two steps to know." in shown
    assert "By formula" in shown
    assert "Measured on this machine" not in shown


def test_rows_that_a_cut_takes_the_end_of_a_reply_from_are_told_on_the_card_and_on_the_command_line(
    desk: Store, tiny_model: Path
) -> None:
    whole = plan_training(desk, "desk", model=str(tiny_model), settings=QUICK)
    assert whole.no_end == ()
    assert "where to stop" not in plan_html(whole)
    longest = max(len(row.ids) for row in costed(desk, whole.prepared).encoding.rows)
    settings = (*QUICK, f"max_length={longest - 3}")  # the line break, the end of turn, and the last of the reply
    done = plan_training(desk, "desk", model=str(tiny_model), settings=settings)
    assert done.no_end
    assert "cut inside a reply, so not teaching where to stop" in plan_html(done)
    named = [word for one in settings for word in ("--set", one)]
    told = CliRunner().invoke(main, ["--store", str(desk.root), "plan", "desk", "--model", str(tiny_model), *named])
    assert f"row {done.no_end[0]} loses" in told.output
    assert "and with them the end of a reply: it does not teach where to stop" in told.output


def test_the_card_takes_the_prices_that_are_given(desk: Store, tiny_model: Path) -> None:
    prices = Prices(hour=3600.0, currency="€")
    done = plan_training(desk, "desk", model=str(tiny_model), settings=QUICK, prices=prices)
    assert "€" in plan_html(done)
    assert done.money[0].high == pytest.approx(done.cost.seconds.high)  # €1 a second


def test_a_currency_is_no_way_to_put_marks_into_the_page(desk: Store, tiny_model: Path) -> None:
    prices = Prices(hour=3600.0, currency="<q>")
    shown = plan_html(plan_training(desk, "desk", model=str(tiny_model), settings=QUICK, prices=prices))
    assert "&lt;q&gt;" in shown
    assert "<q>" not in shown


@pytest.mark.parametrize("text", ["cheap", "-1", "nan", "inf", "1e9"])
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="price"):
        prices_of(Look({"price": text}))


def test_prices_are_read_with_a_comma_too() -> None:
    assert prices_of(Look({"price": "0,60", "currency": "€"})) == Prices(0.6, None, None, "€")


def test_a_run_whose_steps_were_measured_keeps_what_was_predicted(desk: Store, tiny_model: Path) -> None:
    measure_steps(desk, "desk", model=str(tiny_model), settings=QUICK)
    done = plan_training(desk, "desk", model=str(tiny_model), settings=QUICK)
    assert "A real step on the largest batch took" in plan_html(done)
    run: Run = train(desk, "desk", model=str(tiny_model), settings=QUICK)
    assert run.predicted is not None
    assert run.predicted["steps"] == run.result["steps"]  # type: ignore[index]
    assert run.predicted["tokens"] == run.result["tokens"]  # type: ignore[index]
    assert "Predicted and taken" in beside_html(run)
    told = CliRunner().invoke(main, ["--store", str(desk.root), "plan", "--run", str(run.id)])
    assert told.exit_code == 0
    assert "predicted" in told.output


def test_a_run_that_was_not_measured_has_nothing_beside_it(desk: Store, tiny_model: Path) -> None:
    run = train(desk, "desk", model=str(tiny_model), settings=QUICK)
    assert beside_html(run) == ""
    told = CliRunner().invoke(main, ["--store", str(desk.root), "plan", "--run", str(run.id)])
    assert told.exit_code == 2
    assert "Nothing was predicted" in told.output
