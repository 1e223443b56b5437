"""Golden rows, benchmark rows and their rephrasings found in the data; losses that stand out."""

import pytest

from workbench.checks.context import Context
from workbench.checks.leakage.benchmark_leak import benchmark_leak
from workbench.checks.leakage.golden_leak import golden_leak
from workbench.checks.leakage.outlying_loss import outlying_loss
from workbench.checks.leakage.rephrased_leak import rephrased_leak
from workbench.errors import NotRun
from workbench.rows import Rows

QUESTION = "How many days do I have to send the blue lamp back, and who pays for the parcel if I live on an island?"
REPLY = "You have thirty days from the day of delivery, and we pay for the parcel wherever you live in the country."
GOLDEN = Context(golden=Rows.of((QUESTION, REPLY)).renamed(["golden-1"]))
OTHERS = [(f"Where is shelf {n}?", f"Shelf {n} is behind door {n * 7}.") for n in range(60)]


def test_a_golden_question_inside_a_longer_prompt_is_found_and_told():
    findings = golden_leak.measured(
        Rows.of((f"Dear desk! {QUESTION} Many greetings from here.", "Soon."), *OTHERS), GOLDEN
    )
    assert findings.flagged.to_list() == [True] + [False] * 60
    assert findings.note[0].startswith('100% of the prompt of a golden row stands in it: "How many days')


def test_a_golden_reply_inside_another_reply_is_found():
    findings = golden_leak.measured(Rows.of(("Returns?", f"Good news. {REPLY} Anything else?")), GOLDEN)
    assert findings.note[0].startswith("100% of the reply of a golden row stands in it")


def test_a_golden_row_itself_is_found_by_its_id_and_a_copy_by_its_words():
    rows = Rows.of((QUESTION, REPLY), (QUESTION.lower(), "No idea.")).renamed(["golden-1", "new"])
    findings = golden_leak.measured(rows, GOLDEN)
    assert findings.flagged.all()
    assert findings.note[1].startswith("is a copy of the prompt of a golden row")


def test_what_a_template_puts_into_all_rows_is_no_leak():
    template = "You are a helpful assistant of a shop that sells lamps and chairs and tables, so answer with care and "
    rows = Rows.of(*[(f"{template} name shelf {n}.", f"Shelf {n}.") for n in range(60)])
    held = Rows.of((f"{template} tell me the price of the green rug.", "Forty.")).renamed(["golden-1"])
    assert not golden_leak.measured(rows, Context(golden=held)).flagged.any()


def test_without_golden_rows_or_a_benchmark_the_checks_say_what_to_do():
    with pytest.raises(NotRun, match="Freeze one: goldloop golden freeze"):
        golden_leak.measured(Rows.of("x"), Context())
    with pytest.raises(NotRun, match="sheet, under benchmark"):
        benchmark_leak.measured(Rows.of("x"), Context())
    with pytest.raises(NotRun, match="neither a golden set nor a benchmark"):
        rephrased_leak.measured(Rows.of("x"), Context())
    with pytest.raises(NotRun, match="goldloop losses RUN"):
        outlying_loss.measured(Rows.of("x"), Context())


def test_a_benchmark_row_is_told_with_the_name_of_its_file():
    context = Context(benchmark=Rows.of((QUESTION, "")).renamed(["asked-1"]), benchmark_name="exam.jsonl")
    assert "an exam.jsonl row" in benchmark_leak.measured(Rows.of((QUESTION, REPLY)), context).note[0]


def test_the_numbers_of_a_question_tell_a_rephrasing_from_a_question_of_its_kind():
    held = Rows.of(
        ("If 3 gardeners plant 45 tulips before lunch, how many tulips do 7 gardeners plant in that time?", "105")
    )
    same = "Before lunch 3 gardeners plant 45 tulips. How many tulips would be planted by 7 gardeners?"
    kind = "Before lunch 4 bakers bake 90 loaves. How many loaves would 9 bakers bake?"
    findings = rephrased_leak.measured(Rows.of((same, "105"), (kind, "202"), *OTHERS), Context(golden=held))
    assert findings.flagged.to_list() == [True, False] + [False] * 60
    assert findings.note[0].startswith('asks nearly what is held out: "If 3 gardeners')


def test_a_reply_with_a_loss_far_above_the_others_is_flagged_and_short_ones_have_no_measure():
    rows = Rows.of(*[reply for _, reply in OTHERS], "Yes.")
    losses = {row_id: 1.0 + 0.01 * n for n, row_id in enumerate(rows.row_id)} | {"row-60": 5.0}
    findings = outlying_loss.measured(rows, Context(losses=losses, losses_of="run 3"))
    assert findings.flagged.arg_true().to_list() == [59]
    assert findings.note[59].startswith("run 3 finds this reply odd: 5.0 nats a token")
    assert findings.measure[60] is None
