"""Written reports as what they also are: files that name people, found by whom they name and by their age."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

_OF_A_RUN = re.compile(r"\.?(\d{4})(\d{2})(\d{2})T\d{6}Z-")
_NAMELESS = ("week-", "month-", "latest-")  # reports of a period: figures alone
_UNREADABLE = frozenset({".pdf"})  # its text is compressed, letter by letter in an order of its own


def every(folder: Path) -> list[Path]:
    """Every report of a night, whatever its format, copies under the name ``latest`` and drafts included."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in files if not path.name.startswith(_NAMELESS))


def naming(folder: Path, names: Sequence[str]) -> list[Path]:
    """The reports that hold one of some names, and those of which nobody can tell."""
    wanted = [name.encode() for name in names]
    return [path for path in every(folder) if path.suffix in _UNREADABLE or _holds(path, wanted)]


def older(folder: Path, before: date) -> list[Path]:
    """The reports of runs before a day; a file that does not name its run is as old as its last writing."""
    return [path for path in every(folder) if _day(path) < before]


def _holds(path: Path, wanted: Sequence[bytes]) -> bool:
    try:
        return any(name in part for part in _parts(path) for name in wanted)
    except zipfile.BadZipFile:
        return True  # half a workbook: nobody can tell


def _parts(path: Path) -> Iterator[bytes]:
    """What is written in a file: as it stands, or in each part of a workbook."""
    if not zipfile.is_zipfile(path):
        yield path.read_bytes()
        return
    with zipfile.ZipFile(path) as workbook:
        yield from (workbook.read(part) for part in workbook.infolist())


def _day(path: Path) -> date:
    if found := _OF_A_RUN.match(path.name):
        return date(*map(int, found.groups()))
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
