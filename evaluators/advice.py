"""Whether to ship the tuned model, and why, in a sentence"""

from __future__ import annotations

from collections.abc import Sequence

from evaluators.guards import Guard
from evaluators.verdict import Verdict


def advice(
    words: tuple[Verdict, Verdict], broken: Sequence[str], not_shown: Sequence[Guard], useful: bool | None
) -> tuple[bool, str]:
    """(ship or not, the sentence that says why). Ship takes better than base, better than the prompt, every guard.

    words: the verdicts against base and against the better prompt. broken: titles of guards on which tuned is worse.
    not_shown: guards of which nobody can tell; they block too, since silence is no pass. useful: whether the gain is
    shown to be larger than the smallest useful one, None where none was stated.
    """
    if words[0] == "worse":
        return False, (
            "Do not ship the tuned model: it is worse than the base model. See the gaps for what to mend in the data."
        )
    if words[1] == "worse":
        return False, (
            "Do not ship the tuned model: it is worse than the base model with a better prompt. Use that prompt, and "
            "see the gaps for what to mend in the data."
        )
    if words[0] == "better" and broken:
        return False, (
            "Do not ship the tuned model yet: it is better by the deciding metric, but worse than the base model on "
            f"{listed(broken)}. See the gaps for what to mend in the data."
        )
    if words[0] != "better":
        lost = f" It is worse than the base model on {listed(broken)}." if broken else ""
        return False, f"There is not enough evidence to ship the tuned model.{lost} See the gaps, and add golden rows."
    if words[1] != "better":
        return False, (
            "Do not ship the tuned model on this evidence: it beats the base model, but it is not shown to be better "
            "than a better prompt, which costs nothing to keep up to date."
        )
    if useful is False:
        return False, (
            "Do not ship the tuned model on this evidence: it is better than the base model and than the better "
            "prompt, but its gain is not shown to be as large as the smallest one that was called useful beforehand."
        )
    if not_shown:
        return False, (
            "Do not ship the tuned model on this evidence: it is better than the base model and than the better "
            f"prompt, but it is not shown to be no worse on {listed([one.title for one in not_shown])}."
            + _rows(not_shown)
        )
    return True, "Use the tuned model: it is better than the base model and than the base model with a better prompt."


def _rows(guards: Sequence[Guard]) -> str:
    """How many golden rows would show it, if the differences stay as they are; "" where that cannot be said of all."""
    needed = [one.rows_needed for one in guards]
    known = [rows for rows in needed if rows is not None]
    if len(known) < len(needed) or not known:
        return " More golden rows, or a wider margin stated before the next run, would tell."
    return f" Roughly {max(known):,} golden rows would show it, if the differences stay as they are."


def listed(titles: Sequence[str]) -> str:
    """Titles in quotes, joined as in a sentence."""
    quoted = [f"\u201c{title}\u201d" for title in titles]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
