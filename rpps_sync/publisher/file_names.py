"""The names that extracts are published under, and the dates in them.

ps-libreacces-personne-activite.txt                    data.gouv.fr
20260915-114421-ps-libreacces-personne-activite.txt    idem, with its stamp in UTC
PS_LibreAcces_Personne_activite_201807300827.txt       the ANS, with its stamp in Paris time
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import layout

_PARIS = "Europe/Paris"  # the clock of the ANS file names
_STAMP = r"\d{12}|\d{8}-\d{6}"


@cache
def name_pattern(kind: ExtractKind) -> re.Pattern[str]:
    """Both names of a kind, with its stamp ``before`` or ``after``, and its compression (``packed``)."""
    names = "|".join(
        re.sub("[-_]", "[-_]", name) for name in (layout(kind).file_name.removesuffix(".txt"), layout(kind).title)
    )
    return re.compile(
        rf"(?:(?P<before>{_STAMP})[-_])?(?:{names})(?:[-_](?P<after>{_STAMP}))?\.txt(?P<packed>\.gz|\.zst)?",
        re.IGNORECASE,
    )


def stamp_of(match: re.Match[str]) -> datetime | None:
    """The date in a name that ``name_pattern`` matched, None when it carries none.

    Raises:
        ValueError: the digits are no date.
    """
    text = match["after"] or match["before"]
    return read_stamp(text) if text else None


def read_stamp(text: str) -> datetime:
    """``AAAAMMJJhhmm`` is the ANS's, in Paris; ``AAAAMMJJ-hhmmss`` is data.gouv.fr's, in UTC.

    Raises:
        ValueError: the digits are no date.
    """
    if "-" in text:
        return datetime.strptime(text, "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    return datetime.strptime(text, "%Y%m%d%H%M").replace(tzinfo=ZoneInfo(_PARIS)).astimezone(UTC)
