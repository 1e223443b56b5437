"""What a job's progress looks like where there is no terminal: a line for every tenth, not for every step."""

from __future__ import annotations

from workbench.cli.terminal import tenths
from workbench.records import Job


def look(done: float, state: str = "running") -> Job:
    return Job(1, "study", {}, state, done, f"at {done}", None, "", False, None, None, None, 0.0, "Ann", "", None)  # type: ignore[arg-type]


def test_a_log_has_a_line_for_every_tenth_of_the_way_and_for_the_end() -> None:
    looks = [look(done) for done in (0.0, 0.0, 0.04, 0.11, 0.12, 0.35, 0.39, 0.4)]
    assert [job.done for job in tenths([*looks, look(0.4, "failed")])] == [0.0, 0.11, 0.35, 0.4, 0.4]
