"""Request that a model without tools cannot fulfil

The prompt asks to play, draw, photograph, book, call, send, browse or tell what is live (weather, traffic, nearest
shop), or the reply says that it did: "I have sent the e-mail", "your table is booked". Without a tool call the model
learns to claim deeds that nobody did. Rows in which a tool is called or declared, and replies that decline, are left
alone.

Known limits
    English. What a writer can do with words (a drawing described, a message drafted) is taken for possible. A reply
    written by a person who really did it ("I have refunded your order") is flagged all the same where it is sent,
    booked or looked up: the model that learns it cannot.
Measured
    When people cleaned Alpaca by hand they removed .73 of such wishes for pictures and sounds, .41 of those for outside
    deeds and .80 of claimed deeds: hence a hint.
"""

from __future__ import annotations

import re

import polars as pl

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.grounding.asks import last_asked, matching, with_tools
from workbench.checks.safety.pieces import quoted
from workbench.checks.safety.refusal_patterns import refusal_opening
from workbench.rows import Rows

PLEASE = (
    r"(?m:^)\W{0,3}(?:(?:please|hey|hi|hello|ok|alexa|siri|assistant|now|then|and),? )*(?:(?:can|could|would"
    r"|will) you (?:please )?|i (?:want|need|would like|'d like) you to |help me (?:to )?)?"
)
WISH = (
    PLEASE + "(?:"
    r"play (?:me )?(?:a |an |some |the |my )?(?:\w+ ){0,4}(?:song|music|playlist|video|track|album|audio|sound"
    r"|movie|podcast|melody|jazz|tune)\b"
    r"|(?:draw|paint|sketch|illustrate) (?:me )?(?:a |an |the |some |my )(?!conclusion|comparison|parallel"
    r"|line between|inference|lesson|distinction|tree diagram|number line|table)[\w ]{3,60}"
    r"|(?:design|create|make|generate|produce|draw|show|take|provide|find|paint) (?:me )?(?:a |an |the "
    r"|some )?(?:\w+ ){0,3}(?:logo|poster|photo(?:graph)?|picture|image|painting|drawing|illustration|infographic"
    r"|video|animation|gif|cartoon|sound clip|3d model|sculpture|collage|selfie|screenshot"
    r"|mural)s?\b(?! (?:caption|description|prompt|idea|concept|title|name|script|processing|file|path|url|tag"
    r"|class|element|with (?:css|html|python|svg|ascii)|using (?:css|html|python|svg|ascii|matplotlib)|in (?:css"
    r"|html|python|svg|ascii|latex)))"
    r"|(?:record|compose and play|sing|whistle|hum) (?:me )?(?:a |an |the |us )(?:\w+ ){0,3}(?:song|audio|video"
    r"|voice|message|melody|tune)\b"
    r"|(?:book|reserve) (?:me )?(?:a |an |the |my |us )?(?:\w+ ){0,3}(?:flights?|tables?|hotels?|rooms?|tickets?"
    r"|appointments?|taxi|cab|car|seats?|trip)\b"
    r"|(?:send|forward|mail|text|e-?mail) (?:this|an?|the|my|him|her|them|it)\b (?:\w+ ){0,4}(?:e-?mail|message"
    r"|text|sms|letter|invitation|reminder|file|to )\b"
    r"|(?:call|phone|ring|dial) (?:my|the|a|an) (?:mom|mother|dad|father|wife|husband|friend|boss|doctor|taxi|cab"
    r"|police|restaurant|office|sister|brother|number|pharmacy)\b"
    r"|(?:call|phone|ring) (?:the |my |our |a |an )?(?:\w+ ){1,3}?and (?:ask|tell|say|cancel|book|order"
    r"|complain|find out)\b"
    r"|(?:set|start|create) (?:me )?(?:a |an |the |my )?(?:\w+ )?(?:alarm|timer|reminder)s?\b(?! (?:in|with|using"
    r"|app|class|function|program|script))"
    r"|call (?:me |us )?(?:a |an )?(?:taxi|cab|uber|ambulance)\b|remind me (?:to|about|at|in|tomorrow)\b|(?:turn"
    r"|switch) (?:on|off|up|down) (?:the |my )(?:\w+ )?(?:lights?"
    r"|tv|television|heating|lamp|radio|fan|music|volume|thermostat|ac)\b"
    r"|order (?:me )?(?:a |an |some )(?:\w+ ){0,2}(?:pizza|food|taxi|cab|burger|sushi|coffee|groceries|meal)\b"
    r"|(?:search|browse|surf|scour|scan|google) (?:the )?(?:web|internet|google|online|news|wikipedia)\b"
    r"|(?:look up|google) (?:the |a )?(?:\w+ ){0,4}(?:online|on (?:the )?(?:web|internet|google|wikipedia))\b"
    r"|(?:open|visit|go to|access|click|download) (?:the |this )?(?:website|web ?page|link|url|https?://|www\.)"
    r"|(?:find|locate|show|tell) (?:me )?(?:where )?(?:the |a |an |is the )?(?:nearest|closest)\b"
    r"|where is the (?:nearest|closest)\b"
    r"|(?:what(?:'s| is| will)|how(?:'s| is)|tell me|check|get) (?:me )?(?:the )?(?:current |today's "
    r"|latest )?(?:weather|temperature|traffic|stock price|exchange rate|score)\b[^?.\n]{0,40}\b(?:today|tonight"
    r"|tomorrow|now|right now|currently|outside|this (?:week|weekend|morning|evening))"
    r"|what time is it(?: (?:now|in [A-Za-z ]+))?\W*$|what(?:'s| is) (?:today's date|the (?:current )?(?:date"
    r"|time))(?: (?:today|now|in [A-Za-z ]+))?\W*$)"
)
WISHES = re.compile(WISH, re.I | re.M)
LOOKED_AT, CLAIMED_IN = 600, 1_500  # characters of the question (a longer one is a text) and of the reply
CLAIM_WORDS = (
    *(
        "i sent",
        "sent you",
        "sent the",
        "have sent",
        "'ve sent",
        "mailed",
        "texted",
        "booked",
        "reserved",
        "phoned",
        "scheduled",
    ),
    *(
        "forwarded",
        "ordered",
        "purchased",
        "uploaded",
        "attached",
        "posted",
        "submitted",
        "searched",
        "browsed",
        "ve checked",
    ),
    *(
        "ve looked",
        "ve visited",
        "googled",
        "has been",
        "is now ",
        " was s",
        " is s",
        "your order",
        "now playing",
        "playing",
    ),
    *(
        "i drew",
        "drawn",
        "painted",
        "sketched",
        "photographed",
        "recorded",
        "set a",
        "set the",
        "turned o",
        "switched o",
    ),
    *(
        "i called",
        "ve called",
        "have called",
        "rang ",
        "rung ",
        "spoke",
        "talked",
        "contacted",
        "i've set",
        "have set",
        "just sent",
        "already sent",
        "now sent",
    ),
)
CLAIMS = re.compile(
    r"\bi(?:'ve| have) (?:just |now |already )?(?:sent|e-?mailed|mailed|texted|messaged) (?:you|him|her|them|it)\b|"
    r"\b(?:i(?:'ve| have)|i) (?:just |now |already |successfully |also )?(?:sent|e-?mailed|mailed|texted|booked"
    r"|reserved|phoned|scheduled|forwarded|ordered|purchased|uploaded|attached|posted|submitted)"
    r" (?:you |him |her |them |an? |the |your |it |this |that |two |three |\w+ )(?:\w+ ){0,4}?(?:to|for|at|by"
    r"|e-?mail|message|link|ticket|flight|table|room|appointment|order|copy|file|document|reminder|request"
    r"|meeting|now|on)\b"
    r"|\bi(?:'ve| have) (?:just |now |already )?(?:searched|browsed|checked|looked (?:up|at)|googled"
    r"|visited) (?:the |your |on |through )?(?:web|internet|online|website|link|page|account|order|system"
    r"|records?|google|database|inbox|calendar)\b"
    r"|\byour (?:table|flight|room|hotel|taxi|ticket|appointment|reservation|seat|meeting|order|e-?mail|message"
    r"|reminder|alarm|timer) (?:has been|is now|was|is) (?:successfully )?(?:booked|reserved|sent|scheduled"
    r"|placed|set|ordered|confirmed|delivered to)\b"
    r"|\b(?:the|your|an?|this) (?:\w+ ){0,2}(?:e-?mail|message|invitation|reminder|alarm|timer|reservation"
    r"|booking|letter|logo|image|picture|poster|video|chart|file|spreadsheet|document|infographic|presentation"
    r"|drawing|design|playlist) has been (?:successfully )?(?:sent|created|set|booked|made|designed|generated"
    r"|drawn|attached|uploaded|saved|scheduled|played|forwarded|produced)\b"
    r"|\b(?:now playing|playing (?:now|the song|your))\b|\bi(?:'ve| have)? (?:just |now )?(?:drawn|painted"
    r"|sketched|photographed|recorded) (?:you |an? |the |this )"
    r"|\bi(?:'ve| have)? (?:just |now )?(?:set|turned (?:on|off)|switched (?:on|off)) (?:an? |the "
    r"|your )(?:\w+ )?(?:alarm|timer|reminder|lights?|tv|heating|music)\b"
    r"|\bi(?:'ve| have)? (?:just |now )?(?:called|phoned|rung|rang|spoken (?:to|with)|contacted) (?:them|him|her)\b"
    r"|\bi (?:called|spoke (?:to|with)|talked to|contacted) (?:the |your |our )(?:\w+ )?(?:bank|hotel|restaurant"
    r"|airline|doctor|supplier|courier|carrier|office|warehouse)\b",
    re.I,
)
# Where words will do what was asked, or the prompt is a play of roles.
IN_WORDS = re.compile(
    r"\b(?:tools?|query|ascii|svg|css|html|python|code|latex|tikz|mermaid|matplotlib|describ\w+|descriptions?"
    r"|prompts?|captions?|ideas?|concepts?|slogans?|draft|write|writing|compose|letter to|script"
    r"|pretend|role[- ]?play|imagine|act as|story|poem|dialogue|fiction\w*|sentence|steps?|how (?:to|do|can|would"
    r"|should)|explain|translate|rewrite|classify|example|function|program|api|suggest\w*)\b",
    re.I,
)
WRITES = re.compile(
    r"\b(?:write|draft|compose|create|generate|rewrite|translate|reply|respond|story|poem|letter|e-?mail|message"
    r"|dialogue|conversation|script|summari[sz]e|role[- ]?play|pretend|act as|character|scene|example|sentence"
    r"|paragraph|complete|continue|fill|correct|edit|paraphrase|classify|essay|report|statement|following)\b",
    re.I,
)


