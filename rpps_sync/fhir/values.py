"""The values of search parameters: tokens, references, dates; FHIR R4, section 3.1.1 (search)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rpps_sync.fhir.outcomes import bad_value

LONGEST = 200  # characters of one value: no name, code or identifier is longer
MOST = 200  # values of one parameter; the national API advises fifty
_SPLIT = re.compile(r"(?<!\\),")
_BAR = re.compile(r"(?<!\\)\|")
_ESCAPED = re.compile(r"\\([,|$\\])")
_DATE = re.compile(
    r"(?P<prefix>eq|ne|gt|lt|ge|le|sa|eb|ap)?(?P<day>\d{4}(-\d\d(-\d\d)?)?)"
    r"(?P<time>T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(?P<zone>Z|[+-]\d\d:\d\d)?)?"
)
_ABOUT = timedelta(days=1)  # what `ap` allows
_YEARS = range(1900, 2200)  # others are typing errors, and some cannot be counted with


@dataclass(frozen=True, slots=True)
class Token:
    """``code``, ``system|``, ``system|code`` or ``|code``."""

    system: str | None  # None: whatever it is; empty: none at all
    code: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A date or an instant with its prefix, as the instants between which it lies."""

    prefix: str
    start: datetime
    end: datetime  # excluded

    def holds(self, instant: datetime) -> bool:
        """Whether an instant meets it."""
        inside = self.start <= instant < self.end
        answers: Mapping[str, bool] = {
            "eq": inside,
            "ne": not inside,
            "gt": instant >= self.end,
            "sa": instant >= self.end,
            "lt": instant < self.start,
            "eb": instant < self.start,
            "ge": instant >= self.start,
            "le": instant < self.end,
            "ap": self.start - _ABOUT <= instant < self.end + _ABOUT,
        }
        return answers[self.prefix]


def alternatives(parameter: str, text: str) -> tuple[str, ...]:
    """The values between commas, still escaped.

    Raises:
        FhirError: one is too long, or there are too many; an empty one says nothing.
    """
    values = tuple(value for value in _SPLIT.split(text) if value.strip())
    if not values:
        raise bad_value(parameter, "the value is empty")
    if len(values) > MOST:
        raise bad_value(parameter, f"{len(values)} values, at most {MOST} are read")
    if any(len(value) > LONGEST for value in values):
        raise bad_value(parameter, f"a value has more than {LONGEST} characters")
    if any(char < " " or "\ud800" <= char <= "\udfff" for char in text):
        raise bad_value(parameter, "the value holds a control character, or half of one")
    return values


def string(text: str) -> str:
    r"""A text without its escapes.

    >>> string("A\,B")
    'A,B'
    """
    return _ESCAPED.sub(r"\1", text)


def token(text: str) -> Token:
    """A code, with or without its system.

    >>> token("|60"), token("60")
    (Token(system='', code='60'), Token(system=None, code='60'))
    """
    parts = _BAR.split(text.strip(), maxsplit=1)
    if len(parts) == 1:
        return Token(None, string(parts[0]))
    return Token(string(parts[0]), string(parts[1]))


def reference(parameter: str, text: str, kind: str, base: str = "") -> str:
    """The technical identifier that a reference names: ``id``, ``Type/id``, or all of it with our own address.

    Raises:
        FhirError: it is of another type, or of another server.
    """
    told = text.strip().removeprefix(f"{base}/") if base else text.strip()
    if "://" in told:
        raise bad_value(parameter, "the reference is one of another server")
    head, slash, technical_id = told.rpartition("/")
    if slash and head != kind:
        raise bad_value(parameter, f"the reference must be one to {kind}")
    return technical_id


def moment(parameter: str, text: str) -> Moment:
    """A date, in UTC where it names no zone.

    Raises:
        FhirError: it is none.
    """
    found = _DATE.fullmatch(text.strip())
    try:
        if found is None or int(found["day"][:4]) not in _YEARS or (found["time"] and len(found["day"]) != 10):
            raise ValueError  # noqa: TRY301 - told below, as what fromisoformat refuses
        start, end = _period(found["day"], found["time"] or "")
    except (ValueError, OverflowError) as error:
        raise bad_value(parameter, "expected a date such as ge2026-11-20 or ge2026-11-20T08:12:00Z") from error
    return Moment(found["prefix"] or "eq", start, end)


def _period(day: str, time: str) -> tuple[datetime, datetime]:
    if time:
        start = datetime.fromisoformat(day + re.sub(r"(\.\d{6})\d+", r"\1", time))
        start = start.astimezone(UTC) if start.tzinfo else start.replace(tzinfo=UTC)
        minute = time.count(":") - (1 if re.search(r"[+-]\d\d:\d\d$", time) else 0) == 1
        return start, start + (timedelta(minutes=1) if minute else timedelta(seconds=1))
    year, month, date = (*(int(part) for part in day.split("-")), 0, 0)[:3]
    start = datetime(year, month or 1, date or 1, tzinfo=UTC)
    if date:
        return start, start + timedelta(days=1)
    if month:
        return start, datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return start, datetime(year + 1, 1, 1, tzinfo=UTC)
