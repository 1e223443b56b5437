"""How replies speak of themselves as a machine, in twenty languages."""

from __future__ import annotations

import re

_AI = r"(?:ai|a\.i\.|artificial intelligence|artificially intelligent)"
_MODEL = r"(?:(?:large |big )?language (?:learning )?model|llm|chat ?bot|virtual assistant|digital assistant)"
_KIND = (
    rf"(?:{_AI}(?:[- ](?:powered|based|driven|trained|language|large|text|chat|virtual|digital|assistant|model|program"
    rf"|system|bot|tool|entity))*|{_MODEL})"
)
_MAKER = r"(?:openai|open ai|anthropic|google deepmind|meta ai|mistral ai|deepseek|alibaba cloud|microsoft)"
_PRODUCT = (
    r"(?:chat ?gpt|gpt-?[345][\w.-]*|claude(?= (?:ai\b|by )|[,.] (?:an? |made|created|developed|trained))|google bard"
    r"|gemini|copilot|llama(?: ?[23])?|qwen|deepseek)"
)

# What a product is: a role that people may be given ("as an AI engineer") is not meant.
_NOT_A_ROLE = (
    r"(?! (?:researcher|engineer|expert|specialist|scientist|student|professional|developer|consultant|ethicist"
    r"|company|firm"
    r"|team|leader|lab|startup|enthusiast|practitioner|strategist|trainer|architect|lead|feature|application"
    r"|technique))"
)

