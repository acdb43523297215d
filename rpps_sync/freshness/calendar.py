"""The French calendar: on which days people who register practitioners, or sign in, are at work.

Weekends and public holidays are off, and so are the days that most offices bridge: a weekday alone between a
holiday and a weekend, and the week from Christmas Eve to New Year's Day. A day wrongly taken as off delays an
alarm by a day; one wrongly taken as worked raises a false one.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from rpps_sync.clock import french_day

PARIS = ZoneInfo("Europe/Paris")
SUNDAY = 6
_DAY = timedelta(days=1)
_FRIDAY, _SATURDAY = 4, 5
_SUMMER_PACE = 0.5


def is_working(day: date) -> bool:
    """Whether offices are open that day."""
    if day.weekday() >= _SATURDAY or is_holiday(day):
        return False
    return not (_bridges(day) or (day.month, day.day) >= (12, 24))


def is_holiday(day: date) -> bool:
    """Whether that day is a public holiday in metropolitan France."""
    return day in _holidays(day.year)


@cache
def _holidays(year: int) -> frozenset[date]:
    from holidays import country_holidays  # noqa: PLC0415 - takes 50 ms, and most commands count no day

    return frozenset(country_holidays("FR", years=year))


@cache
def rhythm_day(day: date) -> int:
    """The day of the week whose rhythm a day has, Monday being 0: a weekday off lives like a Sunday."""
    return day.weekday() if day.weekday() >= _SATURDAY or is_working(day) else SUNDAY


@cache
def pace(day: date) -> float:
    """How much of the usual is done in that season: half of it between the fourteenth of July and September."""
    return _SUMMER_PACE if (7, 14) <= (day.month, day.day) < (9, 1) else 1.0


def after_working_time(since: datetime, worked: timedelta) -> datetime:
    """The instant at which so much working time has passed; a working day has as many hours as any."""
    day = french_day(since)
    while True:
        begins, ends = max(since, _midnight(day)), _midnight(day + _DAY)
        if is_working(day):
            if worked <= ends - begins:
                return begins + worked
            worked -= ends - begins
        day += _DAY


def at_local(day: date, hour: time) -> datetime:
    """An hour of a French day, in UTC."""
    return datetime.combine(day, hour, PARIS).astimezone(UTC)


def _midnight(day: date) -> datetime:
    return at_local(day, time())


def _bridges(day: date) -> bool:
    """A Monday before a Tuesday off, or a Friday after a Thursday off."""
    return (day.weekday() == 0 and is_holiday(day + _DAY)) or (day.weekday() == _FRIDAY and is_holiday(day - _DAY))
