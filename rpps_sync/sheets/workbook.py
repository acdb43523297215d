"""XLSX workbooks: the first sheet, read and written without holding it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from rpps_sync.errors import UsageError
from rpps_sync.formulas import harmless
from rpps_sync.sheets.sheet import Cells, Sheet, Write

MOST_ROWS = 1_048_576  # of a sheet, the header included: a limit of the format


@contextmanager
def reading(path: Path) -> Iterator[Sheet]:
    """The first sheet of a workbook; formulas are read as the values they last had.

    Raises:
        UsageError: the file is no workbook, or its first sheet has no header.
    """
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError) as error:
        raise UsageError(f"{path} is no XLSX workbook", mend="save it as .xlsx", reason="not-xlsx") from error
    try:
        sheet = book.worksheets[0]
        rows = sheet.iter_rows(values_only=True)
        header = ["" if cell is None else str(cell) for cell in next(rows, ())]
        if not any(header):
            raise UsageError(f"{path}: the first row holds no column name", mend="give the sheet a header")
        yield Sheet(header, _rows(rows, len(header)))
    finally:
        book.close()


@contextmanager
def writing(path: Path, header: Cells, _origin: object) -> Iterator[Write]:
    """A workbook of one sheet.

    Raises:
        UsageError: more rows than a sheet holds.
    """
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("rpps")
    sheet.append([harmless(cell) for cell in header])
    count = 1

    def write(cells: Cells) -> None:
        nonlocal count
        count += 1
        if count > MOST_ROWS:
            raise UsageError(f"{path}: a sheet holds {MOST_ROWS} rows", mend="write CSV or Parquet instead")
        sheet.append([harmless(cell) for cell in cells])

    try:
        yield write
        book.save(path)
    finally:
        book.close()


def _rows(rows: Iterator[tuple[Any, ...]], width: int) -> Iterator[Cells]:
    for row in rows:
        if any(cell is not None for cell in row):
            yield [*row[:width], *[None] * (width - len(row))]