ENGLISH = (
    rf"as an? (?:[\w-]+,? ){{0,3}}?{_KIND}\b{_NOT_A_ROLE}(?=[,.;:!)]| (?:i|i'm|my|that|and|created|developed"
    rf"|trained|designed|without|it)\b)",
    rf"(?:given|since|because) (?:that )?i(?:'m| am) (?:just |only |merely "
    rf"|simply )?an? (?:[\w-]+,? ){{0,2}}?{_KIND}\b{_NOT_A_ROLE}",
    rf"i(?:'m| am) (?:just |only |merely |simply |but )?an? (?:[\w-]+,? ){{0,2}}?{_KIND}\b{_NOT_A_ROLE}",
    rf"i(?:'m| am) {_PRODUCT}\b",
    rf"i (?:was|am|have been|'ve been) (?:created|developed|trained|made|built"
    rf"|designed) by (?:researchers at )?{_MAKER}\b",
    rf"(?:developed|trained|created) by {_MAKER}\b(?=[,.]? (?:i |and i|my))",
    r"my (?:training data|knowledge cut-?off|training cut-?off|last (?:training|knowledge) update|training only"
    r"|programming)\b",
    r"(?:as of|until|since) my (?:last|latest|most recent) (?:training|knowledge|update)",
    r"my knowledge (?:was last updated|ends in|only goes|stops|is (?:limited|current) (?:to|up to|as of))",
    r"i (?:do not|don't|cannot|can't) (?:have (?:access to )?|access |browse |provide )(?:any )?(?:real[- ]time"
    r"|live) (?:data|information|updates|internet|access)",
    r"i (?:do not|don't) have (?:a )?(?:personal|human|physical) (?:preferences|opinions|beliefs|feelings|emotions"
    r"|experiences?|body|form)\b",
    r"i (?:am not|'m not) (?:a human|human|a person|capable of (?:feeling|emotions))\b",
    rf"(?:as your|being an?) (?:[\w-]+ ){{0,2}}?{_KIND}\b{_NOT_A_ROLE}",
    r"as an? (?:machine learning|deep learning|neural network|computer) (?:model|program|system)\b(?=,| i\b)",
    r"i(?:'m| am) (?:just |only |merely |simply )?(?:an? )?(?:computer program|machine learning model|bot(?=[,.;!])"
    r"|google bard|bard(?=[,.!]))",
    r"i (?:do not|don't) (?:have|experience) (?:any )?(?:feelings|emotions|consciousness)(?: or|,|\.)",
    r"i (?:do not|don't) have (?:the (?:ability|capability) to |access to )(?:browse|access|search|the internet"
    r"|current (?:information|data|events))",
    rf"my (?:creators?|developers?|makers?)(?:,)? (?:at )?{_MAKER}",
    r"(?:i was|i've been|i have been) (?:last )?(?:trained|updated) (?:on|with|in|until|up to) (?:data|a dataset"
    r"|\w+ 20\d\d|20\d\d|information)",
    r"(?:the )?data (?:that )?i was trained on",
)
OTHERS = (
    # German, Dutch
    r"als (?:eine? |reines? |großes )?(?:ki|künstliche intelligenz|(?:ki-?)?(?:gestütztes |basiertes )?sprachmodell"
    r"|ki-(?:assistent\w*|modell|chatbot|system))\b(?=[, ]+(?:habe?|kann|bin|verfüge|besitze|darf|ist|und|von)\b|,)",
    r"ich wurde (?:von (?:openai|google|anthropic|meta|microsoft) )(?:entwickelt|trainiert|erstellt)|ich bin (?:nur "
    r"|lediglich |bloß )?(?:eine? )?(?:ki(?:\b|-)|künstliche intelligenz|(?:ki-?|großes )?sprachmodell"
    r"|ki-\w+|chatgpt)",
    r"meine(?:n|r)? (?:trainingsdaten|wissensstand|letzten wissensstand)\b",
    r"als (?:een )?(?:ai|kunstmatige intelligentie|(?:ai-?|groot )?taalmodel|ai-\w+)\b(?=[, ]+(?:heb|kan|ben"
    r"|beschik|is|mag)\b|,)",
    r"ik ben (?:slechts |maar )?(?:een )?(?:ai\b|(?:ai-?)?taalmodel|kunstmatige intelligentie|chatgpt)",
    r"mijn (?:trainingsdata|trainingsgegevens)\b",
    # French
    r"en tant qu(?:e |'|’)(?:simple |grand )?(?:une? )?(?:ia\b|intelligence artificielle|modèle (?:de langage"
    r"|linguistique|d['’]ia)|assistant (?:virtuel|ia)|chatbot)",
    r"je (?:ne )?suis (?:qu['’]|seulement |juste )?une? (?:ia\b|intelligence artificielle|modèle (?:de langage"
    r"|linguistique))",
    r"je suis chatgpt|mes données d['’](?:entraînement|apprentissage)",
    # Spanish, Portuguese, Italian
    r"como (?:una? |un gran )?(?:ia\b(?=,| (?:no|soy|carezco))|inteligencia artificial(?=,| no| soy)"
    r"|modelo de (?:lenguaje|ia|idioma)|asistente (?:virtual|de ia))(?=[ ,])",
    r"soy (?:solo |sólo |solamente |simplemente )?una? (?:ia\b|inteligencia artificial|modelo de (?:lenguaje|ia)"
    r"|programa de inteligencia artificial)|soy chatgpt",
    r"mis datos de entrenamiento",
    r"como (?:uma? |um grande )?(?:ia\b(?=,| (?:não|eu|sou))|inteligência artificial(?=,| não| eu)"
    r"|modelo de (?:linguagem|ia)|assistente (?:virtual|de ia))(?=[ ,])",
    r"sou (?:apenas |só |somente )?uma? (?:ia\b|inteligência artificial|modelo de linguagem)|(?:eu )?sou o chatgpt"
    r"|meus dados de treinamento",
    r"(?:come|in quanto|in qualità di|essendo) (?:un[ao']? ?|un grande )?(?:ia\b(?=,| (?:non|sono))"
    r"|intelligenza artificiale(?=,| non| sono)|modello (?:linguistico|di linguaggio)|assistente (?:virtuale"
    r"|ia))(?=[ ,])",
    r"sono (?:solo |soltanto |semplicemente )?un[ao']? ?(?:ia\b|intelligenza artificiale|modello (?:linguistico"
    r"|di linguaggio))|sono chatgpt|i miei dati di addestramento",
    # Polish, Czech, Russian, Ukrainian
    r"jako (?:duży |wielki )?(?:model (?:językowy|ai|sztucznej inteligencji)|ai\b(?=,| nie)|sztuczna inteligencja"
    r"|asystent ai)|jestem (?:tylko |jedynie )?(?:modelem językowym|sztuczną inteligencją|ai\b|chatgpt)|(?:moje"
    r"|moich) dan(?:e|ych) treningow\w+",
    r"jako (?:velký )?(?:jazykový model|umělá inteligence|ai\b(?=,| ne))|jsem (?:jen |pouze )?(?:jazykový model"
    r"|umělá inteligence|chatgpt)",
    r"(?:как|являясь) (?:большая |большой )?(?:языков(?:ая|ой) модель\w*|модель языка|ии\b(?=[, -])"
    r"|искусственный интеллект(?=,| я)|ии-\w+)|я (?:—|-|–|всего лишь|просто|только)? ?(?:языковая модель"
    r"|искусственный интеллект|chatgpt)|мо(?:и|их) (?:обучающи[ех]|тренировочны[ех]) данны[ех]",
    r"як (?:велика )?(?:мовна модель|модель мови|ші\b|штучний інтелект(?=,| я))|я (?:—|-|–|лише"
    r"|просто)? ?(?:мовна модель|штучний інтелект|chatgpt)|мо(?:ї|їх) навчальн\w+ дан\w+",
    # Swedish, Danish, Norwegian, Finnish
    r"som (?:en |ett )?(?:ai\b(?=[, ]+(?:har|kan|är|er)\b|,)|ai-\w+|(?:stor )?spr[åo]k?gmodell?|språkmodell?"
    r"|sprogmodel)|jag är (?:bara |endast )?(?:en ai\b|en språkmodell|chatgpt)|jeg er (?:bare |kun )?(?:en ai\b"
    r"|en (?:språkmodell|sprogmodel)|chatgpt)|min(?:a)? träningsdata",
    r"(?:tekoälynä|kielimallina|tekoälymallina|tekoälyavustajana|tekoälykielimallina)\b|olen (?:vain )?(?:tekoäly"
    r"|kielimalli|chatgpt)",
    # Turkish, Indonesian, Vietnamese
    r"(?:bir )?(?:yapay zek[aâ](?: dil)?(?: modeli)?|dil modeli) olarak|ben (?:sadece )?bir (?:yapay zek[aâ]"
    r"|dil modeli)|ben chatgpt|eğitim verilerim",
    r"sebagai (?:sebuah |suatu )?(?:model bahasa|ai\b|kecerdasan buatan|asisten (?:ai|virtual))|saya (?:adalah"
    r"|hanyalah) (?:sebuah )?(?:model bahasa|ai\b|kecerdasan buatan|chatgpt)|data pelatihan saya",
    r"(?:là|với tư cách là|vì là) một (?:ai\b|mô hình ngôn ngữ|trí tuệ nhân tạo|trợ lý (?:ai|ảo))"
    r"|tôi là (?:một )?(?:ai\b|mô hình ngôn ngữ|chatgpt)|dữ liệu (?:đào tạo|huấn luyện) của tôi",
    # Chinese, Japanese, Korean
    r"(?:作为|作為|身为|我(?:只)?是)(?:一个|一個|一款|一名|一位)?(?:大型|人工智能|人工智慧|ai"
    r"|a\.i\.)?\s?(?:人工智能|人工智慧|语言模型|語言模型|ai(?:助手|模型|语言模型|語言模型|助理)|ai(?=[，,])|chatgpt"
    r"|聊天机器人)|我是由(?:openai|谷歌|百度|阿里\w{0,4}|anthropic|google)|我的(?:训练|訓練)(?:数据|數據|資料)",
    r"(?:ai|人工知能|(?:大規模)?言語モデル|ai(?:言語モデル|アシスタント|モデル))として(?=[、,は])|(?:私は"
    r"|わたしは)(?:単なる)?(?:ai|人工知能|言語モデル|chatgpt)|私の(?:学習|訓練|トレーニング)データ",
    r"(?:ai|인공지능|언어 ?모델|인공지능 언어 ?모델|ai 언어 ?모델)(?:로서|으로서|이기 때문에|이라서)|(?:저는"
    r"|나는) (?:단지 )?(?:ai|인공지능|언어 ?모델|chatgpt|챗gpt)|(?:제|나의|저의) (?:학습|훈련) 데이터",
    # Arabic, Hindi
    r"(?:ك|بصفتي |باعتباري )(?:نموذج(?:ا|اً|ًا)? ?(?:لغة|لغوي|لغويا|لغويًا|لغويّا|ذكاء)|ذكاء اصطناعي)"
    r"|أنا (?:مجرد )?(?:نموذج لغ|ذكاء اصطناعي|chatgpt|برنامج ذكاء)|بيانات (?:التدريب الخاصة بي|تدريبي)",
    r"(?:एक )?(?:एआई|ai|कृत्रिम बुद्धिमत्ता)?\s?(?:भाषा मॉडल|एआई मॉडल|एआई|कृत्रिम बुद्धिमत्ता) (?:के रूप में|होने के नाते"
    r"|के तौर पर)|मैं (?:सिर्फ |केवल |बस )?(?:एक )?(?:एआई|भाषा मॉडल|कृत्रिम बुद्धिमत्ता|chatgpt)|(?:मेरे"
    r"|मेरा) प्रशिक्षण डेटा",
)
# A hit begins where a word begins; a script without blanks has no such place.
_SPACED = [p for p in (*ENGLISH, *OTHERS) if not re.search("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]", p)]
_UNSPACED = [p for p in OTHERS if re.search("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]", p)]
MACHINE_SPEECH = re.compile(rf"(?<![\w'])(?:{'|'.join(_SPACED)})|(?:{'|'.join(_UNSPACED)})", re.I)

