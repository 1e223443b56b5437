import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from evaluators.compare import compare
from evaluators.errors import BadRequest, ModelUnusable
from evaluators.evaluate import Arm, Decoding, conversation, evaluate
from evaluators.models.chat_model import ChatModel
from evaluators.sample import Sample, catalogue

BASE, TUNED = Arm("base", adapter=False), Arm("tuned", adapter=True)
PROMPTED = Arm("prompted", adapter=False, system="Be exact.", examples=(("Price?", "12 euros."),))
ARMS = (BASE, PROMPTED, TUNED)
DECODING = Decoding(max_new_tokens=6, batch_size=2)
MEASURED = {"nll", "reference_tokens", "output_tokens", "stopped", "seconds"}


def sample(name, text, reference="Yes, 30 days.", system=None):
    turns = [{"role": "user", "content": text}]
    return Sample(name, tuple([{"role": "system", "content": system}, *turns] if system else turns), None, reference)


SAMPLES = [
    sample("1", "Hi"),
    sample("2", "How long?", system="You sell kettles."),
    sample("3", "Where?"),
    sample("4", "And then?"),
    sample("5", "Why so?"),
]


def test_an_arm_without_prompt_asks_the_row_as_it_stands():
    assert conversation(SAMPLES[1], BASE) == SAMPLES[1].prompt


def test_a_better_prompt_stands_before_the_rows_own_system_message_and_examples_are_earlier_turns():
    assert conversation(SAMPLES[1], PROMPTED) == (
        {"role": "system", "content": "Be exact.\n\nYou sell kettles."},
        {"role": "user", "content": "Price?"},
        {"role": "assistant", "content": "12 euros."},
        {"role": "user", "content": "How long?"},
    )


def test_a_better_prompt_becomes_the_system_message_where_the_row_has_none():
    assert conversation(SAMPLES[0], PROMPTED)[0] == {"role": "system", "content": "Be exact."}


def test_every_arm_answers_every_row_in_order_and_is_measured(tiny_model, tiny_adapter):
    found = evaluate(tiny_model, tiny_adapter, SAMPLES, ARMS, DECODING)
    assert list(found) == ["base", "prompted", "tuned"]
    for rows in found.values():
        assert [row.id for row in rows] == ["1", "2", "3", "4", "5"]
        assert all(row.output is not None and set(row.measured) == MEASURED for row in rows)
        assert all(row.measured["reference_tokens"] == 14 for row in rows)  # 13 bytes and the end of turn
    nll = {name: [row.measured["nll"] for row in rows] for name, rows in found.items()}
    assert nll["base"] != nll["prompted"]
    assert nll["base"] != nll["tuned"]
    scores = [catalogue()["nll"].by_id(found[name]) for name in ("base", "tuned")]
    assert compare(*scores, catalogue()["nll"], names=("base", "tuned")).n == 5


def test_facts_of_the_better_prompt_are_not_called_made_up(tiny_model, tmp_path):
    row = sample("1", "When are you open?", reference="Until late.", system="You sell 7 kettles.")
    told = replace(PROMPTED, system="We close at 18:30.")
    evaluate(tiny_model, None, [row], [BASE, told], DECODING, cache=tmp_path)
    answers = tmp_path / "answers.jsonl"  # what the model says is put in its mouth: the cache is asked first
    lines = [json.loads(line) for line in answers.read_text().splitlines()]
    for line in lines:
        if "text" in line:
            line["text"] = "Until 18:30, for 12 euros, 7 kettles, 99 cups."
    answers.write_text("".join(json.dumps(line) + "\n" for line in lines))
    found = evaluate(tiny_model, None, [row], [BASE, told], DECODING, cache=tmp_path)
    notes = {arm: catalogue()["unsupported_facts"](rows)[0].note for arm, rows in found.items()}
    assert notes == {"base": "12 euros, 18:30, 99", "prompted": "99"}
    assert [(one.id, one.reference) for rows in found.values() for one in rows] == [("1", "Until late.")] * 2


def test_the_base_arm_is_the_bare_base_model(tiny_model, tiny_adapter):
    with_adapter = evaluate(tiny_model, tiny_adapter, SAMPLES, [BASE, TUNED], DECODING)["base"]
    bare = evaluate(tiny_model, None, SAMPLES, [BASE], DECODING)["base"]
    assert [(r.output, r.measured["nll"]) for r in with_adapter] == [(r.output, r.measured["nll"]) for r in bare]


