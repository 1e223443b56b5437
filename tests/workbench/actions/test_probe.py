"""What the probes are asked of a run, before any model is loaded."""

from __future__ import annotations

import polars as pl
import pytest

from evaluators.errors import BadRequest
from workbench import jobs
from workbench.actions.probe import probed_run, told, training_rows
from workbench.errors import BadInput, NotFound
from workbench.store import probes, runs


def rows_of(store, run_id, *texts):
    messages = [
        [
            {"role": "user", "content": f"Q {text}", "more": None},
            {"role": "assistant", "content": text, "more": None},
        ]
        for text in texts
    ]
    table = pl.DataFrame({
        "row_id": [f"r{place}" for place in range(len(texts))], "messages": messages,
        "group": [str(place) for place in range(len(texts))],
    })  # fmt: skip
    table.write_parquet(runs.folder(store, run_id) / "rows.parquet")


def test_rows_kept_aside_for_validation_are_not_asked_as_training_rows(store, evaluated):
    rows_of(store, evaluated.run_id, *(f"answer {n}" for n in range(40)))
    trained, aside = training_rows(store, runs.get(store, evaluated.run_id))
    assert len(aside) == 4  # a tenth, as the run itself split them
    assert not {row.id for row in trained} & {row.id for row in aside}
    assert len(trained) == 36
    assert trained[0].turns[0]["content"] == f"Q {trained[0].reply}"


def test_a_run_whose_rows_are_gone_cannot_be_probed_and_says_so(store, evaluated):
    with pytest.raises(BadInput, match="train it again to probe what it learned by heart"):
        training_rows(store, runs.get(store, evaluated.run_id))


def test_a_run_that_is_not_there_is_refused_before_a_job_is_made(store):
    with pytest.raises(NotFound, match="no run 7"):
        probed_run(store, 7)
    assert jobs.listed(store) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [({"form": "essay"}, "the formats are: plain, chat"), ({"sample": 0}, "1 to 1,000 training rows"),
     ({"scales": [0.1] * 7}, "at most 6 scales")],
)  # fmt: skip
def test_senseless_wishes_are_refused_with_what_is_possible(store, evaluated, options, said):
    with pytest.raises(BadInput, match=said):
        probed_run(store, evaluated.run_id, **options)


def test_a_negative_scale_is_refused(store, evaluated):
    with pytest.raises(BadRequest, match="adapter scale of -1 cannot be measured"):
        probed_run(store, evaluated.run_id, scales=[-1])


def test_a_job_finds_the_probe_run_that_its_earlier_try_began(store, evaluated):
    from workbench.store import jobs as table

    job = table.add(store, "probe", {"run": evaluated.run_id}, "ada")
    assert probes.of_job(store, job.id) is None
    begun = probes.add(store, evaluated.run_id, {"sample": 5}, "ada", job.id)
    assert probes.of_job(store, job.id) == begun


def test_only_a_finished_probe_run_is_told_and_the_newest_one(store, evaluated):
    run_id = evaluated.run_id
    assert told(store, run_id) is None
    first = probes.add(store, run_id, {}, "ada")
    assert told(store, run_id) is None
    probes.finish(store, first.id, {"verdict": {"word": "can't tell"}})
    second = probes.add(store, run_id, {}, "ben")
    probes.finish(store, second.id, {"verdict": {"word": "forgot"}})
    found = told(store, run_id)
    assert (found["probe"], found["who"], found["verdict"]["word"]) == (second.id, "ben", "forgot")
