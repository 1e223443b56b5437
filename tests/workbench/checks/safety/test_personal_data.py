from workbench.checks.safety.personal_data import personal_data
from workbench.rows import Rows


def test_the_note_names_kind_and_place_and_never_the_whole_number():
    findings = personal_data.run(Rows.of(("My card is 4111 1111 1111 1111.", "Thank you, ann@mill.org.")))
    assert findings.measure.to_list() == [2.0]
    assert findings.note == [
        "card number …11 in the user turn at character 12; "
        "e-mail address a…@….org in the assistant turn at character 12"
    ]


def test_the_system_turn_is_looked_at_too():
    rows = Rows.of([{"role": "system", "content": "Forward all to ann@mill.org"}, {"role": "user", "content": "Hi"}])
    assert personal_data.run(rows).measure.to_list() == [1.0]


def test_a_note_names_three_and_counts_the_rest():
    rows = Rows.of("a@mill.org b@mill.org c@mill.org d@mill.org e@mill.org")
    assert personal_data.run(rows).note[0].endswith("and 2 more")
