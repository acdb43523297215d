"""What stands of the checks: since when each result has been so, and which ones somebody knows of.

A result that passes is forgotten. One that is acknowledged stays in the report and asks nothing more of anybody,
until it changes: it grows graver, fails on a quarter more, or names a code, column or group that was not there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from rpps_sync.directory.tables import CHECK_STATES
from rpps_sync.errors import NotFound, UsageError
from rpps_sync.limits import LIMITS
from rpps_sync.run_summary import CheckResult, CheckSeverity, CheckStatus

_OF_PEOPLE = ("quarantine.", "identity.", "referential.", "practitioners.", "keys.", "format.", "text.")
"""Checks whose samples are lines or people: others every night, so that a new one is no change."""
_GROWTH, _SLACK = 1.25, 5  # of what fails, before an acknowledged result speaks again
_NAME = re.compile(r"[^\s:(→]+")
_GRAVEST_FIRST = tuple(CheckSeverity)


def settle(connection: Connection, results: Sequence[CheckResult], day: str) -> tuple[CheckResult, ...]:
    """Remember tonight's results, and tell of each since when it has been so and whether it is known.

    Args:
        connection: a transaction that may write.
        results: of one publication; a result that passes ends what stood of it, a skipped one leaves it.
        day: of the publication, as an ISO date.
    """
    standing = {(row["name"], row["file"]): row for row in connection.execute(select(CHECK_STATES)).mappings()}
    told = tuple(_told(result, standing.get((result.name, result.file)), day) for result in results)
    for result in results:
        if result.speaks or result.status is CheckStatus.PASSED:
            _forget(connection, result)
    rows = [_row(result, standing.get((result.name, result.file)), day) for result in told if result.speaks]
    if rows:
        connection.execute(insert(CHECK_STATES), rows)
    return told


def acknowledge(connection: Connection, name: str, file: str, by: str, because: str) -> list[str]:
    """Say that a standing result is known; it stays quiet until it changes.

    Args:
        connection: a transaction that may write.
        name: of the result (``codes.unknown.role``).
        file: of which extract; empty for all those where it stands.
        by: who says so.
        because: why it is no news.

    Returns:
        The extracts concerned (an empty name for a check of the publication as a whole).

    Raises:
        NotFound: no such result stands.
        UsageError: it blocks the publication: there is 'accept' for that.
    """
    rows = [row for row in standing_results(connection) if row["name"] == name and file in ("", row["file"])]
    if not rows:
        raise NotFound(
            f"no result '{name}' stands to be acknowledged", mend="'rpps-sync checks list' has them all"
        )
    for row in rows:
        if row["severity"] == CheckSeverity.BLOCKING:
            raise UsageError(
                f"'{name}' refuses the publication: it cannot be silenced",
                mend="publish it all the same with 'rpps-sync accept', or wait for the next one",
            )
        connection.execute(
            update(CHECK_STATES)
            .where(CHECK_STATES.c.name == row["name"], CHECK_STATES.c.file == row["file"])
            .values(
                acknowledged_by=by,
                acknowledged_because=because,
                acknowledged_as={key: row[key] for key in ("severity", "failing", "subjects")},
            )
        )
    return [row["file"] for row in rows]


def standing_results(connection: Connection) -> list[dict[str, Any]]:
    """Everything that stands, gravest first."""
    rows = [dict(row) for row in connection.execute(select(CHECK_STATES)).mappings()]
    ranks = {str(severity): rank for rank, severity in enumerate(_GRAVEST_FIRST)}
    return sorted(rows, key=lambda row: (ranks[row["severity"]], row["name"], row["file"]))


def _told(result: CheckResult, row: RowMapping | None, day: str) -> CheckResult:
    if not result.speaks:
        return result
    known = row is not None and row["acknowledged_as"] is not None and not _changed(result, row["acknowledged_as"])
    return replace(
        result,
        first_seen=row["first_seen"] if row else day,
        acknowledged=(row["acknowledged_because"] or "") if known and row else "",
    )


def _changed(result: CheckResult, known: dict[str, Any]) -> bool:
    graver = _GRAVEST_FIRST.index(result.severity) < _GRAVEST_FIRST.index(CheckSeverity(known["severity"]))
    grown = result.failing > known["failing"] * _GROWTH + _SLACK
    return graver or grown or bool(set(_subjects(result)) - set(known["subjects"]))


def _subjects(result: CheckResult) -> tuple[str, ...]:
    """The codes, columns or groups that the samples name, without their figures."""
    if result.name.startswith(_OF_PEOPLE) or len(result.samples) >= LIMITS.samples:
        return ()
    return tuple(dict.fromkeys(found[0] for sample in result.samples if (found := _NAME.match(sample))))


def _row(result: CheckResult, row: RowMapping | None, day: str) -> dict[str, Any]:
    kept = {"acknowledged_by", "acknowledged_because", "acknowledged_as"} if result.acknowledged else set()
    return {
        "name": result.name,
        "file": result.file,
        "severity": str(result.severity),
        "failing": result.failing,
        "subjects": list(_subjects(result)),
        "first_seen": result.first_seen,
        "last_seen": day,
        "acknowledged_by": None,
        "acknowledged_because": None,
        "acknowledged_as": None,
    } | {key: row[key] for key in kept if row is not None}


def _forget(connection: Connection, result: CheckResult) -> None:
    connection.execute(
        delete(CHECK_STATES).where(CHECK_STATES.c.name == result.name, CHECK_STATES.c.file == result.file)
    )
