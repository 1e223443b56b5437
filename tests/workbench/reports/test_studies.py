"""How a study was measured, in a sentence: what the star beside a measure means, and on which seeds."""

from __future__ import annotations

import pytest

from workbench.reports.studies import head_of

TOLD = {"verdict": "better", "arms": [{}], "rows": 14, "decides": "nll", "reason": "chosen."}


@pytest.mark.parametrize(
    ("comparisons", "seeds", "said"),
    [
        ([{"decides": True}], [0], "Measured on 14 golden dev rows; * decides: nll (chosen); seed 0."),
        ([{"decides": True}], [0, 1], "Measured on 14 golden dev rows; * decides: nll (chosen); seeds 0, 1."),
        ([], [], "Measured on 14 golden dev rows; decided by nll (chosen); no seed complete."),
    ],
)
def test_the_sentence_explains_the_star_where_one_stands(
    comparisons: list[dict[str, bool]], seeds: list[int], said: str
) -> None:
    assert head_of({**TOLD, "comparisons": comparisons, "seeds": seeds}) == said
