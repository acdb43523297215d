"""Who is meant by descriptions."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from rpps_sync.api.models.base import Dated


class MatchReason(BaseModel):
    """What one field says for or against somebody. / Ce que dit un champ."""

    field: str
    told: str
    found: str
    how: Literal["same", "compatible", "similar", "swapped", "different"]
    bits: float = Field(description="Weight of the evidence. / Poids.")


class MatchCandidate(BaseModel):
    """Somebody who may be meant. / Un candidat."""

    national_id: str
    family_name: str
    given_name: str
    probability: float
    reasons: list[MatchReason]


class Match(BaseModel):
    """The answer for one person. / La réponse pour une personne."""

    verdict: Literal["certain", "probable", "several", "none"]
    candidates: list[MatchCandidate]


class Matches(Dated):
    """One answer for each person, in their order. / Une réponse par personne, dans l’ordre."""

    results: list[Match]
