"""The report on paper."""

import re
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection

from pipelines.reporting import write_report
from rpps_sync.errors import UsageError
from rpps_sync.reporting import html, pdf
from rpps_sync.reporting.build import build
from rpps_sync.reporting.material import gather
from rpps_sync.run_summary import RunSummary


@pytest.fixture
def page(ledger: Connection, tonight: RunSummary) -> str:
    """The page of a night, as it goes on paper."""
    model = build(gather(ledger, tonight.to_json()), language="fr", edited_at=tonight.finished_at)
    return pdf.on_paper(html.render(model))


def test_every_drawing_on_paper_is_complete_in_itself(page: str) -> None:
    """A light that is borrowed from elsewhere in the page would be a white square on the desk of a manager."""
    assert "<use" not in page
    charts = re.findall(r'<svg class="(?:chart|spark|share)[^>]*>(.{7})', page)
    assert charts
    assert set(charts) == {"<style>"}


def test_report_is_written_as_pdf(ledger: Connection, tonight: RunSummary, tmp_path: Path) -> None:
    """What the management is sent."""
    try:
        path = write_report(ledger, tonight, tmp_path, "fr", formats=("pdf",))
    except UsageError as error:
        pytest.skip(error.mend)  # Pango is the system's: what to install is told
    written = path.read_bytes()
    assert written.startswith(b"%PDF-")
    assert 10_000 < len(written) < 1_000_000


def test_machine_without_the_layout_program_is_told_what_to_install(
    ledger: Connection, tonight: RunSummary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An extra that is missing is no traceback, and leaves no half-written report."""
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(UsageError, match="Pango") as told:
        write_report(ledger, tonight, tmp_path, "fr", formats=("html", "pdf"))
    assert "libpango" in told.value.mend
    assert not list(tmp_path.iterdir())


def test_page_on_paper_asks_nothing_of_any_host() -> None:
    """A name that is an address stays a name."""
    with pytest.raises(ValueError, match="loads nothing"):
        pdf.refused("https://elsewhere.invalid/x.png")
