"""Findings by the page and by the group: a screen over a hundred thousand of them reads only what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, exists, func, select

from rpps_sync import pseudonyms
from rpps_sync.directory import pseudonymity
from rpps_sync.directory.finding_order import Place, beyond, order
from rpps_sync.directory.findings import Filters, conditions, from_row
from rpps_sync.directory.tables import COMPARISONS, FINDINGS
from rpps_sync.finding import Finding


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
    """Some findings, in their order (:mod:`rpps_sync.directory.finding_order`)."""
    _require_own_names(connection, filters)
    statement = select(FINDINGS).where(*conditions(filters)).order_by(*order()).limit(limit).offset(skip)
    return [from_row(row) for row in connection.execute(statement)]


def following(
    connection: Connection, filters: Filters, *, limit: int, after: Place | None = None, skip: int = 0
) -> tuple[list[Finding], Place | None]:
    """The findings after a place, and the place where the next page goes on; None after the last.

    What is found or resolved between two pages makes the second repeat or skip nothing that stands as it was.
    """
    _require_own_names(connection, filters)
    keys = [column.label(name) for name, column in zip(Place._fields, order(), strict=True)]
    statement = (
        select(FINDINGS, *keys[:-1]).where(*conditions(filters)).order_by(*order()).limit(limit + 1).offset(skip)
    )
    if after is not None:
        statement = statement.where(beyond(after))
    rows = connection.execute(statement).all()
    place = None
    if len(rows) > limit:
        last = rows[limit - 1]
        place = Place(last.acknowledged, last.quiet, last.rank, last.day, last.id)
    return [from_row(row) for row in rows[:limit]], place


def was_judged(connection: Connection, national_id: str) -> bool:
    """Whether a token of this practitioner was ever compared with the directory."""
    return bool(
        connection.scalar(select(exists().where(COMPARISONS.c.national_id == pseudonyms.named(national_id))))
    )


def _require_own_names(connection: Connection, filters: Filters) -> None:
    """Somebody is looked for under the pseudonym of this installation's key, or not at all."""
    if filters.national_id:
        pseudonymity.check(connection)
