"""The checks in reading order, in the language of the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rpps_sync.quality.judging import told_in
from rpps_sync.quality.rows import has_rows
from rpps_sync.reporting.lights import check_light, order_of
from rpps_sync.reporting.model import CheckLine
from rpps_sync.run_summary import CheckStatus


def checks(summary: Mapping[str, Any], language: str) -> tuple[CheckLine, ...]:
    """Every check of a run, those that need eyes first."""
    lines = (
        CheckLine(
            light=check_light(check["status"], check["severity"], known=bool(check.get("acknowledged"))),
            name=check["name"],
            title=check["title"],
            file=check["file"],
            severity=check["severity"],
            status=check["status"],
            observed=check["observed"],
            expected=check["expected"],
            rows=check["rows"],
            failing=check["failing"],
            samples=tuple(check["samples"]),
            reason=check["reason"],
            mend=check["mend"],
            command=_command(check, summary["publication"]),
            **{name: check.get(name, "") for name in ("family", "explanation", "first_seen", "acknowledged")},
        )
        for check in (_translated(check, language) for check in summary["checks"])
    )
    return tuple(sorted(lines, key=lambda line: order_of(line.light, line.severity, line.status)))


def _translated(check: Mapping[str, Any], language: str) -> Mapping[str, Any]:
    """A result whose run spoke another language than the report."""
    told = told_in(language, check["name"], check["file"], check["title"])
    return check if told is None else {**check, **dict(zip(("title", "reason", "mend"), told, strict=True))}


def _command(check: Mapping[str, Any], publication: Mapping[str, Any] | None) -> str:
    """What lists the rows behind a check; empty where there is nothing to list."""
    if not publication or check["status"] not in (CheckStatus.FAILED, CheckStatus.WARNED):
        return ""
    if not has_rows(check["name"]):
        return ""
    extract = f" --extract {check['file']}" if check["file"] else ""
    return f"rpps-sync checks rows {check['name']}{extract} --publication {publication['id']}"
