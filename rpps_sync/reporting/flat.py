"""A report as one CSV file: a line for each cell of its tables, so that every program reads it the same way.

Columns: the table, the number of the line in it, the name of the column, the value. UTF-8 with its mark and
semicolons, as Excel in French opens it; no cell that computes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from rpps_sync.formulas import harmless
from rpps_sync.reporting.model import ReportModel
from rpps_sync.reporting.tables import Table, tables

HEADER = ("table", "line", "column", "value")


def render(model: ReportModel) -> bytes:
    """The report of a run."""
    return written(tables(model))


def written(told: Iterable[Table]) -> bytes:
    """Tables, cell by cell; empty cells are left out."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADER)
    for table in told:
        for number, row in enumerate(table.rows, 1):
            for column, value in zip(table.header, row, strict=True):
                if value not in (None, ""):
                    writer.writerow([table.title, number, column, harmless(value)])
    return text.getvalue().encode("utf-8-sig")
