"""A run that tuned every weight is judged like one with an adapter: base and tuned from one loaded network."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluators.errors import BadRequest, ModelUnusable
from evaluators.models.chat_model import ChatModel, Decoding
from evaluators.probes.continuations import log_likelihoods
from evaluators.probes.ways import BASE, TUNED, Way, at_scale, run_as

ASKED = [[{"role": "user", "content": "Hi"}], [{"role": "user", "content": "How long does delivery take?"}]]
REFERENCES = ["Hello.", "It takes 4 to 6 days."]
GREEDY = Decoding(12)


def changed(model_folder: Path, folder: Path, seed: int) -> Path:
    """The model with every weight moved a little, saved whole."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(model_folder)
    torch.manual_seed(seed)
    with torch.no_grad():
        for one in model.parameters():
            one.add_(torch.randn_like(one) * 0.05)
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(model_folder).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def tuned(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return changed(tiny_model, tmp_path_factory.mktemp("whole") / "adapter", 1)


@pytest.fixture(scope="module")
def both(tiny_model: Path, tuned: Path) -> ChatModel:
    return ChatModel(tiny_model, tuned, precision="fp32")


def nats(model: ChatModel, *, adapter: bool) -> list[float]:
    return [one.nats_per_token for one in model.reference_nll(ASKED, REFERENCES, adapter=adapter)]


def test_each_arm_answers_as_its_own_model_does(both: ChatModel, tiny_model: Path, tuned: Path) -> None:
    for adapter, folder in ((False, tiny_model), (True, tuned), (False, tiny_model)):
        alone = ChatModel(folder, precision="fp32")
        assert nats(both, adapter=adapter) == nats(alone, adapter=False)
        assert both.generate(ASKED, adapter=adapter, decoding=GREEDY) == alone.generate(
            ASKED, adapter=False, decoding=GREEDY
        )
    assert nats(both, adapter=False) != nats(both, adapter=True)


def test_the_tuned_model_has_a_digest_of_its_own_for_the_cache(both: ChatModel) -> None:
    assert both.adapter_digest is not None
    assert both.adapter_digest != both.digest


def test_likelihoods_of_probes_are_those_of_the_arm(both: ChatModel, tuned: Path) -> None:
    groups = [(both.token_ids("Hi"), [[5, 6], [7]])]
    assert log_likelihoods(both, groups, True) == log_likelihoods(ChatModel(tuned, precision="fp32"), groups, False)


def test_half_the_strength_is_halfway_between_the_weights(both: ChatModel, tiny_model: Path, tuned: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    base, whole = (dict(AutoModelForCausalLM.from_pretrained(one).named_parameters()) for one in (tiny_model, tuned))
    with run_as(both, at_scale(0.5)), both.arm(True):
        worn = {name: one.detach().clone() for name, one in both.network.named_parameters()}
    for name, one in worn.items():
        assert torch.allclose(one, (base[name] + whole[name]) / 2, atol=1e-7), name


def test_base_and_tuned_stand_as_they_were_after_other_ways(both: ChatModel, tiny_model: Path, tmp_path: Path) -> None:
    before = nats(both, adapter=False), nats(both, adapter=True)
    earlier = changed(tiny_model, tmp_path / "checkpoint-1", 2)
    with run_as(both, Way("step 1", folder=earlier)):
        assert nats(both, adapter=True) == nats(ChatModel(earlier, precision="fp32"), adapter=False)
        assert nats(both, adapter=False) == before[0]
    for way in (BASE, TUNED):
        with run_as(both, way):
            assert (nats(both, adapter=False), nats(both, adapter=True)) == before


def test_a_whole_model_of_another_shape_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    config = AutoConfig.from_pretrained(tiny_model)
    config.intermediate_size *= 2
    AutoModelForCausalLM.from_config(config).save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(tiny_model).save_pretrained(tmp_path)
    with pytest.raises(ModelUnusable, match="has other weights than its base"):
        nats(ChatModel(tiny_model, tmp_path, precision="fp32"), adapter=True)


def test_the_strength_of_a_dora_adapter_is_not_scaled(tiny_model: Path, tmp_path: Path) -> None:
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(tiny_model)
    config = LoraConfig(r=2, target_modules="all-linear", use_dora=True, task_type="CAUSAL_LM")
    get_peft_model(model, config).save_pretrained(tmp_path)
    chat = ChatModel(tiny_model, tmp_path, precision="fp32")
    with (
        pytest.raises(BadRequest, match="a DoRA adapter also learns the lengths of weights"),
        run_as(chat, at_scale(0.5)),
    ):
        pass
