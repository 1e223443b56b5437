import pytest

from workbench.checks.text.boilerplate_closing import boilerplate_closing
from workbench.checks.text.boilerplate_opening import boilerplate_opening
from workbench.fixes.fix import fix_named
from workbench.rows import Rows

WORDS = ("mug", "bowl", "plate", "vase", "jug", "cup", "lid", "pan", "pot", "tray")


def marked(check, reply: str) -> list[str]:
    return [reply[start:end] for _, start, end in check.run(Rows.of(reply)).spans[0]]


@pytest.mark.parametrize(
    ("reply", "opening"),
    [
        ("Certainly! It holds 300 ml.", "Certainly!"),
        ("Hi Ann! Great question. It holds 300 ml.", "Great question."),
        ("Gute Frage! Der Becher fasst 300 ml.", "Gute Frage!"),
        ("Bien sûr ! Le bol contient 300 ml.", "Bien sûr !"),
        ("¡Claro! La taza es azul.", "¡Claro!"),
        ("当然可以！杯子是蓝色的。", "当然可以！"),
        ("もちろんです！青いカップです。", "もちろんです！"),
    ],
)
def test_a_known_opening_is_marked_even_where_it_stands_once(reply, opening):
    assert marked(boilerplate_opening, reply) == [opening]


@pytest.mark.parametrize(
    ("reply", "closing"),
    [
        ("It holds 300 ml. I hope this helps!", "I hope this helps!"),
        ("It holds 300 ml.\n\nIs there anything else?\n\nBest regards,\nAnn", "Is there anything else?"),
        ("Er fasst 300 ml. Ich hoffe, das hilft Ihnen weiter!", "Ich hoffe, das hilft Ihnen weiter!"),
        ("La taza es azul. No dudes en preguntar.", "No dudes en preguntar."),
        ("杯子是蓝色的。希望这对您有帮助！", "希望这对您有帮助！"),
    ],
)
def test_a_known_closing_is_marked_before_the_sign_off(reply, closing):
    assert marked(boilerplate_closing, reply) == [closing]


def test_the_same_first_sentence_in_many_replies_is_found_in_any_language():
    rows = Rows.of(
        *[f"Tere päevast kõigile. {word} on laos." for word in WORDS], *[f"{w} is here. Ok." for w in WORDS] * 2
    )
    assert boilerplate_opening.run(rows).flagged.sum() == 10


def test_copies_of_one_reply_do_not_make_a_phrase_of_its_beginning():
    rows = Rows.of(*["The shop is open. Come by."] * 10, *[f"{word} is here. Ok then, {word}." for word in WORDS])
    assert boilerplate_opening.run(rows).flagged.sum() == 0


def test_what_nearly_all_replies_say_is_the_voice_of_the_house():
    rows = Rows.of(*[f"The {word} is here. Warm hands!" for word in WORDS])
    assert boilerplate_closing.run(rows).flagged.sum() == 0


def test_a_reply_that_is_nothing_but_the_phrase_is_left_alone():
    assert boilerplate_opening.run(Rows.of("Certainly!")).flagged.to_list() == [False]


def stripped(reply: str) -> str:
    rows = Rows.of(reply)
    fix = fix_named("strip_boilerplate")
    return fix.mended(rows, boilerplate_opening.run(rows).flagged | boilerplate_closing.run(rows).flagged).reply[0]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Certainly! It ships today. I hope this helps!", "It ships today."),
        ("Sure, here are two ways:\n1. Walk.\n2. Ride.", "Sure, here are two ways:\n1. Walk.\n2. Ride."),
        ("It ships today.\n\nI hope this helps. Have a great day!", "It ships today."),
        ("Great question! I'm happy to help!", "Great question!"),
    ],
)
def test_stripping_takes_whole_sentences_and_leaves_an_answer(before, after):
    assert stripped(before) == after
