"""How messages greet and sign off, in twenty-odd languages."""

from __future__ import annotations

import re

import polars as pl

_NAME = (
    r"(?:[ \u00a0]+(?:there\b|again\b|everyone\b|all\b|team\b|and welcome\b|friend\b|dear\b|mr\.?\b|mrs\.?\b|ms\.?\b"
    r"|dr\.?\b|frau\b|herr\b"
    r"|[\w'’.\[\]{}<>-]+)){0,5}?"
)
# Words that greet by themselves when a mark, a name or the end of the line follows.
_HAIL = (
    r"hello|hi|hiya|hey|howdy|greetings|good (?:morning|afternoon|evening|day)|g'day|welcome"
    r"|hallo|moin(?: moin)?|servus|grüezi|grüß gott|guten (?:tag|morgen|abend)|schönen guten (?:tag|morgen|abend)"
    r"|liebe[rs]?|sehr geehrte[rs]?"
    r"|bonjour|bonsoir|salut|coucou|ch(?:er|ère)s?|hola|buenos días|buenas(?: tardes| noches)?|buen día"
    r"|estimad[oa]s?|querid[oa]s?"
    r"|olá|oi|bom dia|boa (?:tarde|noite)|prezad[oa]s?|car[oa]s?|ciao|salve|buon ?giorno|buona ?sera|gentile"
    r"|egregi[oa]|gentilissim[oa]"
    r"|goedendag|goede(?:morgen|middag|navond)|beste|geachte|hoi|dag|hej(?:san|då)?|hei(?: hei)?|god (?:morgon|kväll"
    r"|dag|morgen|aften|kveld)|goddag|tjena|kjære|kære|bästa|hyvää (?:päivää|huomenta|iltaa)|moi|terve|tervehdys|hyvä"
    r"|dzień dobry|cześć|witam(?:y)?|witaj(?:cie)?|dobry wieczór|szanown[aiey]\w*|dobrý (?:den|večer)|dobré ráno"
    r"|ahoj|vážen[ýáí]"
    r"|здравствуйте|здравствуй|привет(?:ствую)?|добр(?:ый день|ый вечер|ое утро|ого дня|ий день|ий вечір|ого вечора"
    r"|ого ранку)|уважаем(?:ый|ая|ые)|вітаю|привіт|шановн(?:ий|а|і)"
    r"|merhaba(?:lar)?|selam(?:lar)?|iyi (?:günler|akşamlar)|günaydın|sayın|halo|hai|selamat (?:pagi|siang|sore"
    r"|malam)|xin chào|chào(?: bạn| anh| chị)?|kính (?:gửi|chào)"
    r"|γεια(?: σας| σου)?|καλημέρα|καλησπέρα|bună ziua|bună|szia|jó napot|kedves|tisztelt"
)
_UNSPACED = (
    r"你好|您好|大家好|早上好|下午好|晚上好|哈[喽啰]|嗨|尊敬的|亲爱的"
    r"|こんにちは|こんばんは|おはようございます|はじめまして|お世話に(?:なって|なり)|いつもお世話"
    r"|안녕하세요|안녕하십니까|안녕|반갑습니다|สวัสดี"
)
_OTHER = (
    r"مرحب(?:ا|ًا|اً)|أهلا|أهلاً|السلام عليكم|عزيزي|تحية|صباح الخير|مساء الخير"
    r"|नमस्ते|नमस्कार|प्रिय|שלום"
)
_END = r"(?=[ \u00a0]*[,!.:;\n–—-]|[ \u00a0]*$|[ \u00a0]*[\U0001f300-\U0001faff\u2600-\u27bf])"
GREETING = re.compile(
    r"[¡\"'“*_\s]{0,4}(?:"
    rf"(?:{_HAIL})\b{_NAME}{_END}"
    rf"|dear\b{_NAME}(?=[ ]*[,:\n–—])"
    rf"|(?:{_UNSPACED}|{_OTHER})[^\n。！，,!.]{{0,20}})",
    re.I,
)
# A name or nothing may follow; a verb makes a sentence of it ("Hi is a short word", "Welcome gifts are free").
NO_GREETING = re.compile(
    r"\W{0,4}(?:hi|hello|hey|welcome|dag|hei|moi|terve|hyvä|oi|salve|salut|beste|liebe|dear|hai|halo|caro|cara"
    r"|kedves|querido|gentile|bonsoir)"
    r"\b[ ](?:is|are|was|world|and goodbye|means|can|may|has|gifts?|kitty|fi)\b|\W{0,4}(?:hi|hello|hey)-",
    re.I,
)

