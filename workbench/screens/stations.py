"""Where a dataset stands in the loop: ten stations, each done, next or still to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.errors import NotFound
from workbench.records import Evaluation, Run, Version
from workbench.screens.address import Look, version_of
from workbench.screens.escape import plural
from workbench.store import Store, datasets, evaluations, findings, gaps, goldens, ratings, runs


@dataclass(frozen=True)
class Station:
    """One station: what one does there, how it stands in words, and what to press next."""

    name: str
    path: str
    what: str
    todo: str  # the words of its button
    stands: str  # "" while nothing was done


LOOP = (  # name, path, what one does there, the words of its button
    ("Import", "/data", "Bring your examples.", "Bring a file"),
    ("Check", "/checks", "See what is wrong with them.", "Run the checks"),
    ("Fix", "/checks", "Mend or drop what is flagged.", "Look at the findings"),
    ("Golden", "/golden", "Hold rows out that training never sees.", "Freeze a golden set"),
    ("Train", "/training", "Tune an adapter on the rest.", "Train an adapter"),
    ("Evaluate", "/evaluation", "Compare with the base model and a good prompt.", "Evaluate it"),
    ("Rate", "/rating", "Let people judge without knowing which is which.", "Rate some pairs"),
    ("Report", "/report", "One page for people who were not there.", "Write the report"),
    ("Gaps", "/gaps", "Where it still fails, and why.", "Find the gaps"),
    ("Next round", "/rows", "Mend the data where the gaps are, then train again.", "Work on the rows"),
)


def stations(store: Store, look: Look) -> list[Station]:
    """The ten stations for the dataset in the URL; all are to come while there is no dataset."""
    try:
        version = version_of(store, look)
    except NotFound:
        version = None
    imported = "" if version is None else f"{plural(version.size, 'row')} in {version.dataset} v{version.number}"
    history = [] if version is None else datasets.listed(store, version.dataset)
    found_golden = [] if version is None else goldens.listed(store, version.dataset)
    trained = [] if version is None else [run for run in runs.listed(store) if run.dataset == version.dataset]
    finished = [run for run in trained if run.result]
    ids = {run.id for run in trained}
    judged = [one for one in evaluations.listed(store, finished=True) if one.run_id in ids]
    found_gaps = gaps.listed(store, judged[0].id) if judged else []
    stand = (
        imported,
        _checked(store, version, history),
        _fixed(history),
        f"{plural(found_golden[-1].size, 'row')} held out" if found_golden else "",
        plural(len(finished), "trained run") if finished else "",
        plural(len(judged), "evaluation") if judged else "",
        _rated(store, judged),
        _reported(store, judged),
        plural(len(found_gaps), "gap") if found_gaps else "",
        _again(trained),
    )
    return [Station(*words, stands) for words, stands in zip(LOOP, stand, strict=True)]


def next_of(found: list[Station]) -> Station | None:
    """The first station where nothing was done yet; None when the loop was gone round."""
    return next((one for one in found if not one.stands), None)


def _checked(store: Store, version: Version | None, history: list[Version]) -> str:
    if version is None:
        return ""
    measured = findings.runs(store, version)
    if measured:
        flagged = sum(1 for run in measured if run.flagged)
        return f"{plural(len(measured), 'check')}, {flagged} with findings"
    earlier = next((one for one in reversed(history) if findings.runs(store, one)), None)
    return f"v{earlier.number} was checked, v{version.number} not yet" if earlier else ""


def _fixed(history: list[Version]) -> str:
    changes = [one for one in history if one.change.verb == "edit" or one.change.verb.startswith("fix ")]
    return plural(len(changes), "change") if changes else ""


def _rated(store: Store, judged: Sequence[Evaluation]) -> str:
    rounds = [one for evaluation in judged for one in ratings.rounds_of(store, evaluation.id)]
    votes = sum(len(ratings.votes_of(store, one.id)) for one in rounds)
    return plural(votes, "vote") if votes else ""


def _reported(store: Store, judged: Sequence[Evaluation]) -> str:
    paths = [store.root / "runs" / str(one.run_id) / f"evaluation-{one.id}" / "report.html" for one in judged]
    written = sum(path.exists() for path in paths)
    return plural(written, "report") if written else ""


def _again(trained: Sequence[Run]) -> str:
    """Done once a second version was trained on."""
    rounds = len({run.version_id for run in trained})
    return f"{rounds} rounds" if rounds > 1 else ""
