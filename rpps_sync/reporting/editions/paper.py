"""The weekly or monthly report as a PDF."""

from __future__ import annotations

from rpps_sync.reporting.editions import html
from rpps_sync.reporting.editions.model import PeriodModel
from rpps_sync.reporting.pdf import printed


def render(model: PeriodModel) -> bytes:
    """The whole document; raises as ``pdf.printed`` does."""
    return printed(html.render(model))
