"""What a chat template writes between the opening of a reply and its words, and whether both agree"""

from __future__ import annotations

from training.tokens.sign import CONTEXT, Sign, around, shown
from training.tokens.template import ANSWER, PROBE, Message, Template, Unfit

LOST = "text lost"
NO_THOUGHT = "{% set enable_thinking = false %}"  # the switch that Qwen 3, GLM, Nemotron and SmolLM 3 know
ASKED: list[Message] = [{"role": "user", "content": PROBE}]
TOLD: list[Message] = [*ASKED, {"role": "assistant", "content": ANSWER}]


def text_lost(template: Template) -> Sign | None:
    """A question or a reply that does not arrive: some templates take lists of parts, not plain text."""
    text = template.render(TOLD)
    lost = [name for name, word in (("question", PROBE), ("reply", ANSWER)) if word not in text]
    if not lost:
        return None
    said = f"The chat template leaves out the text of the {' and of the '.join(lost)}."
    way_out = "It may be made for messages in parts (text and pictures). Choose a base model for text."
    return Sign(LOST, "error", said, shown(text), way_out, stops=True)


def opened_otherwise(template: Template) -> Sign | None:
    """A reply that is opened in one way at inference and shown in another: such a row cannot be trained on."""
    opening, text = template.render(ASKED, prompt=True), template.render(TOLD)
    if text.startswith(opening):
        return None
    same = next((at for at, (one, other) in enumerate(zip(opening, text, strict=False)) if one != other), len(text))
    begin = max(0, same - CONTEXT)
    said = (
        "The chat template opens a reply at inference in another way than it shows one: a plain reply cannot be "
        "trained on as it would be asked for."
    )
    way_out = "Mend the model's chat template so that both are the same."
    if _agrees(template, NO_THOUGHT):
        way_out = f"Begin the model's chat template with {NO_THOUGHT}, or give every reply its thinking (<think>)."
    evidence = f"opens: {shown(opening[begin:])} - shows: {shown(text[begin : same + CONTEXT])}"
    return Sign("opened otherwise", "warning", said, evidence, way_out)


def written_before_replies(template: Template) -> Sign | None:
    """Words or tokens that the template puts before a reply, and not into its opening at inference."""
    header = before_words(template)
    if not header.strip():
        return None
    said = (
        f'Before a reply the chat template writes "{shown(header)}". It is trained as part of the reply, since the '
        "model has to write it; the evaluation takes it off the answers, other programs may show it."
    )
    way_out = "Nothing to do."
    if "</think>" in header:
        said += " The untuned model may think here for longer than an answer may be."
        if _agrees(template, NO_THOUGHT):
            way_out = (
                f"To ask both models for an answer at once, begin the model's chat template with {NO_THOUGHT}. Then "
                "only the last reply of a row with several can be trained."
            )
    return Sign("written before replies", "hint", said, around(template.render(TOLD), ANSWER), way_out)


def before_words(template: Template) -> str:
    """What stands between the opening of a reply at inference and its words; "" where both do not fit together."""
    opening, text = template.render(ASKED, prompt=True), template.render(TOLD)
    return text.removeprefix(opening).partition(ANSWER)[0] if text.startswith(opening) else ""


def _agrees(template: Template, switch: str) -> bool:
    """Whether with this at its head the template opens a reply just as it shows one."""
    source = switch + str(template.tokenizer.get_chat_template())
    try:
        opening = template.render(ASKED, prompt=True, source=source)
        text = template.render(TOLD, source=source)
    except Unfit:
        return False
    return text.startswith(opening + ANSWER)
