"""A report of a night without what names people, for those who are sent it outside the team."""

from __future__ import annotations

from dataclasses import replace

from rpps_sync.reporting.model import ReportModel


def unnamed(model: ReportModel) -> ReportModel:
    """The same report without the gravest findings one by one, without examples and without unreadable lines."""
    checks = tuple(replace(line, samples=()) for line in model.checks)
    return replace(
        model,
        checks=checks,
        findings=replace(model.findings, gravest=()),
        quarantine=replace(model.quarantine, lines=()),
    )
