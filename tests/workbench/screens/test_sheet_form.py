"""The sheet as a person types it: what is written comes back the same, and what does not fit is told."""

import pytest

from workbench.errors import BadInput
from workbench.screens.sheet_form import SHOWN, as_text, sheet_from
from workbench.sheet import EdgeCase, Sheet

FULL = Sheet(
    languages=("en", "de"),
    refusal_share=0.05,
    terms={"e-mail": ("email", "E-Mail"), "Goldloop": ()},
    banned=("cheap",),
    edge_cases=(EdgeCase(name="Returns from abroad", words=("customs", "abroad"), tag="returns", fewest=5),
                EdgeCase(name="Late parcel")),
    guidelines="Short.\nWarm.",
    required=("30 days|a month",),
    forbidden=("guarantee",),
    format_rules=("at most 3 sentences", "ends with: Regards"),
    json_schema={"type": "object", "required": ["a"]},
    max_length=512,
)  # fmt: skip


def boxes(sheet, **changed):
    return [changed.get(name, as_text(getattr(sheet, name))) for name in SHOWN]


def test_what_the_form_shows_is_read_back_as_the_same_sheet():
    assert sheet_from(boxes(FULL), "") == FULL
    assert sheet_from(boxes(Sheet()), "") == Sheet()


def test_an_edge_case_may_be_a_name_alone():
    sheet = sheet_from(boxes(Sheet(), edge_cases="Late parcel\nReturns: abroad (2)"), "")
    assert [(case.name, case.words, case.fewest) for case in sheet.edge_cases] == [
        ("Late parcel", (), 3),
        ("Returns", ("abroad",), 2),
    ]


@pytest.mark.parametrize(
    ("box", "text", "named"),
    [
        ("refusal_share", "often", "Wanted share of refusals"),
        ("refusal_share", "5", "Wanted share of refusals"),
        ("max_length", "none", "Longest row"),
        ("edge_cases", ": words", "Edge cases"),
        ("json_schema", "{", "JSON schema"),
        ("json_schema", "[1]", "JSON schema"),
    ],
)
def test_a_box_that_does_not_fit_is_named(box, text, named):
    with pytest.raises(BadInput, match=named):
        sheet_from(boxes(Sheet(), **{box: text}), "")


def test_a_form_that_did_not_arrive_whole_is_refused():
    with pytest.raises(BadInput):
        sheet_from(["en"], "")
