"""What a person should know about an import, one sentence each."""

from __future__ import annotations

from workbench.formats.format import Seen, quoted
from workbench.rows import TOOL_KEYS

TIMES_SHOWN = 6

SENTENCES = {  # what was seen -> the sentence, with {n} times and {names} of what
    "role read": "Roles were read as their usual names: {names}.",
    "unknown role": "Unknown roles were kept as they are: {names}; the check role_order shows the rows.",
    "content parts": "The content of {n} turns came in parts; their text was joined.",
    "parts without text": "{n} turns hold parts that are no text ({names}); these stay aside, as only text is learned.",
    "context only": "{n} replies are marked as context only ({names}): training reads them and does not learn them.",
    "mark ignored": "{n} messages have a mark without effect ({names}): replies are learned whole or not at all.",
    "several rows": "Records that hold several ({names}) gave {n} rows more than there are records.",
    "questions without replies": "{n} records are questions without replies; the check missing_reply shows them.",
    "prompts without replies": "{n} rows are prompts from {names} whose reply is still to be written; see the queue.",
    "speakers": "In {n} talks whoever speaks first was read as the user, and the other one as the assistant.",
    "messages joined": "{n} messages were joined to the one before, as the same speaker went on.",
    "merged cells": "Merged cells ({names}): their text counts for every row that they cover.",
    "hidden sheet": "Hidden sheets were not read: {names}.",
    "empty sheet": "Empty sheets were passed over: {names}.",
    "lines above the header": "The header was found below {names} other lines, which were not read.",
    "cell errors": "{n} cells hold an error of Excel's ({names}); they were kept as that text.",
    "ids kept": "{n} rows kept the ids, sources and lines that the file has for them.",
    "list not closed": "The list in the file is not closed: the file may have been cut behind its last example.",
    "not a number": "{n} values that are not a number (NaN) or infinite became null, in {names}.",
    "left out": "{n} values that are neither text nor numbers were left out, in {names}.",
}


def sentences(seen: Seen, format_name: str) -> tuple[str, ...]:
    """The notes of one import, from what was seen on the way."""
    notes = []
    if chosen := seen["preference", "chosen"]:
        notes.append(
            f"{chosen} rows hold a wanted and an unwanted reply: the chosen one became the reply, "
            'the other stays aside as "rejected".'
        )
    if wanted := seen["preference", "labelled true"]:
        notes.append(f"{wanted} rows are labelled as wanted (KTO) and were imported; those labelled false were not.")
    if pairs := _names(seen, "pair"):
        notes.append(f"Read {' and '.join(pairs)}.")
    for kind, sentence in SENTENCES.items():
        found = [(name, count) for (what, name), count in seen.items() if what == kind]
        if found:
            names = ", ".join(_names(seen, kind)[:TIMES_SHOWN])
            if (total := sum(count for _, count in found)) > 0:
                notes.append(sentence.format(n=total, names=names))
    if nul := seen["cleaned", "NUL"]:
        notes.append(f"NUL characters were taken out of {nul} {'line' if nul == 1 else 'lines'} or texts.")
    if halves := seen["cleaned", "surrogate"]:
        notes.append(f"{halves} texts held half a character pair (a lone surrogate); it became the sign \ufffd.")
    if taken := seen["unguarded cell", ""]:
        notes.append(f"The ' that a Goldloop export puts before formula signs was taken off {taken} cells again.")
    if guarded := seen["guarded cell", ""]:
        notes.append(
            f"{guarded} cells begin with ' before a formula sign, as in an export made for spreadsheets; "
            "they were kept as they are."
        )
    if kept := _names(seen, "kept aside"):
        offered = [name for name in TOOL_KEYS if name in kept]
        seen_by = f" A model whose template shows tools reads {quoted(offered)}, too." if offered else ""
        notes.append(f"Kept aside with each row and given back on export: {quoted(kept)}.{seen_by}")
    return tuple(notes)


def _names(seen: Seen, kind: str) -> list[str]:
    """What was met of a kind, the most frequent first."""
    return [name for (what, name), _ in seen.most_common() if what == kind]
