"""The words, numbers and dates of a report, in French or in English.

Sentences are data (``catalogues/fr.toml``, ``en.toml``), one key for both languages; a sentence that counts has
the forms ``one`` and ``other``. Formats follow each language: ``2 291 290`` with narrow no-break spaces and
``21 novembre 2026`` in French, ``2,291,290`` and ``21 November 2026`` in English.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

from rpps_sync import locales
from rpps_sync.clock import parse_instant
from rpps_sync.freshness.ages import in_words
from rpps_sync.locales import LANGUAGES
from rpps_sync.reporting.model import Unit

NARROW_NO_BREAK = "\u202f"
NO_BREAK = "\u00a0"
MINUS = "\u2212"
_SIZES = ("byte", "kilobyte", "megabyte", "gigabyte")


@cache
def catalogue(language: str) -> Mapping[str, Any]:
    """Every sentence of one language, as nested tables.

    Raises:
        KeyError: there is no such language.
    """
    if language not in LANGUAGES:
        raise KeyError(language)
    text = resources.files(__package__).joinpath("catalogues", f"{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(_typographic(text) if language == "fr" else text)


def _typographic(text: str) -> str:
    """French punctuation keeps its space without breaking the line before it."""
    return text.replace(" :", f"{NO_BREAK}:").replace(" ;", f"{NARROW_NO_BREAK};")


def typographic(text: str) -> str:
    """What a run says of its checks, every sign kept on the line of what it belongs to."""
    for sign in (":", ";", "%", "?", "!", "»"):
        text = text.replace(f" {sign}", f"{NO_BREAK}{sign}")
    for sign in ("«", "≤", "≥"):
        text = text.replace(f"{sign} ", f"{sign}{NO_BREAK}")
    return text


class Words:
    """Says things in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._catalogue = catalogue(language)

    def __call__(self, key: str, **values: Any) -> str:
        """The sentence ``section.name``, with its values in place.

        Raises:
            KeyError: the catalogue has no such sentence.
        """
        sentence: str = self._find(key)
        return sentence.format(**values)

    def count(self, key: str, number: int, **values: Any) -> str:
        """The sentence in the form that agrees with a number, which it shows as ``{n}``."""
        singular = number < 2 if self.language == "fr" else number == 1
        forms: Mapping[str, str] = self._find(key)
        return forms["one" if singular else "other"].format(n=self.number(number), **values)

    def known(self, section: str, code: str) -> str:
        """The words for a code, or the code itself when nobody gave it words: a new code is shown, not hidden."""
        words: Mapping[str, str] = self._find(section)
        return words.get(code, code)

    def number(self, value: float, decimals: int = 0) -> str:
        """A number with its thousands apart."""
        return locales.number(value, self.language, decimals)

    def signed(self, value: int) -> str:
        """A number with its sign, a true minus; zero has none."""
        sign = "+" if value > 0 else MINUS if value < 0 else ""
        return sign + self.number(abs(value))

    def share(self, value: float | None, decimals: int = 2) -> str:
        """A share between 0 and 1 as a percentage, rounded down: only a whole is ``100 %``; a dash for none."""
        if value is None:
            return "–"
        figure = self.number(_floored(value, decimals), decimals)
        return f"{figure}{NO_BREAK}%" if self.language == "fr" else f"{figure}%"

    def points(self, now: float | None, before: float | None, decimals: int = 2) -> str:
        """How far a share moved, in points, of the figures as they are shown; a dash where it cannot be told."""
        if now is None or before is None:
            return "–"
        change = round(_floored(now, decimals) - _floored(before, decimals), decimals)
        if not change:
            return "="
        return f"{'+' if change > 0 else MINUS}{self.number(abs(change), decimals)}{NO_BREAK}pt"

    def day(self, day: date | str | None) -> str:
        """``21 novembre 2026``; the first of the month is ``1er`` in French; a dash for no day."""
        if not day:
            return "–"
        value = date.fromisoformat(day[:10]) if isinstance(day, str) else day
        return locales.day(value, self.language).replace(" ", NO_BREAK)

    def instant(self, instant: datetime | str | None) -> str:
        """A day and an hour, with the zone said: everything in this project is UTC."""
        if not instant:
            return "–"
        value = parse_instant(instant) if isinstance(instant, str) else instant
        return self("format.instant", day=self.day(value.date()), hour=value.strftime("%H:%M"))

    def size(self, octets: int) -> str:
        """A size in the unit that leaves one to three digits before the decimal mark."""
        value, unit = float(octets), 0
        while value >= 1000 and unit < len(_SIZES) - 1:
            value, unit = value / 1000, unit + 1
        decimals = 0 if unit == 0 or value >= 100 else 1
        return f"{self.number(value, decimals)}{NO_BREAK}{self('unit.' + _SIZES[unit])}"

    def seconds(self, seconds: float) -> str:
        """A duration: seconds with one decimal, minutes from one minute on."""
        if seconds < 60:
            return f"{self.number(seconds, 1)}{NO_BREAK}s"
        minutes, rest = divmod(round(seconds), 60)
        return f"{self.number(minutes)}{NO_BREAK}min{NO_BREAK}{rest:02d}{NO_BREAK}s"

    def age(self, age: timedelta) -> str:
        """An age in words, on one line: ``31 h``, ``4 j 2 h``."""
        return in_words(age, self.language).replace(" ", NO_BREAK)

    def delay(self, seconds: int) -> str:
        """Like ``age``, of a number of seconds."""
        return self.age(timedelta(seconds=seconds))

    def days(self, days: float) -> str:
        """A number of days: ``3 j``."""
        return f"{self.number(days)}{NO_BREAK}{self('unit.day')}"

    def shown(self, value: float | str | None, unit: Unit) -> str:
        """A figure with its unit; a dash for none."""
        if value is None or isinstance(value, str):
            return "–" if value is None else value
        match unit:
            case Unit.SHARE:
                return self.share(value)
            case Unit.DAYS:
                return self.days(value)
            case Unit.SECONDS:
                return self.delay(round(value))
            case _:
                return self.number(value)

    def since(self, first: date, last: date) -> str:
        """The first day of a range that ends with the last: ``16``, ``30 octobre`` or ``30 décembre 2025``."""
        written = self.day(first).split(NO_BREAK)
        if first.year != last.year:
            return NO_BREAK.join(written)
        return NO_BREAK.join(written[:1] if first.month == last.month else written[:2])

    def month(self, day: date) -> str:
        """``novembre 2026``."""
        return locales.month(day, self.language).replace(" ", NO_BREAK)

    def _find(self, key: str) -> Any:
        found: Any = self._catalogue
        for part in key.split("."):
            found = found[part]
        return found


def _floored(share: float, decimals: int) -> float:
    """A share in hundredths, rounded down to so many decimals."""
    scale = float(10**decimals)
    return math.floor(share * 100 * scale + 1e-6) / scale
