"""A first look at a file: what it is by its bytes, in which encoding, and its digest, without keeping it in memory."""

from __future__ import annotations

import codecs
import hashlib
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, TextIO, cast

from workbench.errors import BadInput
from workbench.formats.packed import CHUNK, opened, packing_of, unpacking

HEAD = 1 << 16  # enough to tell one kind of file from another

FOREIGN = (  # first bytes -> what it is, and the way out
    (
        b"PK\x03\x04",
        "a ZIP archive or an Excel workbook, and damaged",
        "Copy it again, or save the sheet as CSV (UTF-8)",
    ),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word document", "Save the sheet as CSV (UTF-8) and import that"),
    (b"%PDF", "a PDF document", "Copy its text into a table with the columns prompt and completion"),
    (b"MZ", "a Windows program", "Choose the file that holds your examples"),
    (b"\x7fELF", "a Linux program", "Choose the file that holds your examples"),
    (b"SQLite format 3\x00", "an SQLite database", "Export the table as CSV and import that"),
    (b"BZh", "packed with bzip2", "Unpack it first"),
    (b"\xfd7zXZ", "packed with xz", "Unpack it first"),
    (b"\x80\x04", "a Python pickle", "Goldloop opens no pickles, as they can run programs; save it as JSON Lines"),
)
BOMS = (  # UTF-32 before UTF-16, whose mark it begins with
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Look:
    """What a file turned out to be."""

    path: Path
    name: str  # for people: one line, no control characters
    size: int
    digest: str  # SHA-256 of its bytes
    binary: str  # "parquet", "arrow", "xlsx", "zip", or "" for text
    packed: str  # "gzip", "zstd" or ""
    encoding: str
    lone_cr: bool  # lines end in CR alone
    head: str  # the first characters
    notes: tuple[str, ...] = ()


def look_at(path: Path, name: str = "") -> Look:
    """What the file is; `name` is what to call it, by default its own name.

    Raises BadInput where it is missing, empty, or nothing that holds examples.
    """
    name = name or shown_name(path)
    if not path.exists():
        raise BadInput(f"There is no file {name} in {path.parent}.")
    if not path.is_file():
        raise BadInput(f"{name} is not a file. Name the file that holds your examples.")
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadInput(f"{name} cannot be read: {error.strerror}.") from None
    size = path.stat().st_size
    if binary := _binary(path, head):
        return Look(path, name, size, digest, binary, "", "", False, "", _misnamed(name, binary))
    _refuse_foreign(head, name)
    packed = packing_of(head)
    encoding, lone_cr, notes = _encoding(path, name, size, packed)
    with opened(path, name, size, packed) as file:
        start = file.read(HEAD).decode(encoding, "replace")
    if start.lstrip("\ufeff \t\r\n")[:14].lower().startswith(("<!doctype html", "<html")):
        raise BadInput(f"{name} is a web page, not a file of examples. Download the file itself and import that.")
    return Look(path, name, size, digest, "", packed, encoding, lone_cr, start, notes)


def _binary(path: Path, head: bytes) -> str:
    """Which of the binary kinds that can be read a file is; "" for none."""
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((b"ARROW1", b"\xff\xff\xff\xff")):
        return "arrow"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")) and zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as archive:
                return "xlsx" if "xl/workbook.xml" in archive.namelist() else "zip"
        except (zipfile.BadZipFile, OSError, NotImplementedError):
            return ""
    return ""


def _misnamed(name: str, binary: str) -> tuple[str, ...]:
    """The note on a workbook that calls itself something else."""
    if binary == "xlsx" and not name.lower().endswith((".xlsx", ".xlsm")):
        return (f"{name} is an Excel workbook, whatever its name says; it was read as such.",)
    return ()


def shown_name(path: Path) -> str:
    """The file's name as a person may see it: control and direction characters replaced, 120 characters at most."""
    return shown(path.name)


def shown(name: str) -> str:
    """A name, with or without folders, as a person may see it."""
    name = "".join(sign if sign.isprintable() else "\ufffd" for sign in name)
    return name if len(name) <= 120 else name[:80] + "..." + name[-37:]


def _refuse_foreign(head: bytes, name: str) -> None:
    for first, kind, way_out in FOREIGN:
        if head.startswith(first):
            raise BadInput(f"{name} is {kind}, whatever its name says. {way_out}.")


def _encoding(path: Path, name: str, size: int, packed: str) -> tuple[str, bool, tuple[str, ...]]:
    """(encoding, whether lines end in CR alone, notes) from all of the bytes."""
    with opened(path, name, size, packed) as file:
        head = file.read(HEAD)
    encoding = next((kind for mark, kind in BOMS if head.startswith(mark)), "") or _utf16_without_mark(head)
    if encoding.startswith(("utf-16", "utf-32")):
        if not head.decode(encoding, "ignore").strip("\ufeff \t\r\n"):
            raise BadInput(f"No examples found in {name}: it is empty.")
        return encoding, False, (f"{name} is {encoding.upper()[:6]} text; it was read as such.",)
    if head.count(0) > len(head) // 10:
        raise BadInput(f"{name} is not text: it looks like binary data. Choose the file that holds your examples.")
    # without final=True: a file that ends inside a character was cut, and its last line will say so
    decoder = codecs.getincrementaldecoder("utf-8")()
    blank, any_lf, any_cr, broken = True, False, False, False
    with opened(path, name, size, packed) as file:
        while chunk := file.read(CHUNK):
            blank = blank and not chunk.strip(b" \t\r\n\xef\xbb\xbf")
            any_lf, any_cr = any_lf or b"\n" in chunk, any_cr or b"\r" in chunk
            if not broken:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    broken = True
    if blank:
        raise BadInput(f"No examples found in {name}: it is empty.")
    lone_cr = any_cr and not any_lf
    if not broken:
        return encoding or "utf-8", lone_cr, ()
    guess, note = _guess(path, name, size, packed)
    return guess, lone_cr, (note,)


def _utf16_without_mark(head: bytes) -> str:
    """UTF-16 by its NULs: Latin text has one in every second byte."""
    half = max(1, len(head) // 2)
    if head[1::2].count(0) > 0.4 * half and head[0::2].count(0) < 0.05 * half:
        return "utf-16-le"
    if head[0::2].count(0) > 0.4 * half and head[1::2].count(0) < 0.05 * half:
        return "utf-16-be"
    return ""


def _guess(path: Path, name: str, size: int, packed: str) -> tuple[str, str]:
    """The encoding of a file that is not UTF-8 throughout, and the note that says so."""
    good = bad = 0
    western = True
    with opened(path, name, size, packed) as file:
        for line in file:
            if line.isascii():
                continue
            try:
                line.decode("utf-8")
                good += 1
            except UnicodeDecodeError:
                bad += 1
                western = western and _decodes(line, "cp1252")
    if good > bad:
        return "utf-8", f"{name} is UTF-8, but {bad} of its lines hold other bytes; they are among the rejected."
    if western:
        return "cp1252", (
            f"{name} is not UTF-8; it looks like Windows-1252 and was read as such. "
            "Look at some accented letters, and save the file as UTF-8 if they are wrong."
        )
    raise BadInput(f"{name} is neither UTF-8 nor UTF-16 nor Windows-1252 text. Save it as UTF-8 and import it again.")


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


@contextmanager
def text_of_file(look: Look, newline: str) -> Iterator[tuple[TextIO, IO[bytes]]]:
    """The file as text and the bytes under it, whose `tell` says how far one is.

    Bytes that are not UTF-8 come as lone surrogates (U+DC80 to U+DCFF) for the reader to reject with their line.
    """
    errors = "surrogateescape" if look.encoding.startswith("utf-8") else "replace"
    with look.path.open("rb") as below:
        source: IO[bytes] = below
        if look.packed:
            source = unpacking(below, look.name, look.size, look.packed)
        yield io.TextIOWrapper(cast(BinaryIO, source), look.encoding, errors, newline), below