_SIGN_OFF = (
    r"(?:(?:with |my )?(?:very |our )?(?:best|kind(?:est)?|warm(?:est)?|many)(?: and \w+)?|with) (?:regards|wishes"
    r"|greetings|thanks)|regards|(?:yours |very |most )?(?:sincerely|respectfully|cordially)(?: yours)?"
    r"|(?:yours|very) (?:truly|faithfully|warmly)(?: yours)?"
    r"|with (?:love|gratitude|appreciation)"
    r"|(?:mit )?(?:freundlichen?|besten?|herzlichen?|lieben?|vielen?|schönen?|sonnigen?) (?:gr(?:ü|ue)(?:ß|ss)e?n?"
    r"|dank)|(?:viele|liebe|beste|herzliche|schöne|freundliche) gr(?:ü|ue)(?:ß|ss)e|mfg|vg|lg|hochachtungsvoll"
    r"|ihr(?:e)? (?:\w+[ -])?(?:team|kundenservice|support)\b.{0,30}|dein(?:e)? .{0,20}team\b.{0,20}"
    r"|(?:bien )?cordialement|(?:meilleures|sincères|cordiales) salutations|bien à (?:vous|toi)|amicalement"
    r"|veuillez agréer.{0,120}|à bientôt|l'équipe .{2,30}"
    r"|(?:muchos |cordiales |un cordial |atentos )?saludos?(?: cordiales)?|atentamente|un abrazo"
    r"|el equipo de .{2,30}|abraços?|atenciosamente|cordialmente|com os melhores cumprimentos|cumprimentos"
    r"|a equipe .{2,30}"
    r"|cordiali saluti|distinti saluti|(?:un )?(?:cordiale )?saluto|a presto|il team .{2,30}|met (?:vriendelijke"
    r"|hartelijke) groet(?:en)?|(?:vriendelijke|hartelijke) groet(?:en)?|groet(?:jes|en)?|hoogachtend"
    r"|het team van .{2,30}"
    r"|(?:med )?(?:vänliga?|bästa|varma|vennlig|vennlige|venlig|venlige|hjertelig) hils(?:ning(?:ar)?|en|ener)"
    r"|(?:med )?(?:vänliga?|bästa|varma) hälsning(?:ar)?|mvh|hälsningar|hilsen|mvh|ystävällisin terveisin|terveisin"
    r"|parhain terveisin"
    r"|z (?:poważaniem|wyrazami szacunku|pozdrowieniami)|pozdrawiam(?:y)?(?: serdecznie)?|s pozdravem|с (?:уважением"
    r"|наилучшими пожеланиями)|всего (?:доброго|хорошего)|ваша? .{0,20}(?:команда|служба).{0,30}|з (?:повагою"
    r"|найкращими побажаннями)"
    r"|saygılar(?:ımla|ımızla)?|sevgiler(?:le)?|iyi günler|hormat kami|salam(?: hangat)?|trân trọng|thân ái"
    r"|con los mejores deseos|με εκτίμηση|φιλικά|cu stimă|üdvözlettel"
)
# These take leave only when nothing but a name on the next line follows.
_SIGN_OFF_SHORT = (
    r"yours|cheers|best|all the best|take care|(?:many |with )?thanks(?: again| in advance)?|thank you(?: again)?"
    r"|love|xoxo|talk soon"
    r"|see you(?: soon)?|(?:bye|goodbye)(?: for now)?|warmly|merci|gracias|danke|tschüss|grazie|tack|dzięki|спасибо"
    r"|obrigad[oa]|liebe grüße"
)
_SIGN_OFF_UNSPACED = (
    r"(?:此致|敬礼|敬上|敬啟|谨上|顺祝商祺|祝好|祝商祺|以上[、,]?(?:何卒)?(?:よろしく|宜しく)"
    r"|(?:何卒)?(?:よろしく|宜しく)お願い(?:いた|致)?し(?:ます|申し上げます)|敬具|감사합니다|드림|올림"
    r"|مع (?:خالص )?(?:تحيات[يىن]?|التحية|أطيب التحيات)|تحياتي|सादर|धन्यवाद|भवदीय|בברכה|בכבוד רב"
    r"|ด้วยความเคารพ|ขอแสดงความนับถือ)"
)
_NAMES_BELOW = r"(?:\s*\n[^\n]{1,60}){0,3}\s*$"
# A line of its own (or the end of the last one) that takes leave, and at most three short lines of names behind it.
SIGN_OFF = re.compile(
    r"(?:^|\n|(?<=[.!?。！？]))[ \t*_–—-]{0,4}(?:"
    rf"(?:{_SIGN_OFF})(?=[,.!\n –—-]|$)[ ,.!–—-]{{0,4}}(?:[^\s.!?,]{{1,20}}(?:[ ][^\s.!?,]{{1,20}}){{0,4}}[.!]?)?"
    r"|"
    rf"(?:{_SIGN_OFF_SHORT})(?:[ ]*[,.!–—]{{0,2}}(?=\s*\n|\s*$)|,[ ][^\s.!?,]{{1,20}}[.]?(?=\s*$))"
    rf"|{_SIGN_OFF_UNSPACED}[^\n]{{0,12}})" + _NAMES_BELOW,
    re.I,
)
_TEAM = r"(?:your|the|ihr|dein|votre|su|tu) (?:[\w&'’-]+ ){0,3}team"
SIGNATURE = re.compile(
    rf"(?:\n|(?<=[.!?。] ))[ \t]*(?:(?:--|[–—~])[ ]?(?=[^\W\d_])|{_TEAM}\b)[^\n.!?]{{0,40}}\s*$", re.I
)
GREETING_WORD = re.compile(r"\s{0,9}([^\W\d_]+)(?:[ ][^\W\d_]+){0,3}[ \u00a0]?[,!:，！：]")
TAIL = 320  # characters in which a sign-off stands


