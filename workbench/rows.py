"""Rows: many conversations as columns."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from workbench import digests
from workbench.digests import Digests
from workbench.frames import FEW, with_rows_at, without_rows_at

WORD = re.compile(r"\w+")

MESSAGE = pl.Struct({"role": pl.String, "content": pl.String, "more": pl.String})

SCHEMA: dict[str, Any] = {
    "row_id": pl.String,  # stays with a row through every version
    "messages": pl.List(MESSAGE),  # `more`: the message's other keys as a JSON object, or null
    "tags": pl.List(pl.String),
    "source": pl.String,  # the file it came from
    "line": pl.Int64,  # 1-based line (or record number) in that file
    "extra": pl.String,  # the record's other keys as a JSON object, or null
}

TOOL_KEYS = ("tools", "functions")  # keys of a record; the second is OpenAI's older one

Message = Mapping[str, Any]


def message(role: str | None, content: str | None, more: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """One turn as the table holds it; `more` keeps keys such as tool_calls or name."""
    kept = json.dumps(more, ensure_ascii=False, sort_keys=True) if more else None
    return {"role": role, "content": content, "more": kept}


def word_list(text: str) -> list[str]:
    """The words of a text in lower case: runs of letters, digits and underscores in any script."""
    return WORD.findall(text.lower())


def frame_of(records: list[dict[str, Any]]) -> pl.DataFrame:
    """Records with every column of `SCHEMA` as a frame, by way of Arrow.

    Arrow takes nested lists 12 times faster than Polars does (100,000 rows: .17 s against 2.0 s).
    """
    import pyarrow as pa

    turn = pa.struct({"role": pa.large_string(), "content": pa.large_string(), "more": pa.large_string()})
    kinds = {"messages": pa.large_list(turn), "tags": pa.large_list(pa.large_string()), "line": pa.int64()}
    schema = pa.schema({name: kinds.get(name, pa.large_string()) for name in SCHEMA})
    frame = pl.from_arrow(pa.Table.from_pylist(records, schema=schema))
    assert isinstance(frame, pl.DataFrame), "a table gives a frame"
    return frame


class Rows:
    """A table of conversations, never changed in place.

    Wraps a Polars frame with the columns of `SCHEMA`. The derived columns `prompt`, `reply`, `system` and `text` are
    `(N,)` lists of str, computed once.
    """

    def __init__(self, frame: pl.DataFrame) -> None:
        if frame.schema != pl.Schema(SCHEMA):
            frame = frame.select([pl.col(name).cast(kind) for name, kind in SCHEMA.items()])
        self.frame = frame
        self._digested: Callable[[], Digests] | None = None  # how the digests follow from those of other rows

    def __len__(self) -> int:
        return self.frame.height

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rows) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return f"Rows({len(self)} rows, {self.digest[:12]})"

    @classmethod
    def from_records(cls, records: Iterable[Mapping[str, Any]]) -> Rows:
        """Rows of dicts with `messages` and, if they have them, the other columns of `SCHEMA`.

        A record without a `row_id` gets one from its source, its line and its content.
        """
        ready = []
        for position, record in enumerate(records):
            messages = [m if "more" in m else message(m.get("role"), m.get("content")) for m in record["messages"]]
            line, source = record.get("line", position + 1), record.get("source", "")
            ready.append(
                {
                    "row_id": record.get("row_id") or new_row_id(messages, source, line),
                    "messages": messages,
                    "tags": list(record.get("tags") or []),
                    "source": source,
                    "line": line,
                    "extra": record.get("extra"),
                }
            )
        return cls(frame_of(ready))

    @classmethod
    def of(cls, *examples: str | tuple[str, str] | Sequence[Message]) -> Rows:
        """Rows for an example or a test.

        A str is a reply to "Question 1", "Question 2", ...; a pair is (prompt, reply); a list is the messages.
        """
        records = []
        for number, example in enumerate(examples, 1):
            if isinstance(example, str):
                example = (f"Question {number}", example)
            if isinstance(example, tuple):
                example = [message("user", example[0]), message("assistant", example[1])]
            records.append({"row_id": f"row-{number}", "messages": list(example), "source": "example", "line": number})
        return cls.from_records(records)

    @classmethod
    def empty(cls) -> Rows:
        return cls(pl.DataFrame(schema=SCHEMA))

    @classmethod
    def read(cls, path: Path) -> Rows:
        return cls(pl.read_parquet(path))

    @classmethod
    def known(cls, frame: pl.DataFrame, row_digests: Digests) -> Rows:
        """Rows whose digests somebody keeps; nothing is hashed."""
        rows = cls(frame)
        rows.__dict__["row_digests"] = row_digests
        return rows

    def again(self) -> Rows:
        """The same rows without the columns derived from them; the digests of both are reckoned once."""
        return self._same_but(self.frame, lambda: self.row_digests)

    def _same_but(self, frame: pl.DataFrame, digested: Callable[[], Digests]) -> Rows:
        """A table made of this one; `digested` says how its digests follow from these, which is asked when needed.

        Rows that were taken over are not hashed again, unless they are few of many that nobody has hashed yet.
        """
        rows = Rows(frame)
        if "row_digests" in self.__dict__ or 2 * len(rows) > len(self):
            rows._digested = digested
        return rows

    @property
    def row_id(self) -> list[str]:
        return self.frame["row_id"].to_list()

    @property
    def tags(self) -> list[list[str]]:
        return self.frame["tags"].to_list()

    @cached_property
    def messages(self) -> list[list[dict[str, Any]]]:
        """(N,) each a list of {"role", "content", "more"}; role and content may be None where the file had none."""
        return self.frame["messages"].to_list()

    @cached_property
    def _parts(self) -> tuple[list[str], list[str], list[str], list[str]]:
        prompts, replies, systems, texts = [], [], [], []
        for turns in self.messages:
            last = len(turns) - 1
            ends_in_reply = bool(turns) and turns[last]["role"] == "assistant"
            prompts.append(
                "\n".join(
                    m["content"] or ""
                    for i, m in enumerate(turns)
                    if m["role"] != "system" and not (ends_in_reply and i == last)
                )
            )
            replies.append((turns[last]["content"] or "") if ends_in_reply else "")
            systems.append("\n".join(m["content"] or "" for m in turns if m["role"] == "system"))
            texts.append("\n".join(m["content"] or "" for m in turns if m["role"] != "system"))
        return prompts, replies, systems, texts

    @property
    def prompt(self) -> list[str]:
        """(N,) all turns before the final reply, without the system text, joined by newlines."""
        return self._parts[0]

    @property
    def reply(self) -> list[str]:
        """(N,) the final assistant turn; "" where the conversation does not end in one."""
        return self._parts[1]

    @property
    def system(self) -> list[str]:
        """(N,) the system text; "" where there is none."""
        return self._parts[2]

    @property
    def text(self) -> list[str]:
        """(N,) all turns but the system text, joined by newlines."""
        return self._parts[3]

    @cached_property
    def turns(self) -> pl.DataFrame:
        """A line a turn, in order: `row` and `turn` (positions from 0), `role`, `content` ("" for none), `more`.

        For Polars: patterns and grouping over it are 20 to 200 times as fast as a loop over `messages`.
        """
        flat = self.frame.select("messages").with_row_index("row").explode("messages", empty_as_null=False)
        turn = pl.int_range(pl.len()).over("row")
        return flat.select(
            pl.col("row").cast(pl.Int64),
            turn=turn,
            role=pl.col("messages").struct.field("role"),
            content=pl.col("messages").struct.field("content").fill_null(""),
            more=pl.col("messages").struct.field("more"),
        )

    @cached_property
    def tools(self) -> list[str | None]:
        """(N,) the tools that each row offers beside its turns ("tools", or the older "functions"), as JSON text."""
        named = self.frame["extra"].str.contains('"(?:tools|functions)"').fill_null(False)
        return [offered_in(extra) if there else None for extra, there in zip(self.frame["extra"], named, strict=True)]

    @cached_property
    def words(self) -> list[list[str]]:
        """(N,) the words of `text`, in lower case."""
        return [word_list(text) for text in self.text]

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the row digests, in order: the name of the rows file, the same with every edition of Polars."""
        return digests.table_digest(self.row_digests)

    @cached_property
    def row_digests(self) -> Digests:
        """(N, 4) SHA-256 of each row: of every column."""
        how, self._digested = self._digested, None  # forgotten once asked: it holds on to the other table
        return digests.row_digests(self.frame) if how is None else how()

    @cached_property
    def text_digests(self) -> list[str]:
        """(N,) SHA-256 in hex of each row's messages alone, so that the same text is known again in another version."""
        return digests.text_digests(self.frame)

    @cached_property
    def first_digest(self) -> str:
        """What `digest` was in stores of the first edition; their files and golden locks are known by it."""
        return digests.first_digest(self.frame)

    def keep(self, mask: Sequence[bool] | pl.Series) -> Rows:
        """The rows where mask is True. mask: (N,)."""
        chosen = pl.Series(mask, dtype=pl.Boolean)
        gone = (~chosen).arg_true().to_list() if len(chosen) - chosen.sum() <= FEW else None
        frame = self.frame.filter(chosen) if gone is None else without_rows_at(self.frame, gone)
        return self._same_but(frame, lambda: self.row_digests[chosen.to_numpy()])

    def having(self, row_ids: Iterable[str]) -> Rows:
        """The rows with these ids, in the order of the table."""
        return self.keep(self._are(row_ids))

    def without(self, row_ids: Iterable[str]) -> Rows:
        """All rows but those with these ids."""
        return self.keep(~self._are(row_ids))

    def _are(self, row_ids: Iterable[str]) -> pl.Series:
        return self.frame["row_id"].is_in(list(row_ids))

    def replaced(self, fresh: Rows) -> Rows:
        """The same rows, with those of `fresh` in the place of the rows that have their ids.

        Raises KeyError for an id that is not here. Costs little more than the fresh rows do, however many stay.
        """
        places = self._are(fresh.row_id).arg_true().to_list()
        ids = self.frame["row_id"].gather(places).to_list()
        order = {row_id: number for number, row_id in enumerate(fresh.row_id)}
        if unknown := order.keys() - set(ids):
            raise KeyError(", ".join(sorted(unknown)))
        return self.with_rows_at(places, Rows(fresh.frame[[order[row_id] for row_id in ids]]))

    def with_rows_at(self, places: Sequence[int], fresh: Rows) -> Rows:
        """The same rows, with one of `fresh` at each of these positions, which ascend."""

        def digested() -> Digests:
            known = self.row_digests.copy()
            known[list(places)] = fresh.row_digests
            return known

        return self._same_but(with_rows_at(self.frame, places, fresh.frame), digested)

    def edit(self, changed: Mapping[str, Sequence[Message]]) -> Rows:
        """The same rows with other messages under the given row ids; ids that are not here raise KeyError."""
        old = self.having(changed).frame
        ids = old["row_id"].to_list()
        if unknown := set(changed) - set(ids):
            raise KeyError(", ".join(sorted(unknown)))
        turns = [
            [m if "more" in m else message(m.get("role"), m.get("content")) for m in changed[row_id]] for row_id in ids
        ]
        return self.replaced(Rows(old.with_columns(pl.Series("messages", turns, dtype=SCHEMA["messages"]))))

    def tagged(self, tags: Mapping[str, Sequence[str]]) -> Rows:
        """The same rows with other tags under the given row ids; ids that are not here raise KeyError."""
        old = self.having(tags).frame
        fresh = pl.Series("tags", [list(tags[row_id]) for row_id in old["row_id"]], dtype=SCHEMA["tags"])
        if unknown := set(tags) - set(old["row_id"]):
            raise KeyError(", ".join(sorted(unknown)))
        return self.replaced(Rows(old.with_columns(fresh)))

    def map_content(self, change: Any, where: Sequence[bool] | pl.Series) -> Rows:
        """The same rows with `change(content) -> content` applied to every turn of the rows where mask is True."""
        chosen = Rows(self.frame.filter(pl.Series(where, dtype=pl.Boolean)))
        changed = {}
        for row_id, turns in zip(chosen.row_id, chosen.messages, strict=True):
            fresh = [{**m, "content": change(m["content"]) if m["content"] is not None else None} for m in turns]
            if fresh != turns:
                changed[row_id] = fresh
        return self.edit(changed) if changed else self

    def renamed(self, row_ids: Sequence[str]) -> Rows:
        """The same rows under other ids. row_ids: (N,), each only once."""
        return Rows(self.frame.with_columns(pl.Series("row_id", row_ids, dtype=pl.String)))

    def plus(self, other: Rows) -> Rows:
        """These rows followed by the other's."""
        both = pl.concat([self.frame, other.frame])
        return self._same_but(both, lambda: np.concatenate([self.row_digests, other.row_digests]))


def offered_in(extra: str) -> str | None:
    """What a row's other keys (a JSON object as text) give as its tools, as JSON text; None where they give none.

    A key of that name with something else in it ("hammer, saw") is another matter and no tool to call.
    """
    kept = json.loads(extra)
    for key in TOOL_KEYS if isinstance(kept, dict) else ():
        given = kept.get(key)
        text = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
        with suppress(ValueError, RecursionError):
            listed = json.loads(text)
            if isinstance(listed, list) and any(isinstance(one, dict) for one in listed):
                return text
    return None


def storable(text: str) -> str:
    """The text without what no database and no Arrow column takes: NUL, and halves of a surrogate pair."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def new_row_id(messages: Sequence[Message], source: str, line: int) -> str:
    """A row id of 16 hex digits from where the row stood and what it said."""
    key = json.dumps([source, line, list(messages)], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]
