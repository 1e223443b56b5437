from workbench.checks.text.leftover_markup import leftover_markup
from workbench.rows import Rows


def test_template_tokens_are_left_to_their_own_check():
    assert leftover_markup.run(Rows.of("Good day.<|im_end|></s>")).measure.to_list() == [0.0]


def test_the_note_says_which_piece_where_and_how_many():
    findings = leftover_markup.run(Rows.of("Fish &amp; chips<br>and peas"))
    assert findings.note == ['the HTML entity "&amp;" in the assistant turn at character 6, and 1 more']


def test_tags_are_left_alone_in_code_and_in_talk_about_html():
    rows = Rows.of("```\n<p>Hello</p>\n```", ("Which HTML tag is bold?", "The tag is <b>."), "Use `&amp;` there.")
    assert leftover_markup.run(rows).flagged.to_list() == [False, False, False]


def test_comparison_signs_ampersands_and_names_in_angle_brackets_are_text():
    rows = Rows.of("if a < b and c > d", "Marks & Sons, R&D;", "press <Enter>", "I <3 you", "Sources: [1], [2]")
    assert leftover_markup.run(rows).measure.to_list() == [0.0] * 5


def test_a_leftover_in_the_prompt_is_found_too():
    assert leftover_markup.run(Rows.of(("What is &quot;soup&quot;?", "Food."))).measure.to_list() == [2.0]
