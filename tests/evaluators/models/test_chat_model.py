import json
import shutil

import pytest

from evaluators.errors import BadRequest, ModelUnusable
from evaluators.models.chat_model import ChatModel, Decoding
from evaluators.models.generation import cut

ASKED = [
    [{"role": "user", "content": "Hi"}],
    [{"role": "system", "content": "Be short."}, {"role": "user", "content": "How long does delivery take to Norway?"}],
    [{"role": "user", "content": "Ünïcode, 你好?"}],
]
REFERENCES = ["Hello.", "It takes 4 to 6 days, see Orders > Track.", "你好"]


@pytest.fixture(scope="module")
def both(tiny_model, tiny_adapter):
    return ChatModel(tiny_model, tiny_adapter, precision="fp32")


@pytest.fixture(scope="module")
def bare(tiny_model):
    return ChatModel(tiny_model, precision="fp32")


def test_a_conversation_is_rendered_by_its_template_and_no_bos_is_added(bare):
    assert bare.render(ASKED[0]) == "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
    assert bare.token_ids(bare.render(ASKED[0]))[0] == 1  # <|im_start|>; the tokenizer alone would put 0 before it


def test_a_reply_ends_with_the_end_of_turn_and_nothing_after_it(bare):
    ids = bare.reply_ids(ASKED[0], "Hello.")
    assert bare.tokenizer.decode(ids) == "Hello.<|im_end|>"


def test_prompt_and_reply_together_are_the_whole_rendered_conversation(bare):
    whole = bare.tokenizer.apply_chat_template([*ASKED[1], {"role": "assistant", "content": "Yes."}], tokenize=False)
    ids = bare.token_ids(bare.render(ASKED[1])) + bare.reply_ids(ASKED[1], "Yes.")
    assert bare.tokenizer.decode(ids) + "\n" == whole


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_the_base_with_the_adapter_switched_off_equals_the_bare_base_exactly(both, bare, temperature):
    decoding = Decoding(12, temperature=temperature)
    assert both.generate(ASKED, adapter=False, decoding=decoding) == bare.generate(
        ASKED, adapter=False, decoding=decoding
    )
    assert both.reference_nll(ASKED, REFERENCES, adapter=False) == bare.reference_nll(ASKED, REFERENCES, adapter=False)


def test_base_and_adapter_run_in_one_precision_and_the_base_is_exact_in_bf16_too(tiny_model, tiny_adapter):
    import torch

    with_adapter = ChatModel(tiny_model, tiny_adapter, precision="bf16")
    assert {weight.dtype for weight in with_adapter.network.parameters()} == {torch.bfloat16}
    found, expected = (
        model.reference_nll(ASKED, REFERENCES, adapter=False)
        for model in (with_adapter, ChatModel(tiny_model, precision="bf16"))
    )
    assert found == expected


def test_the_adapter_changes_answers_and_likelihoods(both):
    decoding = Decoding(12)
    assert both.generate(ASKED, adapter=True, decoding=decoding) != both.generate(
        ASKED, adapter=False, decoding=decoding
    )
    tuned, base = (both.reference_nll(ASKED[:1], REFERENCES[:1], adapter=on)[0] for on in (True, False))
    assert abs(tuned.nats_per_token - base.nats_per_token) > 0.01


@pytest.mark.parametrize("adapter", [True, False])
def test_a_batch_answers_as_one_by_one(both, adapter):
    batched = both.generate(ASKED, adapter=adapter, decoding=Decoding(12, batch_size=3))
    alone = both.generate(ASKED, adapter=adapter, decoding=Decoding(12, batch_size=1))
    assert batched == alone


def test_likelihoods_in_a_batch_equal_a_plain_forward_pass(bare):
    import torch

    for place, found in enumerate(bare.reference_nll(ASKED, REFERENCES, adapter=False)):
        prompt = bare.token_ids(bare.render(ASKED[place]))
        reply = bare.reply_ids(ASKED[place], REFERENCES[place])
        with torch.inference_mode():
            logits = bare.network(torch.tensor([prompt + reply])).logits[0, len(prompt) - 1 : -1]
        expected = torch.nn.functional.cross_entropy(logits, torch.tensor(reply)).item()
        assert found.nats_per_token == pytest.approx(expected, abs=1e-4)
        assert found.tokens == len(reply)


def test_an_answer_is_cut_at_its_end_of_turn(bare):
    hello = bare.token_ids("Hi!")
    assert cut(bare, [*hello, 2, 2, 2], {2}) == ("Hi!", 4, True)
    assert cut(bare, hello, {2}) == ("Hi!", 3, False)


