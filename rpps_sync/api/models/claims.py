"""What became of observations, and the verdicts on one."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from rpps_sync.api.models.base import Dated


class RefusedLine(BaseModel):
    """An observation that was refused. / Une observation refusée."""

    line: int = Field(description="1 is the first. / 1 pour la première.")
    reason: str


class Intake(BaseModel):
    """What became of the observations. / Ce qu’il est advenu des observations."""

    accepted: int
    attested: int
    verified: int
    duplicate: int
    refused: int
    refused_by_reason: dict[str, int]
    refused_lines: list[RefusedLine]
    passed_over: int
    unknown_claims: dict[str, int]
    practitioners: int


class VerdictDocument(BaseModel):
    """How one field compares. / La comparaison d’un champ."""

    field: str = Field(examples=["exercise.profession"])
    element: str
    verdict: str = Field(examples=["consistent"])
    stale_side: Literal["token", "directory", "unknown", "none"]
    claim_value: str | None
    directory_value: str | None
    since: str | None
    severity: Literal["high", "medium", "low", "info"]
    registration_authority: str


class Verification(Dated):
    """The verdicts on one userinfo. / Les verdicts sur un userinfo."""

    national_id: str
    scope: str
    trust: Literal["attested", "verified"]
    verdicts: list[VerdictDocument]