def test_a_second_run_asks_nothing_and_loads_no_weights(tiny_model, tiny_adapter, tmp_path, monkeypatch):
    first = evaluate(tiny_model, tiny_adapter, SAMPLES, ARMS, DECODING, cache=tmp_path)
    monkeypatch.setattr(ChatModel, "network", property(lambda self: pytest.fail("the weights were loaded")))
    assert evaluate(tiny_model, tiny_adapter, SAMPLES, ARMS, replace(DECODING, batch_size=5), cache=tmp_path) == first


def test_a_new_adapter_or_decoding_is_asked_and_the_base_is_not(tiny_model, tiny_adapter, tmp_path):
    import shutil

    evaluate(tiny_model, tiny_adapter, SAMPLES, [BASE, TUNED], DECODING, cache=tmp_path / "cache")
    size = len((tmp_path / "cache" / "answers.jsonl").read_text().splitlines())
    assert size == 20
    retrained = shutil.copytree(tiny_adapter, tmp_path / "retrained")
    config = json.loads((retrained / "adapter_config.json").read_text())
    (retrained / "adapter_config.json").write_text(json.dumps({**config, "lora_alpha": 4}))
    evaluate(tiny_model, retrained, SAMPLES, [BASE, TUNED], DECODING, cache=tmp_path / "cache")
    assert len((tmp_path / "cache" / "answers.jsonl").read_text().splitlines()) == size + 10
    evaluate(tiny_model, retrained, SAMPLES, [BASE], replace(DECODING, max_new_tokens=5), cache=tmp_path / "cache")
    assert len((tmp_path / "cache" / "answers.jsonl").read_text().splitlines()) == size + 15


def test_a_cancelled_run_keeps_what_was_answered_and_goes_on_there(tiny_model, tiny_adapter, tmp_path):
    class Cancelled(Exception):
        pass

    def cancel_at_half(done, line):
        if done > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        evaluate(tiny_model, tiny_adapter, SAMPLES, ARMS, DECODING, cache=tmp_path, report=cancel_at_half)
    kept = (tmp_path / "answers.jsonl").read_text().splitlines()
    assert len(kept) == 14  # base: 5 answers and 5 references; prompted: two batches of 2 answers
    resumed = evaluate(tiny_model, tiny_adapter, SAMPLES, ARMS, DECODING, cache=tmp_path)
    lines = (tmp_path / "answers.jsonl").read_text().splitlines()
    assert lines[: len(kept)] == kept
    assert len(lines) == 30 == len({json.loads(line)["key"] for line in lines})
    whole = evaluate(tiny_model, tiny_adapter, SAMPLES, ARMS, DECODING)
    assert [r.output for rows in resumed.values() for r in rows] == [r.output for rows in whole.values() for r in rows]


KILLED = """
import sys, time
from evaluators.evaluate import Arm, Decoding, evaluate
from evaluators.sample import Sample
samples = [Sample(str(i), ({"role": "user", "content": f"Question {i}"},), None, "Yes.") for i in range(40)]
def slowly(done, line):
    print(line, flush=True); time.sleep(0.05)
base, decoding = Arm("base", adapter=False), Decoding(6, batch_size=2)
evaluate(sys.argv[1], None, samples, [base], decoding, cache=sys.argv[2], report=slowly)
"""


def test_a_run_killed_outright_goes_on_where_it_stopped(tiny_model, tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    run = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tiny_model), str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    for line in run.stdout:
        if line.startswith("base: 10 of 40"):
            break
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    run.stdout.close()
    kept = (tmp_path / "answers.jsonl").read_bytes()
    assert kept.count(b"\n") >= 10
    samples = [sample(str(i), f"Question {i}", "Yes.") for i in range(40)]
    evaluate(tiny_model, None, samples, [BASE], Decoding(6, batch_size=2), cache=tmp_path)
    lines = (tmp_path / "answers.jsonl").read_bytes()
    assert lines.startswith(kept[: kept.rindex(b"\n") + 1])
    keys = [json.loads(line)["key"] for line in lines.splitlines()]
    assert len(keys) == len(set(keys)) == 80


