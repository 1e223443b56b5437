"""The URL holds what one looks at."""

import pytest

from workbench.errors import NotFound
from workbench.screens.address import Look, address, version_of


def test_an_address_keeps_the_dataset_and_the_version_of_the_look():
    look = Look.read("?dataset=support&version=3&row=abc")
    assert look.to("/checks") == "/checks?dataset=support&version=3"


def test_an_address_of_the_same_screen_changes_only_what_is_named():
    look = Look.read("?dataset=support&row=abc&page=2")
    assert look.here("/rows", row=None, page=3) == "/rows?dataset=support&page=3"


def test_signs_in_a_parameter_survive_the_way_through_the_url():
    there = address("/rows", text="a&b=ü <script>")
    assert Look.read(there.partition("?")[2]).get("text") == "a&b=ü <script>"


@pytest.mark.parametrize("text", ["x", "-1", "1e9", "", "9" * 40, "²"])
def test_a_senseless_number_falls_back_to_the_default(text):
    assert Look({"page": text}).number("page", 1) == 1


def test_a_number_is_held_within_its_bounds():
    assert Look({"page": "500"}).number("page", 1, high=7) == 7


def test_a_very_long_parameter_is_cut():
    assert len(Look.read("?text=" + "a" * 5000).get("text")) == 500


def test_the_reference_names_dataset_and_version():
    assert [Look.read(q).reference for q in ("", "?dataset=a", "?dataset=a&version=2", "?version=2")] == [
        None,
        "a",
        "a@2",
        "2",
    ]


def test_an_unknown_version_is_not_found_and_says_what_there_is(store):
    with pytest.raises(NotFound):
        version_of(store, Look.read("?dataset=nothing"))
