import pytest

from workbench.checks.safety.toxic import toxic
from workbench.rows import Rows


@pytest.mark.parametrize(
    ("text", "measure"),
    [
        ("I will kill you.", 1.0),
        ('He wrote "I will kill you" in the chat.', 0.5),
        ("Ich bring dich um.", 1.0),
        ("Je vais te tuer.", 1.0),
        ("Vete a la mierda.", 1.0),
        ("去死吧", 1.0),
        ("All immigrants are vermin.", 1.0),
        ("I'll kill you at chess!", 0.0),
        ("You can kill the process.", 0.0),
        ("They live under a tyranny.", 0.0),
        ("The film is suitable for children.", 0.0),
    ],
)
def test_what_is_said_counts_more_than_what_is_quoted(text, measure):
    assert toxic.run(Rows.of(text)).measure.to_list() == [measure]


def test_a_limit_below_a_half_shows_what_is_quoted_too():
    findings = toxic.run(Rows.of('He wrote "I will kill you" in the chat.'))
    assert not findings.flagged.any()
    assert findings.at(0.4).flagged.all()
