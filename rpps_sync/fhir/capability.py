"""What this server can do, as ``/metadata`` says it."""

from __future__ import annotations

from rpps_sync import __version__
from rpps_sync.fhir.elements import Json
from rpps_sync.fhir.naming import PROFILES
from rpps_sync.fhir.parameters import RESOURCES, Searchable


def statement(base: str, published_at: str) -> Json:
    """The capability statement.

    Args:
        base: our own address as the client knows it.
        published_at: instant of the publication being served.
    """
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": published_at,
        "kind": "instance",
        "software": {"name": "rpps-sync", "version": __version__},
        "implementation": {
            "description": "Copie locale des extractions en libre accès de l'Annuaire Santé, en lecture seule",
            "url": base,
        },
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [{"mode": "server", "resource": [_resource(kind, told) for kind, told in RESOURCES.items()]}],
    }


def _resource(kind: str, searchable: Searchable) -> Json:
    told: Json = {
        "type": kind,
        "profile": PROFILES[kind][1],
        "interaction": [{"code": "search-type"}, {"code": "read"}],
        "searchParam": [{"name": name, "type": str(sort)} for name, sort in searchable.parameters.items()],
    }
    if searchable.includes:
        told["searchInclude"] = list(searchable.includes)
    if searchable.revincludes:
        told["searchRevInclude"] = list(searchable.revincludes)
    return told
