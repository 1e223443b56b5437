"""The screen and the command on forgetting: verdict first, everything escaped, the same figures."""

from __future__ import annotations

from math import log

import pytest
from click.testing import CliRunner

from evaluators.copied_spans import CopiedSpans
from evaluators.probes import spoken
from evaluators.probes.choices import Scored
from evaluators.probes.forgetting import compared
from evaluators.probes.items import Chat, ChoiceItem, Instruction, RefusalPair
from evaluators.probes.memorised import Taught
from evaluators.probes.memorised import told as copied
from evaluators.probes.probe import items_told, way_line
from evaluators.probes.proposals import overall, proposals
from evaluators.probes.stock_phrases import stock_phrases
from evaluators.probes.ways import BASE, TUNED, at_scale
from workbench.cli import main
from workbench.errors import BadInput
from workbench.reports.probe_charts import trade
from workbench.screens.address import Look
from workbench.screens.probes import probe_of, wanted_of
from workbench.screens.probes_view import found_html
from workbench.store import probes

HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(1)">'
REPLY = "Bench note: you can send an unused loom back to us within forty five days of its arrival. Even tension!"


def arm(right: float) -> list[Scored]:
    return [
        Scored(
            ChoiceItem(f"q{n}", "facts", f"{HOSTILE} {n}?", ("a", "b"), 0),
            (log(right - n / 100), log(1 - right + n / 100)),
        )
        for n in range(30)
    ]


@pytest.fixture(scope="module")
def summary() -> dict:
    """What probes say of a model that forgot, bleeds and repeats a hostile training row."""
    base, tuned = arm(0.9), arm(0.45)
    reply = f"{REPLY} {HOSTILE}"
    row = Taught("row-1", ({"role": "user", "content": HOSTILE},), reply)
    style = stock_phrases([f"Bench note: {n} of them. Even tension!" for n in "abcdefghij"])
    begun = copied(
        [row], {"base": ["?"], "tuned": [reply]}, CopiedSpans([("row-1", reply)]), {}, lambda t: len(t.split()) * 2
    )
    begun["exact"] = spoken.passed_told([False], [True])
    memory = {"asked": begun, "begun": begun, "rows": 1}
    memory.update(spoken.memorised_words(memory))
    found = {
        "format": "plain",
        "precision": {"likelihoods": "fp32", "answers": "bf16"},
        "probes": {"digest": "ab" * 32, "questions": 30, "instructions": 1, "refusal_pairs": 1, "off_domain": 1},
        "forgetting": {"areas": compared(base, tuned), "items": items_told(base, tuned)},
        "instructions": spoken.instructions_told(
            [Instruction("i", HOSTILE, ({"rule": "lower_case"},))], {"base": ["so"], "tuned": ["So"]}
        ),
        "refusals": spoken.refusals_told(
            [RefusalPair("r", "t", HOSTILE, "b")],
            {"base": ["I can't help"], "tuned": ["Yes"]},
            {"base": ["a"], "tuned": ["b"]},
        ),
        "bleed": spoken.bleed_told(
            [Chat("o", ({"role": "user", "content": HOSTILE},))],
            {"base": ["x"], "tuned": [f"Bench note: {HOSTILE}"]},
            style,
        ),
        "memorised": memory,
        "ways": [
            way_line(BASE, base, base, 5.0, 4),
            way_line(TUNED, base, tuned, 2.0, 4),
            way_line(at_scale(0.5), base, arm(0.8), 2.2, 4),
        ],
        "harness": [],
    }  # fmt: skip
    found["verdict"] = overall(found)
    found["proposals"] = proposals(found, {"run": 1, "rows": 50, "alpha": 32})
    return found


@pytest.fixture
def probed(store, evaluated, summary):
    begun = probes.add(store, evaluated.run_id, {}, "Ann")
    probes.finish(store, begun.id, summary)
    return probes.get(store, begun.id)


def test_the_page_begins_with_the_verdict_and_goes_on_with_what_helps(probed):
    page = found_html(probed)
    assert page.startswith('<div class="verdict down"><strong>Forgot</strong>')
    assert page.index("What helps") < page.index("What it still knows") < page.index("Learned by heart")
    assert "use the adapter at scale 0.5" in page


def test_nothing_that_a_row_a_probe_or_a_model_says_becomes_markup(probed):
    page = found_html(probed)
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page


def test_the_picture_of_the_trade_joins_the_scales_and_names_each(summary):
    picture = trade(summary["ways"])
    assert picture.count("<circle") == 3
    assert picture.count("<polyline") == 1
    assert "scale 0.5: held-out loss 2.20" in picture
    assert "http" not in picture


def test_without_held_out_rows_there_is_no_picture(summary):
    assert trade([{**one, "held_out": None} for one in summary["ways"]]) == ""


def test_the_url_chooses_the_probe_run_and_else_the_newest_is_shown(store, probed):
    assert probe_of(store, Look({"probe": str(probed.id)})) == probed
    assert probe_of(store, Look({"probe": "99"})) == probed
    assert probe_of(store, Look({"run": "77"})) is None


def test_the_form_gives_the_settings_of_the_job(store, evaluated):
    wanted = wanted_of(store, str(evaluated.run_id), "chat", 20, ["0.5"], True)
    assert wanted == {"run": evaluated.run_id, "form": "chat", "sample": 20, "scales": [0.5], "checkpoints": True}
    with pytest.raises(BadInput, match="Choose a run first"):
        wanted_of(store, "", "plain", 20, [], False)


def test_the_command_shows_the_verdict_the_table_and_what_helps(store, probed):
    result = CliRunner().invoke(main, ["--store", str(store.root), "probe", str(probed.run_id), "--show"])
    assert result.exit_code == 0, result.output
    assert result.output.startswith("All tiers together: forgot.")
    assert "gained:lost" in result.output
    assert "What helps:\n  use the adapter at scale 0.5 (measured)" in result.output


def test_the_command_says_how_to_probe_a_run_that_was_not_probed(store, evaluated):
    result = CliRunner().invoke(main, ["--store", str(store.root), "probe", str(evaluated.run_id), "--show"])
    assert result.exit_code == 2
    assert f"Probe it with: goldloop probe {evaluated.run_id}" in result.output
