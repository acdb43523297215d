"""What a Pro Santé Connect token said of a practitioner, reduced to what may be kept and compared.

Never a token, ``sub``, ``jti``, session, civil name, birth data or correspondence contact: see docs/privacy.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from rpps_sync.practitioner import Structure


class Trust(StrEnum):
    """How far an observation can be believed."""

    ATTESTED = "attested"  # the posting application vouches for it
    VERIFIED = "verified"  # the issuer's signature does


class Scope(StrEnum):
    """Whether the public extract can contain this identity at all."""

    IN_SCOPE = "in_scope"
    EMPLOYEE_CARD = "employee_card"  # CPE/CPA cards: 3 + FINESS / id, 5 + SIRET / id, 1 and 4 alike
    PSI = "psi"  # a UUID of the identity provider for social care
    ADELI = "adeli"  # a left-over of the register closed in 2024
    TEST_BED = "test_bed"  # identities made for the sandbox, or a sandbox issuer
    UNREADABLE = "unreadable"  # no form known to the ANS documents


@dataclass(frozen=True, slots=True, order=True)
class ClaimedActivity:
    """One element of ``exercices[].activities[]``."""

    mode: str = ""
    sector: str = ""
    role: str = ""
    kind: str = ""
    pharmacist_section: str = ""
    registration_authority: str = ""
    structure: Structure = field(default_factory=Structure)


@dataclass(frozen=True, slots=True, order=True)
class ClaimedExercise:
    """One element of ``SubjectRefPro.exercices[]``; at most one skill reaches a token."""

    profession: str = ""
    category: str = ""
    exercise_civility: str = ""
    family_name: str = ""  # nomDexercice
    given_name: str = ""  # prenomDexercice
    skill_type: str = ""
    skill: str = ""
    activities: tuple[ClaimedActivity, ...] = ()


@dataclass(frozen=True, slots=True)
class Claims:
    """The professional values of one userinfo, without duplicates, sorted."""

    civility: str = ""
    exercises: tuple[ClaimedExercise, ...] = ()


@dataclass(frozen=True, slots=True)
class Observation:
    """One practitioner seen by one application on one day."""

    national_id: str
    source: str  # the observing application
    day: date
    trust: Trust
    scope: Scope
    claims: Claims


@dataclass(frozen=True, slots=True)
class ClaimVersion:
    """Claims that stayed the same from ``first_seen`` to ``last_seen``, both included."""

    claims: Claims
    first_seen: date
    last_seen: date
    occurrences: int
    trust: Trust


@dataclass(frozen=True, slots=True)
class ClaimHistory:
    """All that one application saw of one practitioner, oldest first; never empty."""

    national_id: str
    source: str
    scope: Scope
    versions: tuple[ClaimVersion, ...]
