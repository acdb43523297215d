"""Addresses of systems, profiles and extensions, and the technical identifiers of this facade.

Sources: guide of the Annuaire Santé (ansforge/IG-fhir-annuaire, profiles ``as-dp-*``) and documentation of version
2 of its API (ansforge/annuaire-sante-fhir-documentation).

Technical identifiers are local, as those of the national API are: they mean nothing elsewhere. Here they follow
from the content, so that two installations, and an installation made anew, agree on them (see docs/fhir.md).
"""

from __future__ import annotations

import re
from hashlib import blake2b

from rpps_sync.directory.organizations import key_of
from rpps_sync.practitioner import Activity, Exercise, Structure

PRACTITIONER, ROLE, ORGANIZATION = "Practitioner", "PractitionerRole", "Organization"
SOURCE = "https://annuaire.sante.fr"
LANGUAGE = "fr"

IDNPS = "urn:oid:1.2.250.1.71.4.2.1"
RPPS = "https://rpps.esante.gouv.fr"
IDNST = "urn:oid:1.2.250.1.71.4.2.2"
FINESS = "https://finess.esante.gouv.fr"
RPPS_RANK = "https://rppsrang.esante.gouv.fr"
SIRENE = "https://sirene.fr"
SITUATION = "urn:rpps-sync:situation"
"""Of situations: the extracts have no idSituationExercice, and a made-up number in its system would be a lie."""

_CORE = "https://hl7.fr/ig/fhir/core"
IDENTIFIER_TYPES = f"{_CORE}/CodeSystem/fr-core-cs-v2-0203"
ORGANIZATION_TYPES = f"{_CORE}/CodeSystem/fr-core-cs-v2-3307"
EMAIL_TYPE = f"{_CORE}/StructureDefinition/fr-core-contact-point-email-type"
INSEE_CODE = f"{_CORE}/StructureDefinition/fr-core-address-insee-code"
_GUIDE = "https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition"
DATA_TRACE = f"{_GUIDE}/as-ext-data-trace"
MAILBOX = f"{_GUIDE}/as-ext-mailbox-mss-metadata"
SMARTCARD = f"{_GUIDE}/as-ext-smartcard"
ORGANIZATION_TYPE = f"{_GUIDE}/as-ext-organization-types"
ADDRESS_PART = "http://hl7.org/fhir/StructureDefinition/iso21090-ADXP-"
SUBSETTED = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"

PROFILES = {
    PRACTITIONER: (f"{_CORE}/StructureDefinition/fr-core-practitioner", f"{_GUIDE}/as-dp-practitioner"),
    ROLE: (f"{_CORE}/StructureDefinition/fr-core-practitioner-role", f"{_GUIDE}/as-dp-practitionerrole"),
    ORGANIZATION: (f"{_CORE}/StructureDefinition/fr-core-organization", f"{_GUIDE}/as-dp-organization"),
}

_ID = {
    ORGANIZATION: re.compile(r"001-(?P<key>[0-9A-Za-z-]{2,50})"),
    PRACTITIONER: re.compile(r"003-(?P<who>[0-9A-Z]{9,20})"),
    ROLE: re.compile(r"005-(?P<who>[0-9A-Z]{9,20})-(?P<what>[0-9a-f]{16})"),
}


def practitioner_id(national_id: str) -> str:
    """The technical identifier of a practitioner: nothing but the national one, so that it never changes."""
    return f"003-{national_id}"


def organization_id(structure: Structure) -> str:
    """The technical identifier of the organisation that a structure describes."""
    return f"001-{key_of(structure)}"


def role_id(national_id: str, exercise: Exercise, activity: Activity) -> str:
    """The technical identifier of a situation: whose it is, and a digest of what makes it another one.

    Profession, category, mode, sector, role, kind, section, authority and organisation; not the address or the
    telephone of the place, which may be corrected.
    """
    place = "" if activity.structure == Structure() else key_of(activity.structure)
    told = (
        *(exercise.profession, exercise.category, activity.mode, activity.sector, activity.role, activity.kind),
        *(activity.pharmacist_section, activity.registration_authority, place),
    )
    return f"005-{national_id}-{blake2b(chr(0x1F).join(told).encode(), digest_size=8).hexdigest()}"


def read_id(kind: str, technical_id: str) -> dict[str, str] | None:
    """What a technical identifier tells: ``who`` or ``key``; None when it cannot be one of ours."""
    found = _ID[kind].fullmatch(technical_id)
    return found.groupdict() if found else None
