"""Invented compliments and traits

The reply ascribes to the user, the customer or the product something that the prompt never said: "as a loyal customer",
"your excellent taste", "our award-winning coffee". A model trained on it flatters and invents; customers notice.

Known limits
    English, German, French and Spanish. A trait counts as given when its word, or one with the same beginning,
    stands in the prompt or the system text. Rows that ask for a letter, an advertisement, a story or other writing
    are left alone, unless the prompt lists the facts that the text should rest on ("Facts: ..."). Praise of a
    question ("Great question!") is a manner of speaking and not looked at.
Measured
    No flag in 74,000 rows of real text.
"""

from __future__ import annotations

import re

import polars as pl

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.grounding.asks import matching
from workbench.checks.safety.pieces import quoted
from workbench.rows import Rows, message

GOOD = (
    r"(?:excellent|exquisite|impeccable|great|fantastic|wonderful|refined|fine|superb|perfect|amazing|outstanding"
    r"|remarkable|beautiful|lovely|stunning|gorgeous|brilliant|incredible"
    r"|extraordinary|sharp|keen|discerning|sophisticated|elegant|good|delightful|charming|impressive|keen"
    r"|exceptional|generous|kind|warm|inspiring|unparalleled|unwavering|continued|long-?standing)"
)
OWNED = (
    r"(?:palate|taste|eye for (?:\w+)|sense of (?:style|humou?r|fashion|taste)|style|choice|judg[e]?ment|intellect"
    r"|intuition|personality|smile|home|garden|family|talent|skills?|dedication|loyalty|expertise|work ethic"
    r"|generosity|heart|spirit|wisdom|creativity|attention to detail|support|trust|patience|taste in \w+)"
)
LOYAL = (
    r"(?:loyal|valued|long-?standing|long-?time|long-?term|regular|returning|faithful|devoted|treasured|esteemed"
    r"|premium|platinum|gold|vip|cherished|trusted|dedicated|frequent|favou?rite|best)"
)
BUYER = (
    r"(?:customer|client|member|subscriber|guest|patron|user|fan|shopper|traveller|traveler|reader|partner"
    r"|supporter|visitor|friend of (?:the|our) \w+)"
)
PRAISED = (
    r"(?:award-?winning|best-?selling|world-?(?:famous|class|renowned)|industry-?leading|top-?rated"
    r"|cutting-?edge|state-?of-?the-?art|renowned|celebrated|premium(?:-quality)?|luxurious|hand-?crafted"
    r"|hand-?made|revolutionary|unrivalled|unrivaled|unbeatable|legendary|prize-?winning|multi-?award-?winning"
    r"|critically acclaimed|most popular|beloved|iconic|exquisite|five-?star|5-?star|finest)"
)
TRAITS = (
    rf"\b(?:what|such) an? (?:truly |really )?(?P<what>{GOOD}) (?:taste|eye|palate|sense of"
    r"|judg[e]?ment) (?:for \w+ |of \w+ )?(?:you|for|in|of)\b|"
    r"\b(?:as|being|you(?:'re| are|'ve been| have been)) (?:such )?(?:a |an "
    rf"|one of our (?:most )?)(?:\w+ )?(?P<loyal>{LOYAL})(?: and \w+)? {BUYER}s?\b"
    rf"|\b(?:our|a) (?P<ours>{LOYAL}) {BUYER}s? like (?:you|yourself)\b"
    r"|\ban? (?:\w+ )?(?P<like>experienced|seasoned|skilled|talented|passionate|discerning|gifted|accomplished"
    r"|sophisticated|brilliant|dedicated|keen) \w+ (?:like|such as) (?:you|yourself)\b"
    rf"|\byour (?:\w+ )?(?:truly |obviously |always |really )?(?P<good>{GOOD})(?: and \w+|, \w+)? {OWNED}\b"
    r"|\b(?:you(?: clearly| obviously| really| truly| certainly)? (?:have|'ve got|possess|show)"
    rf"|with) (?:such )?(?:an? )?(?:truly |really |very )?(?P<have>{GOOD}) (?:taste|eye|sense of|judg[e]?ment"
    r"|intuition|instincts?)\b"
    r"|\bthank(?:s| you) (?:so much |very much )?for (?:your |being (?:such )?(?:a |an ))?(?:many )?(?:years of "
    r"|long )?(?P<thanks>loyalty|(?:continued|ongoing|unwavering|long-?standing) (?:trust|support|loyalty"
    r"|patronage|business)|(?:loyal|valued|faithful|long-?time) (?:\w+ )?customer|years of (?:loyalty|trust"
    r"|business))\b"
    r"|\b(?:someone|a person|a customer|people|an? \w+) (?:as|so) (?P<as>talented|intelligent|smart|kind"
    r"|dedicated|experienced|discerning|accomplished|charming|thoughtful|stylish|loyal) as you\b"
    r"|\byou(?:'re| are) (?:clearly |obviously |truly |such |really |evidently )+(?:an? |very )?(?P<are>talented"
    r"|intelligent|smart|dedicated|experienced|discerning|accomplished|charming|caring|thoughtful|stylish|skilled"
    r"|wonderful|amazing|exceptional|remarkable)(?: \w+)?\b"
    rf"|\b(?:our|this|these|your new) (?:\w+ )?(?P<praised>{PRAISED}) (?:\w+ ){{0,2}}(?:product|coffee|range"
    r"|collection|service|team|support|shop|store|menu|app|software|tool|machine|model|phone|shoes?|jacket|bag"
    r"|wines?|tea|bread|cakes?|chocolates?|kitchen|hotel|restaurant|rooms?|spa|bike|car|camera|watch|furniture"
    r"|sofa|mattress|design|quality|materials?|ingredients|platform|customer service|experience|blend|recipe"
    r"|brand|company|delivery|line|device|headphones?|speaker|lamp|chair|table|dress|shirt|boots?|boiler|pump|oven)s?\b"
    r"|\bals (?:\w+ )?(?P<de>treue[rn]?|langjährige[rn]?|geschätzte[rn]?|gute[rn]?|werte[rn]?|besondere[rn]?"
    r"|anspruchsvolle[rn]?) (?:stamm)?(?:kund(?:e|in|en)|gast|mitglied|abonnent(?:in)?|nutzer(?:in)?"
    r"|leser(?:in)?)\b|\b(?:ihr|dein)(?:e[nrms]?)? (?P<de2>exzellente[rn]?|ausgezeichnete[rn]?|hervorragende[rn]?"
    r"|erlesene[rn]?|gute[rn]?|feine[rn]?|tolle[rn]?|wunderbare[rn]?) (?:geschmack|stil|auge|gespür|wahl"
    r"|urteil)\w*|\bfür (?:ihre|deine) (?:langjährige )?(?P<de3>treue)\b"
    r"|\bunser(?:e[nrms]?)? (?:\w+ )?(?P<de4>preisgekrönt\w*|vielfach ausgezeichnet\w*|weltberühmt\w*"
    r"|erstklassig\w*|beliebt\w*|handgefertigt\w*|hochwertig\w*|einzigartig\w*) [A-Za-zäöüß]+"
    r"|\ben tant que (?P<fr>fid[eè]le|bon|bonne|précieux|précieuse) (?:client|cliente|membre|abonnée?)\b"
    r"|\b(?:client|cliente) (?P<fr2>fid[eè]le|précieux|précieuse)\b|\bvotre (?P<fr3>excellent|fin|bon|grand"
    r"|remarquable|sûr|exquis) (?:goût|choix|œil|style|sens)\b|\bpour votre (?P<fr4>fidélité"
    r"|confiance renouvelée)\b|\bnotre (?:\w+ )?(?P<fr5>primée?|renommée?|célèbre|exceptionnelle?)\b"
    r"|\bcomo (?:nuestro |nuestra )?(?:client[ea] |soci[oa] )?(?P<es>fiel|leal|valios[oa]|apreciad[oa]"
    r"|estimad[oa]|habitual|vip)(?: client[ea]| soci[oa])?\b|\b(?:su|tu) (?P<es2>excelente|exquisito|buen|gran"
    r"|impecable|magnífico) (?:gusto|elección|ojo|estilo|sentido)\b|\bpor (?:su|tu) (?P<es3>lealtad|fidelidad)\b"
    r"|\bnuestr[oa] (?:\w+ )?(?P<es4>galardonad[oa]|premiad[oa]|reconocid[oa]|exclusiv[oa])\b"
)
TRAIT = re.compile(TRAITS, re.I)
# Where the prompt lists facts for a text, these are inventions, too: in English, of people and of things.
LISTED = re.compile(
    r"(?:^|[\n.:;] ?)(?:only |these |given |known |product |key )?(?:facts?|details|data|features|specifications?|specs"
    r"|notes|bullet points|information|fakten|angaben)(?: to use| given)? ?:",
    re.I,
)
UNLISTED = re.compile(
    rf"\b(?:our|this|these|the|an?) (?P<praised>{PRAISED})(?=,? \w)"
    r"|\b(?:highly|exceptionally|extremely|truly|remarkably|very|always) (?P<very>creative|motivated|talented"
    r"|dedicated|gifted|skilled|intelligent|professional|reliable|charismatic|passionate|ambitious|respected)\b"
    r"|\ban? (?:\w+ )?(?P<born>inspiring|born|natural|outstanding|exceptional|brilliant|charismatic|gifted"
    r"|visionary) (?:leader|teacher|colleague|communicator|manager|speaker|worker|writer|person|talent)\b",
    re.I,
)
TRAITS_LOOSE = re.sub(r"\(\?P<\w+>", "(?:", TRAITS)  # groups are slow where only a yes or no is wanted
WORDS = (
    *(
        "customer",
        "client",
        "member",
        "subscriber",
        "guest",
        "patron",
        "fan",
        "shopper",
        "traveler",
        "traveller",
        "supporter",
        "taste",
    ),
    *(
        "like you",
        "such as you",
        "eye",
        "sense of",
        "style",
        "choice",
        "judg",
        "intellect",
        "intuition",
        "instinct",
        "personality",
        "smile",
        "your ",
        "loyal",
    ),
    *(
        "trust",
        "support",
        "as you",
        "you are ",
        "you're ",
        "award",
        "selling",
        "world",
        "leading",
        "rated",
        "edge",
        "of-the-art",
        "renowned",
    ),
    *(
        "celebrated",
        "premium",
        "luxur",
        "crafted",
        "handmade",
        "hand-made",
        "revolution",
        "unriv",
        "unbeat",
        "legend",
        "winning",
    ),
    *(
        "acclaimed",
        "popular",
        "beloved",
        "iconic",
        "exquisite",
        "star ",
        "finest",
        "als ",
        "ihr",
        "dein",
        "unser",
        "en tant",
        "votre",
    ),
    *("notre", "como ", "su ", "tu ", "nuestr", "lealtad", "fidelidad"),
)
# Asked for such writing, a reply may say of people and things what it likes.
WRITING = re.compile(
    r"\b(?:write|draft|compose|create|generate|rewrite|translate|paraphrase|story|poem|letter|advert\w*|slogan"
    r"|tagline|speech|essay|product description|description of|blog|post|tweet|review|script|dialogue"
    r"|role[- ]?play|example"
    r"|summari[sz]e|compliment|motivat\w+|encourag\w+|testimonial|cover letter|describe|promot\w+|marketing"
    r"|headline|schreib\w*|verfass\w*|entwirf|erstelle|gedicht|brief|rédige\w*|écri\w+|escrib\w+|redacta\w*)\b",
    re.I,
)
STEM = 5  # letters by which a word of the prompt is the same word


