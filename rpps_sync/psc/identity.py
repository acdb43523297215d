"""Who a userinfo speaks of: the forms of national identifier that Pro Santé Connect hands out.

An RPPS number comes as ``8`` + 11 digits, sometimes bare, and for accounts merged with the identity provider of
social care (PSI) only among the other identifiers, next to a UUID. Everything else never stands in the public
extract, and is told apart rather than reported as unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rpps_sync.identifiers import ADELI_NATIONAL_ID, RPPS, RPPS_NATIONAL_ID, RPPS_NUMBER, is_rpps_number, rpps_of
from rpps_sync.observation import Scope

TEST_BED_RPPS = "997"  # first digits of the RPPS numbers of the ANS sandbox

_TEST_BED = re.compile(r"ANS[0-9A-Z]{8,32}")
_PSI = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_EMPLOYEE_CARD = re.compile(r"[13456][0-9A-Z]{8,14}/\S{1,64}")


def identify(identifier: str, rpps_elsewhere: Iterable[str] = ()) -> tuple[str, Scope]:
    """The national identifier to compare under, and whether the public extract can contain it.

    Args:
        identifier: ``SubjectNameID``.
        rpps_elsewhere: the identifiers of origin RPPS among the other identifiers of the account.
    """
    own = _national(identifier)
    if RPPS_NATIONAL_ID.fullmatch(own) or _TEST_BED.fullmatch(own):
        return own, _scope(own)
    for other in map(_national, rpps_elsewhere):
        if RPPS_NATIONAL_ID.fullmatch(other):
            return other, _scope(other)
    return own, _scope(own)


def _national(identifier: str) -> str:
    return RPPS + identifier if RPPS_NUMBER.fullmatch(identifier) else identifier


def _scope(identifier: str) -> Scope:
    if rpps := rpps_of(identifier):
        return _scope_of_rpps(rpps)
    if _TEST_BED.fullmatch(identifier):
        return Scope.TEST_BED
    if ADELI_NATIONAL_ID.fullmatch(identifier):
        return Scope.ADELI
    if _PSI.fullmatch(identifier):
        return Scope.PSI
    return Scope.EMPLOYEE_CARD if _EMPLOYEE_CARD.fullmatch(identifier) else Scope.UNREADABLE


def _scope_of_rpps(rpps: str) -> Scope:
    if rpps.startswith(TEST_BED_RPPS):
        return Scope.TEST_BED
    return Scope.IN_SCOPE if is_rpps_number(rpps) else Scope.UNREADABLE
