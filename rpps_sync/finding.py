"""A judged difference, or agreement, between what a token claims and what the directory says."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """Which side is late (definitions in docs/verdicts.md)."""

    CONSISTENT = "consistent"
    NOT_COMPARABLE = "not_comparable"
    TOKEN_STALE = "token_stale"  # noqa: S105 - a verdict, not a secret
    DIRECTORY_STALE = "directory_stale"
    PENDING = "pending"
    CONFLICT = "conflict"
    DEPARTED_PRACTITIONER = "departed_practitioner"
    UNKNOWN_PRACTITIONER = "unknown_practitioner"
    OUT_OF_SCOPE = "out_of_scope"


QUIET_VERDICTS = frozenset({Verdict.CONSISTENT, Verdict.NOT_COMPARABLE, Verdict.OUT_OF_SCOPE})
"""Verdicts that ask nothing of anybody; lists leave them out unless all is asked for."""


class StaleSide(StrEnum):
    """Who has to move."""

    TOKEN = "token"  # noqa: S105 - a side, not a secret
    DIRECTORY = "directory"
    UNKNOWN = "unknown"
    NONE = "none"


class Severity(StrEnum):
    """How much a difference matters to access decisions."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


class FindingStatus(StrEnum):
    """Where a finding stands in its life."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one comparable field, for one practitioner seen by one application."""

    national_id: str
    source: str
    field: str  # e.g. 'skill', 'activity.structure', 'identity.family_name', 'practitioner'
    element: str  # the profession, skill or structure concerned; may be empty
    verdict: Verdict
    claim_value: str
    directory_value: str
    since: date | None  # None when both sides agree or nothing can be said
    severity: Severity
    registration_authority: str  # who can correct the directory's side; may be empty
    evidence: Mapping[str, Any]  # JSON-ready: the two histories that led to the verdict

    @property
    def stale_side(self) -> StaleSide:
        """Which side has to move."""
        return _STALE_SIDES.get(self.verdict, StaleSide.NONE)

    @property
    def heads_the_list(self) -> bool:
        """Whether somebody who left the directory still signs in: nothing is graver."""
        return self.verdict is Verdict.DEPARTED_PRACTITIONER and bool(self.evidence.get("seen_since"))

    @property
    def id(self) -> str:
        """A name that stays the same from night to night: 16 hexadecimal digits."""
        key = f"{self.national_id}\x1f{self.source}\x1f{self.field}\x1f{self.element}"
        return hashlib.blake2b(key.encode(), digest_size=8).hexdigest()


_STALE_SIDES = {
    Verdict.TOKEN_STALE: StaleSide.TOKEN,
    Verdict.DEPARTED_PRACTITIONER: StaleSide.TOKEN,
    Verdict.DIRECTORY_STALE: StaleSide.DIRECTORY,
    Verdict.PENDING: StaleSide.UNKNOWN,
    Verdict.CONFLICT: StaleSide.UNKNOWN,
    Verdict.UNKNOWN_PRACTITIONER: StaleSide.UNKNOWN,
}


COLUMNS = (
    "id",
    "national_id",
    "source",
    "field",
    "element",
    "verdict",
    "stale_side",
    "claim_value",
    "directory_value",
    "since",
    "first_seen",
    "last_seen",
    "occurrences",
    "status",
    "resolved_by",
    "lag_days",
    "severity",
    "confidence",
    "registration_authority",
)
"""The document of a finding without its evidence, as a table."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A judgement with its life: opened, confirmed, acknowledged, resolved, reopened."""

    judgement: Judgement
    first_seen: date
    last_seen: date
    occurrences: int
    status: FindingStatus
    resolved_by: str = ""  # 'token', 'directory' or 'both': the side that caught up
    lag_days: int | None = None  # how long it took, once resolved
    confidence: str = "attested"  # of the observation: 'attested' or 'verified'

    def changed_since(self, former: Finding) -> bool:
        """Whether it says something else than before: another verdict, or another value on either side."""
        now, then = self.judgement, former.judgement
        return (now.verdict, now.claim_value, now.directory_value) != (
            then.verdict,
            then.claim_value,
            then.directory_value,
        )

    def to_json(self) -> dict[str, Any]:
        """The document of ``findings list --json``; days are ISO texts."""
        judgement = self.judgement
        return {
            "id": judgement.id,
            "national_id": judgement.national_id,
            "source": judgement.source,
            "field": judgement.field,
            "element": judgement.element,
            "verdict": str(judgement.verdict),
            "stale_side": str(judgement.stale_side),
            "claim_value": judgement.claim_value,
            "directory_value": judgement.directory_value,
            "since": judgement.since.isoformat() if judgement.since else None,
            "first_seen": self.first_seen.isoformat(),
            "last_seen": self.last_seen.isoformat(),
            "occurrences": self.occurrences,
            "status": str(self.status),
            "resolved_by": self.resolved_by or None,
            "lag_days": self.lag_days,
            "severity": str(judgement.severity),
            "confidence": self.confidence,
            "registration_authority": judgement.registration_authority,
            "evidence": dict(judgement.evidence),
        }
