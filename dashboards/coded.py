"""Values of fields as people say them: the label of a code, a situation by its place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dashboards import readings
from rpps_sync import nomenclature

_SYSTEMS = {  # fields whose values are codes, or paths of codes, and whose code it is
    "skill": "skill",
    "diploma": "diploma",
    "exercise": "profession",
    "exercise.profession": "profession",
    "exercise.category": "category",
    "exercise.civility": "exercise_civility",
    "identity.civility": "civility",
    "activity.mode": "mode",
    "activity.sector": "sector",
    "activity.role": "role",
    "activity.kind": "kind",
    "activity.pharmacist_section": "pharmacist_section",
}
_CODE_FIRST = frozenset({"exercise"})  # a path that begins with it; elsewhere the code is last


def in_words(field: str, text: str | None) -> str:
    """A value of a change or of a finding; what is no code is told as it is, nothing as an empty text."""
    if not text:
        return ""
    if text.startswith("{"):
        return _situation(json.loads(text))
    if system := _SYSTEMS.get(field):
        code = text.split("/")[0 if field in _CODE_FIRST else -1]
        return readings.labels_of(system).get(code) or _of_nomenclature(system, code) or text
    return text


def _of_nomenclature(system: str, code: str) -> str:
    """The label of a code that the publication served does not hold, a token's for instance; empty without."""
    return nomenclature.label(system, code) if system in nomenclature.systems() else ""


def _situation(document: Mapping[str, Any]) -> str:
    """An activity by its place and its mode; a mailbox by its address; a card by its number."""
    place = document.get("structure", {})
    named = place.get("name") or place.get("trade_name") or document.get("address") or document.get("number") or ""
    mode = readings.labels_of("mode").get(document.get("mode", ""), "")
    return ", ".join(filter(None, (named, place.get("commune_label", ""), mode))) or "…"
