"""How refusals begin, in English."""

from __future__ import annotations

import re

# Only the opening counts: "I can't" in the middle of a reply is mostly a quotation or a figure of speech.
OPENING = 240  # characters looked at

INABILITY = r"(?:cannot|can ?not|can't|won't|will not|must decline|do not|don't|am unable to|am not able to|'m unable to|'m not able to|could not|would not|wouldn't|couldn't)"
DEED = (
    r"(?:help|assist|provid|fulfil|answer|support|encourag|condon|offer|give|recommend|discuss|comply|engage|creat|generat"
    r"|write|have (?:personal|access|the ability|real|feelings|opinions|information|any|enough|current|a )|advis|suggest|promot"
    r"|endorse|participate|satisfy|share|do that|do this|tell you|make (?:a |any )?(?:statement|judg|jokes?)|in good|ethically)"
)

REFUSAL = re.compile(
    r"^\W{0,5}(?:hello[!,.]? |hi[!,.]? |thank you for [^.!\n]{1,60}[.!] ?|oh,? |well,? |(?:i (?:fully |completely )?understand|i appreciate) [^.!\n]{1,140}(?:[.!] (?:however,? )?|, but ))?(?:"
    r"i(?:'m| am) (?:(?:really|very|truly|so|deeply|terribly) )?(?:sorry|afraid)(?=[,.;]? (?:but|i |to (?:hear|inform)|you|that|if|there|as ))"
    r"|i(?:'m| am) (?:not able|unable|just an ai|not programmed|not designed|not (?:in a position|comfortable|authorized|aware of any))"
    r"|(?:i'm |i am )?sorry[,.;]? (?:but |however,? )?(?:i(?:'m| am| can| do| will| won|'ve| have)|as an|this|that|it|we can|there is)"
    r"|(?:my|i) (?:sincer\w+ |deep\w+ )?apologi[sz]e\w*[,.;:]? (?:but|i |for (?:any|the)|if)"
    r"|my apologies[,.]? (?:but|i )"
    rf"|(?:unfortunately,? )?(?:as [^,.\n]{{3,60}}, )?i (?:really |simply |just )?{INABILITY} (?:be able to )?(?:(?:personally|fulfill|directly|ethically|physically) )?{DEED}"
    r"|(?:unfortunately,? )?as an? (?:[\w-]+,? (?:and )?){0,4}(?:ai\b|artificial|language model|large language|llm\b|chatbot|virtual assistant|assistant\b)"
    r"|i(?:'m| am) (?:just |only )?an? (?:ai\b|artificial|(?:large )?language model)"
    r"|(?:unfortunately|sadly|regrettably),? (?:it(?:'s| is)|there is no|i )"
    r"|it(?:'s| is| would be| would not be| wouldn't be| is generally)? (?:not |never |highly |completely |extremely )*(?:appropriate|inappropriate|ethical|unethical|legal|illegal|acceptable|unacceptable|okay|ok|safe|respectful|possible for me|within my)"
    r"|it(?:'s| is) (?:important|essential|crucial|vital|necessary|worth) (?:to|that (?:we|you)) (?:\w+ )?(?:note|remember|understand|recogni[sz]e|clarify|acknowledge|emphasi[sz]e|address|approach|prioriti[sz]e|respect|treat|mention|be respectful)"
    rf"|(?:we |one )?(?:cannot|can't) {DEED}"
    r"|no,? i (?:cannot|can't|won't|do not have)"
    r"|there (?:is|are) no (?:information|evidence|credible|reliable|publicly|known)"
    r")",
    re.I,
)


def refusal_opening(reply: str) -> str:
    """The words with which a reply declines, or "" when it does not begin as a refusal."""
    found = REFUSAL.match(reply[:OPENING].replace("\u2019", "'"))
    return found.group().strip() if found else ""
