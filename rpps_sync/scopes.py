"""Which national identifiers the public extract can contain, and what the others are."""

from __future__ import annotations

import re

from rpps_sync.identifiers import ADELI_NATIONAL_ID, is_rpps_number, rpps_of
from rpps_sync.observation import Scope

TEST_BED_RPPS = "997"  # first digits of the RPPS numbers of the ANS sandbox
TEST_BED = re.compile(r"ANS[0-9A-Z]{8,32}")

_PSI = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_EMPLOYEE_CARD = re.compile(r"[13456][0-9A-Z]{8,14}/\S{1,64}")


def scope_of(identifier: str) -> Scope:
    """What a national identifier is, from its form alone."""
    if rpps := rpps_of(identifier):
        return _scope_of_rpps(rpps)
    if TEST_BED.fullmatch(identifier):
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