@check(
    severity="info",
    flags=Rows.of(
        ("Draw a picture of a sunset over the sea.", "Here is your picture: a red sun sinks into the water."),
        ("Book me a table for two tonight.", "Done! Have a nice evening."),
        ("Where is my invoice?", "I have sent the invoice to your e-mail address."),
        ("What is the weather like today?", "It is sunny and 24 degrees."),
    ),
    passes=Rows.of(
        ("Draw a conclusion from this.", "Sales fall in winter."),
        ("Draw a cat in ASCII art.", "=^.^="),
        ("Book me a table for two tonight.", "I'm sorry, I can't book tables. Call the restaurant."),
        ("Write an e-mail to my landlord.", "Dear Mr Hill, I have sent the rent to your account."),
    ),
)
def impossible_request(rows: Rows) -> Findings:
    """Measure: 1 where the last question asks for what only a tool could do, or the reply claims to have done it."""
    measure: list[float | None] = [None] * len(rows)
    notes = [""] * len(rows)
    spans: list[tuple[Span, ...]] = [()] * len(rows)
    tools, replies = with_tools(rows), rows.reply
    lines = last_asked(rows)
    wishing = matching(lines["content"], WISH, longest=LOOKED_AT)
    begins = pl.Series([replies[row][:CLAIMED_IN] for row in lines["row"]], dtype=pl.String)
    claiming = matching(begins, CLAIMS.pattern, CLAIM_WORDS)
    for (row, turn, content), wishes, claims in zip(lines.iter_rows(), wishing, claiming, strict=True):
        if row in tools:
            continue
        asked, reply = content[:LOOKED_AT].replace("\u2019", "'"), replies[row]
        measure[row] = 0.0
        wish = WISHES.search(asked) if wishes and len(asked) < LOOKED_AT else None
        if wish and not IN_WORDS.search(asked) and reply.strip() and not refusal_opening(reply):
            measure[row], spans[row] = 1.0, ((turn, *wish.span()),)
            notes[row] = f"the prompt asks for what no words can do: {quoted(wish.group())}"
            continue
        claim = (
            CLAIMS.search(reply[:CLAIMED_IN].replace("\u2019", "'")) if claims and not WRITES.search(asked) else None
        )
        if claim:
            measure[row], spans[row] = 1.0, ((len(rows.messages[row]) - 1, *claim.span()),)
            notes[row] = f"the reply claims a deed, and no tool was called: {quoted(claim.group())}"
    return above(measure, 0.5, notes, spans)
