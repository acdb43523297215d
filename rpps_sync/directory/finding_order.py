"""The order of findings, as every list and page has it; the database sorts.

What was acknowledged comes last. Before it: people who left the directory and still sign in, then the gravest,
then the oldest. The identifier decides where all that is equal, so that a page goes on where another ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, Date, and_, case, func, literal, tuple_

from rpps_sync.directory.tables import FINDINGS
from rpps_sync.finding import FindingStatus, Severity, Verdict


class Place(NamedTuple):
    """Where in the order a finding stands."""

    acknowledged: int  # 1: last
    quiet: int  # 0: somebody who left and still signs in
    rank: int  # of the severity, 0 the gravest
    day: date  # since when it has been so, as far as that is known
    id: str


def order() -> Sequence[ColumnElement[object]]:
    """What a statement over the table is sorted by: the columns of a :class:`Place`."""
    table = FINDINGS.c
    seen = func.coalesce(table.evidence["seen_since"].as_string(), "")
    heads = and_(table.verdict == str(Verdict.DEPARTED_PRACTITIONER), seen != "")
    return (
        case((table.status == str(FindingStatus.ACKNOWLEDGED), 1), else_=0),
        case((heads, 0), else_=1),
        case({str(item): rank for rank, item in enumerate(Severity)}, value=table.severity),
        func.coalesce(table.since, table.first_seen, type_=Date),
        table.id,
    )


def beyond(place: Place) -> ColumnElement[bool]:
    """The condition on what stands after a place."""
    return tuple_(*order()) > tuple_(*(literal(value) for value in place))
