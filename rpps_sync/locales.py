"""Days and numbers as French and British readers write them: the tables of Unicode (CLDR), through Babel."""

from __future__ import annotations

from datetime import date
from functools import cache

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

LANGUAGES = ("fr", "en")
_LOCALES = {"fr": "fr_FR", "en": "en_GB"}


def day(when: date, language: str) -> str:
    """A day in full; the first of a month is ``1er`` in French, which the tables do not know.

    >>> day(date(2026, 11, 1), "fr"), day(date(2026, 11, 21), "en")
    ('1er novembre 2026', '21 November 2026')
    """
    first = "1er" if language == "fr" and when.day == 1 else str(when.day)
    return f"{first} {month(when, language)}"


def month(when: date, language: str) -> str:
    """A month and its year.

    >>> month(date(2026, 11, 21), "fr")
    'novembre 2026'
    """
    return format_date(when, "MMMM y", locale=_LOCALES[language])


@cache
def months(language: str, *, short: bool = False) -> tuple[str, ...]:
    """The names of the twelve months.

    >>> months("fr", short=True)[:3]
    ('janv.', 'févr.', 'mars')
    """
    names = Locale.parse(_LOCALES[language]).months["format"]["abbreviated" if short else "wide"]
    return tuple(names[number] for number in range(1, 13))


def number(value: float, language: str, decimals: int = 0) -> str:
    """A number with its thousands apart.

    >>> number(12345.6, "en", 1), number(12345, "fr")
    ('12,345.6', '12\u202f345')
    """
    pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
    return format_decimal(value, format=pattern, locale=_LOCALES[language])
