"""The fields that a token and the directory both speak of, and how their values are brought to one form.

What each claim corresponds to, and how strictly, is in docs/verdicts.md. A reader returns the *known* values of
one activity (situation d'exercice): an empty cell is unknown, never a value.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from rpps_sync import names
from rpps_sync.finding import Severity
from rpps_sync.observation import ClaimedActivity
from rpps_sync.practitioner import Activity, Structure

PRACTITIONER = "practitioner"
FAMILY_NAME = "identity.family_name"
GIVEN_NAME = "identity.given_name"
PROFESSION = "exercise.profession"
CATEGORY = "exercise.category"
SKILL = "skill"
STRUCTURE = "activity.structure"

SEVERITIES = {
    PRACTITIONER: Severity.HIGH,
    PROFESSION: Severity.HIGH,
    CATEGORY: Severity.HIGH,
    SKILL: Severity.MEDIUM,
    STRUCTURE: Severity.MEDIUM,
    FAMILY_NAME: Severity.LOW,
    GIVEN_NAME: Severity.LOW,
    "activity.mode": Severity.MEDIUM,
    "activity.sector": Severity.MEDIUM,
    "activity.pharmacist_section": Severity.MEDIUM,
    "activity.role": Severity.LOW,
    "activity.kind": Severity.LOW,
    "contact.phone": Severity.LOW,
    "contact.email": Severity.LOW,
    "address.street": Severity.LOW,
    "address.postal_code": Severity.LOW,
    "address.commune": Severity.LOW,
}
"""What a difference in each field may do to access decisions; also the list of all comparable fields."""

TOKEN_SKILL_TYPES = frozenset({"S", "CEX", "PAC"})
"""Types of savoir-faire (TRE_R04) that reach a token, and one value only per exercise."""

Work = Activity | ClaimedActivity
Read = Callable[[Work], tuple[str, ...]]

_CACHED = 65_536  # distinct values kept in their normal form, per normalisation
_REPETITIONS = {"B": "BIS", "T": "TER", "Q": "QUATER"}


@dataclass(frozen=True, slots=True)
class PlaceField:
    """A field of an activity, compared for each structure that both sides name."""

    name: str
    read: Read


@lru_cache(_CACHED)
def phone(text: str) -> str:
    """The ten digits of a French number, whichever way the country code was written.

    >>> phone("+33 (0)1 99 00 12 34"), phone("0033199001234"), phone("01.99.00.12.34")
    ('0199001234', '0199001234', '0199001234')
    """
    digits = re.sub(r"[^0-9+]", "", text)
    return re.sub(r"^(?:\+|00)33(?:0(?=[0-9]{9}$))?", "0", digits).lstrip("+")


@lru_cache(_CACHED)
def email(text: str) -> str:
    """Lower case, no space around."""
    return text.strip().lower()


@lru_cache(_CACHED)
def street(number: str, repetition: str, kind: str, name: str) -> str:
    """Number without leading zeros, bis/ter in full, type and name of the street as one normalised text.

    >>> street("012", "B", "RUE", "de l'Église")
    '12 BIS RUE DE L EGLISE'
    """
    again = names.normalised(repetition)
    parts = (number.strip().lstrip("0"), _REPETITIONS.get(again, again), names.normalised(f"{kind} {name}"))
    return " ".join(part for part in parts if part)


@lru_cache(_CACHED)
def same_name(left: str, right: str) -> bool:
    """Whether two names can be one person's (see ``names.compatible``)."""
    return left == right or names.compatible(left, right)


def keys_of(structure: Structure) -> list[str]:
    """Everything that identifies a structure, each with its kind; two structures are one when any key agrees."""
    named = (
        ("technical", structure.technical_id),
        ("former", structure.former_id),
        ("finess", structure.finess.upper()),
        ("siret", structure.siret),
    )
    return [f"{kind}:{value}" for kind, value in named if value]


def _known(*values: str) -> tuple[str, ...]:
    return tuple(value for value in values if value)


def _phones(work: Work) -> tuple[str, ...]:
    structure = work.structure
    return _known(phone(structure.phone), phone(structure.phone2))


def _streets(work: Work) -> tuple[str, ...]:
    place = work.structure
    if not place.street:
        return ()
    # The token carries the type's code or its label, the directory both: either form is right.
    kinds = {place.street_type, place.street_type_label} if place.street_type_label else {place.street_type}
    return tuple(street(place.street_number, place.street_repetition, kind, place.street) for kind in kinds)


PLACE_FIELDS = (
    PlaceField("activity.mode", lambda work: _known(work.mode)),
    PlaceField("activity.sector", lambda work: _known(work.sector)),
    PlaceField("activity.role", lambda work: _known(work.role)),
    PlaceField("activity.kind", lambda work: _known(work.kind)),
    PlaceField("activity.pharmacist_section", lambda work: _known(work.pharmacist_section)),
    PlaceField("contact.phone", _phones),
    PlaceField("contact.email", lambda work: _known(email(work.structure.email))),
    PlaceField("address.street", _streets),
    PlaceField("address.postal_code", lambda work: _known(work.structure.postal_code)),
    PlaceField("address.commune", lambda work: _known(work.structure.commune)),
)