def greeting_of(text: str) -> tuple[int, int]:
    """Where the text greets at its beginning; (0, 0) where it does not."""
    start = len(text) - len(text.lstrip())
    if NO_GREETING.match(text, start):
        return (0, 0)
    found = GREETING.match(text, start, start + 200)
    return found.span() if found else (0, 0)


# The same in Polars' words, which knows no lookaround: what cannot take leave is not looked at closely.
MAY_SIGN_OFF = (
    rf"(?i)(?:^|\n|[.!?。！？])[ \t*_–—-]{{0,4}}(?:{_SIGN_OFF}|{_SIGN_OFF_SHORT}|{_SIGN_OFF_UNSPACED})"
    rf"|(?:\n|[.!?。] )[ \t]*(?:--|[–—~]|{_TEAM})"
)


def sign_off_start(text: str) -> int:
    """Where the sign-off at the end of the text begins; its length where there is none."""
    begin = max(0, len(text) - TAIL)
    found = SIGN_OFF.search(text[begin:]) or SIGNATURE.search(text[begin:])
    start = begin + found.start() if found else len(text)
    return start if text[:start].strip() else len(text)


def sign_off_starts(texts: pl.Series) -> list[int | None]:
    """(N,) where the sign-off of each text begins, its length where there is none; None for no text."""
    may = texts.str.tail(TAIL).str.contains(MAY_SIGN_OFF)
    return [
        None if text is None else sign_off_start(text) if look else len(text)
        for text, look in zip(texts, may, strict=True)
    ]
