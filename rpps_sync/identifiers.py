"""National identifiers of practitioners and of structures, and the keys that prove their form.

A *national identifier* (identification nationale PP) is a type digit (TRE_G08: 0 ADELI, 8 RPPS) followed by the
identifier itself. An RPPS number has 11 digits and carries a Luhn key computed without the type digit.
The key proves the form, never the existence.
"""

from __future__ import annotations

import re

from stdnum import luhn

from rpps_sync.errors import UsageError

_HELD = (  # what the technical and the former identifier of a structure hold, under which prefix
    (re.compile(r"[F1]([0-9][0-9AB][0-9]{7})(?:[0-9]{8})?"), "finess"),  # some carry the date of an opening
    (re.compile(r"[C3]([0-9]{14})"), "siret"),
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


def told_as(text: str) -> str:
    """What a person types as tokens tell it: an 11-digit RPPS number with its type, anything else as it is."""
    return RPPS + text if RPPS_NUMBER.fullmatch(text) else text


def structure_identifiers(
    *, technical_id: str = "", former_id: str = "", finess: str = "", siret: str = ""
) -> dict[str, frozenset[str]]:
    """What identifies a place of activity, by kind: ``technical``, ``former``, ``finess`` and ``siret``.

    The identifiant technique and the ancien identifiant mostly hold a FINESS or a SIRET number under a prefix, F
    or C and 1 or 3 (forms of the ANS samples, see docs/normalisation.md); the others are numbers of their own.

    >>> found = structure_identifiers(technical_id="F75000000101072015")
    >>> sorted(found["technical"]), sorted(found["finess"])
    (['F750000001'], ['750000001'])
    """
    found: dict[str, set[str]] = {}
    if finess.strip():  # a spreadsheet eats the leading zeros
        found["finess"] = {_compact(finess).zfill(9)}
    if siret.strip():
        found["siret"] = {_compact(siret)}
    for kind, text in (("technical", _compact(technical_id)), ("former", _compact(former_id))):
        for form, holds in _HELD:
            if held := form.fullmatch(text):
                found.setdefault(holds, set()).add(held[1])
                text = text[0] + held[1]  # noqa: PLW2901 - without the date
        if text:
            found[kind] = {text}
    return {kind: frozenset(values) for kind, values in found.items()}


def _compact(text: str) -> str:
    return re.sub(r"\s", "", text).upper()
