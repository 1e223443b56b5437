import pytest

from workbench.checks.text.ai_disclaimer import ai_disclaimer
from workbench.checks.text.machine_speech import ANCHORS, MACHINE_SPEECH
from workbench.rows import Rows

SPOKEN = [
    "As a large language model, I cannot see pictures.",
    "I'm just an AI assistant, so please ask a doctor.",
    "My knowledge cutoff is 2021.",
    "I was trained by OpenAI.",
    "I don't have personal opinions, but most people like it.",
    "I do not have the ability to browse the internet.",
    "I am a computer program without taste.",
    "Being an AI model, I cannot taste it.",
    "Ich bin ein KI-Modell.",
    "Als KI-Sprachmodell kann ich das nicht wissen.",
    "Ich bin nur eine KI, aber der Tee schmeckt vielen.",
    "Als AI-taalmodel heb ik geen mening.",
    "En tant qu'IA, je ne peux pas goûter.",
    "Como modelo de lenguaje, no puedo saberlo.",
    "Como IA, não tenho preferências.",
    "In quanto IA, non ho opinioni.",
    "Jako model językowy nie mam zdania.",
    "Как языковая модель, я не имею мнения.",
    "Як мовна модель, я не маю думки.",
    "Som en AI-språkmodell kan jag inte veta det.",
    "Tekoälynä en voi maistaa.",
    "Bir yapay zeka modeli olarak bunu bilemem.",
    "Sebagai model bahasa, saya tidak bisa tahu.",
    "Là một mô hình ngôn ngữ, tôi không thể biết.",
    "作为AI助手，我无法品尝。",
    "AI言語モデルとして、味はわかりません。",
    "AI 언어 모델로서 맛을 알 수 없습니다.",
    "كنموذج لغوي، لا أستطيع أن أعرف.",
    "एक एआई भाषा मॉडल के रूप में, मैं नहीं जानता।",
]


@pytest.mark.parametrize("reply", SPOKEN)
def test_a_machine_that_speaks_of_itself_is_found_in_many_languages(reply):
    findings = ai_disclaimer.run(Rows.of(reply))
    assert findings.flagged.to_list() == [True]
    turn, start, end = findings.spans[0][0]
    assert turn == 1
    assert reply[start:end].strip()


@pytest.mark.parametrize("reply", SPOKEN)
def test_the_quick_first_look_lets_nothing_through_that_the_pattern_finds(reply):
    assert MACHINE_SPEECH.search(reply)
    assert any(anchor in reply.lower() for anchor in ANCHORS)


@pytest.mark.parametrize(
    "reply",
    [
        "As an AI company, we hire many writers.",
        "An AI language model predicts words.",
        "The training data must be clean.",
        "I am a kiln builder.",
        "Als Kind war ich oft hier.",
        "Run `I am ChatGPT` in the shell.",
        "Claude Monet painted it.",
    ],
)
def test_talk_about_machines_is_left_alone(reply):
    assert ai_disclaimer.run(Rows.of(reply)).measure.to_list() == [0.0]


def test_who_is_asked_may_say_that_it_is_an_ai_but_not_that_it_is_another_product():
    rows = Rows.of(
        ("Are you a robot?", "I am an AI assistant of the shop."), ("Who made you?", "I was created by OpenAI.")
    )
    assert ai_disclaimer.run(rows).flagged.to_list() == [False, True]


def test_an_earlier_reply_of_a_talk_is_read_too():
    talk = [("user", "Hi"), ("assistant", "As an AI, I greet you."), ("user", "Ok"), ("assistant", "Bye.")]
    rows = Rows.of([{"role": role, "content": content} for role, content in talk])
    assert ai_disclaimer.run(rows).spans[0] == [(1, 0, 8)]
