"""Organization: a place of activity, with its numbers, address and mailboxes."""

from __future__ import annotations

from rpps_sync.directory.organizations import Organization
from rpps_sync.fhir.codings import Codings, address
from rpps_sync.fhir.elements import Json, Stamp, filled, head, identifier, mailboxes
from rpps_sync.fhir.naming import (
    ADDRESS_PART,
    FINESS,
    IDNST,
    INSEE_CODE,
    ORGANIZATION,
    ORGANIZATION_TYPE,
    ORGANIZATION_TYPES,
    RPPS_RANK,
    SIRENE,
)
from rpps_sync.practitioner import Structure

GEOGRAPHICAL, LEGAL = "GEOGRAPHICAL-ENTITY", "LEGAL-ENTITY"


def organization(known: Organization, stamp: Stamp, codings: Codings) -> Json:
    """The resource of a place of activity (profile ``as-dp-organization``).

    A legal entity of which the extract only tells the number is a logical reference (``partOf.identifier``): there
    is nothing to make a resource of.
    """
    place = known.structure
    system = "FINESS" if place.finess or place.finess_legal else "RPPS"
    return filled(
        {
            **head(ORGANIZATION, f"001-{known.key}", stamp, system=system),
            "identifier": _identifiers(place),
            "active": True,
            "type": _types(known, codings),
            "name": place.name or place.trade_name,
            "alias": [place.trade_name] if place.trade_name and place.name else [],
            "telecom": [*_telecom(place), *mailboxes(known.mailboxes, "ORG", codings)],
            "address": _address(place, codings),
            "partOf": _part_of(place),
        }
    )


def nature(place: Structure) -> str:
    """Whether the numbers of a place are those of a site or of a legal entity; empty when they do not say."""
    if place.finess or place.siret:
        return GEOGRAPHICAL
    return LEGAL if place.finess_legal or place.siren else ""


def _identifiers(place: Structure) -> list[Json]:
    legal = nature(place) == LEGAL
    told = (
        (IDNST, place.former_id, "IDNST"),
        (RPPS_RANK, place.technical_id, "RPPSRG"),
        (FINESS, place.finess, "FINEG"),
        (SIRENE, place.siret, "SIRET"),
        (FINESS, place.finess_legal if legal else "", "FINEJ"),
        (SIRENE, place.siren if legal else "", "SIREN"),
    )
    return [identifier(*one) for one in told if one[1]]


def _part_of(place: Structure) -> Json:
    if nature(place) != GEOGRAPHICAL:
        return {}
    if place.finess_legal:
        return {"identifier": identifier(FINESS, place.finess_legal, "FINEJ")}
    return {"identifier": identifier(SIRENE, place.siren, "SIREN")} if place.siren else {}


def _types(known: Organization, codings: Codings) -> list[Json]:
    told = [_type("secteurActiviteRASS", codings.coding("sector", code)) for code in known.sectors]
    if kind := nature(known.structure):
        told.insert(0, _type("organizationType", {"system": ORGANIZATION_TYPES, "code": kind}))
    return told


def _type(kind: str, coding: Json) -> Json:
    return {"extension": [{"url": ORGANIZATION_TYPE, "valueCode": kind}], "coding": [coding]}


def _telecom(place: Structure) -> list[Json]:
    told = (("phone", place.phone), ("phone", place.phone2), ("fax", place.fax), ("email", place.email))
    return [{"system": system, "value": value} for system, value in told if value]


def _address(place: Structure, codings: Codings) -> list[Json]:
    """Line by extensions alone, as the national API does; the street type by its code (TRE_R35)."""
    parts = (
        ("careOf", place.recipient),
        ("additionalLocator", place.location),
        ("houseNumber", place.street_number),
        ("buildingNumberSuffix", place.street_repetition),
        ("streetNameType", place.street_type),
        ("streetNameBase", place.street),
        ("postBox", place.distribution),
    )
    line = [{"url": ADDRESS_PART + part, "valueString": value} for part, value in parts if value]
    commune = {"system": address("TRE_R13-Commune"), "code": place.commune}
    if codings.display and place.commune_label:
        commune["display"] = place.commune_label
    told = filled(
        {
            "extension": [{"url": INSEE_CODE, "valueCoding": commune}] if place.commune else [],
            "_line": [{"extension": line}] if line else [],
            "city": place.commune_label or place.cedex,
            "postalCode": place.postal_code,
            "country": place.country,
        }
    )
    return [told] if told else []
