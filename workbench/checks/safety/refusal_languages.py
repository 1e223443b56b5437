"""How refusals begin in ten languages besides English."""

from __future__ import annotations

import re

# What stands before a refusal without being one: a greeting, an apology, thanks, understanding.
DE = (
    r"(?:(?:es tut mir (?:wirklich |sehr )?leid|tut mir leid|leider|entschuldigung|entschuldige\w*|verzeihung"
    r"|ich bedauere?)[,.:!]? ?(?:aber |doch |dass )?)?"
    r"(?:(?:ich )?(?:kann|darf|könnte|werde|möchte|will) (?:ich )?(?:[\w-]+ ){0,8}?(?:nichts?"
    r"|keine?[nr]?)\b(?! nur| genug| umhin| erwarten| glauben| fassen| klagen)(?: [\w-]+){0,8}? ?"
    r"(?:helfen|weiterhelfen|behilflich|beantworten|unterstützen|bereitstellen|geben|anbieten|erfüllen|nachkommen"
    r"|tun|schreiben|erstellen|sagen|empfehlen|liefern|teilen|verraten|dienen|durchführen|erteilen|machen"
    r"|bearbeiten|zugreifen|aufrufen|öffnen|generieren|entsprechen|diskutieren)"
    r"|ich bin (?:leider )?nicht (?:in der lage|befugt|berechtigt|dazu (?:in der lage|programmiert))|ich (?:muss"
    r"|möchte) (?:das |dies |diese anfrage )?(?:leider )?(?:ablehnen|absehen)"
    r"|(?:das|dies|dabei|damit|hierbei|dazu|darüber|hierzu) (?:kann|darf|werde|möchte) ich (?:\w+ ){0,3}?nichts?"
    r"|als (?:ki|künstliche intelligenz|sprachmodell|ki[- ]\w+)\b|ich bin (?:nur |lediglich )?(?:eine? )?(?:ki"
    r"|sprachmodell|künstliche intelligenz|ki[- ]\w+)\b)"
)
FR = (
    r"(?:(?:je suis (?:vraiment |sincèrement )?(?:désolée?|navrée?)|désolée?|pardon|malheureusement|je regrette"
    r"|je m'excuse)[,.:!]? ?(?:mais |de ne )?)?"
    r"(?:je ne (?:peux|suis|pourrai|saurais|souhaite|veux|vais|dispose) (?:malheureusement )?(?:pas|point"
    r"|d'aucune?)\b(?! (?:croire|attendre|imaginer|que|seul))"
    r"|je (?:n'ai|ne possède) pas (?:accès|la (?:capacité|possibilité)|d'(?:opinions?|informations?|avis)"
    r"|le droit|les (?:informations|moyens))|je n'ai pas accès"
    r"|je (?:dois|préfère) (?:refuser|décliner)|il (?:ne )?m'est (?:pas |im)possible|je suis (?:dans l'incapacité"
    r"|incapable)|en tant qu'?(?:e |')?(?:ia\b|intelligence artificielle|modèle de langage|assistante? (?:ia"
    r"|virtuel\w*))|je suis (?:seulement |juste )?une? (?:ia\b|intelligence artificielle|modèle de langage))"
)
ES = (
    r"(?:(?:lo siento(?: mucho)?|lamento(?: mucho)?|lamentablemente|desafortunadamente|disculp[ae]|perd[oó]n[ae]?"
    r"|me temo que)[,.:!]? ?(?:pero |que )?)?"
    r"(?:no (?:puedo|podr[ée]|me es posible|estoy (?:en condiciones|autorizad[oa]|programad[oa]|capacitad[oa])"
    r"|soy capaz|tengo (?:acceso|la capacidad|permitido|opiniones|informaci[oó]n|permiso)|voy a (?:ayudar|hacer"
    r"|dar|proporcionar|responder)|dispongo de)\b(?! (?:creer|esperar|negar|evitar|dejar))"
    r"|debo (?:rechazar|declinar|negarme)|me niego a|como (?:una? )?(?:ia\b|inteligencia artificial"
    r"|modelo de lenguaje|asistente (?:de ia|virtual))|(?:solo )?soy (?:solo |s[oó]lo )?una? (?:ia\b"
    r"|inteligencia artificial|modelo de lenguaje))"
)
IT = (
    r"(?:(?:mi (?:dispiace|spiace)(?: molto)?|purtroppo|scus[ai](?:mi|te)?|sono spiacente|spiacente"
    r"|ci dispiace)[,.:!]? ?(?:ma |per[oò] )?)?"
    r"(?:non (?:posso|potrei|potr[oò]|sono in grado|mi [eè] possibile|sono autorizzat[oa]|ho (?:accesso"
    r"|la (?:capacit[aà]|possibilit[aà])|opinioni|informazioni))\b(?! (?:credere|aspettare|fare a meno|che|negare"
    r"|crederci))"
    r"|devo (?:rifiutare|declinare)|in quanto (?:ia\b|intelligenza artificiale|modello linguistico|assistente)"
    r"|come (?:ia\b|intelligenza artificiale|modello linguistico)|sono (?:solo |soltanto )?(?:un'|una "
    r"|un )(?:ia\b|intelligenza artificiale|modello linguistico))"
)
PT = (
    r"(?:(?:(?:eu )?(?:sinto|lamento)(?: muito)?|desculpe?(?:-me)?|me desculpe|infelizmente|lamentavelmente"
    r"|perd[aã]o)[,.:!]? ?(?:mas |que |por[eé]m )?)?"
    r"(?:(?:eu )?n[aã]o (?:posso|poderei|consigo|sou capaz|estou (?:autorizad[oa]|em condi[cç][oõ]es|apt[oa])"
    r"|tenho (?:acesso|a capacidade|permiss[aã]o|opini[oõ]es|informa[cç][oõ]es)|me [eé] poss[ií]vel|vou (?:ajudar"
    r"|fornecer|responder))\b(?! (?:acreditar|esperar|deixar|negar))"
    r"|devo recusar|(?:preciso|tenho que) recusar|como (?:uma? )?(?:ia\b|intelig[eê]ncia artificial"
    r"|modelo de linguagem|assistente (?:de ia|virtual))|(?:eu )?sou (?:apenas |s[oó] )?uma? (?:ia\b"
    r"|intelig[eê]ncia artificial|modelo de linguagem))"
)
NL = (
    r"(?:(?:het spijt me(?: zeer)?|sorry|helaas|excuses|mijn excuses|neem me niet kwalijk)[,.:!]? ?(?:maar |dat )?)?"
    r"(?:(?:ik )?(?:kan|mag|zal|wil) (?:ik )?(?:[\w-]+ ){0,6}?(?:niet|geen)\b(?! wachten| geloven| alleen"
    r"| ontkennen)(?: [\w-]+){0,7}? ?"
    r"(?:helpen|beantwoorden|geven|bieden|verstrekken|doen|assisteren|ondersteunen|schrijven|maken|delen|voldoen"
    r"|verlenen|uitvoeren|zeggen|adviseren|aanbevelen|openen|bekijken)"
    r"|(?:daar|hier|dat|dit)(?:mee|bij|over|aan)? (?:kan|mag) ik (?:\w+ ){0,3}niet"
    r"|ik ben (?:helaas )?niet (?:in staat|bevoegd|gemachtigd)|ik moet (?:dit |dat |je verzoek )?weigeren"
    r"|als (?:een )?(?:ai\b|ai-\w+|taalmodel|kunstmatige intelligentie)|ik ben (?:slechts |maar )?een (?:ai\b"
    r"|ai-\w+|taalmodel|kunstmatige intelligentie))"
)
PL = (
    r"(?:(?:(?:bardzo )?(?:przykro mi|przepraszam)|niestety|wybacz)[,.:!]? ?(?:ale |że )?)?"
    r"(?:(?:ja )?nie (?:mogę|jestem w stanie|mam (?:dostępu|możliwości|opinii|informacji|uprawnień)|będę w stanie"
    r"|potrafię|wolno mi)\b(?! (?:uwierzyć|się doczekać|doczekać|zaprzeczyć|przestać))"
    r"|muszę odmówić|odmawiam|jako (?:ai\b|sztuczna inteligencja|model językowy|asystent ai)|jestem (?:tylko "
    r"|jedynie )?(?:ai\b|sztuczną inteligencją|modelem językowym))"
)
RU = (
    r"(?:(?:(?:мне )?(?:очень )?жаль|извините|простите|к сожалению|прошу прощения|сожалею)[,.:!]? ?(?:но |что )?)?"
    r"(?:(?:но )?я (?:к сожалению,? )?не (?:могу|смогу|в состоянии|имею (?:доступа|возможности|права|мнения)"
    r"|обладаю|вправе|буду (?:помогать|отвечать)|предоставляю)(?! (?:дождаться|поверить|не |сдержать))"
    r"|не могу (?:помочь|ответить|предоставить|выполнить|дать|сделать|написать|обсуждать|поделиться)"
    r"|(?:я )?вынужден[а]? отказать|у меня нет (?:доступа|возможности|личн)|как (?:ии\b|искусственный интеллект"
    r"|языковая модель)|я (?:всего лишь |только |— |- )?(?:ии\b|искусственный интеллект|языковая модель))"
)
ZH = (
    r"(?:(?:非常|很|十分|实在)?(?:抱歉|对不起|不好意思|遗憾)|對不起|很遗憾|请原谅)?[,，。!！ ]{0,2}(?:但是?|但|不过)?"
    r"(?:作为(?:一个|一名|一款)?(?:ai|人工智能"
    r"|大?语言模型|智能助手)|我(?:是|只是)(?:一个|一款)?(?:ai|人工智能|语言模型)"
    r"|我(?:无法|不能|没有办法|没法|不可以|不会|没有(?:权限|能力|办法|足够|关于|任何|个人|访问)|並不能)(?!忘|相信|想象|理解为什么|等)|(?:无法|不能)(?:提供|回答|帮助|满足|协助"
    r"|执行|完成|生成)(?:您|你|这|该|任何|相关|此))"
)
JA = (
    r"(?:(?:大変|誠に|本当に)?(?:申し訳(?:ありません|ございません|ない)|すみません|ごめんなさい|恐れ入ります|残念ですが|残念ながら)(?:が|けど"
    r"|けれど(?:も)?)?)[、,。 ]{0,2}[^。\n]{0,60}?(?:できません|できかねます"
    r"|出来ません|お答えできま|いたしかねます|対応しておりません|ありません|わかりません|分かりません"
    r"|お手伝いでき|控えさせて)"
    r"|(?:私は)?(?:ai|人工知能|大規模言語モデル|言語モデル)(?:として|です(?:ので|から)|なので|である)[^。\n]{0,60}?(?:できません|ありません|持っていません|ませんが)"
    r"|(?:その|この)(?:ご)?(?:質問|依頼|要求|リクエスト)に(?:は)?(?:お答え|お応え|応じ|対応)[^。\n]{0,8}(?:できません|かねます)"
)
LANGUAGES = {"de": DE, "fr": FR, "es": ES, "it": IT, "pt": PT, "nl": NL, "pl": PL, "ru": RU, "zh": ZH, "ja": JA}
FOREIGN_REFUSAL = re.compile(rf"^\W{{0,5}}(?:{'|'.join(LANGUAGES.values())})", re.I)
