"""Where tokens and the directory disagree."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from rpps_sync.api.models.base import Dated, Document
from rpps_sync.api.models.claims import VerdictDocument


class FindingDocument(VerdictDocument):
    """A difference between a token and the directory. / Un écart entre un jeton et l’annuaire."""

    id: str
    national_id: str
    source: str
    first_seen: str
    last_seen: str
    occurrences: int
    status: Literal["open", "acknowledged", "resolved"]
    resolved_by: str | None
    lag_days: int | None
    confidence: str
    evidence: Document


class FindingWithHistory(FindingDocument):
    """A finding and its events. / Un constat et son histoire."""

    history: list[Document]


class FindingPage(Dated):
    """Findings, gravest first. / Des constats, les plus graves d’abord."""

    findings: list[FindingDocument]
    total: int
    next: str | None = Field(description="`cursor` of the next page; null on the last. / Page suivante.")