@check(
    severity="warning",
    flags=Rows.of(
        ("When does my parcel come?", "As a loyal customer you will have it tomorrow."),
        ("Do you have the blue one in M?", "Yes! You clearly have excellent taste, it is our favourite too."),
        ("How much is the coffee?", "Our award-winning coffee is 8 euros a bag."),
        ("Write a product text. Facts: mug, white, 300 ml.", "Enjoy your tea from this award-winning white mug."),
        ("Wann kommt mein Paket?", "Als treuer Kunde bekommen Sie es morgen."),
    ),
    passes=Rows.of(
        (
            "I have been a loyal customer for years. When does my parcel come?",
            "As a loyal customer you will have it tomorrow.",
        ),
        ("Write a thank-you card for a client.", "Thank you for your loyalty and your excellent taste."),
        ("How much is the coffee?", "The coffee is 8 euros a bag. Thank you for your patience."),
        [
            message("system", "Our coffee won an award in 2021."),
            message("user", "How much is the coffee?"),
            message("assistant", "Our award-winning coffee is 8 euros a bag."),
        ],
    ),
)
def invented_compliments(rows: Rows) -> Findings:
    """Measure: number of traits in the final reply that stand nowhere before it; none where there is no reply."""
    replies = rows.reply
    measure: list[float | None] = [0.0 if reply.strip() else None for reply in replies]
    notes = [""] * len(rows)
    spans: list[tuple[Span, ...]] = [()] * len(rows)
    for row, may in enumerate(matching(pl.Series(replies, dtype=pl.String), TRAITS_LOOSE, WORDS)):
        listed = bool(LISTED.search(rows.prompt[row]))
        if listed or (may and not WRITING.search(rows.prompt[row])):
            given = f"{rows.system[row]}\n{rows.prompt[row]}".lower()
            found = _invented(replies[row].replace("\u2019", "'"), given, listed)
            last = len(rows.messages[row]) - 1
            measure[row] = float(len(found))
            spans[row] = tuple((last, *one.span()) for one in found)
            said = ", ".join(quoted(one.group()) for one in found[:3])
            notes[row] = f"said of the user or the product, and given nowhere: {said}" if found else ""
    return above(measure, 0, notes, spans)


def _invented(reply: str, given: str, listed: bool) -> list[re.Match[str]]:
    """The traits of which no word stands in what was given. listed: the prompt lists the facts to write about."""
    found = [one for one in TRAIT.finditer(reply) if not any(_stands(word, given) for word in _words(one))]
    ends = {one.end() for one in found}
    more = UNLISTED.finditer(reply) if listed else ()
    return found + [
        one for one in more if one.end() not in ends and not any(_stands(word, given) for word in _words(one))
    ]


def _words(found: re.Match[str]) -> list[str]:
    trait = next((value for value in found.groupdict().values() if value), "")
    return re.findall(r"\w{3,}", trait.lower())


def _stands(word: str, given: str) -> bool:
    return word[:STEM] in given
