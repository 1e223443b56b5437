import pytest

from workbench.checks.safety.personal_patterns import find_personal


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Steuer-ID 86095742719", "German tax number"),
        ("DNI 12345678Z", "Spanish identity number"),
        ("NIE X1234567L", "Spanish identity number"),
        ("RSSMRA85T10A562S", "Italian tax code"),
        ("BSN 111222333", "Dutch citizen number"),
        ("2 55 08 14 168 025 38", "French social security number"),
        ("NHS number 943 476 5919", "NHS number"),
        ("PESEL 44051401359", "Polish PESEL"),
        ("529.982.247-25", "Brazilian tax number"),
        ("11.222.333/0001-81", "Brazilian tax number"),
        ("Aadhaar 2341 2341 2346", "Aadhaar number"),
        ("756.9217.0769.85", "Swiss social security number"),
        ("85.07.30-033.28", "Belgian national number"),
        ("NIF 123456789", "Portuguese tax number"),
        ("personnummer 811218-9876", "Swedish personal number"),
        ("SIN 130 692 544", "Canadian social insurance number"),
        ("131052-308T", "Finnish identity code"),
        ("11010519491231002X", "Chinese identity number"),
        ("fødselsnummer 01010750160", "Norwegian birth number"),
    ],
)
def test_a_number_whose_check_digits_agree_is_found(text, kind):
    assert [span.kind for span in find_personal(text)] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "Steuer-ID 86095742718",
        "DNI 12345678A",
        "RSSMRA85T10A562T",
        "BSN 111222334",
        "529.982.247-24",
        "756.9217.0769.84",
        "order 111222333",
        "PESEL 44051401358",
        "personnummer 811218-9877",
    ],
)
def test_one_that_does_not_or_has_no_word_beside_it_is_not(text):
    assert find_personal(text) == []
