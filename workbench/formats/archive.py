"""ZIP archives: their files one by one, each unpacked under a name of ours and never past the limits."""

from __future__ import annotations

import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from workbench.errors import BadInput
from workbench.formats.look import Look, shown
from workbench.formats.packed import CHUNK, MOST_RATIO, budget_of
from workbench.formats.part import MOST_PARTS, Part, Skipped, is_aside

OFFICE = {"word/document.xml": "a Word document", "ppt/presentation.xml": "a PowerPoint file", "mimetype": "a document"}
NESTED = (".zip", ".tar", ".tgz", ".7z", ".rar")


def parts(look: Look) -> Iterator[Part | Skipped]:
    """The files of an archive, each there only until the next is asked for.

    Raises BadInput for an archive that is broken or unpacks to too much. A member with a name that leads out of the
    archive, a link, a locked member and an archive in the archive are skipped by name: nothing is ever written under
    a name that the archive chose.
    """
    try:
        with zipfile.ZipFile(look.path) as archive, tempfile.TemporaryDirectory() as folder:
            members = archive.infolist()
            _refuse_office(look.name, archive.namelist())
            if len(members) > MOST_PARTS:
                raise BadInput(f"{look.name} holds {len(members):,} files; {MOST_PARTS:,} is the most that are read.")
            left, target = budget_of(look.size), Path(folder, "member")
            for member in sorted(members, key=lambda one: one.filename):
                name = shown(member.filename)
                if member.is_dir():
                    continue
                if reason := _unwanted(member):
                    yield Skipped(name, reason)
                    continue
                if is_aside(member.filename):
                    continue
                left = _unpack(archive, member, target, left, look.name)
                yield Part(name, target)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise BadInput(f"{look.name} is a damaged ZIP archive: {error}. Copy it again.") from None


def _refuse_office(name: str, members: list[str]) -> None:
    for member, kind in OFFICE.items():
        if member in members:
            raise BadInput(f"{name} is {kind}. Copy its text into a table with the columns prompt and completion.")


def _unwanted(member: zipfile.ZipInfo) -> str:
    """Why a member is not read; "" where it may be."""
    place = PurePosixPath(member.filename.replace("\\", "/"))
    if place.is_absolute() or ".." in place.parts or ":" in "".join(place.parts[:1]):
        return "has a name that leads out of the archive; it was not unpacked."
    if stat.S_ISLNK(member.external_attr >> 16):
        return "is a link to another file; it was not followed."
    if member.flag_bits & 1:
        return "is locked with a password. Unpack it yourself and import the result."
    if member.filename.lower().endswith(NESTED):
        return "is an archive in the archive. Unpack it yourself and import the result."
    return ""


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, left: int, name: str) -> int:
    """Writes one member to `target`; how many bytes may still be unpacked. Counts bytes, as headers may lie."""
    with archive.open(member) as source, target.open("wb") as file:
        while chunk := source.read(CHUNK):
            left -= len(chunk)
            if left < 0:
                raise BadInput(
                    f"{name} unpacks to more than {budget_of(0) >> 20:,} MB, {MOST_RATIO} times its size or more. "
                    "Nothing was imported. If you trust it, unpack it yourself and import the folder."
                )
            file.write(chunk)
    return left
