"""What the evaluation shows a model is, token for token, what the training shows it."""

import pytest

from evaluators.models.chat_model import ChatModel

ROWS = [
    [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}],
    [
        {"role": "system", "content": "Be short."},
        {"role": "user", "content": "How long?\n\nTo Norway."},
        {"role": "assistant", "content": "4 days."},
        {"role": "user", "content": "你好?"},
        {"role": "assistant", "content": "\nÜber 2 days.\n\nSee Orders > Track."},
    ],
]


def trained_on(model, row):
    """Ids up to the end of the last reply, and how many of them are that reply, as training labels them."""
    from training.tokens.template import MASKED, Template, label

    found = label([dict(turn) for turn in row], Template.of(model.tokenizer))
    last = max(place for place, wanted in enumerate(found.labels) if wanted != MASKED)
    first = next(place for place in range(last, -1, -1) if found.labels[place] == MASKED) + 1
    return found.ids[: last + 1], last + 1 - first


def asked(model, row):
    """Ids of the prompt and of the reply, as the evaluation gives them to the model."""
    prompt, reply = model.token_ids(model.render(row[:-1])), model.reply_ids(row[:-1], row[-1]["content"])
    return prompt + reply, len(reply)


@pytest.mark.parametrize("row", ROWS, ids=["one turn", "system and two turns"])
def test_a_tiny_model_reads_the_same_tokens(tiny_model, row):
    model = ChatModel(tiny_model)
    assert asked(model, row) == trained_on(model, row)


@pytest.mark.parametrize("row", ROWS, ids=["one turn", "system and two turns"])
def test_the_real_embedded_model_reads_the_same_tokens(real_chat_model, row):
    model = ChatModel(real_chat_model)
    assert asked(model, row) == trained_on(model, row)
