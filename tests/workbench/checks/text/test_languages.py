"""Telling languages, and replies in one that neither the dataset nor the prompt is in."""

import pytest

from workbench.checks.context import Context
from workbench.checks.text.language import by_model, guess
from workbench.checks.text.mixed_language import mixed_language
from workbench.checks.text.wrong_language import wrong_language
from workbench.rows import Rows
from workbench.sheet import Sheet

SENTENCES = {
    "en": "The shop opens at nine, and you can have tea there with us.",
    "de": "Der Laden öffnet um neun Uhr, und Sie können dort mit uns Tee trinken.",
    "fr": "Le magasin ouvre à neuf heures, et vous pouvez y prendre le thé avec nous.",
    "es": "La tienda abre a las nueve y usted puede tomar el té con nosotros.",
    "it": "Il negozio apre alle nove e si può prendere il tè con noi nella sala.",
    "pt": "A loja abre às nove e você pode tomar chá com os amigos, mas não no domingo.",
    "nl": "De winkel gaat om negen uur open, en het is er ook met een kop thee goed.",
    "vi": "Cửa hàng mở lúc chín giờ và bạn có thể uống trà với chúng tôi ở đó.",
    "zh": "商店九点开门，您可以在那里和我们一起喝茶。",
    "ja": "お店は九時に開きます。一緒にお茶を飲みましょう。",
    "ko": "가게는 아홉 시에 열고 우리와 함께 차를 마실 수 있습니다.",
    "ru": "Магазин открывается в девять, и вы можете выпить чаю.",
    "uk": "Крамниця відчиняється о дев'ятій, і ви можете випити чаю.",
    "ar": "يفتح المتجر في التاسعة ويمكنك شرب الشاي معنا.",
    "hi": "दुकान नौ बजे खुलती है और आप चाय पी सकते हैं।",
    "el": "Το κατάστημα ανοίγει στις εννέα και μπορείτε να πιείτε τσάι.",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_script_and_small_words_tell(language):
    assert guess(SENTENCES[language]).language == language


@pytest.mark.parametrize(
    "text", ["", "Tea", "Open at nine", "OK 123 :-)", "x = y + z", "😀😀😀😀😀😀", "https://de.example/der/die/das"]
)
def test_too_little_tells_nothing(text):
    assert guess(text).language is None


def test_the_model_is_asked_for_a_language_without_a_list_and_says_nothing_of_little():
    assert by_model("Duka linafunguliwa saa tatu na unaweza kunywa chai na sisi hapo kila siku ya wiki") == "sw"
    assert by_model("Tea") is None


def test_declared_languages_hold_against_the_majority():
    rows = Rows.of(SENTENCES["en"], SENTENCES["de"], SENTENCES["fr"])
    sheet = Context(sheet=Sheet(languages=("de", "FR")))
    found = wrong_language.measured(rows, sheet)
    assert found.flagged.to_list() == [True, False, False]
    assert found.note[0] == "the reply is in English; the sheet declares French or German"


def test_without_a_clear_majority_nothing_is_said():
    rows = Rows.of(SENTENCES["en"], SENTENCES["de"], SENTENCES["fr"])
    assert wrong_language.measured(rows).measure.to_list() == [None, None, None]


def test_a_second_language_of_one_reply_in_ten_is_meant():
    rows = Rows.of(*[SENTENCES["en"]] * 40, *[SENTENCES["de"]] * 6, SENTENCES["fr"])
    assert wrong_language.measured(rows).flagged.to_list() == [False] * 46 + [True]


@pytest.mark.parametrize("asked", ["fr", "es", "zh", "ru"])
def test_a_reply_in_another_language_than_its_prompt(asked):
    for said in SENTENCES:
        found = mixed_language.run(Rows.of((SENTENCES[asked], SENTENCES[said])))
        assert found.flagged.to_list() == [said != asked], said


@pytest.mark.parametrize(
    "prompt",
    ["Translate this sentence for me, please.", "Say it in German, so that my mother can read it.",
     "What would this be for us?\n\n" + SENTENCES["de"]],
)  # fmt: skip
def test_where_the_prompt_asks_for_it_another_language_is_right(prompt):
    assert not mixed_language.run(Rows.of((prompt, SENTENCES["de"]))).flagged.any()


def test_a_reply_that_ends_in_another_language_is_marked_there():
    reply = (SENTENCES["en"] + " ") * 12 + SENTENCES["de"] * 6
    found = mixed_language.run(Rows.of((SENTENCES["en"], reply)))
    assert found.note == ["the reply ends in German"]
    _, start, end = found.spans[0][0]
    assert end == len(reply)
    assert start > len(reply) / 2


def test_a_fifth_of_another_script_counts_and_names_in_latin_letters_do_not():
    mixed = "Open the 设置页面然后选择网络和互联网选项 page."
    rows = Rows.of(
        ("How do I open the page?", mixed), ("怎么打开设置页面呢？", "请打开 Settings, 然后选择 Network 选项就可以了。")
    )
    assert mixed_language.run(rows).flagged.to_list() == [True, False]


def test_a_script_that_no_declared_language_is_written_in_is_wrong_whatever_the_language():
    rows = Rows.of("Град на мора и планине чека нас.", "Wir öffnen um neun Uhr und schließen um fünf.")
    findings = wrong_language.measured(rows, Context(sheet=Sheet(languages=("de",))))
    assert findings.flagged.to_list() == [True, False]
    declared = Context(sheet=Sheet(languages=("de", "sr", "bg", "ru", "mk")))
    assert wrong_language.measured(rows, declared).flagged.to_list() == [False, False]
