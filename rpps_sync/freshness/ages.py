"""Ages as people say them: ``12 min``, ``31 h``, ``4 j 2 h``."""

from __future__ import annotations

from datetime import timedelta

HOURS_BEFORE_DAYS = 48  # "31 h" is clearer than "1 d 7 h"; "98 h" is not clearer than "4 d 2 h"
_DAY = {"fr": "j", "en": "d"}


def in_words(age: timedelta, language: str) -> str:
    """An age to the precision that matters: minutes, then hours, then days and hours.

    >>> in_words(timedelta(days=4, hours=2, minutes=50), "fr")
    '4 j 2 h'
    """
    minutes = max(0, int(age.total_seconds() // 60))
    hours = minutes // 60
    if hours < 1:
        return f"{minutes} min"
    if hours < HOURS_BEFORE_DAYS:
        return f"{hours} h"
    days, rest = divmod(hours, 24)
    words = f"{days} {_DAY[language]}"
    return f"{words} {rest} h" if rest else words


def limit_in_words(limit: timedelta) -> str:
    """A limit as it was declared: in hours, so that it is found again in the declaration."""
    return f"{int(limit.total_seconds() // 3600)} h"
