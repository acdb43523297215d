"""The report as a workbook, opened again as those who live in spreadsheets would."""

from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import Connection

from pipelines.reporting import write_report
from rpps_sync.run_summary import RunSummary


@pytest.mark.parametrize("language", ["fr", "en"])
def test_workbook_has_a_sheet_for_each_table_and_the_figures_of_the_report(
    ledger: Connection, tonight: RunSummary, tmp_path: Path, language: str
) -> None:
    """Checks can be sorted and findings filtered without retyping anything."""
    path = write_report(ledger, tonight, tmp_path, language, formats=("xlsx",))
    book = openpyxl.load_workbook(path)
    assert len(book.sheetnames) == 8
    checks = list(book.worksheets[3].iter_rows(values_only=True))
    assert len(checks) == 1 + len(tonight.checks)
    assert {row[2]: row[7] for row in checks}["keys.rpps-luhn"] == 612
    findings = list(book.worksheets[6].iter_rows(values_only=True))
    assert len(findings) > 30
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    assert all(sheet.freeze_panes == "A2" for sheet in book)


def test_workbook_of_an_empty_ledger_opens(connection: Connection, tonight: RunSummary, tmp_path: Path) -> None:
    """The first night has no past: its tables are empty, not missing."""
    path = write_report(connection, tonight, tmp_path, "fr", formats=("xlsx",))
    book = openpyxl.load_workbook(path)
    assert [sheet.max_row for sheet in book.worksheets][4:7] == [1, 1, 1]
