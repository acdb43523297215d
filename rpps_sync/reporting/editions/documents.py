"""The weekly or monthly report as one JSON document: the same content as the page, for machines."""

from __future__ import annotations

import json
from typing import Any

from rpps_sync.clock import iso
from rpps_sync.reporting.editions.model import PeriodModel
from rpps_sync.reporting.json import SOURCE, plain


def to_json(model: PeriodModel) -> dict[str, Any]:
    """The report as JSON-ready values; shares lie between 0 and 1, times are in seconds, delays in days."""
    document: dict[str, Any] = plain(model)
    published_at = iso(model.served.published_at) if model.served else None
    return document | {"source": SOURCE | {"published_at": published_at}}


def render(model: PeriodModel) -> str:
    """The JSON document as text, ending with a line feed."""
    return json.dumps(to_json(model), ensure_ascii=False, indent=2) + "\n"
