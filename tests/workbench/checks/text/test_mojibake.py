import random

import polars as pl
from ftfy.badness import BADNESS_RE

from workbench.checks.text.mojibake import SUSPICIOUS, mojibake
from workbench.rows import Rows


def test_the_note_quotes_the_broken_piece_and_names_the_turn():
    findings = mojibake.run(Rows.of(("Quand ouvre le cafÃ© ?", "À neuf heures.")))
    assert findings.measure.to_list() == [1.0]
    assert findings.note == ['broken characters in the user turn: " ouvre le cafÃ© ?"']


def test_a_replacement_character_is_found_wherever_it_stands():
    assert mojibake.run(Rows.of("\ufffd", "a\ufffdb\ufffd")).measure.to_list() == [1.0, 2.0]


def test_sound_accents_quotes_and_other_scripts_are_left_alone():
    sound = Rows.of("voilà, “œuvre” – 20 € · ½", "Ελλάδα", "日本語です。", "Ngữ pháp tiếng Việt", "ağaç, şeker, ılık")
    assert mojibake.run(sound).measure.to_list() == [0.0] * 5


def test_an_invisible_control_character_is_written_out_in_the_note():
    note = mojibake.run(Rows.of("la loi d\x92Engel")).note[0]
    assert note == 'broken characters in the assistant turn: "la loi d\\x92Engel"'


def test_broken_letters_quoted_in_a_code_block_are_no_fault():
    assert mojibake.run(Rows.of("The bytes show as `cafÃ©` there.")).measure.to_list() == [0.0]


def test_a_content_of_null_has_nothing_broken():
    rows = Rows.of([{"role": "user", "content": "Hi"}, {"role": "assistant", "content": None}])
    assert mojibake.run(rows).measure.to_list() == [0.0]


def test_no_text_in_which_ftfy_sees_a_broken_place_is_passed_over():
    odd = sorted({letter for letter in BADNESS_RE.pattern if not letter.isascii()})
    drawn, letters = random.Random(0), [*odd, *"aZ ,-1\n"]
    texts = [a + b for a in letters for b in letters]
    texts += ["".join(drawn.choices(letters, k=size)) for size in (3, 4, 5) for _ in range(3_000)]
    broken = pl.Series([text for text in texts if BADNESS_RE.search(text)])
    assert len(broken) > 1_000
    assert broken.str.contains(SUSPICIOUS).all()
