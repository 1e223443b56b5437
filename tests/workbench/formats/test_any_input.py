"""Whatever a file holds, reading it ends in rows, rejects or one sentence; never in a crash."""

import json
import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from workbench.errors import BadInput
from workbench.formats.read import read_file

KEYS = (
    "messages", "conversations", "prompt", "completion", "instruction", "input", "output", "response", "history",
    "system", "chosen", "rejected", "chosen_messages", "label", "tags", "category", "extra", "role", "content", "from",
    "value", "type", "text", "tool_calls", "more",
)  # fmt: skip
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["user", "text"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)
RECORD = st.dictionaries(st.sampled_from(KEYS), VALUE, max_size=5)
PIECE = st.sampled_from([
    b'"', b",", b"\n", b"\r", b"{", b"}", b"[", b"]", b":", b"prompt", b"completion", b"messages", b"\x00", b"\xe9",
    b"\\u", b"\\ud800", b"\xc3\xa9", b'{"prompt": "a", "completion": "b"}', b"a,b\n", b";", b"'", b"\xef\xbb\xbf",
])  # fmt: skip


def outcome(content: bytes) -> tuple[int, int] | str:
    """(rows, rejects), or the sentence."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.jsonl")
        path.write_bytes(content)
        try:
            got = read_file(path)
        except BadInput as refused:
            return str(refused)
        return len(got.rows), len(got.rejects)


@settings(max_examples=300, deadline=None)
@given(records=st.lists(RECORD, min_size=1, max_size=4))
def test_records_of_any_shape_are_rows_or_rejects(records: list[dict]) -> None:
    got = outcome("\n".join(json.dumps(record) for record in records).encode())
    assert got if isinstance(got, str) else sum(got) == len(records)


@settings(max_examples=300, deadline=None)
@given(pieces=st.lists(PIECE, max_size=25), start=st.sampled_from([b"", b"prompt,completion\na,b\n", b"[", b"{}\n"]))
@example(pieces=[b'{"prompt": "a"', b"\x00" * 5], start=b"")
def test_bytes_of_any_kind_end_in_a_result_or_a_sentence(pieces: list[bytes], start: bytes) -> None:
    got = outcome(start + b"".join(pieces))
    assert got if isinstance(got, str) else sum(got) > 0
