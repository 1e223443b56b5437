import pytest

from workbench.checks.text.cut_off import cut_off
from workbench.checks.text.endings import ending_fault
from workbench.rows import Rows


def flagged(*replies: str) -> list[bool]:
    return cut_off.run(Rows.of(*replies)).flagged.to_list()


@pytest.mark.parametrize(
    "stump",
    [
        "Use a list:\n```python\nnames = ['Ann',",
        "You can return it within 30 days and",
        "It is sold in three colours. The first of these is red, the second is blue,",
        "Open the menu. Choose the settings (the wheel on the",
        "Steps:\n1. Open it.\n2. Close it.\n3.",
        "El pedido salió el lunes. Llegará el jueves si el correo no se",
        "注文は月曜日に出荷されました。木曜日には届く予定ですが、遅れる場合は「お問い合わせ",
        "Wir sind z. B. am Montag da. Die Lieferung kommt dann mit unserem",
        "注文は月曜日に出荷されました。木曜日には届く予定ですので、お受け取りの",
        "您的订单已经发货。如果您在星期四之前没有收到包裹，请联系我们的客服部门和",
        "1. Open the lid with care.\n2. Pour the water in slowly.\n3. Wait until the small green light on the",
    ],
)
def test_a_stump_is_flagged(stump):
    assert flagged(stump) == [True]


@pytest.mark.parametrize(
    "whole",
    [
        "Paris",
        "positive",
        "milk, bread and eggs",
        "The sky is grey\nThe sea is too\nThe gulls are gone\nAnd so are you",
        "- Monday: closed\n- Tuesday: nine to five",
        "Our new shop is open! Come and see us. #shop #opening",
        "Stay strong. Stay kind.\n– Ann Brown",
        "See https://shop.example.com. More at https://shop.example.com/help",
        "It is 5'10\" tall",
        "See you soon :(",
        "I waited for a while",
        "Gerne. Wir sind täglich für Sie da.\n\nRufen Sie an, z. B. zwischen 9 und 17 Uhr",
        "Wir sind erreichbar, z. B. zwischen 9 und 17 Uhr",
        "Das sind d. h. Montag und Dienstag",
        "Lieferung an Nr. 12 oder bzw. Hausnummer 14 in Bonn",
        "Wir liefern am 3. Mai zwischen neun und zwölf Uhr",
        "Bring warm clothes, e.g. Norwegian wool and gloves",
        "The visit is booked with Dr. Lopez on Friday at noon",
        "It takes approx. two days from there",
        "承知しました。明日の午前中にお届けいたします",
        "您好。您的包裹已经在今天上午从仓库发出去了",
        "def double(x):\n    return 2 * x",
        "",
    ],
)
def test_a_whole_reply_that_ends_without_a_full_stop_is_left_alone(whole):
    assert flagged(whole) == [False]


def test_the_note_quotes_the_end():
    assert ending_fault("You can return it within 30 days and") == (
        0.9,
        'ends in "and": "You can return it within 30 days and"',
    )


def test_a_dataset_written_without_final_stops_is_not_flagged_for_it():
    chat = [f"Sounds good. See you on day {n} then" for n in range(30)]
    assert flagged("Sounds good. See you on day one then") == [True]
    assert not any(flagged(*chat))


def test_a_lower_limit_shows_the_weak_signs_without_measuring_again():
    findings = cut_off.run(Rows.of("Dear Ms Lopez,"))
    assert findings.flagged.to_list() == [False]
    assert findings.at(0.3).flagged.to_list() == [True]


WHOLE = [
    f"Please check the filter and the strainer of pump {n}. It keeps the water clean for the machine."
    for n in range(60)
]


def among_whole(*replies: str) -> list[bool]:
    return flagged(*WHOLE, *replies)[len(WHOLE) :]


def test_a_long_last_line_without_a_stop_is_a_stump_where_the_others_have_one():
    assert among_whole("The blue filter that came with your new pump in the spring sits behind a small door") == [True]
    assert flagged("The blue filter that came with your new pump in the spring sits behind a small door") == [False]


def test_half_a_word_is_told_by_the_words_of_the_dataset():
    findings = cut_off.run(Rows.of(*WHOLE, "- Open the stra"))
    assert findings.flagged.to_list()[-1]
    assert findings.note[-1] == 'ends in a cut word, "stra": "- Open the stra"'


def test_a_word_that_ends_no_sentence_here_is_told_by_counting():
    estonian = [f"Palun kontrolli filtrit ning pumpa number {n} hoolega. Vesi ning toit on puhtad." for n in range(90)]
    assert flagged(*estonian, "Kontrolli filtrit ning")[-1]


@pytest.mark.parametrize(
    "stump", ["Wir liefern Tee und", "Nous livrons du thé et", "Мы доставим чай и", "Çay ve", "Vi skickar te och"]
)
def test_joining_words_of_other_languages_dangle(stump):
    assert flagged(f"Ok. {stump}") == [True]


def test_replies_of_exactly_the_greatest_length_were_cut_by_a_limit():
    longest = [("- " + letter * 9 + "\n") * 60 for letter in "abcde"]
    cut = [reply[:500] for reply in longest]
    assert flagged(*WHOLE, *cut)[len(WHOLE) :] == [True] * 5
    assert flagged(*WHOLE, cut[0])[len(WHOLE) :] == [False]


def test_the_end_of_the_reply_is_marked():
    findings = cut_off.run(Rows.of("Open the lid, pour the water and"))
    assert findings.spans[0] == [(1, 0, 32)]


def test_a_straight_quotation_mark_that_nothing_closes_is_found():
    assert flagged('He said "come in', "It is 5' 10\" tall", 'He said "come in"') == [True, False, False]
