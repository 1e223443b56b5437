"""Which rows repeat held-out rows: copies and near copies, and passages of them inside longer texts."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from workbench.checks.check import Findings, above
from workbench.checks.duplicates.place import shortened
from workbench.guard.answer_runs import contained, passages_of
from workbench.guard.copies import SAME_ROW, leaks
from workbench.rows import Rows


def repeats(rows: Rows, held: Rows, name: str, sealed: Collection[str] = ()) -> Findings:
    """How much of a held-out row each row repeats, 0 to 1: likeness of a copy, or the part of its passage that stands
    in the row. Flagged from .5 on; `name` is what the held-out rows are called in the notes ("golden"), and of rows
    whose ids are in `sealed` no word is told."""
    measure = np.zeros(len(rows))
    notes = [""] * len(rows)
    place = {row_id: i for i, row_id in enumerate(rows.row_id)}
    asked = {row_id: shortened(prompt) for row_id, prompt in zip(held.row_id, held.prompt, strict=True)}
    for leak in leaks(rows, held):
        row = place[leak.training_id]
        measure[row] = leak.score
        told = f'{_a(name)} row ("{asked[leak.golden_id]}")'
        one = told if leak.golden_id not in sealed else f"a sealed {name} row"
        copied = f"is a {leak.how} of {one}, likeness {leak.score:.2f}"
        notes[row] = f"is {one} itself" if leak.how == SAME_ROW else copied
    passages = passages_of(held)
    for row, passage, share in contained(rows.text, passages):
        if share > measure[row]:
            measure[row] = share
            what = passages.what[passage]
            if held.row_id[int(passages.of[passage])] in sealed:
                notes[row] = f"{share:.0%} of the {what} of a sealed {name} row stands in it"
            else:
                said = shortened(passages.texts[passage])
                notes[row] = f'{share:.0%} of the {what} of {_a(name)} row stands in it: "{said}"'
    return above(measure.tolist(), np.nextafter(0.5, 0), notes)


def _a(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"