def test_generation_stops_on_the_end_of_turn_of_the_chat_template(tiny_model, tmp_path):
    other = shutil.copytree(tiny_model, tmp_path / "other")
    config = json.loads((other / "tokenizer_config.json").read_text())
    config["eos_token"] = config["pad_token"] = "<|endoftext|>"
    (other / "tokenizer_config.json").write_text(json.dumps(config))
    (other / "generation_config.json").write_text(json.dumps({"eos_token_id": 0, "temperature": 0.3, "top_k": 5}))
    model = ChatModel(other, precision="fp32")
    assert model.network.generation_config.eos_token_id == [0, 2]
    assert model.network.generation_config.top_k != 5  # the model's own sampling defaults do not leak into an arm


def test_sampling_is_repeatable_by_its_seed_and_leaves_the_global_state_alone(bare):
    import torch

    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    first, again, other = (
        bare.generate(ASKED, adapter=False, decoding=Decoding(12, temperature=1.5, seed=seed)) for seed in (1, 1, 2)
    )
    assert first == again != other
    assert torch.equal(before, torch.random.get_rng_state())


def test_the_longest_answer_follows_the_longest_reference(bare):
    assert bare.settle(Decoding(), ["x" * 40]).max_new_tokens == 64  # 60 tokens, rounded up to 16
    assert bare.settle(Decoding(), ["x"]).max_new_tokens == 32
    assert bare.settle(Decoding(7), ["x" * 40]).max_new_tokens == 7


def test_progress_is_told_per_batch(bare):
    told = []
    bare.generate(
        ASKED, adapter=False, decoding=Decoding(2, batch_size=2), report=lambda done, line: told.append((done, line))
    )
    assert told == [(2 / 3, "2 of 3 answered"), (1.0, "3 of 3 answered")]


def test_the_tuned_model_without_an_adapter_is_refused(bare):
    with pytest.raises(BadRequest, match="no adapter was given"):
        bare.generate(ASKED, adapter=True, decoding=Decoding(2))


def test_a_missing_model_folder_is_named(tmp_path):
    with pytest.raises(ModelUnusable, match="there is no model folder"):
        ChatModel(tmp_path / "nowhere")


def test_pickled_weights_are_refused(tiny_model, tmp_path):
    folder = shutil.copytree(tiny_model, tmp_path / "pickled")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelUnusable, match="can run code"):
        ChatModel(folder)


def test_a_pickled_adapter_is_refused(tiny_model, tiny_adapter, tmp_path):
    folder = shutil.copytree(tiny_adapter, tmp_path / "pickled")
    (folder / "adapter_model.safetensors").rename(folder / "adapter_model.bin")
    with pytest.raises(ModelUnusable, match="Pickled adapters"):
        ChatModel(tiny_model, folder)


def test_an_adapter_of_another_model_is_refused(tiny_model, tiny_adapter, tmp_path):
    from transformers import LlamaConfig, LlamaForCausalLM

    folder = shutil.copytree(tiny_model, tmp_path / "wider")
    config = LlamaConfig.from_pretrained(tiny_model, hidden_size=64)
    LlamaForCausalLM(config).save_pretrained(folder)
    with pytest.raises(ModelUnusable, match="does not fit the model"):
        _ = ChatModel(folder, tiny_adapter).network


def test_a_model_without_a_chat_template_is_refused(tiny_model, tmp_path):
    folder = shutil.copytree(tiny_model, tmp_path / "plain")
    (folder / "chat_template.jinja").unlink()
    with pytest.raises(ModelUnusable, match="no chat template"):
        ChatModel(folder)


def test_a_template_that_refuses_a_role_is_told_with_the_roles(tiny_model, tmp_path):
    folder = shutil.copytree(tiny_model, tmp_path / "strict")
    strict = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
    (folder / "chat_template.jinja").write_text(strict + (folder / "chat_template.jinja").read_text())
    with pytest.raises(ModelUnusable, match=r"roles system, user: no system role"):
        ChatModel(folder).render(ASKED[1])


def test_a_note_beside_the_weights_does_not_change_the_digest_and_a_weight_does(tiny_model, tmp_path):
    folder = shutil.copytree(tiny_model, tmp_path / "copy")
    (folder / "README.md").write_text("a card")
    assert ChatModel(folder).digest == ChatModel(tiny_model).digest
    with (folder / "model.safetensors").open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x01")
    assert ChatModel(folder).digest != ChatModel(tiny_model).digest


def test_the_real_embedded_model_answers_and_stops(real_chat_model):
    model = ChatModel(real_chat_model)
    asked = [[{"role": "user", "content": "What is the capital of France?"}]]
    answer = model.generate(asked, adapter=False, decoding=Decoding(24))[0]
    assert "Paris" in answer.text
    assert answer.stopped
    right, wrong = model.reference_nll(
        asked * 2, ["The capital of France is Paris.", "The capital of Mars is Bread."], adapter=False
    )
    assert right.nats_per_token < 1.0 < wrong.nats_per_token
