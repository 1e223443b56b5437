"""The Ship screen: what it shows of a run, of a shipment, of pairs, and of what would go to a hub."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from workbench.records import Evaluation
from workbench.screens.address import Look
from workbench.screens.ship import chosen_forms, plan_of, screen, sending, settings_of
from workbench.screens.ship_view import push_html, shipped_html
from workbench.shipping.commands import Command
from workbench.shipping.hub import PushPlan
from workbench.shipping.shipment import Shipment
from workbench.store import Store


def shipment(**known: object) -> Shipment:
    facts = {
        "run": 1, "folder": Path("/out"), "forms": ("merge",), "files": (("merged/model.safetensors", 5_000_000),),
        "commands": (Command("vLLM", "vllm serve '<b>'"),), "notes": ("<i>note</i>",), "parity": None,
    }  # fmt: skip
    return Shipment(**{**facts, **known})  # type: ignore[arg-type]


def test_a_store_without_a_run_says_where_one_is_made(store: Store) -> None:
    run, plan, *_ = screen(store, Look({}))
    assert run.choices == []
    assert "No run is finished yet" in plan


def test_a_run_that_cannot_be_shipped_says_why_and_the_page_stands(store: Store, evaluated: Evaluation) -> None:
    run, plan, found, *_ = screen(store, Look({"run": "1"}))
    assert run.value == "1"
    assert "Run 1 has no adapter yet, so there is nothing to ship" in plan
    assert "This run was not shipped yet." in found


def test_while_a_shipment_is_sent_the_page_says_so_and_only_with_the_right_yes() -> None:
    row, said = sending(Look({}), "ann/desk", " ann/desk ")
    assert (row.visible, "Sending to ann/desk" in said) == (False, True)
    assert sending(Look({}), "ann/desk", "ann/dosk") == (gr.skip(), gr.skip())


def test_without_a_chosen_run_the_plan_asks_for_one(store: Store, evaluated: Evaluation) -> None:
    assert "Choose a run first." in plan_of(store, None, [])
    assert (chosen_forms("merge"), chosen_forms(["merge"])) == ([], ["merge"])


def test_parity_is_told_in_words_and_everything_is_escaped() -> None:
    said = shipped_html(shipment())
    assert "Nobody has looked" in said
    assert "<i>note</i>" not in said
    assert "&lt;b&gt;" in said
    form = {"sentence": "merged: <u>other</u> tokens", "counts": True}
    no = shipped_html(shipment(parity={"holds": False, "sentence": "Parity does not hold.", "forms": [form]}))
    assert "Does not say the same" in no
    assert "<u>" not in no


def test_what_would_go_to_a_hub_is_listed_with_its_size() -> None:
    plan = PushPlan("ann/desk", True, "https://hub", "merged", Path("/out"), (("model.safetensors", 5_000_000),))
    said = push_html(plan)
    assert "1 file, 5.0 MB, would go to the new repository ann/desk" in said
    assert "private" in said
    assert "model.safetensors" in said


def test_empty_knobs_of_a_second_stage_keep_their_defaults() -> None:
    assert settings_of(None, "mean", None) == ["rewards=mean"]
    assert settings_of(0.2, "sum", 2) == ["beta=0.2", "rewards=sum", "epochs=2"]
