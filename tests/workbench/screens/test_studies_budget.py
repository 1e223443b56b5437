"""The minutes that a study may take, as somebody types them."""

import pytest

from workbench.errors import BadInput
from workbench.screens.studies import minutes_of


@pytest.mark.parametrize(("typed", "minutes"), [("", None), (None, None), (" 30 ", 30.0), ("1,5", 1.5)])
def test_an_empty_box_is_no_limit_and_a_number_is_one(typed, minutes):
    assert minutes_of(typed) == minutes


def test_words_are_refused_with_an_example():
    with pytest.raises(BadInput, match=r'"half an hour" is no number of minutes\. Write for instance 30'):
        minutes_of("half an hour")
