"""Findings by the page and by the group: a screen over a hundred thousand of them reads only what it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, case, exists, func, select

from rpps_sync import pseudonyms
from rpps_sync.directory.findings import Filters, conditions, from_row
from rpps_sync.directory.tables import COMPARISONS, FINDINGS
from rpps_sync.finding import Finding, FindingStatus, Severity, Verdict


class Grouping(StrEnum):
    """What standing findings are counted by, beside their verdict."""

    SOURCE = "source"
    FIELD = "field"
    AUTHORITY = "registration_authority"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many findings of one verdict stand in one group."""

    group: str
    verdict: str
    findings: int


def tallies(connection: Connection, by: Grouping) -> list[Tally]:
    """Standing findings by group and verdict, most first."""
    column = FINDINGS.c[by.value]
    counted = func.count().label("findings")
    statement = (
        select(column, FINDINGS.c.verdict, counted)
        .where(*conditions(Filters()))
        .group_by(column, FINDINGS.c.verdict)
        .order_by(counted.desc(), column, FINDINGS.c.verdict)
    )
    return [Tally(*row) for row in connection.execute(statement)]


def how_many(connection: Connection, filters: Filters) -> int:
    """How many findings answer."""
    return connection.execute(select(func.count()).select_from(FINDINGS).where(*conditions(filters))).scalar_one()


def page(connection: Connection, filters: Filters, *, limit: int, skip: int = 0) -> list[Finding]:
    """Some findings: what was acknowledged last; departed people, then the gravest, then the oldest first."""
    statement = select(FINDINGS).where(*conditions(filters)).order_by(*_order()).limit(limit).offset(skip)
    return [from_row(row) for row in connection.execute(statement)]


def was_judged(connection: Connection, national_id: str) -> bool:
    """Whether a token of this practitioner was ever compared with the directory."""
    return bool(
        connection.scalar(select(exists().where(COMPARISONS.c.national_id == pseudonyms.named(national_id))))
    )


def _order() -> Sequence[ColumnElement[object]]:
    table = FINDINGS.c
    return (
        case((table.status == str(FindingStatus.ACKNOWLEDGED), 1), else_=0),
        case((table.verdict == str(Verdict.DEPARTED_PRACTITIONER), 0), else_=1),
        case({str(item): rank for rank, item in enumerate(Severity)}, value=table.severity),
        func.coalesce(table.since, table.first_seen),
        table.id,
    )
