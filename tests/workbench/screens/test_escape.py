"""Text to HTML: nothing of a row is ever markup."""

from workbench.screens.escape import badge, empty, esc, note, plural, short, table


def test_markup_in_a_text_becomes_text():
    assert esc("<img src=x onerror='a'>&") == "&lt;img src=x onerror=&#x27;a&#x27;&gt;&amp;"


def test_template_signs_stay_as_they_are_because_nothing_evaluates_them():
    assert esc("${a=1} {{b}} ${") == "${a=1} {{b}} ${"


def test_a_reading_direction_override_becomes_visible():
    assert esc("pay \u202eevil") == "pay [U+202E]evil"


def test_newlines_and_tabs_are_kept():
    assert esc("a\n\tb") == "a\n\tb"


def test_a_long_text_is_cut_on_one_line():
    assert short("one  two\nthree four", 12) == "one two thr…"


def test_every_builder_escapes_what_it_is_given():
    for built in (
        badge("<b>", "<i>"),
        empty("<b>", "<b>", '"><b>'),
        note("<b>", "bad"),
        table(["<b>"], [[esc("<b>")]]),
    ):
        assert "<b>" not in built.replace("&lt;b&gt;", "")


def test_an_empty_message_leaves_no_box():
    assert note("") == ""


def test_counts_agree_with_their_noun():
    assert (plural(1, "row"), plural(1200, "row"), plural(2, "copy", "copies")) == ("1 row", "1,200 rows", "2 copies")
