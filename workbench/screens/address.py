"""The URL holds what a person looks at: which dataset, which version, which row, which filters.

A screen reads it as a `Look` and writes it as an address; reload, Back and a link in a mail show the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from workbench.records import Version
from workbench.store import Store, datasets

KEPT = ("dataset", "version")  # what a link to another screen takes along
LONGEST = 500  # characters of one parameter; longer ones are cut


@dataclass(frozen=True)
class Look:
    """What the URL says; unknown or senseless parameters are the screen's to ignore."""

    params: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, query: str | None) -> Look:
        """From "?dataset=support&row=3"; the last of a repeated parameter counts."""
        pairs = parse_qsl((query or "")[:8000].lstrip("?"), keep_blank_values=False, max_num_fields=100)
        return cls({name: value[:LONGEST] for name, value in pairs})

    def get(self, name: str, default: str = "") -> str:
        return self.params.get(name, default)

    def number(self, name: str, default: int = 0, low: int = 0, high: int = 2**31 - 1) -> int:
        """A whole number from the URL, held within low and high; the default where it is none."""
        text = self.get(name)
        return min(max(int(text), low), high) if text.isdecimal() and len(text) < 12 else default

    @property
    def reference(self) -> str | None:
        """The version meant, as `datasets.version` reads it; None is the newest of the dataset touched last."""
        dataset, version = self.get("dataset"), self.get("version")
        if dataset:
            return f"{dataset}@{version}" if version else dataset
        return version or None

    def to(self, path: str, **params: object) -> str:
        """The address of another screen on the same dataset and version; a parameter of None is left out."""
        kept: dict[str, object] = {name: self.params[name] for name in KEPT if name in self.params}
        return address(path, **{**kept, **params})

    def here(self, path: str, **params: object) -> str:
        """The address of the same screen with some parameters changed; None takes one away."""
        return address(path, **{**self.params, **params})


def address(path: str, **params: object) -> str:
    """ "/rows?dataset=support&row=3" from its parts; None and "" are left out."""
    said = {name: str(value) for name, value in params.items() if value is not None and str(value) != ""}
    return path + ("?" + urlencode(said) if said else "")


def version_of(store: Store, look: Look) -> Version:
    """The version that the URL means. Raises NotFound and says what there is."""
    return datasets.version(store, look.reference)


def newest_of(store: Store, version: Version) -> Version:
    """The newest version of the same dataset."""
    return datasets.version(store, version.dataset)


def last_opened(look: Look, event: Mapping[str, Any], name: str, key: str = "id") -> Look:
    """The look with the line clicked last as its parameter `name`; event: the first click's, see `page.OPEN_LAST`."""
    kept = {one: value for one, value in look.params.items() if one != "open"}
    return Look({**kept, name: look.get("open") or str(event.get(key, ""))[:200]})
