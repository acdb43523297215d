"""The formats that are made of tables: CSV for programs, Markdown for wikis and tickets."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

from sqlalchemy import Connection

from rpps_sync.reporting import flat, markdown
from rpps_sync.reporting.build import build
from rpps_sync.reporting.material import gather
from rpps_sync.reporting.model import ReportModel
from rpps_sync.run_summary import RunSummary


def _model(ledger: Connection, tonight: RunSummary) -> ReportModel:
    return build(gather(ledger, tonight.to_json()), language="fr", edited_at=tonight.finished_at)


def _cells(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_every_figure_of_the_page_is_a_line_of_the_csv(ledger: Connection, tonight: RunSummary) -> None:
    """Table, line, column, value: a program finds a number without knowing the page."""
    lines = _cells(flat.render(_model(ledger, tonight)))
    assert lines[0] == ["table", "line", "column", "value"]
    assert all(len(line) == 4 for line in lines)
    failing = [line for line in lines if line[0] == "Contrôles" and line[2] == "En défaut" and line[3] != "0"]
    assert [line[3] for line in failing] == ["612", "18"]


def test_title_that_is_a_formula_stays_a_text_in_the_csv(ledger: Connection, tonight: RunSummary) -> None:
    """What a publisher wrote does not run on the machine of whoever opens the file."""
    evil = replace(tonight.checks[8], title="=HYPERLINK(1)", name="evil.check")
    lines = _cells(flat.render(_model(ledger, replace(tonight, checks=(evil,)))))
    assert ["Contrôles", "1", "Contrôle", "'=HYPERLINK(1)"] in lines


def test_name_that_is_markup_stays_a_name_in_markdown(ledger: Connection, tonight: RunSummary) -> None:
    """A bar or a tag in a name breaks no table and shows nothing that it should not."""
    evil = replace(tonight.checks[8], title="<img src=x> | `x`\nsecond", name="evil.check")
    page = markdown.render(_model(ledger, replace(tonight, checks=(evil,))))
    assert "\\<img src=x\\> \\| \\`x\\` second" in page
    assert page.startswith("# Nuit du 21\u00a0novembre\u00a02026".replace("\u00a0", " "))
    tables = [line for line in page.splitlines() if line.startswith("|")]
    assert tables
    assert all(line.endswith("|") for line in tables)
