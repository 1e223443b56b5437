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