def test_progress_grows_from_nothing_to_one(tiny_model, tiny_adapter):
    told = []
    evaluate(tiny_model, tiny_adapter, SAMPLES, ARMS, DECODING, report=lambda done, line: told.append((done, line)))
    shares = [done for done, _ in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert told[1][1] == "base: 2 of 5 answered"
    assert told[-1][1] == "5 rows, 3 arms: all answered"


def test_rows_with_the_same_prompt_are_asked_once(tiny_model, tmp_path):
    twins = [sample("1", "Hi"), sample("2", "Hi")]
    found = evaluate(tiny_model, None, twins, [BASE], DECODING, cache=tmp_path)["base"]
    assert found[0].output == found[1].output
    assert found[0].measured == found[1].measured
    assert len((tmp_path / "answers.jsonl").read_text().splitlines()) == 2


def test_a_row_too_long_for_the_model_is_not_judged_and_the_others_are(tiny_model):
    rows = [sample("1", "Hi"), sample("long", "x" * 600)]
    told = []
    found = evaluate(tiny_model, None, rows, [BASE], DECODING, report=lambda done, line: told.append(line))["base"]
    assert found[0].output is not None
    assert found[1] == rows[1]
    assert told[-1] == "2 rows, 1 arm: all answered but 1, too long for the model"
    assert catalogue()["chrf"](found)[1].value is None
    assert catalogue()["nll"](found)[1].value is None


@pytest.mark.parametrize(
    ("samples", "arms", "adapter", "said"),
    [
        ([], [BASE], None, "nothing to evaluate"),
        (SAMPLES, [], None, "nothing to evaluate"),
        ([SAMPLES[0], SAMPLES[0]], [BASE], None, 'the sample id "1" occurs twice'),
        (SAMPLES, [BASE, BASE], None, 'the arm name "base" occurs twice'),
        (SAMPLES, [TUNED], None, 'the arm "tuned" wants the adapter'),
        ([Sample("7", (), None, "x")], [BASE], None, "row 7 has no message"),
    ],
)
def test_a_request_that_cannot_be_honest_is_refused_before_any_work(samples, arms, adapter, said):
    with pytest.raises(BadRequest, match=said):
        evaluate("/nowhere", adapter, samples, arms, DECODING)


def test_a_model_that_does_not_exist_is_named():
    with pytest.raises(ModelUnusable, match="there is no model folder /nowhere/at/all"):
        evaluate("/nowhere/at/all", None, SAMPLES, [BASE], DECODING)


def test_seconds_are_a_share_of_the_batch(tiny_model):
    began = time.perf_counter()
    found = evaluate(tiny_model, None, SAMPLES, [BASE], DECODING)["base"]
    assert 0 < sum(row.measured["seconds"] for row in found) <= time.perf_counter() - began


def test_a_row_with_examples_of_its_own_is_shown_those_and_the_others_the_common_ones():
    arm = replace(PROMPTED, system=None, examples_by_row={"1": (("Open?", "Until 6."),), "3": ()})
    shown = {row.id: [turn["content"] for turn in conversation(row, arm)][:-1] for row in SAMPLES[2:] + SAMPLES[:1]}
    assert shown == {"1": ["Open?", "Until 6."], "3": [], "4": ["Price?", "12 euros."], "5": ["Price?", "12 euros."]}


def test_a_kept_model_answers_and_only_what_is_wanted_is_measured(tiny_model):
    model = ChatModel(tiny_model)
    answers = evaluate(model, None, SAMPLES[:2], [BASE], DECODING, only="answers")["base"]
    likelihoods = evaluate(model, None, SAMPLES[:2], [BASE], DECODING, only="likelihoods")["base"]
    assert [set(row.measured) for row in answers] == [{"output_tokens", "stopped", "seconds"}] * 2
    assert [row.output is None for row in likelihoods] == [True, True]
    assert [set(row.measured) for row in likelihoods] == [{"nll", "reference_tokens"}] * 2
    both = evaluate(tiny_model, None, SAMPLES[:2], [BASE], DECODING)["base"]
    assert [row.output for row in answers] == [row.output for row in both]
    assert [row.measured["nll"] for row in likelihoods] == [row.measured["nll"] for row in both]
