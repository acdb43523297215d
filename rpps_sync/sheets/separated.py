"""CSV files as people have them: any usual separator and encoding."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rpps_sync.errors import UsageError
from rpps_sync.formulas import harmless
from rpps_sync.sheets.sheet import Cells, Sheet, Write

SEPARATORS = (";", ",", "\t", "|")
_BLOCK = 1 << 20
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written."""

    separator: str = ";"
    encoding: str = "utf-8-sig"


@contextmanager
def reading(path: Path) -> Iterator[Sheet]:
    """A CSV file: UTF-8 or UTF-16 with its mark, UTF-8 without, else Windows-1252.

    Raises:
        UsageError: it has no header, or a line with more cells than the header.
    """
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="", errors="strict") as file:
        first = file.readline()
        file.seek(0)
        dialect = Dialect(_separator(first), encoding)
        rows = csv.reader(file, delimiter=dialect.separator)
        header = next(rows, [])
        if not any(header):
            raise UsageError(f"{path}: the first line holds no column name", mend="give the file a header")
        yield Sheet(header, _rows(path, rows, len(header)), dialect)


@contextmanager
def writing(path: Path, header: Cells, origin: object) -> Iterator[Write]:
    """A CSV file with the separator of the one read; in UTF-8, marked where a spreadsheet needs it to notice."""
    source = origin if isinstance(origin, Dialect) else Dialect()
    encoding = "utf-8" if source.encoding == "utf-8" else "utf-8-sig"
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=source.separator, lineterminator="\n")
        writer.writerow([harmless(cell) for cell in header])
        yield lambda cells: writer.writerow([harmless(cell) for cell in cells])


def _encoding(path: Path) -> str:
    """How the whole file is encoded."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    utf8 = True
    with path.open("rb") as file:
        mark = file.read(3)
        marked = next((name for start, name in _MARKS.items() if mark.startswith(start)), "")
        file.seek(0)
        while block := file.read(_BLOCK):
            try:
                decoder.decode(block) if utf8 else None
            except UnicodeDecodeError:
                utf8 = False
    return marked or ("utf-8" if utf8 else "cp1252")


def _separator(line: str) -> str:
    """The separator that the header holds most often outside quotes."""
    bare = "".join(line.split('"')[::2])
    return max(SEPARATORS, key=bare.count)


def _rows(path: Path, rows: Iterator[list[str]], width: int) -> Iterator[Cells]:
    number = 1
    while True:
        number += 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except (csv.Error, UnicodeDecodeError) as error:
            raise UsageError(
                f"{path}, row {number}: {error}", mend="save the file anew, as CSV in UTF-8"
            ) from error
        if len(cells) > width:
            raise UsageError(
                f"{path}, row {number}: {len(cells)} cells, where the header has {width}",
                mend="a cell that holds the separator must be quoted",
                reason="too-many-cells",
            )
        if cells:
            yield [*cells, *[""] * (width - len(cells))]
