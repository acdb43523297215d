"""National identifiers of practitioners and of structures, and the keys that prove their form.

A *national identifier* (identification nationale PP) is a type digit (TRE_G08: 0 ADELI, 8 RPPS) followed by the
identifier itself. An RPPS number has 11 digits and carries a Luhn key computed without the type digit.
The key proves the form, never the existence.
"""

from __future__ import annotations

import re

from stdnum import luhn

from rpps_sync.errors import UsageError

_STRUCTURE_FORMS = (  # of the technical and the former identifier: which identifier each form holds
    (re.compile(r"F([0-9][0-9AB][0-9]{7})(?:[0-9]{8})?"), "finess"),  # some carry the date of an opening
    (re.compile(r"1([0-9][0-9AB][0-9]{7})"), "finess"),
    (re.compile(r"C([0-9]{14})"), "siret"),
    (re.compile(r"3([0-9]{14})"), "siret"),
)

ADELI = "0"
RPPS = "8"

RPPS_NUMBER = re.compile(r"[0-9]{11}")
RPPS_NATIONAL_ID = re.compile(r"8[0-9]{11}")
ADELI_NATIONAL_ID = re.compile(r"0[0-9][0-9AB][0-9]{7}")


def is_rpps_number(text: str) -> bool:
    """Eleven digits with a valid Luhn key."""
    return RPPS_NUMBER.fullmatch(text) is not None and luhn.is_valid(text)


def is_national_id(text: str) -> bool:
    """The shape of a national identifier of the extracts, RPPS or ADELI; the key is not checked."""
    return RPPS_NATIONAL_ID.fullmatch(text) is not None or ADELI_NATIONAL_ID.fullmatch(text) is not None


def rpps_of(national_id: str) -> str:
    """The 11-digit RPPS number of a national identifier, or an empty string for another kind."""
    return national_id[1:] if RPPS_NATIONAL_ID.fullmatch(national_id) else ""


def national_id_of(text: str) -> str:
    """Read what a person types: an 11-digit RPPS number or a national identifier.

    Raises:
        UsageError: neither of the two, or an RPPS number with a wrong key.
    """
    compact = re.sub(r"[\s.\-]", "", text)
    national_id = RPPS + compact if RPPS_NUMBER.fullmatch(compact) else compact
    if not is_national_id(national_id):
        raise UsageError(
            "this is not an identifier of the directory: expected 11 digits (RPPS) or 12 (8 + RPPS)",
            mend="check the number of digits",
            reason="malformed",
        )
    rpps = rpps_of(national_id)
    if rpps and not is_rpps_number(rpps):
        raise UsageError(
            "the key of this RPPS number is wrong: one of its digits was mistyped",
            mend="check the number against the card or the token",
            reason="bad-key",
        )
    return national_id


def structure_identifiers(
    *, technical_id: str = "", former_id: str = "", finess: str = "", siret: str = ""
) -> dict[str, frozenset[str]]:
    """What identifies a place of activity, by kind: ``finess``, ``siret``, ``technical`` and ``former``.

    The identifiant technique and the ancien identifiant mostly hold a FINESS or a SIRET number under a prefix
    (forms of the ANS samples, see docs/comparison.md); the others are identifiers of their own.

    >>> sorted(structure_identifiers(technical_id="F2A0000001", former_id="12A0000001")["finess"])
    ['2A0000001']
    """
    found: dict[str, set[str]] = {}
    if finess.strip():  # a spreadsheet eats the leading zeros
        found["finess"] = {_compact(finess).zfill(9)}
    if siret.strip():
        found["siret"] = {_compact(siret)}
    for kind, text in (("technical", technical_id), ("former", former_id)):
        if text.strip():
            holds, value = _held(kind, _compact(text))
            found.setdefault(holds, set()).add(value)
    return {kind: frozenset(values) for kind, values in found.items()}


def _held(kind: str, text: str) -> tuple[str, str]:
    """The identifier that another one holds under a prefix, or that one itself."""
    for form, holds in _STRUCTURE_FORMS:
        if found := form.fullmatch(text):
            return holds, found[1]
    return kind, text


def _compact(text: str) -> str:
    return re.sub(r"\s", "", text).upper()
