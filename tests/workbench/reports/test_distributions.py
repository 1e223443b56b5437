"""Pictures of a dataset: right sizes, a title on every mark, and no text of a row as markup."""

import re
from xml.etree import ElementTree

from workbench.reports.distributions import area_map, before_and_after, columns, histogram, trend

ATTACK = "<script>alert(1)</script>"
SVG = "{http://www.w3.org/2000/svg}"


def parsed(picture):
    return ElementTree.fromstring(str(picture).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def titles(picture):
    return [node.text for node in parsed(picture).iter(f"{SVG}title")]


def test_a_histogram_counts_every_value_once_and_puts_the_longest_together():
    told = titles(histogram([*range(100), 5_000], "Lengths", "words"))
    assert told[0] == "Lengths"
    assert sum(int(line.rsplit(" ", 1)[1].replace(",", "")) for line in told[1:]) == 101


def test_a_histogram_of_one_value_and_of_none_is_no_error():
    assert "5 to 6 words: 1" in titles(histogram([5.0], "One", "words"))
    assert str(histogram([], "None", "words")) == ""


def test_areas_are_as_large_as_their_counts_and_fill_the_picture():
    picture = area_map([("a", 60), ("b", 30), ("c", 10)], "Topics", height=300)
    sizes = [
        (float(box.get("width")) + 2) * (float(box.get("height")) + 2) for box in parsed(picture).iter(f"{SVG}rect")
    ]
    shares = [round(size / sum(sizes), 2) for size in sizes]
    assert shares == [0.6, 0.3, 0.1]
    assert round(sum(sizes)) == 680 * 300


def test_before_is_an_outline_and_after_is_filled_so_that_no_colour_is_needed():
    kinds = re.findall(r'class="(was|bar)"', str(before_and_after([("refusals", 0.6, 0.05)], "Balance")))
    assert kinds == ["was", "bar", "was", "bar"]  # the second pair is the legend
    assert "refusals: 60 % before, 5.0 % after" in titles(before_and_after([("refusals", 0.6, 0.05)], "Balance"))


def test_each_line_of_a_trend_has_marks_of_its_own_shape():
    picture = trend([("errors", [("v1", 4.0), ("v2", 1.0)]), ("hints", [("v1", 9.0), ("v2", 8.0)])], "Quality", "rows")
    assert len(list(parsed(picture).iter(f"{SVG}circle"))) == 2
    assert "errors, v2: 1 rows" in titles(picture)
    assert len(list(parsed(picture).iter(f"{SVG}polyline"))) == 2


def test_texts_of_rows_never_become_markup():
    made = [
        columns([(ATTACK, 3)], ATTACK, foot=ATTACK),
        before_and_after([(ATTACK, 0.1, 0.2)], ATTACK),
        area_map([(ATTACK, 3)], ATTACK),
        trend([(ATTACK, [(ATTACK, 1.0)])], ATTACK, ATTACK),
    ]
    for picture in made:
        parsed(picture)
        assert "<script" not in str(picture)
