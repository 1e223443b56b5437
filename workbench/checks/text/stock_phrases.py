"""Openings and closings that models put around an answer, and what of a reply they take up."""

from __future__ import annotations

import re

from workbench.checks.text.greetings import GREETING

STOP = ".!?…。！？｡؟।॥"
# The first sentence of a reply: up to its stop with what closes it, or to the end of the line.
LEADING = re.compile(rf"[^{STOP}\n]{{1,160}}(?:[{STOP}]+[\"'”’»)\]*_~]*(?=\s|$|[^\x00-\u2fff])|\n|$)")
# Where a sentence ends and the next one begins; a stop inside a number or an address is none.
BETWEEN = re.compile(rf"[{STOP}]+[\"'”’»)\]*_~]*\s+|(?<=[。！？])|\n\s*")
OUTER = " \t\n\"'“”’»)*_~" + STOP
WORDS = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
HEAD, TAIL = 400, 600  # characters in which an opening or a closing stands

KNOWN_OPENING = re.compile(
    r"(?:yes, )?(?:certainly|absolutely|of course|definitely|sure(?: thing)?|great|excellent|wonderful|fantastic"
    r"|awesome"
    r"|got it|understood|with pleasure|gladly|no problem)"
    r"(?:[!.]|,? (?:here (?:is|are|'s)|i(?:'d| would|'ll| will| can)(?: be)? (?:\w+ )?(?:happy|glad|help|assist)"
    r"|let me|i'm happy)\b)"
    r"|(?:what an? |that's an? |that is an? |this is an? )?(?:great|good|excellent|interesting|wonderful|fantastic"
    r"|very good|really good|thoughtful) question\b"
    r"|i(?:'d| would|'ll| will)(?: be|) (?:more than |so |very )?(?:happy|glad|delighted|pleased)(?: to)? (?:help"
    r"|assist|answer|provide|explain)\b"
    r"|(?:i'm|i am) (?:here|happy|glad|more than happy|delighted) to (?:help|assist)\b"
    r"|thank(?:s| you)(?: so much| very much)? for (?:reaching out|contacting|getting in touch|your (?:question"
    r"|message|inquiry|enquiry|interest|query|email|e-mail|patience)|asking|writing)\b"
    r"|i (?:completely |fully |totally )?understand (?:your (?:frustration|concern)|how frustrating)"
    r"|(?:selbstverständlich|natürlich|gerne?|aber gern|klar|sicher|aber natürlich)!|(?:das ist eine )?(?:gute|tolle"
    r"|ausgezeichnete) frage\b|(?:vielen )?dank für (?:ihre|deine) (?:frage|anfrage|nachricht)|gerne helfe ich"
    r"|(?:bien sûr|certainement|absolument|avec plaisir|volontiers)[ \u00a0\u202f]?!|(?:c'est une )?(?:excellente"
    r"|bonne|très bonne) question\b|merci (?:pour|de) (?:votre|ta|nous) (?:question|message|demande|contact\w*)"
    r"|je serais ravie? de"
    r"|¡?(?:claro(?: que sí)?|por supuesto|desde luego|con gusto|con mucho gusto)!|¡?(?:qué )?(?:excelente|buena"
    r"|gran) pregunta\b|gracias por (?:tu|su|contactar\w*|escribir\w*|comunicar\w*|ponerte|ponerse)\b"
    r"|(?:claro|com certeza|certamente|com prazer|é claro)!|(?:ótima|excelente|boa) pergunta\b|obrigad[oa] (?:por"
    r"|pela) (?:sua|entrar|perguntar|seu)"
    r"|(?:certo|certamente|assolutamente|volentieri|ma certo)!|(?:ottima|bella|buona) domanda\b|grazie per (?:averci"
    r"|aver|la (?:tua|sua))"
    r"|(?:natuurlijk|zeker|uiteraard|graag)!|(?:goede|uitstekende) vraag\b|bedankt voor (?:je|uw)"
    r"|(?:oczywiście|jasne|pewnie)!|(?:świetne|dobre|doskonałe) pytanie\b|dziękuj(?:ę|emy) za"
    r"|(?:конечно|разумеется|безусловно|с удовольствием|хорошо)!|(?:отличный|хороший) вопрос\b|спасибо за (?:ваш"
    r"|твой|обращение|вопрос)"
    r"|(?:självklart|absolut|naturligtvis)!|bra fråga\b|tack för (?:din|ditt|att du)"
    r"|(?:tabii ki|elbette|memnuniyetle)!|(?:harika|güzel) (?:bir )?soru\b"
    r"|(?:当然可以|当然|当然了|好的|没问题)[！!，,。]|(?:这是|这真是)?(?:一?个)?(?:很)?好(?:的)?问题|感谢您的(?:提问"
    r"|咨询|来信|联系)|很高兴(?:为您|能)"
    r"|(?:もちろんです|承知(?:いた)?しました|かしこまりました|はい、もちろん)[！!。、]|(?:素晴らしい|良い|いい)質問"
    r"|お問い合わせ(?:いただき)?(?:誠に)?ありがとう"
    r"|(?:물론입니다|물론이죠|네, 알겠습니다|당연하죠)[.!]|좋은 질문|문의해 주셔서 감사"
    r"|(?:no worries|no problem at all|perfect|okay|alright|all right|sounds good)!"
    r"|(?:of course|certainly|sure|absolutely),? happy to (?:help|assist)|you(?:'re| are) (?:absolutely |totally "
    r"|completely )?right[!.]"
    r"|(?:let me|i can|i could) (?:certainly |definitely |surely )?(?:help|assist) (?:you )?with (?:that|this)\b"
    r"|how (?:can|may) i (?:help|assist) you(?: today)?\?"
    r"|danke für (?:ihre|deine)|obrigad[oa] (?:por|pelo|pela) |(?:当然|好的|没问题|当然可以)[！!]|(?:ご質問"
    r"|お問合せ)(?:いただき)?(?:誠に)?ありがとう",
    re.I,
)
KNOWN_CLOSING = re.compile(
    r"i (?:do |really |sincerely |truly )?hope (?:that |all of |all )?(?:this|that|these|it"
    r"|you found)(?: \w+){0,4}? (?:help|useful|assist|clarif|answer|clear)"
    r"|hope (?:this|that|it) (?:helps|clarifies|answers|was helpful)"
    r"|(?:please )?(?:do )?let (?:me|us) know (?:if|whether|when|should|how)\b(?=.*(?:question|help|assist|need|else"
    r"|further|more|clarif|like|want|can))"
    r"|(?:please )?(?:do not|don't|do n't|never) hesitate to\b|(?:please )?feel free to (?:ask|reach|contact|let"
    r"|share|get|message|call|write|return|come|drop)\b"
    r"|is there (?:anything|something) (?:else|more|further|specific|other)\b|(?:if|should) (?:you|there)(?:'s| is"
    r"|'re| are)? (?:(?:ever )?(?:have|need|require|want)|would like)? ?(?:anything|any|some|more|further|additional"
    r"|other)\b.*(?:question|assist|help|clarif|inform|else|concern|reach|contact|ask|let (?:me|us) know)"
    r"|(?:i'm|i am|we're|we are) (?:always |only )?(?:here|happy|glad|available|just a \w+ away)\b(?=.*(?:help"
    r"|assist|question|support|you need))|(?:happy|glad) to (?:help|assist)\b"
    r"|(?:thank you|thanks)(?: again| so much| very much)? for (?:your (?:patience|understanding|question|interest"
    r"|time|business|cooperation)|contacting|reaching out|choosing|using)\b"
    r"|have a (?:great|nice|good|wonderful|lovely|fantastic|pleasant|blessed) (?:day|one|time|evening|weekend"
    r"|week)\b|good luck(?=[!.])|can i help (?:you )?with anything else|what else can i\b|how else (?:can|may) i\b"
    r"|anything else i can\b"
    r"|ich hoffe,? (?:das|dass|dies|diese|ich)\b.*(?:hilf|helfen|weiter|beantwort)|(?:falls|wenn|sollten?) (?:sie"
    r"|du)\b.*(?:fragen|hilfe|unterstützung)\b|(?:kann|gibt es) (?:ich|sonst|noch).*(?:noch etwas|helfen)"
    r"|zögern sie nicht|melden sie sich (?:jederzeit|gern)|lassen sie (?:es )?(?:mich|uns) (?:gerne? )?wissen"
    r"|einen schönen tag"
    r"|j'espère que (?:cela|ça|ces)\b.*(?:aid|util|répon)|n'hésite(?:z)?(?: surtout)? pas|(?:y a-t-il"
    r"|avez-vous besoin d).*(?:autre)|si vous avez (?:d'autres|des|la moindre)|bonne journée"
    r"|espero que (?:esto|eso|esta|te|le|haya)\b.*(?:ayud|útil|sirv)|no dude[sn]? en|(?:hay|necesitas"
    r"|necesita) algo más|si (?:tienes|tiene) (?:más|alguna|otra)|que tenga(?:s)? un (?:buen|excelente)|¿(?:hay"
    r"|puedo|en qué).*más"
    r"|espero que (?:isso|isto|tenha|ajude)|(?:não hesite|sinta-se à vontade|fique à vontade) (?:em|para)|(?:há"
    r"|precisa de) (?:mais )?(?:algo|alguma coisa)|posso ajudar (?:em|com) (?:mais|algo)|tenha um (?:ótimo|bom)"
    r"|spero (?:che |di )?(?:questo|ti|le|sia|esser\w+|aver\w+)\b|non esitare a|(?:c'è|posso).*(?:altro|aiutarti"
    r"|aiutarla)|buona giornata"
    r"|ik hoop dat (?:dit|dat|je|u)\b|aarzel niet|laat het (?:me|ons|mij) (?:gerust )?weten|(?:is er"
    r"|kan ik).*(?:nog iets|verder|anders)|fijne dag"
    r"|mam nadzieję, że|(?:daj|proszę dać) (?:mi )?znać|(?:czy|w czym) .*(?:jeszcze|pomóc)|miłego dnia|в чем"
    r"|(?:надеюсь|надеемся),? (?:что )?|(?:не стесняйтесь|обращайтесь)|если у (?:вас|тебя) (?:есть|возникнут"
    r"|остались|будут)|(?:могу ли я|чем я могу|чем ещё|чем еще).*(?:помочь|ещё|еще)|хорошего дня"
    r"|hoppas (?:att )?(?:det|detta|du)\b|tveka inte|hör (?:gärna )?av dig|ha en (?:bra|trevlig|fin) dag"
    r"|umarım (?:bu|yardımcı)|başka (?:bir )?(?:sorunuz|sorun|şey)|yardımcı olabileceğim"
    r"|希望(?:这|以上|对|能|我的).*(?:帮助|有用|帮到|有所)|如果(?:你|您)?(?:还)?有(?:任何)?(?:其他|更多|疑问|问题"
    r"|需要|什么).*|请随时(?:告诉|联系|提问|与)|还有(?:什么|其他).*(?:吗|帮)|祝(?:您|你).*(?:愉快|顺利|好运)"
    r"|(?:お役に立て|ご参考になれ|参考になれ).*|(?:他に|ほかに|また、?).*(?:ご質問|ご不明|お手伝い).*|お気軽に.*"
    r"|도움이 되(?:었|길|셨).*|(?:다른|더|추가).*(?:질문|도움|궁금).*|언제든지.*(?:문의|말씀|연락|물어).*|좋은 하루"
    r"|(?:i )?hope (?:you find this|this is|that was|this was|it was) (?:use|help)ful|do you have any (?:other|more"
    r"|further) questions"
    r"|(?:enjoy|wishing you|i wish you) (?:your|an?|the rest of your) (?:\w+ )?(?:day|evening|weekend|week|time)\b"
    r"|stay safe"
    r"|haben sie (?:noch )?(?:weitere |andere )?fragen|bei (?:weiteren |anderen )?(?:fragen"
    r"|rückfragen)\b.*(?:verfügung|gern|jederzeit)|ich wünsche (?:ihnen|dir)"
    r"|espero (?:ter|haber) (?:ajudado|ayudado)|heeft u (?:nog )?(?:verdere |andere )?vragen"
    r"|heb je (?:nog )?(?:verdere |andere )?vragen",
    re.I,
)


def opening_at(text: str) -> tuple[int, int]:
    """Where the first sentence of a reply stands, behind a greeting if there is one; (0, 0) where there is none."""
    start = len(text) - len(text.lstrip())
    if greeting := GREETING.match(text, start, start + HEAD):
        start = greeting.end()
        while start < len(text) and (text[start].isspace() or text[start] in ",!.:-–—、，！。"):
            start += 1
    found = LEADING.match(text, start, start + HEAD)
    return found.span() if found else (0, 0)


def closing_at(text: str, sign_off: int) -> tuple[int, int]:
    """Where the last sentence of a reply stands, before its sign-off; (0, 0) where there is none.

    sign_off: where the sign-off begins, the length of the text where there is none.
    """
    end = len(text[:sign_off].rstrip())
    begin = max(0, end - TAIL)
    core = len(text[begin:end].rstrip(OUTER))
    last = 0
    for found in BETWEEN.finditer(text, begin, begin + core):
        last = found.end()
    return (last or begin, end) if core and (last or begin == 0) else (0, 0)


def key_of(sentence: str) -> str:
    """What of a sentence is compared: its words in lower case, without marks."""
    return " ".join(WORDS.findall(sentence.lower().replace("\u2019", "'")))
