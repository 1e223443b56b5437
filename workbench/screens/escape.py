"""Text to HTML: every piece of a row, a name or a message passes through here before a browser sees it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from typing import Any

# Bidirectional overrides can make a text read as another one; they are shown as marks instead.
# Source: Boucher & Anderson 2021, "Trojan Source", arXiv 2111.00169.
HIDDEN = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069]")


def esc(value: Any) -> str:
    """A value as HTML text, safe between tags and inside a quoted attribute; control characters become visible."""
    return html.escape(visible(str(value)), quote=True)


def visible(text: str) -> str:
    """A text in which control characters and reading-direction overrides stand as [U+202E]."""
    return HIDDEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)


def short(text: str, most: int = 160) -> str:
    """The beginning of a text on one line, with an ellipsis where it was cut. Not escaped yet."""
    line = visible(" ".join(text[: most * 4].split()))
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def badge(text: str, kind: str = "") -> str:
    """A small pill; kind: "error", "warning", "info", "ok" or "" for neutral."""
    return f'<span class="badge {esc(kind)}">{esc(text)}</span>'


def empty(sentence: str, link: str = "", href: str = "") -> str:
    """What stands where there is nothing yet: one sentence and, if there is one, the way on."""
    way = f'<a class="go" href="{esc(href)}">{esc(link)}</a>' if link else ""
    return f'<div class="empty"><p>{esc(sentence)}</p>{way}</div>'


def note(text: str, kind: str = "ok") -> str:
    """One message for the line under a screen's title; kind "ok", "busy" or "bad". Newlines are kept."""
    role = "alert" if kind == "bad" else "status"
    return f'<div class="note {esc(kind)}" role="{role}">{esc(text)}</div>' if text else ""


def table(head: Sequence[str], lines: Iterable[Sequence[str]], *, kind: str = "") -> str:
    """A table. head: plain texts, escaped here; lines: cells that are HTML already (use `esc`)."""
    top = "".join(f'<th scope="col">{esc(cell)}</th>' for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in line) + "</tr>" for line in lines)
    parts = f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody>"
    return f'<div class="scroll"><table class="list {esc(kind)}">{parts}</table></div>'


def plural(number: int, one: str, many: str = "") -> str:
    """ "1 row", "2 rows", "1,204 rows"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
