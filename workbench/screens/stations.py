"""Where a dataset stands in the loop: ten stations, each done, next or still to come."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.errors import NotFound
from workbench.records import Version
from workbench.screens.address import Look, version_of
from workbench.screens.escape import plural
from workbench.store import Store, datasets, evaluations, findings, gaps, goldens, ratings, runs


@dataclass(frozen=True)
class Station:
    """One station: what one does there, how it stands in words, and what to press next."""

    name: str
    path: str
    what: str
    stands: str  # "" while nothing was done
    todo: str  # the words of its button


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
    return [
        Station("Import", "/data", "Bring your examples.", imported, "Bring a file"),
        Station("Check", "/checks", "See what is wrong with them.", _checked(store, version, history), "Run the checks"),
        Station("Fix", "/checks", "Mend or drop what is flagged.", _fixed(history), "Look at the findings"),
        Station("Golden", "/golden", "Hold rows out that training never sees.", _frozen(found_golden), "Freeze a golden set"),
        Station("Train", "/training", "Tune an adapter on the rest.", _trained(len(finished)), "Train an adapter"),
        Station("Evaluate", "/evaluation", "Compare with the base model and a good prompt.", _evaluated(len(judged)), "Evaluate it"),
        Station("Rate", "/rating", "Let people judge without knowing which is which.", _rated(store, [e.id for e in judged]), "Rate some pairs"),
        Station("Report", "/report", "One page for people who were not there.", _reported(store, [(e.run_id, e.id) for e in judged]), "Write the report"),
        Station("Gaps", "/gaps", "Where it still fails, and why.", plural(len(found_gaps), "gap") if found_gaps else "", "Find the gaps"),
        Station("Next round", "/rows", "Mend the data where the gaps are, then train again.", _again(history, trained), "Work on the rows"),
    ]  # fmt: skip


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


def _frozen(found: list) -> str:  # type: ignore[type-arg]
    return f"{plural(found[-1].size, 'row')} held out" if found else ""


def _trained(number: int) -> str:
    return plural(number, "trained run") if number else ""


def _evaluated(number: int) -> str:
    return plural(number, "evaluation") if number else ""


def _rated(store: Store, evaluation_ids: list[int]) -> str:
    votes = sum(
        len(ratings.votes_of(store, one.id)) for evaluation in evaluation_ids for one in ratings.rounds_of(store, evaluation)
    )
    return plural(votes, "vote") if votes else ""


def _reported(store: Store, made: list[tuple[int, int]]) -> str:
    written = [e for run, e in made if (store.root / "runs" / str(run) / f"evaluation-{e}" / "report.html").exists()]
    return plural(len(written), "report") if written else ""


def _again(history: list[Version], trained: list) -> str:  # type: ignore[type-arg]
    """Done once a version made after the first training was itself trained on."""
    return f"{len(trained)} rounds" if len({run.version_id for run in trained}) > 1 else ""
