"""The leak guard: which training rows would show the model what stands in golden, by which way, and how sure that is.

`suspects` looks every way at once; `leaks` is the part that needs no model and that the checks share.
"""

from workbench.guard.answer_runs import contained
from workbench.guard.copies import Leak, leaks
from workbench.guard.exchanges import FEWEST_QUESTION_WORDS, FEWEST_REPLY_WORDS, Exchange, compared_fields, exchanges
from workbench.guard.suspects import EDITION, TIERS, WAYS, Suspect, Tier, Way, suspects

__all__ = [
    "EDITION",
    "FEWEST_QUESTION_WORDS",
    "FEWEST_REPLY_WORDS",
    "TIERS",
    "WAYS",
    "Exchange",
    "Leak",
    "Suspect",
    "Tier",
    "Way",
    "compared_fields",
    "contained",
    "exchanges",
    "leaks",
    "suspects",
]
