"""Which days an edition is about: a week or a month of French days, the last one named by whoever asks.

period_of(Edition.WEEK, date(2026, 11, 22))      16 to 22 November
period_of(Edition.MONTH, date(2026, 11, 30))     November
last_complete(Edition.WEEK, today)               what a Monday's job is about
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from rpps_sync.freshness.calendar import at_local

_DAY = timedelta(days=1)


class Edition(StrEnum):
    """What a report is about."""

    NIGHT = "night"  # one run
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Period:
    """Days in France, the first and the last among them."""

    edition: Edition
    first: date
    last: date

    @property
    def name(self) -> str:
        """What its files are called: ``week-2026-11-22``."""
        return f"{self.edition}-{self.last.isoformat()}"

    @property
    def begins(self) -> datetime:
        """Its first instant, in UTC."""
        return at_local(self.first, time())

    @property
    def ends(self) -> datetime:
        """The first instant after it, in UTC."""
        return at_local(self.last + _DAY, time())

    @property
    def days(self) -> Iterator[date]:
        """Each day, the first one first."""
        return (self.first + rank * _DAY for rank in range((self.last - self.first).days + 1))

    @property
    def is_calendar_month(self) -> bool:
        """Whether it is a month from its first day to its last."""
        return self.edition is Edition.MONTH and self.first.day == 1

    @property
    def former(self) -> Period:
        """The period of the same kind before it."""
        return period_of(self.edition, self.first - _DAY)


def period_of(edition: Edition, last: date) -> Period:
    """The week or the month that ends with a day; a month that ends within one begins within the one before."""
    if edition is Edition.WEEK:
        return Period(edition, last - 6 * _DAY, last)
    after = last + _DAY
    year, month = (after.year, after.month - 1) if after.month > 1 else (after.year - 1, 12)
    return Period(edition, date(year, month, min(after.day, calendar.monthrange(year, month)[1])), last)


def last_complete(edition: Edition, today: date) -> Period:
    """The last week from Monday to Sunday, or the last month of the calendar, that is over."""
    back = today.weekday() + 1 if edition is Edition.WEEK else today.day
    return period_of(edition, today - back * _DAY)
