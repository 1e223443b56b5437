"""Cards, fit, money, sizes, task and advice: tables and rules with the values written out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from training.errors import PlanError
from training.forecast.advice import advise
from training.forecast.bases import BASES, base_of, from_memory
from training.forecast.cards import CARDS, card_named, read_card
from training.forecast.fit import fits, verdict
from training.forecast.money import Prices, assumption, costs, said
from training.forecast.sizes import size_named, size_words
from training.forecast.task import Task, task_of
from training.forecast.workload import typical
from training.plan import TrainingPlan

WORK = typical(TrainingPlan(), rows=1000, tokens=300_000, trained_share=0.4, longest=1024, device="cuda")


def test_a_size_is_read_as_people_write_it() -> None:
    assert size_named("8B").parameters == 8_030_261_248
    assert size_named("135m").layers == 30
    assert size_words(size_named("13B").parameters) == "13.0B"


@pytest.mark.parametrize("text", ["", "huge", "8T", "-3B", "900B"])
def test_what_is_no_size_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(PlanError, match="is no size of a base model"):
        size_named(text)


def test_a_card_is_known_by_what_its_driver_says() -> None:
    here = read_card("NVIDIA GeForce RTX 4090, 24564, 23000")
    assert here.free == 23000 << 20
    assert here.card is not None
    assert here.card.name == "RTX 4090 24 GB"


def test_a_card_is_found_by_a_few_letters() -> None:
    found = card_named("a100 80")
    assert found is not None
    assert found.memory == 80
    assert card_named("a100") is None
    assert card_named("") is None


def test_an_8b_model_fits_a_4090_in_4_bit_only() -> None:
    found = {fit.card.name: fit for fit in fits(TrainingPlan(), size_named("8B"), WORK)}
    ways = {way.name: way.verdict for way in found["RTX 4090 24 GB"].ways}
    assert ways == {"LoRA": "too large", "QLoRA": "fits", "full": "too large"}
    assert found["H100 80 GB"].way("LoRA").verdict == "fits"
    assert found["H100 80 GB"].way("full").verdict == "too large"


def test_published_speeds_lie_in_the_stated_range() -> None:
    """LoRA of 8B on an H100 reads 2,500 (plain libraries) to 8,000 (tuned) tokens a second."""
    way = next(fit for fit in fits(TrainingPlan(), size_named("8B"), WORK) if fit.card.name == "H100 80 GB").way("LoRA")
    assert way.seconds_low < WORK.tokens / 8000 + 60
    assert way.seconds_high > WORK.tokens / 2500


def test_between_fits_and_too_large_stands_tight() -> None:
    assert [verdict(needed, 10e9) for needed in (8e9, 9e9, 11e9)] == ["fits", "tight", "too large"]


def test_every_card_has_what_a_plan_needs() -> None:
    for card in CARDS:
        assert card.memory > 0
        assert card.fp32 > 0
        assert 0 < card.price_low <= card.price_high


def test_every_card_says_how_its_figures_and_its_rent_are_known() -> None:
    by_name = {card.name: card for card in CARDS}
    assert by_name["A100 80 GB"].known == "looked up in November 2026 in NVIDIA's data sheet as others quote it"
    assert "from memory: bf16" in by_name["RTX 3060 12 GB"].known
    assert by_name["RTX 3060 12 GB"].rent_known == "from memory"
    assert assumption(by_name["H100 80 GB"]) == (
        "supposed: H100 80 GB is rented for $1.99 to $3.99 an hour (RunPod, November 2026); give your own price"
    )
    assert [card.name for card in CARDS if card.remembered] == ["RTX 3060 12 GB", "RTX 4060 Ti 16 GB"]


def test_sparse_or_half_precision_sums_are_not_taken_for_the_speed() -> None:
    """A GeForce card with fp32 sums does in bf16 twice its fp32; four times that is with fp16 sums and sparsity."""
    cards = [card for card in CARDS if card.name.startswith("RTX")]
    assert len(cards) == 5
    assert all(card.bf16 / card.fp32 == pytest.approx(2, rel=0.01) for card in cards)


def test_money_comes_from_the_prices_that_were_given() -> None:
    run, month = costs(Prices(hour=2.0), (1800.0, 3600.0))
    assert (run.low, run.high) == (1.0, 2.0)
    assert month.high == 1460.0
    electricity, _ = costs(Prices(watts=100, kwh=0.3), (3600.0, 7200.0))
    assert (electricity.low, electricity.high) == pytest.approx((0.03, 0.06))
    assert costs(Prices(), (1.0, 2.0)) == []


def test_money_is_said_without_false_cents() -> None:
    assert said(0.0, 0.004, "$") == "less than $0.01"
    assert said(0.5, 0.5, "€") == "€0.50"
    assert said(1.0, 2.5, "$") == "$1.00 to $2.50"
    assert said(1460, 1460, "$") == "$1,460"


def rows(*replies: str, question: str = "what is it") -> list[list[dict[str, str]]]:
    return [[{"role": "user", "content": question}, {"role": "assistant", "content": reply}] for reply in replies]


def test_labels_are_a_simple_task() -> None:
    assert task_of(rows(*["refund", "delivery", "other"] * 20)).kind == "simple task"


def test_filled_in_forms_are_a_simple_task() -> None:
    replies = [f'{{"name": "n{place}", "text": "a b c d e f g h"}}' for place in range(30)]
    assert task_of(rows(*replies)).kind == "simple task"


def test_figures_from_nowhere_are_knowledge() -> None:
    replies = [
        f"the kettle number {place} holds {place + 40} litres of water, as the label says" for place in range(30)
    ]
    assert task_of(rows(*replies)).kind == "knowledge"


def test_a_repeated_ending_is_a_style() -> None:
    words = ["warm", "cold", "large", "small", "green", "blue"]
    replies = [
        f"the {one} {other} one is good, yours truly the shop" for one in words for other in words if one != other
    ]
    assert task_of(rows(*replies)).kind == "style"


def test_few_rows_tell_nothing() -> None:
    assert task_of(rows("a", "b")).kind == "cannot tell"


def advice(memory: float = 16e9, languages: dict[str, float] | None = None, size: str = "135M"):  # type: ignore[no-untyped-def]
    plan = TrainingPlan()
    work = typical(plan, rows=200, tokens=20_000, trained_share=0.4, longest=200)
    task = Task("style", ("counted",))
    known = {"en": 1.0} if languages is None else languages
    return advise(plan, size_named(size), work, task, languages=known, device="cpu", bf16=True, memory=memory)


def test_the_base_model_at_hand_is_enough_to_try_first() -> None:
    assert advice().enough.startswith("The base model you have is enough to try first")
    assert [one.name for one in advice().methods] == ["LoRA"]


def test_rows_in_another_language_ask_for_another_base() -> None:
    found = advice(languages={"de": 0.9, "en": 0.1})
    assert found.enough.startswith("The base model you have is not made for de")
    assert all("de" in next(base for base in BASES if base.name == one.name).languages for one in found.bases)


def test_little_memory_leaves_no_method() -> None:
    found = advice(memory=1e9)
    assert found.methods == ()
    assert any("lower batch_size" in one.why for one in found.against)


def test_licences_with_conditions_are_told_and_not_advised() -> None:
    found = advice()
    assert not any("Llama" in one.name or "gemma" in one.name for one in found.bases)
    assert any("Llama-3.2-1B" in one.name and "licence" in one.why for one in found.against)


def test_a_model_is_known_by_its_folder() -> None:
    found = base_of("/models/smollm2-135m", 134_515_008)
    assert found is not None
    assert found.licence == "Apache-2.0"
    assert base_of("my-own-model", 134_515_008) is None


def test_a_base_says_how_its_facts_are_known() -> None:
    by_name = {base.name: base for base in BASES}
    assert by_name["Qwen/Qwen2.5-3B-Instruct"].known == "looked up in November 2026 in its model card"
    assert "from memory: its languages" in by_name["mistralai/Mistral-7B-Instruct-v0.3"].known
    assert replace(BASES[0], source="").known == "from memory, not looked up"
    shown = advice(memory=64e9).bases
    assert all(f"These facts: {by_name[one.name].known}." in one.why for one in shown)
    assert "Mistral-7B-Instruct-v0.3 (its languages" in from_memory()


def test_bases_stand_by_size_for_the_next_larger_one_comes_first() -> None:
    sizes = [round(base.parameters / 1e9, 1) for base in BASES]
    assert sizes == sorted(sizes)


def test_norwegian_rows_have_a_base_whichever_code_they_are_told_by() -> None:
    for code in ("no", "nb", "nn"):
        assert advice(memory=64e9, languages={code: 1.0}).bases
