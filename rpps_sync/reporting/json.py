"""The report as one JSON document: the same content as the page, for machines."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from rpps_sync.clock import iso
from rpps_sync.reporting.model import ReportModel

SOURCE = {
    "name": "Annuaire Santé",
    "publisher": "Agence du Numérique en Santé",
    "licence": "Licence Ouverte 2.0",
}


def to_json(model: ReportModel) -> dict[str, Any]:
    """The report as JSON-ready values, with the citation that the licence asks for."""
    document: dict[str, Any] = plain(model)
    published_at = iso(model.served.published_at) if model.served else None
    return document | {"source": SOURCE | {"published_at": published_at}}


def render(model: ReportModel) -> str:
    """The JSON document as text, ending with a line feed."""
    return json.dumps(to_json(model), ensure_ascii=False, indent=2) + "\n"


def plain(value: Any) -> Any:
    """A model of this room as JSON-ready values."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, tuple | list) else value
