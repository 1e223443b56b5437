"""A chat model, loaded once, whose adapter can be switched off: the base and the tuned model in one

model = ChatModel(folder, adapter_folder)
model.generate(conversations, adapter=False, decoding=Decoding(64))   # the base model answers
model.generate(conversations, adapter=True, decoding=Decoding(64))    # the tuned model answers
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from evaluators.errors import BadRequest, ModelUnusable
from evaluators.models import loading
from evaluators.models.call_arguments import with_arguments
from evaluators.models.reply_marks import ReplyMarks, reply_marks
from evaluators.models.whole import is_whole, worn

Conversation = Sequence[Mapping[str, str]]
Tools = Sequence[Mapping[str, Any]]  # what a conversation lets the model call; empty: nothing
Report = Callable[[float, str], None]

LONGEST_BY_REFERENCE = 1.5  # times the longest reference, room for a wordier answer that still ends by itself
FEWEST_NEW_TOKENS = 32


@dataclass(frozen=True)
class Decoding:
    """How answers are drawn; the same for every arm.

    max_new_tokens None: 1.5 times the longest reference. temperature 0: always the likeliest token (greedy); above 0,
    answers also depend on which rows share a batch, so a resumed run may draw others. batch_size changes speed only.
    """

    max_new_tokens: int | None = None
    temperature: float = 0.0
    seed: int = 0
    batch_size: int = 16


class Answer(NamedTuple):
    """A generated reply; tokens counts the end-of-turn token too, stopped tells whether there was one."""

    text: str
    tokens: int
    stopped: bool


class Likelihood(NamedTuple):
    """How surprised the model is at a reference: mean nats per token, and over how many tokens."""

    nats_per_token: float
    tokens: int


def inner_model(network: Any) -> Any:
    """The transformer itself, without the wrapping of an adapter."""
    return network.get_base_model() if hasattr(network, "get_base_model") else network


class ChatModel:
    """A model with an optional adapter; the tokenizer is loaded at once, the weights when they are first needed."""

    def __init__(
        self, model_path: str | Path, adapter_path: str | Path | None = None, *, precision: loading.Precision = "auto"
    ) -> None:
        self.source = loading.checked_model(model_path)
        self.adapter = None if adapter_path is None else loading.checked_adapter(adapter_path)
        self.tokenizer = loading.load_tokenizer(self.source)
        self._wanted = precision

    @property
    def whole(self) -> bool:
        """Whether the run tuned every weight: then its result is a whole model, and there is no adapter to scale."""
        return self.adapter is not None and is_whole(self.adapter)

    @cached_property
    def digest(self) -> str:
        """What tells this base model from another."""
        return loading.model_digest(self.source)

    @cached_property
    def adapter_digest(self) -> str | None:
        """What tells this adapter from another, None without one."""
        return None if self.adapter is None else loading.folder_digest(self.adapter)

    @cached_property
    def precision(self) -> str:
        """bf16 or fp32: one for all arms, since base and tuned must never be compared at different precisions."""
        return loading.device_and_precision(self._wanted)[1]

    @cached_property
    def network(self) -> Any:
        """The torch model; loading it takes a second for a small one and minutes for a big one."""
        from transformers import GenerationConfig

        model, _, _ = loading.load_weights(self.source, self.adapter, self._wanted)
        ends = sorted(self.stop_ids(model.generation_config))
        # A model's own sampling defaults would otherwise fill every field that a request leaves open.
        inner_model(model).generation_config = GenerationConfig(
            eos_token_id=ends, pad_token_id=self.tokenizer.pad_token_id
        )
        return model

    @cached_property
    def longest(self) -> int | None:
        """How many tokens the model takes in all, None when its configuration does not say."""
        from transformers import AutoConfig

        config = AutoConfig.from_pretrained(self.source, trust_remote_code=False).get_text_config()
        return getattr(config, "max_position_embeddings", None)

    def render(self, conversation: Conversation, *, tools: Tools = ()) -> str:
        """The conversation as the model reads it, up to where its reply begins: the same text that training saw."""
        return self._template(conversation, add_generation_prompt=True, tools=tools)

    def token_ids(self, rendered: str) -> list[int]:
        """Token ids of a rendered text; the template has put its special tokens, so none is added (no second BOS)."""
        return list(self.tokenizer(rendered, add_special_tokens=False)["input_ids"])

    def reply_ids(self, conversation: Conversation, reply: str, *, tools: Tools = ()) -> list[int]:
        """Token ids of a reply as the model would write it, its end-of-turn token included and nothing after it."""
        before = self.render(conversation, tools=tools)
        told = [*conversation, {"role": "assistant", "content": reply}]
        whole = self._template(told, add_generation_prompt=False, tools=tools)
        # Some templates render a past reply unlike a fresh one (a dropped thinking block): then the bare reply counts.
        if not whole.startswith(before):
            return [*self.token_ids(reply), *self.marks.after]
        return self.marks.of_reply(self.tokenizer, before, whole, reply)

    def reference_tokens(self, references: Sequence[str]) -> int:
        """Tokens of the longest reference, without template."""
        return max((len(self.token_ids(reference)) for reference in references), default=0)

    def settle(self, decoding: Decoding, references: Sequence[str]) -> Decoding:
        """The decoding with its longest length filled in from the references, in steps of 16 tokens."""
        if decoding.max_new_tokens is not None:
            return decoding
        wanted = LONGEST_BY_REFERENCE * self.reference_tokens(references) + len(self.marks.before)
        steps = max(FEWEST_NEW_TOKENS, -(-int(wanted) // 16) * 16)
        return Decoding(steps, decoding.temperature, decoding.seed, decoding.batch_size)

    def generate(
        self, conversations: Sequence[Conversation], *, adapter: bool, decoding: Decoding, report: Report | None = None
    ) -> list[Answer]:
        """One answer a conversation, in order; batches of like length, greedy unless the decoding has a temperature."""
        from evaluators.models.generation import answer_batches

        prompts = [self.token_ids(self.render(conversation)) for conversation in conversations]
        answers: dict[int, Answer] = {}
        for batch in answer_batches(self, prompts, adapter=adapter, decoding=decoding):
            answers.update(batch)
            if report:
                report(len(answers) / len(prompts), f"{len(answers)} of {len(prompts)} answered")
        return [answers[place] for place in range(len(prompts))]

    def reference_nll(
        self,
        conversations: Sequence[Conversation],
        references: Sequence[str],
        *,
        adapter: bool,
        report: Report | None = None,
    ) -> list[Likelihood]:
        """How surprised the model is at each reference as the reply, its end-of-turn token included, in order."""
        found: dict[int, Likelihood] = {}
        for batch in self.likelihood_batches(conversations, references, adapter=adapter):
            found.update(batch)
            if report:
                report(len(found) / len(references), f"{len(found)} of {len(references)} references read")
        return [found[place] for place in range(len(references))]

    def likelihood_batches(
        self,
        conversations: Sequence[Conversation],
        references: Sequence[str],
        *,
        adapter: bool,
        tools: Sequence[Tools] | None = None,
    ) -> Iterator[dict[int, Likelihood]]:
        """Likelihoods by place in the list, a batch at a time. tools: what each conversation offers."""
        from evaluators.models.likelihood import likelihood_batches

        offered = tools or [()] * len(conversations)
        rows = [
            (self.token_ids(self.render(conversation, tools=own)), self.reply_ids(conversation, reference, tools=own))
            for conversation, reference, own in zip(conversations, references, offered, strict=True)
        ]
        return likelihood_batches(self, rows, adapter=adapter)

    def arm(self, adapter: bool) -> AbstractContextManager[Any]:
        """While open, the model runs with its adapter or as the bare base."""
        if adapter and self.adapter is None:
            raise BadRequest(
                "the tuned model was asked for, but no adapter was given. Name the training run or adapter."
            )
        if adapter or self.adapter is None:
            return nullcontext()
        return worn(self.network, self.network.base_weights) if self.whole else self.network.disable_adapter()

    def stop_ids(self, generation_config: Any) -> set[int]:
        """The tokens that end an answer: the model's, the tokenizer's, and its chat template's end of turn."""
        own = generation_config.eos_token_id
        listed = own if isinstance(own, list) else [] if own is None else [own]
        eos = self.tokenizer.eos_token_id
        return set(listed) | set(self.marks.after[:1]) | (set() if eos is None else {eos})

    @cached_property
    def marks(self) -> ReplyMarks:
        """What the chat template writes before and behind a reply."""
        return reply_marks(self.tokenizer, lambda turns, prompt: self._template(turns, add_generation_prompt=prompt))

    def _template(self, conversation: Conversation, *, add_generation_prompt: bool, tools: Tools = ()) -> str:
        from jinja2 import TemplateError

        turns = [dict(turn) for turn in conversation]
        options: dict[str, Any] = {"tokenize": False, "add_generation_prompt": add_generation_prompt}
        if tools:
            options["tools"] = [dict(tool) for tool in tools]
        try:
            return with_arguments(lambda told: str(self.tokenizer.apply_chat_template(told, **options)), turns)
        except (TemplateError, *loading.TEMPLATE_FAILURES) as error:
            roles = ", ".join(str(turn.get("role")) for turn in turns)
            raise ModelUnusable(
                f"the chat template of {self.source} refuses a conversation with the roles {roles}: "
                f"{loading.first_line(error)}"
            ) from error