# At least one of these stands in whatever `MACHINE_SPEECH` finds; in lower case, for a quick first look.
ANCHORS = (
    *(
        "language model",
        "language learning model",
        "llm",
        "chatbot",
        "chat bot",
        "virtual assistant",
        "digital assistant",
    ),
    *(
        "as an ai",
        "am an ai",
        "'m an ai",
        " ai ",
        " ai,",
        " ai.",
        " ai-",
        " a.i",
        "artificial",
        "openai",
        "open ai",
        "anthropic",
    ),
    *(
        "deepmind",
        "meta ai",
        "mistral",
        "deepseek",
        "alibaba",
        "by microsoft",
        "gpt",
        "claude",
        "bard",
        "gemini",
        "copilot",
    ),
    *("llama", "qwen", "my training", "my knowledge", "my programming", "cut-off", "cutoff", "my last", "my latest"),
    *(
        "my most recent",
        "real-time",
        "real time",
        "live data",
        "live info",
        "live internet",
        "live updates",
        "live access",
    ),
    *(
        "have personal",
        "have a personal",
        "have human",
        "have physical",
        "have a physical",
        "have a human",
        "not a human",
    ),
    *(
        "not human",
        "not a person",
        "not capable of",
        "your ai",
        "an ai model",
        "being an ai",
        "machine learning model",
        "computer program",
        " bot",
        "have feelings",
        "any feelings",
        "experience feelings",
        "have emotions",
        "any emotions",
        "experience emotions",
        "have consciousness",
        "have the ability",
        "have the capability",
        "have access to",
        "my creator",
        "my maker",
        "my developer",
        "i was trained",
        "i was last",
        "ve been trained",
        "have been trained",
        "ve been updated",
        "i was updated",
        "ich wurde",
        "我是由",
        "just an ai",
        "only an ai",
    ),
    *(
        "als ki",
        " ki-",
        "eine ki",
        "künstliche",
        "sprachmodell",
        "trainingsdaten",
        "wissensstand",
        "taalmodel",
        "kunstmatige",
    ),
    *(
        "trainingsdata",
        "trainingsgegevens",
        " ia ",
        " ia,",
        " ia.",
        "'ia",
        "’ia",
        "modèle",
        "artificielle",
        "assistant ia",
        "données d",
    ),
    *("modelo de", "inteligencia artificial", "inteligência artificial", "asistente", "assistente", "entrenamiento"),
    *("treinamento", "intelligenza", "modello", "addestramento", "model językowy", "modelem", "sztuczn", "asystent ai"),
    *(
        "treningow",
        "jazykový model",
        "umělá",
        "языков",
        "модель языка",
        " ии",
        "искусственный",
        "обучающи",
        "тренировочны",
    ),
    *(
        "мовна модель",
        "модель мови",
        " ші",
        "штучний",
        "навчальн",
        "språkmodell",
        "sprogmodel",
        "träningsdata",
        "tekoäly",
    ),
    *(
        "kielimalli",
        "yapay zek",
        "dil modeli",
        "eğitim verilerim",
        "model bahasa",
        "kecerdasan",
        "sebagai ai",
        "asisten",
    ),
    *(
        "data pelatihan",
        "một ai",
        "mô hình ngôn ngữ",
        "trí tuệ nhân tạo",
        "trợ lý",
        "là ai",
        "dữ liệu",
        "人工",
        "语言模型",
        "語言模型",
    ),
    *(
        "ai助",
        "ai模",
        "ai，",
        "ai,",
        "ai语",
        "ai語",
        "机器人",
        "训练",
        "訓練",
        "言語モデル",
        "aiとして",
        "はai",
        "aiアシ",
        "aiモデ",
    ),
    *(
        "学習データ",
        "トレーニングデータ",
        "인공지능",
        "언어",
        "ai로서",
        "는 ai",
        "학습 데",
        "훈련 데",
        "نموذج",
        "ذكاء",
        "تدريب",
    ),
    *("एआई", "भाषा मॉडल", "कृत्रिम", "प्रशिक्षण", "som ai", "som en ai", "är en ai", "er en ai"),
)

