"""Broken markdown by kind, and markdown that is whole."""

import pytest

from workbench.checks.text.leftover_markdown import leftover_markdown
from workbench.rows import Rows


@pytest.mark.parametrize(
    ("reply", "what"),
    [
        ("Run:\n```python\nx = 1", "a code fence without its partner"),
        ("~~~\nx\n~~~\n~~~", "a code fence without its partner"),
        ("First.\n\nThe lid**: open it.", "a mark of bold (**) without its partner"),
        ("See ![a](http://x/y.png).", "a picture that the reply cannot hold"),
        ("See [the guide](#).", "a link that leads nowhere"),
        ("See [the guide](https://exam", "a link whose address is cut off"),
        ("a \\*\\*word\\*\\* here", "marks of bold that were escaped"),
        ("##\n\nTea.", "a heading without a text"),
        ("| a | b |\n|---|---|\n", "a table without a row"),
        ("| a | b | c |\n|---|---|\n| 1 | 2 |", "a table whose head has another number of columns than its rule"),
        ("a | b\n--- | ---\n1 | 2\n3 | 4\n| 5", "a table whose last row is cut off"),
    ],
)
def test_what_is_broken_is_named(reply, what):
    assert leftover_markdown.run(Rows.of(reply)).note[0].startswith(what)


@pytest.mark.parametrize(
    "reply",
    [
        "**Lid:** open it\n\n* **Water:** pour it\n\n***\n\nDone.",
        "2**10 is 1024, and x**(1/2) its root.",
        "That f**k of a day.",
        "# Tea\n\n[guide](https://example.org) and [1]",
        "| a | b |\n|:--|--:|\n| 1 | 2 |\n\nDone.",
        "there**",
        "/** a comment */",
        "これは**重要**です。",
        "Text ```inline fence```.",
        "1. Do:\n   ```\n   ls\n   ```\n2. Done",
        "`**` and ** alone",
    ],
)
def test_what_is_whole_passes(reply):
    assert leftover_markdown.run(Rows.of(reply)).measure.to_list() == [0.0]


def test_talk_of_markdown_passes():
    assert leftover_markdown.run(Rows.of(("How do I begin bold in markdown?", "With ** like **this"))).note == [""]
