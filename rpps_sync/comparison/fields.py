"""The fields that a token and the directory both speak of, and how their values are brought to one form.

What each claim corresponds to, and how strictly, is in docs/comparison.md. A reader returns the *known* values of
one activity (situation d'exercice): an empty cell is unknown, never a value.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from rpps_sync import names
from rpps_sync.comparison import coordinates
from rpps_sync.comparison.coordinates import CACHED, Same, email, phone, street
from rpps_sync.finding import Severity
from rpps_sync.observation import ClaimedActivity
from rpps_sync.practitioner import Activity

PRACTITIONER = "practitioner"
IDENTITY = "identity"  # element of `practitioner`: whether the number is still the same person's
FAMILY_NAME = "identity.family_name"
GIVEN_NAME = "identity.given_name"
PROFESSION = "exercise.profession"
CATEGORY = "exercise.category"
SKILL = "skill"
STRUCTURE = "activity.structure"


class Stake(StrEnum):
    """What a field decides for who reads it in a token."""

    IDENTITY = "identity"  # who this is, and whether the directory knows them
    RIGHT_TO_PRACTISE = "right to practise"
    SKILL = "skill"
    NAME = "name"  # how the person is called; one name alone mostly changed by marriage
    PLACE = "place"  # where and how the person works
    DETAIL = "detail of the work"
    CONTACT = "contact"


SEVERITY_OF = {
    Stake.IDENTITY: Severity.HIGH,
    Stake.RIGHT_TO_PRACTISE: Severity.HIGH,
    Stake.SKILL: Severity.MEDIUM,
    Stake.NAME: Severity.MEDIUM,
    Stake.PLACE: Severity.MEDIUM,
    Stake.DETAIL: Severity.LOW,
    Stake.CONTACT: Severity.LOW,
}

STAKES = {
    PRACTITIONER: Stake.IDENTITY,
    PROFESSION: Stake.RIGHT_TO_PRACTISE,
    CATEGORY: Stake.RIGHT_TO_PRACTISE,
    SKILL: Stake.SKILL,
    FAMILY_NAME: Stake.NAME,
    GIVEN_NAME: Stake.NAME,
    STRUCTURE: Stake.PLACE,
    "activity.mode": Stake.PLACE,
    "activity.sector": Stake.PLACE,
    "activity.pharmacist_section": Stake.PLACE,
    "activity.role": Stake.DETAIL,
    "activity.kind": Stake.DETAIL,
    "contact.phone": Stake.CONTACT,
    "contact.email": Stake.CONTACT,
    "address.street": Stake.CONTACT,
    "address.postal_code": Stake.CONTACT,
    "address.commune": Stake.CONTACT,
}
"""What is at stake in each comparable field; also the list of them all."""

SEVERITIES = {field: SEVERITY_OF[stake] for field, stake in STAKES.items()}
"""How much a difference in each field matters to access decisions."""

TOKEN_SKILL_TYPES = frozenset({"S", "CEX", "PAC"})
"""Types of savoir-faire (TRE_R04) that reach a token, and one value only per exercise."""

Work = Activity | ClaimedActivity
Read = Callable[[Work], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class PlaceField:
    """A field of an activity, compared for each structure that both sides name."""

    name: str
    read: Read
    same: Same = operator.eq  # beyond equal forms


@lru_cache(CACHED)
def same_name(left: str, right: str) -> bool:
    """Whether two family names can be one person's (see ``names.compatible``)."""
    return left == right or names.compatible(left, right)


@lru_cache(CACHED)
def same_given_name(left: str, right: str) -> bool:
    """Whether two first names can be one person's (see ``names.compatible_given``)."""
    return left == right or names.compatible_given(left, right)


def _known(*values: str) -> tuple[str, ...]:
    return tuple(value for value in values if value)


def _phones(work: Work) -> tuple[str, ...]:
    structure = work.structure
    return _known(phone(structure.phone), phone(structure.phone2))


def _street(work: Work) -> tuple[str, ...]:
    place = work.structure
    if not place.street:
        return ()
    kind = place.street_type or place.street_type_label
    return _known(street(place.street_number, place.street_repetition, kind, place.street))


def _postal_code(work: Work) -> tuple[str, ...]:
    return _known(coordinates.postal_code(work.structure.postal_code, work.structure.cedex))


PLACE_FIELDS = (
    PlaceField("activity.mode", lambda work: _known(work.mode)),
    PlaceField("activity.sector", lambda work: _known(work.sector)),
    PlaceField("activity.role", lambda work: _known(work.role)),
    PlaceField("activity.kind", lambda work: _known(work.kind)),
    PlaceField("activity.pharmacist_section", lambda work: _known(work.pharmacist_section)),
    PlaceField("contact.phone", _phones, coordinates.same_phone),
    PlaceField("contact.email", lambda work: _known(email(work.structure.email))),
    PlaceField("address.street", _street, coordinates.same_street),
    PlaceField("address.postal_code", _postal_code, coordinates.same_postal_code),
    PlaceField("address.commune", lambda work: _known(work.structure.commune), coordinates.same_commune),
)
