"""On a local Ray with two workers the catalogue and the copies say what they say on one machine."""

import os
from pathlib import Path

import numpy as np
import pytest

ray = pytest.importorskip("ray", reason="LOUD: goldloop[ray] is not installed; work on a cluster was NOT tried")

from workbench.checks.check import catalogue  # noqa: E402
from workbench.checks.context import Context  # noqa: E402
from workbench.checks.run import run_catalogue  # noqa: E402
from workbench.checks.similarity import near_pairs  # noqa: E402
from workbench.checks.spread import PIECE  # noqa: E402
from workbench.on_a_cluster import check_on_cluster, cluster, near_pairs_on_cluster  # noqa: E402
from workbench.rows import Rows  # noqa: E402
from workbench.sheet import Sheet  # noqa: E402

CONTEXT = Context(sheet=Sheet(refusal_share=0.05, banned=("door",)))


@pytest.fixture(scope="module", autouse=True)
def two_workers():
    """One Ray for all tests here; its workers find the package where the tests do."""
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")])
    with cluster(processors=2):
        yield


def rows(count: int) -> Rows:
    kinds = [
        lambda n: (f"Where is shelf {n}?", f"Shelf {n} stands behind door {n * 7}, beside the stairs."),
        lambda n: (f"May I open door {n}?", "I'm sorry, but I can't help with that."),
        lambda n: ("When do you open?", "We open at nine and close at"),
        lambda n: (f"And {n}?", ""),
    ]
    return Rows.of(*[kinds[n % 4](n) for n in range(count)])


def said(results):
    return {
        one.check.name: (one.not_run, *((f.measure.to_list(), f.limit, f.side, list(f.note), f.about) if f else ()))
        for one in results
        for f in [one.findings]
    }


def test_over_two_files_the_catalogue_says_what_it_says_of_one_table(tmp_path):
    whole = rows(300)
    whole.frame[:170].write_parquet(tmp_path / "a.parquet")
    whole.frame[170:].write_parquet(tmp_path / "b.parquet")
    single = [name for name, one in catalogue().items() if one.scope == "row" and not one.costly]
    names = [*single, "exact_copy", "near_copy", "conflicting_replies", "refusal_share", "opening_words"]
    there = check_on_cluster([tmp_path / "a.parquet", tmp_path / "b.parquet"], only=names, context=CONTEXT)
    here = run_catalogue(whole, only=names, context=CONTEXT, processes=1)
    assert said(there) == said(here)


def test_rows_in_several_pieces_come_back_in_order(tmp_path):
    whole = rows(PIECE + 500)
    whole.frame.write_parquet(tmp_path / "rows.parquet")
    names = ["refusal", "missing_reply", "banned_words"]
    there = check_on_cluster([tmp_path / "rows.parquet"], only=names, context=CONTEXT)
    assert said(there) == said(run_catalogue(whole, only=names, context=CONTEXT, processes=1))


def test_the_copies_are_those_of_one_machine_however_the_texts_are_parted():
    words = np.random.default_rng(0).choice([f"word{n}" for n in range(400)], (150, 40))
    texts = [" ".join(line) for line in words]
    texts += [text.replace(text.split()[3], "other") for text in texts[:60]] + texts[20:40] + ["", "...", "!"]
    alone = near_pairs(texts)
    spread = near_pairs_on_cluster(texts, block=70)
    assert len(alone) > 70
    assert (spread.a.tolist(), spread.b.tolist()) == (alone.a.tolist(), alone.b.tolist())
    assert np.allclose(spread.score, alone.score)
