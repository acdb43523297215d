"""Who a userinfo speaks of: the forms of national identifier that Pro Santé Connect hands out.

An RPPS number comes as ``8`` + 11 digits, sometimes bare, and for accounts merged with the identity provider of
social care (PSI) only among the other identifiers, next to a UUID. Everything else never stands in the public
extract, and is told apart rather than reported as unknown.
"""

from __future__ import annotations

from collections.abc import Iterable

from rpps_sync.identifiers import RPPS, RPPS_NATIONAL_ID, RPPS_NUMBER
from rpps_sync.observation import Scope
from rpps_sync.scopes import TEST_BED, scope_of


def identify(identifier: str, rpps_elsewhere: Iterable[str] = ()) -> tuple[str, Scope]:
    """The national identifier to compare under, and whether the public extract can contain it.

    Args:
        identifier: ``SubjectNameID``.
        rpps_elsewhere: the identifiers of origin RPPS among the other identifiers of the account.
    """
    own = _national(identifier)
    if RPPS_NATIONAL_ID.fullmatch(own) or TEST_BED.fullmatch(own):
        return own, scope_of(own)
    for other in map(_national, rpps_elsewhere):
        if RPPS_NATIONAL_ID.fullmatch(other):
            return other, scope_of(other)
    return own, scope_of(own)


def _national(identifier: str) -> str:
    return RPPS + identifier if RPPS_NUMBER.fullmatch(identifier) else identifier
