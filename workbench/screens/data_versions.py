"""The versions of a dataset as a tree, what a person may do with one, and what differs between two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench import history
from workbench.errors import BadInput, NotFound
from workbench.records import Branch
from workbench.screens.address import Look, address, version_of
from workbench.screens.differences import difference_html
from workbench.screens.escape import esc, plural
from workbench.store import Store, datasets, goldens

PATH = "/data"
MOST_VERSIONS = 200


def versions_of(store: Store, look: Look) -> dict[str, Any]:
    """The versions of the dataset in the URL as plain values, newest first, and the names of all datasets."""
    names = datasets.names(store)
    try:
        current = version_of(store, look)
    except NotFound as error:
        return {"datasets": [], "versions": [], "said": str(error) if names else "No dataset yet. Bring a file above."}
    branches = history.tree(store, current.dataset)
    lanes = lanes_of(branches)
    newest = branches[-1].version
    found = list(reversed(branches))[:MOST_VERSIONS]
    return {
        "datasets": [
            {"name": one, "href": address(PATH, dataset=one), "here": one == current.dataset} for one in names
        ],
        "versions": [_line(one, current.number, newest.digest, lanes[one.version.number]) for one in found],
        "newest": newest.number,
        "a": look.get("a"), "b": look.get("b"), "said": "",
    }  # fmt: skip


def lanes_of(branches: list[Branch]) -> dict[int, int]:
    """Version -> the lane it is drawn in: 0 for what stands, one further right for each branch that was left."""
    lanes: dict[int, int] = {}
    for one in branches:
        number = one.version.number
        before = lanes.get(one.parent, 0) if one.parent is not None else 0
        lanes[number] = 0 if one.stands or one.same_as is not None else max(1, before)
    return lanes


def _line(branch: Branch, current: int, newest: str, lane: int) -> dict[str, Any]:
    version = branch.version
    change, counts = version.change, version.change.counts
    said = ""
    if branch.same_as is not None:
        said = f"the rows of v{branch.same_as}"
    elif branch.parent is not None and branch.parent != version.number - 1:
        said = f"made from v{branch.parent}"
    return {
        "number": version.number,
        "name": version.name, "note": version.note,
        "rows": f"{version.size:,}",
        "when": change.when, "who": change.who, "verb": change.verb, "why": change.why,
        "added": counts.get("added", 0), "removed": counts.get("removed", 0), "changed": counts.get("changed", 0),
        "here": version.number == current,
        "stands": branch.stands, "lane": lane, "said": said, "back": branch.same_as is not None,
        "restorable": version.digest != newest,
        "rejected": change.settings.get("rejected") or 0,
        "href": address("/rows", dataset=version.dataset, version=version.number),
    }  # fmt: skip


def compared(store: Store, look: Look) -> str:
    """What differs between the versions ?a= and ?b=; "" while two are not picked."""
    from workbench.diff import diff

    a, b = look.number("a"), look.number("b")
    if not (a and b):
        return ""
    if a == b:
        raise BadInput("Pick two different versions to compare.")
    name = version_of(store, look).dataset
    old, new = (datasets.version(store, f"{name}@{number}") for number in sorted((a, b)))
    both = [goldens.unsealed(store, name, datasets.rows_of(store, one)) for one in (old, new)]
    hidden = old.size + new.size - len(both[0]) - len(both[1])
    sealed = f"<p class='quiet'>{plural(hidden, 'sealed golden row')} not shown.</p>" if hidden else ""
    return f"<h3>From v{old.number} to v{new.number}</h3>{sealed}{difference_html(diff(*both))}"


def numbered(store: Store, look: Look, event: Mapping[str, Any]) -> str:
    """The label of the version that an event means, in the dataset of the URL. Raises BadInput, NotFound."""
    number = event.get("number")
    if type(number) is not int or number < 1:
        raise BadInput("That is no version. Reload the page and try again.")
    return datasets.version(store, f"{version_of(store, look).dataset}@{number}").label


def name_it(store: Store, look: Look, event: Mapping[str, Any]) -> str:
    """Gives a version a name and a note and says so."""
    from workbench.actions.name_version import name_version

    name, said = event.get("name"), event.get("note")
    if not isinstance(name, str) or not isinstance(said, str):
        raise BadInput("The name did not arrive whole. Reload the page and try again.")
    named = name_version(store, numbered(store, look, event), name[:200], said[:2_000])
    return f'Version {named.number} is called "{named.name}".' if named.name else f"Version {named.number} has no name."


def restoring_html(store: Store, label: str) -> str:
    """What going back to a version would change."""
    from workbench.actions.restore import restore

    done = restore(store, label, preview=True)
    held = f" {plural(done.held_back, 'row')} stay out, since they are golden by now." if done.held_back else ""
    return (
        f"<p><strong>Go back to version {done.of.number}?</strong> Its rows become version {done.before.number + 1}; "
        f"nothing is deleted.{esc(held)}</p>{difference_html(done.difference)}"
    )


def merging_html(store: Store, first: str, second: str, name: str, copies: str) -> str:
    """What merging two datasets would give, in counts."""
    from workbench.actions.merge_datasets import merge_datasets

    done = merge_datasets(store, first, second, name=name, copies=copies, preview=True)  # type: ignore[arg-type]
    parts = [
        f"{plural(done.first.size, 'row')} of {done.first.label}",
        f"{plural(done.second.size, 'row')} of {done.second.label}",
        f"{plural(done.dropped, 'exact copy', 'exact copies')} left out" if done.dropped else "",
        f"{plural(done.golden, 'golden row')} left out" if done.golden else "",
    ]
    told = ", ".join(part for part in parts if part)
    return f"<p><strong>{esc(name)} would have {esc(plural(len(done.rows), 'row'))}</strong>: {esc(told)}.</p>"
