"""The department of a place of activity: derived, because the column of the extracts that should say it is empty.

The commune (INSEE COG) decides; the postal code stands in where there is none. Overseas departments and
collectivities have three digits (971 to 978, 984 to 988). Postal codes of Corsica start with 20 whatever the
department: 200 and 201 are those of 2A, 202 and 206 those of 2B.
"""

from __future__ import annotations

import re
from functools import lru_cache

_COMMUNE = re.compile(r"(?P<overseas>9[78][0-9])[0-9]{2}|(?P<department>[0-9]{2}|2[AB])[0-9]{3}")
_POSTAL_CODE = re.compile(r"[0-9]{5}")
_CORSICA = {"200": "2A", "201": "2A", "202": "2B", "206": "2B"}
_ABROAD = "99"  # INSEE codes of foreign countries start with it


@lru_cache(maxsize=100_000)  # a few ten thousand places, asked for by the million
def department_of(commune: str, postal_code: str, published: str = "") -> str:
    """The code of the department (``69``, ``2A``, ``971``); empty when nothing tells it.

    Args:
        commune: INSEE code of the commune.
        postal_code: as published; a CEDEX code is one too.
        published: what the extract itself says, which wins.

    >>> department_of("69383", ""), department_of("", "20200"), department_of("97801", "97150")
    ('69', '2B', '978')
    """
    if published:
        return published
    if found := _COMMUNE.fullmatch(commune):
        code = found["overseas"] or found["department"]
        return "" if code == _ABROAD else code
    if not _POSTAL_CODE.fullmatch(postal_code):
        return ""
    if postal_code.startswith(("97", "98")):
        return postal_code[:3]
    return _CORSICA.get(postal_code[:3], postal_code[:2])


def normalised_department(text: str) -> str:
    """A department as people type it (``1``, ``2a``, ``971``), as :func:`department_of` writes it."""
    code = text.strip().upper()
    return code.zfill(2) if code.isdecimal() else code
