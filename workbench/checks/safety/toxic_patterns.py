"""Finds toxic language by compact lists with word boundaries: threats, incitement, abuse, hatred, sexualised minors.

Kept as short as a list can be that finds what people really write: set phrases that are toxic as a whole rather than
single rude words, since single words alarm on names, places, medicine and reclaimed use. The literal words below are
here because a detector needs them, and for no other purpose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from workbench.checks.safety.pieces import Piece, quoted

USED, MENTIONED = 1.0, 0.5
GROUPS = (
    r"(?:(?:gay|black|jewish|muslim|trans|disabled|white|asian) people|jews|muslims|christians|hindus|immigrants"
    r"|refugees|migrants|foreigners|blacks|whites|asians|arabs|mexicans"
    r"|gypsies|gays|lesbians|homosexuals|trans(?:gender)? people|women|men|disabled people)"
)
WHOM = r"(?:you|u|him|her|your (?:\w+ ){0,2}(?:family|kids?|child(?:ren)?|wife|husband|mother|mom|dog|sister|brother))"
MINOR = (
    r"(?:child(?:ren)?|kids?|toddlers?|minors?|under-?age\w*|pre-?teens?|school ?(?:girl|boy)s?|little (?:girl|boy)s?"
    r"|lolitas?|infants?|bab(?:y|ies)|(?:[1-9]|1[0-7])[- ]?(?:year|yr)s?[- ]?olds?(?: (?:girl|boy))?)"
)
SEXUAL = (
    r"(?:naked|nudes?|porn\w*|erotic\w*|horny|aroused|orgasm\w*|masturbat\w+|blow ?job|penis|vagina|(?:have"
    r"|having|had|hard) sex"
    r"|sex(?:ual)? (?:scene|story|stories|with|act)|sexually explicit|seduc\w+|undress\w*|fetish)"
)
PATTERNS: dict[str, str] = {
    "a threat": (
        r"\b(?:i|we)(?: ?'ll| will| am going to|'m going to|'m gonna| gonna"
        r"| swear i'll) (?:fucking )?(?:find (?:you |him |her )?and )?"
        rf"(?:kill|murder|stab|shoot|strangle|slaughter|rape|behead|beat up|cut up|burn|hurt|destroy) {WHOM}\b"
        r"|\b(?:i|we)(?: ?'ll| will| am going to|'m going to|'m gonna) (?:find (?:you |him |her )?and )?"
        r"(?:beat|smash|fuck|cut|burn) (?:you|him"
        r"|her|your \w+) (?:up|to death|in|down)\b"
        r"|\byou(?:'re| are) (?:a )?dead (?:man|meat|woman)\b|\bi know where you (?:live|sleep)\b"
        r"|\b(?:you|your family) (?:will|are going to|deserve to) (?:die|suffer|burn)(?: (?:slowly|painfully"
        r"|screaming|for this)| in hell)"
        r"|\bich (?:bring\w*|mach\w*|stech\w*|knall\w*|schlag\w*) (?:dich|euch|ihn|sie|deine \w+) (?:um|kalt"
        r"|fertig|ab|tot)\b"
        r"|\bje vais (?:te|vous|le|la) (?:tuer|buter|crever|égorger|planter)|\bje vais (?:t'|vous )(?:égorger"
        r"|étrangler)"
        r"|\b(?:te|lo|la|os|los) voy a (?:matar|rajar|reventar)|\bti (?:ammazzo|uccido|sgozzo)\b"
        r"|\bvou te (?:matar|arrebentar)"
        r"|\bik (?:maak|steek|schiet) (?:je|jou|jullie) (?:dood|af|neer|kapot)\b|\bzabij[eę] ci[eę]\b|\bseni öldür\w*"
        r"|я тебя (?:убью|зарежу|прикончу|пристрелю)|我(?:要|会)(?:杀了|弄死|砍死)你"
        r"|(?:お前|てめえ|おまえ)を?(?:殺す|ぶっ殺)|ぶっ殺すぞ|殺してやる"
    ),
    "incitement to self-harm": (
        r"\b(?:go (?:and )?|you should (?:just )?|just |please )(?:kill|hang|cut|drown|shoot) (?:yourself|urself)\b"
        r"|(?:^|[.!?,] )(?:kill|hang) (?:yourself|urself)\b|\bkys\b|\bgo (?:and )?die\b"
        r"|\byou should (?:just )?(?:die|end (?:it all|your life)|commit suicide|jump off (?:a|the) \w+)"
        r"|\b(?:no ?one|nobody) (?:would|will|'d) (?:even )?miss you\b|\bthe world (?:would|will"
        r"|'d) be (?:a )?better (?:off |place )?without you\b"
        r"|\b(?:do|did) everyone a favou?r and (?:die|kill)|\bsuicide is the (?:only|best) (?:answer|way|option"
        r"|solution)\b"
        r"|\bbring dich (?:doch )?(?:einfach )?um\b|\bhäng dich (?:doch )?auf\b|\bgeh sterben\b"
        r"|\bsuicide[- ]toi\b|\bva (?:crever|te pendre)\b"
        r"|\bm[aá]tate\b|\bsuic[ií]date\b|\b(?:ammazzati|sparati|impiccati)\b|\bvai se matar\b|\bse mata logo\b"
        r"|\bpleeg (?:dan |maar )?zelfmoord\b|\bmaak jezelf (?:van kant|dood)\b|\b(?:zabij się|powieś się)\b"
        r"|убей себя|выпились|повесься"
        r"|你(?:怎么不)?去死|去死吧|自殺しろ|\b死ねよ?\b|お前なんか死ね"
    ),
    "hatred of a group": (
        rf"\b{GROUPS} (?:[\w,']+ ){{0,5}}(?:should|must|ought to|deserve to) (?:all )?(?:be (?:killed|gassed|shot"
        r"|hanged)|die)\b|"
        r"\b(?:people|anyone|everyone|those) like (?:you|him|her|them|that) (?:should|must|ought to|deserve to) "
        r"(?:all )?(?:be (?:killed|gassed|shot|hanged|put down|locked up and forgotten)|die)\b|"
        r"\b(?:filthy|dirty|fucking) (?:sub-?humans?|vermin|parasites|savages|scum)\b|"
        r"\bgo back to your (?:own )?(?:fucking )?country\b|\b(?:filthy|dirty|fucking|damn) "
        r"(?:immigrants?|foreigners?|jews?|muslims?|arabs?|mexicans?|gypsy|gypsies)\b|"
        r"\b(?:kill|gas|exterminate|lynch|shoot|burn|hang|wipe out|eradicate) (?:all (?:of )?)?(?:the |those "
        rf"|these )?{GROUPS}\b"
        rf"|\b(?:all |these |those |the )?{GROUPS} (?:are|is) (?:all |nothing but |just |really )?"
        r"(?:sub-?human|vermin|parasites?|animals|cockroaches|rats|scum|filth|savages|inferior|a (?:disease"
        r"|plague|cancer)|degenerates?|trash|garbage)\b"
        rf"|\b{GROUPS} (?:should|must|ought to|need to|deserve to) (?:all )?(?:be (?:killed|gassed|exterminated"
        r"|shot|lynched|hanged|eliminated|sterili[sz]ed)|die)\b"
        r"|\b(?:n[i1]gg[e3]rs?|k[i1]kes?|f[a@]gg[o0]ts?|sp[i1]cs|wetbacks?|g[o0]{2}ks?|ragheads?|towelheads?"
        r"|trannies|sand n\w+|chinks)\b"
        r"|\b(?:kanacken?|drecksjuden?|judenschweine?|bimbos? raus|ausländer raus|scheiß ?(?:ausländer|juden?"
        r"|türken|schwuchtel\w*))\b"
        r"|\bsales? (?:arabes?|juifs?|noirs?|nègres?|pédés?|bougnoules?)\b|\bbougnoules?\b|\byoupins?\b"
        r"|\b(?:putos? |malditos? )?(?:sudacas? de mierda|maric[oó]n(?:es)? de mierda|moros? de mierda"
        r"|negros? de mierda)\b"
        r"|\b(?:frocio|negro|ebreo|terrone) di merda\b|\bsporchi (?:negri|ebrei|zingari)\b|\bviado de merda\b"
        r"|\bkutmarok\w*|\bkankerjood\b"
        r"|\b(?:brudny|pieprzony|jebany) (?:żyd|ciapat\w+|pedał)\b|\bжиды?\b|\bчурки\b"
        r"|\bхач[ие]\b|\bпидор\w*|支那(?:人|猪)"
    ),
    "abuse": (
        r"\byou(?:'re| are) (?:such )?an? (?:complete |total |utter |absolute |fucking |stupid |real )?"
        r"(?:idiot|moron|imbecile|retard|dumbass|scumbag|bastard|bitch|asshole|pathetic loser)\b|"
        r"\b(?:you|u|ur|you're|your)(?: are| r)?(?: (?:just|such|really|nothing but))? (?:a |an )?(?:\w+ )?"
        r"(?:piece of shit|worthless (?:\w+ )?(?:human|person|idiot|bitch|trash)|(?:fucking|stupid|dumb|pathetic"
        r"|worthless|ugly|fat|disgusting) "
        r"(?:idiot|moron|bitch|cunt|whore|slut|retard|bastard|pig|loser|cow|asshole|fool))\b"
        r"|\bfuck (?:you|off)\b|\bgo fuck yourself\b|\b(?:fucking|stupid|dumb|dirty|ugly) (?:bitch|cunt|whore"
        r"|slut|retard)(?:e?s)?\b"
        r"|\bsuck my (?:dick|cock)\b|\bmother ?fuckers?\b|\beat shit\b|\brot in hell\b|\byou disgust me\b"
        r"|\b(?:hurensohn|hurensöhne|wichser|missgeburt|drecksau|arschloch|fotze|schlampe|verpiss dich|fick dich"
        r"|halt die fresse|leck mich am arsch)\b"
        r"|\b(?:fils de pute|va te faire (?:foutre|enculer)|encul[ée]s?|nique ta m[eè]re|ta gueule|connard"
        r"|connasse|sale pute)\b"
        r"|\b(?:hijos? de (?:la gran )?puta|vete a la mierda|que te jodan|gilipollas|pendejo|chinga tu madre"
        r"|puta de mierda|imb[eé]cil de mierda)\b"
        r"|\b(?:figli[oa] di puttana|vaffanculo|pezzo di merda|testa di cazzo|brutta troia|filho da puta"
        r"|vai (?:se|te) foder|vai tomar no cu|arrombado)\b"
        r"|\b(?:kankerhoer|kankerlijer|kutwijf|klootzak|hoerenjong|rot op|krijg de kanker|skurwysyn\w*|spierdalaj"
        r"|pierdol się|jebany|kurwo|orospu çocuğu|siktir git)\b"
        r"|иди на ?хуй|пошё?л (?:ты )?на ?хуй|сука ты|ты сука|ебаный|мразь|ублюдок"
        r"|操你妈|草泥马|傻逼|傻屄|狗娘养的|クソ野郎|くたばれ"
    ),
}
MINORS = "sexual content about minors"
# The same for the Rust regex crate over lower-case text: without word boundaries, so that its fast automaton can run,
# and for minors only the words. `find_toxic` decides; this finds where it should look, for each kind.
LOOSE = {kind: pattern.replace(r"\b", "") for kind, pattern in PATTERNS.items()} | {MINORS: SEXUAL}
TOXIC = {kind: re.compile(pattern, re.I) for kind, pattern in PATTERNS.items()}
SEXUAL_WORD, MINOR_WORD = re.compile(rf"\b{SEXUAL}\b", re.I), re.compile(rf"\b{MINOR}\b", re.I)
APART = 30  # characters between the two, in one sentence
# Said by way of a game or a figure of speech, seen from the end of what was found.
HARMLESS_AFTER = re.compile(
    r" (?:with|at|in|of) (?:kindness|love|laughter|cards|chess|boredom|hunger|old age|peace|the (?:game|race))"
    r"|(?: a)? (?:trabaj|estudi)|,? (?:lol|haha|:\)|;\)|😂)",
    re.I,
)
# One of these stands in every text with a finding (ASCII letters in either case, others as written).
LIKELY_WORDS = (
    "be killed|own country|your country|your fucking country|filthy|dirty |damn |imbecile|dumbass|beat you|smash you|"
    "cut you|burn you|kill|murder|stab you|shoot|strangle|slaughter|rape|behead|beat up|cut up|burn|"
    "hurt you|hurt your|destroy|"
    "hurt him|hurt her|hurt them|dead m|dead w|where you live|where you sleep|yourself|urself|kys|go die|and die|"
    "to die|should die|just die|suicide|miss you|without you|will die|will suffer|to suffer|end your life|"
    "end it all|jump off|exterminat|lynch|wipe out|eradicate|gas the|gas all|vermin|subhuman|sub-human|parasite|"
    "animals|cockroach| rats|scum|filth|savages|inferior|a disease|a plague|a cancer|degenerate|trash|garbage|"
    "gassed|be shot|hanged|hang |eliminated|steriliz|sterilis|must die|all die|nigg|n1gg|kike|fagg|f@gg|spics|"
    "wetback|gook|raghead|towelhead|trann|sand n|chinks|shit|worthless|idiot|moron|bitch|cunt|whore|slut|retard|"
    "bastard|fucking|fuck|suck my|rot in hell|disgust me| pig|loser|asshole|fat cow|ugly cow|stupid cow|"
    "stupid fool|naked|nude|porn|erotic|horny|aroused|orgasm|masturbat|blow job|blowjob|penis|vagina|sex|seduc|"
    "undress|fetish|dich|bringe|geh sterben|kanack|drecks|judenschw|ausländer|scheiß|hurens|wichser|missgeburt|"
    "arschloch|fotze|schlampe|fresse|leck mich|tuer|buter|crever|égorger|planter|étrangler|te pendre|sale |"
    "sales |bougnoule|youpin|de pute|enculer|enculé|foutre|nique|gueule|connard|connasse|matar|rajar|reventar|"
    "mátate|matate|suicídate|suicidate|mierda|puta|jodan|gilipollas|pendejo|chinga|ammazz|uccido|sgozzo|sparati|"
    "impiccati|merda|puttana|vaffanculo|cazzo|troia|sporchi|arrebentar|se mata|foder|tomar no cu|arrombado|"
    "maak je|maak jou|steek je|steek jou|schiet je|schiet jou|zelfmoord|van kant|kutmarok|kanker|kutwijf|"
    "klootzak|hoerenjong|rot op|zabij|powieś|skurwysyn|spierdalaj|pierdol|jeban|kurwo|pieprzony|brudny|öldür|"
    "orospu|siktir|тебя|убей|Убей|выпились|повесься|жид|чурки|хач|пидор|хуй|"
    "сука|ебан|мразь|ублюдок|你|去死|支那|草泥马|"
    "傻|狗娘|殺|死ね|クソ|くたばれ"
)
LIKELY = tuple(LIKELY_WORDS.split("|"))
# Beside these a phrase is spoken of: quoted, explained, translated, moderated, or in a film, song or story.
ABOUT = re.compile(
    r"\b(?:slurs?|insult\w*|offensive|derogatory|pejorative|profan\w+|vulgar\w*|swear ?words?|curse words?"
    r"|hate ?speech|hateful|racis[tm]\w*"
    r"|antisemiti\w+|xenophob\w+|homophob\w+|sexis[tm]|toxic\w*|moderat\w+|classif\w+|label\w*|harass\w*|bull(?:y"
    r"|ied|ying)|threat\w*|abus(?:e|ive)\w*"
    r"|the (?:word|phrase|term|expression|slogan)|(?:means?|translat\w+|called|etymolog\w+)|novel|movie|film"
    r"|lyrics?|song|scene|script|character"
    r"|villain|story|poem|dialogue|thriller|quote[sd]?|said|says|shouted|screamed|yelled|told|wrote|whispered"
    r"|propaganda|genocide|holocaust|nazis?"
    r"|schimpfw\w+|beleidig\w+|insulte[sr]?|insultos?|insulti|prevent\w*|protect\w*|victims?|illegal|law|crimes?"
    r"|report\w*|convict\w*|arrest\w*"
    r"|charge[sd]|police|court|education|consent|health|research|survivors?|trafficking|pediatric\w*"
    r"|breast-?feed\w*|birth|python|linux|process)\b"
    r"|侮辱|脏话|骂人|歧视|罵|差別|悪口",
    re.I,
)
AROUND = 160  # characters before and after in which such a word stands
OPENING, CLOSING = "\"'“‘«„「『`*", "\"'”’»“」』`*"


def find_toxic(text: str, kinds: Iterable[str] = tuple(LOOSE)) -> Iterator[Piece]:
    """Toxic phrases with weight 1, and 0.5 where the phrase is quoted or spoken of rather than said.

    kinds: those of `LOOSE` to look for.
    """
    plain = text.replace("\u2019", "'")
    for kind in kinds:
        for start, end in _about_minors(plain) if kind == MINORS else _phrases(kind, plain):
            if not HARMLESS_AFTER.match(plain, end):
                weight = MENTIONED if _is_mentioned(plain, start, end) else USED
                yield Piece(start, end, kind, quoted(plain[start:end], 40), weight)


def _phrases(kind: str, text: str) -> Iterator[tuple[int, int]]:
    for found in TOXIC[kind].finditer(text):
        yield found.end() - len(found.group().lstrip(" .!?,")), found.end()


def _about_minors(text: str) -> Iterator[tuple[int, int]]:
    """Sexual words with a word for a minor close by in the same sentence."""
    for found in SEXUAL_WORD.finditer(text):
        before = re.split(r"[.!?\n]", text[max(0, found.start() - APART) : found.start()])[-1]
        after = re.split(r"[.!?\n]", text[found.end() : found.end() + APART])[0]
        if MINOR_WORD.search(before) or MINOR_WORD.search(after):
            yield found.span()


def _is_mentioned(text: str, start: int, end: int) -> bool:
    """In quotation marks, or beside a word that says it is spoken of."""
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    line_before, line_after = before.rsplit("\n", 1)[-1], after.split("\n", 1)[0]
    opened = max((line_before.rfind(mark) for mark in OPENING if mark != "'"), default=-1) >= 0 or before.endswith("'")
    closed = min(
        (line_after.find(mark) % 1000 for mark in CLOSING if mark != "'"), default=999
    ) < 999 or after.startswith("'")
    return (opened and closed) or bool(ABOUT.search(before) or ABOUT.search(after))
