"""A report as an XLSX workbook, a sheet for each of its tables: the same figures, to be sorted and filtered."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from rpps_sync.formulas import harmless
from rpps_sync.reporting.model import ReportModel
from rpps_sync.reporting.tables import Row, Table, tables

_WIDEST, _NARROWEST = 60, 12  # characters of a column
_TITLE = 31  # characters of the name of a sheet: a limit of the format
_SHARE = "0.00%"


def render(model: ReportModel) -> bytes:
    """The report of a run as a whole workbook."""
    return written(tables(model))


def written(told: Iterable[Table]) -> bytes:
    """Tables as a workbook."""
    book = Workbook(write_only=True)
    for table in told:
        _sheet(book, table)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _sheet(book: Workbook, table: Table) -> None:
    """One sheet, its first line kept in sight."""
    header, told = table.header, table.rows
    page = book.create_sheet(table.title[:_TITLE])
    page.freeze_panes = "A2"
    page.auto_filter.ref = f"A1:{get_column_letter(len(header))}{len(told) + 1}"
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToHeight = 0  # as wide as a page, as long as it is
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    for position, width in enumerate(_widths([header, *told]), 1):
        page.column_dimensions[get_column_letter(position)].width = width
    heads = [WriteOnlyCell(page, harmless(name)) for name in header]
    for cell in heads:
        cell.font = Font(bold=True)
    page.append(heads)
    for row in told:
        cells = [WriteOnlyCell(page, harmless(value)) for value in row]
        for position, cell in enumerate(cells):
            cell.alignment = Alignment(vertical="top", wrap_text=isinstance(cell.value, str))
            if table.shares_from is not None and position >= table.shares_from:
                cell.number_format = _SHARE
        page.append(cells)


def _widths(rows: Sequence[Row]) -> Iterator[int]:
    for column in zip(*rows, strict=True):
        longest = max(len(str(value)) for value in column if value is not None)
        yield min(_WIDEST, max(_NARROWEST, longest + 2))