# Who the assistant is may be asked; then a plain "I am an AI assistant" is the answer.
ASKED_WHO = re.compile(
    r"\b(?:who|what) (?:are|r) (?:you|u)\b|\bare you (?:an? |really |actually )*(?:ai|a\.i\.|robot|bot|human|machine"
    r"|person|real|chat ?bot|computer|program)"
    r"|\byour name\b|\babout yourself\b|\bintroduce yourself\b|\bwho(?: has| have)? (?:made|created|built|trained"
    r"|developed|taught|owns) you\b|\b(?:are|were) you (?:based|trained|created|made|developed|built|gpt|chat ?gpt"
    r"|claude|llama|bard|gemini)|\bhow were you\b|\bdo you have (?:a |any )?(?:feelings|emotions|opinions|name|body)"
    r"|\bwer bist du\b|\bwer sind sie\b|\bbist du (?:ein|eine|echt)|\bqui (?:es-tu|êtes-vous)|\bquién eres\b"
    r"|\bquem é você\b|\bchi sei\b"
    r"|你是谁|你是誰|你叫什么|你是(?:不是)?(?:ai|人工智能|机器人|真人)|介绍(?:一下)?(?:你)?自己|自我介绍"
    r"|あなたは(?:誰|だれ|ai|人間)|누구(?:세요|입니까|야)|кто ты|кто вы",
    re.I,
)
NAMED_PRODUCT = re.compile(rf"{_PRODUCT}|{_MAKER}", re.I)
