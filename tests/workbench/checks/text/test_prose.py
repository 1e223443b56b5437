from workbench.checks.text.prose import is_unspaced, looks_like_code, without_code


def test_code_is_blanked_out_and_everything_else_keeps_its_place():
    assert without_code("Use `rm x` now.\n```\nls\n```") == "Use        now.\n   \n  \n   "


def test_an_open_fence_reaches_to_the_end():
    assert without_code("See:\n```\nls -l").strip() == "See:"


def test_program_text_is_told_from_prose():
    assert looks_like_code("def f(x):\n    return x + 1\n")
    assert looks_like_code("<div>\n<p>Hello</p>\n</div>")
    assert not looks_like_code("Returns are easy.\nImport duties may apply, we cannot tell for which countries.")


def test_scripts_without_blanks_are_told_from_others():
    assert is_unspaced("これは本です。")
    assert is_unspaced("นี่คือหนังสือ")
    assert not is_unspaced("이것은 책입니다.")
    assert not is_unspaced("This is a book.")
