"""Elements that several resources have: meta, identifiers, secure mailboxes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rpps_sync.fhir.codings import Codings
from rpps_sync.fhir.naming import (
    DATA_TRACE,
    EMAIL_TYPE,
    IDENTIFIER_TYPES,
    LANGUAGE,
    MAILBOX,
    PROFILES,
    SOURCE,
)
from rpps_sync.practitioner import Mailbox

Json = dict[str, Any]
_PAPERLESS = {"O": True, "N": False}


@dataclass(frozen=True, slots=True)
class Stamp:
    """The version of a resource: the publication that last changed it."""

    seq: int
    at: str  # instant of that publication


def head(kind: str, technical_id: str, stamp: Stamp, *, system: str, authority: str = "") -> Json:
    """What every resource begins with.

    Args:
        kind: of the resource.
        technical_id: its identifier here.
        stamp: its version.
        system: systeme-information, RPPS or FINESS.
        authority: autorité d'enregistrement as published; empty when there is none, or several.
    """
    trace: list[Json] = [{"url": "systeme-information", "valueCode": system}]
    if authority:
        concept = {"coding": [{"code": authority}]}
        trace.append({"url": "autorite-enregistrement", "valueCodeableConcept": concept})
    return {
        "resourceType": kind,
        "id": technical_id,
        "meta": {
            "extension": [{"url": DATA_TRACE, "extension": trace}],
            "versionId": str(stamp.seq),
            "lastUpdated": stamp.at,
            "source": SOURCE,
            "profile": list(PROFILES[kind]),
        },
        "language": LANGUAGE,
    }


def identifier(system: str, value: str, kind: str) -> Json:
    """An official identifier of a kind (IDNPS, RPPS, FINEG…)."""
    return {
        "use": "official",
        "type": {"coding": [{"system": IDENTIFIER_TYPES, "code": kind}]},
        "system": system,
        "value": value,
    }


def mailboxes(boxes: Iterable[Mailbox], kind: str, codings: Codings) -> list[Json]:
    """Secure mailboxes (MSSanté) of a kind: PER of a person, ORG of an organisation."""
    return [_mailbox(box, kind, codings) for box in boxes if box.address]


def _mailbox(box: Mailbox, kind: str, codings: Codings) -> Json:
    told: list[Json] = [{"url": "type", "valueCodeableConcept": codings.concept(("mailbox_kind", kind))}]
    if box.service:
        told.append({"url": "service", "valueString": box.service})
    if box.paperless in _PAPERLESS:
        told.append({"url": "digitization", "valueBoolean": _PAPERLESS[box.paperless]})
    return {
        "extension": [
            {"url": EMAIL_TYPE, "valueCoding": codings.coding("mail_kind", "MSSANTE")},
            {"url": MAILBOX, "extension": told},
        ],
        "system": "email",
        "value": box.address,
    }


def filled(resource: Json) -> Json:
    """A resource without its empty elements, which FHIR forbids."""
    return {key: value for key, value in resource.items() if value not in ("", [], {}, None)}
