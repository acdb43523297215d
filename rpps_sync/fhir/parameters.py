"""What may be asked of each resource: the one list that queries are read by and that ``/metadata`` tells.

Source: capability statement of the guide (``AsServerDPCapabilityStatement``), documentation of the API.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rpps_sync.fhir.naming import ORGANIZATION, PRACTITIONER, ROLE


class Kind(StrEnum):
    """How the values of a parameter are read."""

    TOKEN = "token"  # noqa: S105 - of FHIR
    STRING = "string"
    DATE = "date"
    REFERENCE = "reference"


MODIFIERS: Mapping[Kind, frozenset[str]] = {
    Kind.TOKEN: frozenset({"not"}),
    Kind.STRING: frozenset({"contains", "exact"}),
    Kind.DATE: frozenset(),
    Kind.REFERENCE: frozenset({"identifier", PRACTITIONER, ORGANIZATION}),
}

_EVERYWHERE = {
    "_id": Kind.TOKEN,
    "_lastUpdated": Kind.DATE,
    "active": Kind.TOKEN,
    "data-information-system": Kind.TOKEN,
    "identifier": Kind.TOKEN,
    "mailbox-mss": Kind.STRING,
}


@dataclass(frozen=True, slots=True)
class Searchable:
    """A resource type that can be searched."""

    own: Mapping[str, Kind]
    includes: tuple[str, ...] = ()
    revincludes: tuple[str, ...] = ()
    parameters: Mapping[str, Kind] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", dict(sorted((_EVERYWHERE | dict(self.own)).items())))


RESOURCES: Mapping[str, Searchable] = {
    PRACTITIONER: Searchable(
        {
            "data-registration-authority": Kind.TOKEN,
            "family": Kind.STRING,
            "given": Kind.STRING,
            "identifier-type": Kind.TOKEN,
            "name": Kind.STRING,
            "number-smartcard": Kind.STRING,
            "qualification-code": Kind.TOKEN,
            "type-smartcard": Kind.TOKEN,
        },
        revincludes=("PractitionerRole:practitioner",),
    ),
    ROLE: Searchable(
        {
            "data-registration-authority": Kind.TOKEN,
            "organization": Kind.REFERENCE,
            "practitioner": Kind.REFERENCE,
            "role": Kind.TOKEN,
        },
        includes=("*", "PractitionerRole:organization", "PractitionerRole:practitioner"),
    ),
    ORGANIZATION: Searchable(
        {
            "address": Kind.STRING,
            "address-city": Kind.STRING,
            "address-line": Kind.STRING,
            "address-postalcode": Kind.STRING,
            "identifier-type": Kind.TOKEN,
            "name": Kind.STRING,
            "partof": Kind.REFERENCE,
            "type": Kind.TOKEN,
        },
        includes=("*", "Organization:partof"),
        revincludes=("PractitionerRole:organization",),
    ),
}
"""What the extracts know nothing of is left out: HealthcareService, Device, licences of pharmacies, authorities of
organisations. Asking for it is refused, which is more honest than an empty answer."""
