"""Checks on how the files came, judged where they come in: nothing of them can be read yet.

A publisher at fault ends a night before any line is looked at. Its errors carry a stable ``reason``; the declared
check that has this reason is the one that failed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rpps_sync.errors import RppsSyncError
from rpps_sync.locales import number
from rpps_sync.quality.declarations import Check, LooksAt, load_checks
from rpps_sync.quality.judging import explanation
from rpps_sync.quality.wording import phrase
from rpps_sync.run_summary import CheckResult, CheckSeverity, CheckStatus


def received(files: int, language: str) -> tuple[CheckResult, ...]:
    """Every check on how the files came, passed: so many files arrived whole."""
    observed = f"{number(files, language)} {phrase('files-fine', language)}"
    return tuple(_result(check, CheckStatus.PASSED, observed, language, rows=files) for check in _declared())


def refused(error: RppsSyncError, language: str) -> tuple[CheckResult, ...]:
    """The check that an error of the publisher fails; nothing when the publisher is not at fault."""
    return tuple(
        _result(check, CheckStatus.FAILED, error.what, language, rows=1, failing=1)
        for check in _declared()
        if error.reason in check.reasons
    )


def frozen(nights: int, language: str) -> tuple[CheckResult, ...]:
    """The check on nights in a row without anything new, this one included."""
    (check,) = (check for check in load_checks().checks if check.looks_at is LooksAt.FROZEN)
    band = next((band for band in check.bands if nights > band.allowed(0)), None)
    status = CheckStatus.PASSED
    if band is not None:
        status = CheckStatus.WARNED if band.severity is CheckSeverity.WARNING else CheckStatus.FAILED
    observed = f"{number(nights, language)} {phrase('nights', language)}"
    result = _result(check, status, observed, language, rows=nights, failing=nights if band else 0)
    expected = f"≤ {number(min(band.allowed(0) for band in check.bands), language)}"
    return (replace(result, severity=band.severity if band else check.gravest, expected=expected),)


def _declared() -> Iterator[Check]:
    return (check for check in load_checks().checks if check.looks_at is LooksAt.TRANSPORT)


def _result(
    check: Check, status: CheckStatus, observed: str, language: str, *, rows: int, failing: int = 0
) -> CheckResult:
    return CheckResult(
        name=check.id,
        title=check.title.spoken(language),
        file="",
        severity=check.gravest,
        status=status,
        observed=observed,
        expected="≤ 0",
        rows=rows,
        failing=failing,
        reason=check.reason.spoken(language),
        mend=check.mend.spoken(language),
        family=str(check.family),
        explanation=explanation(check),
    )
