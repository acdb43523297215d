"""What the API answers, as values with types; ``document`` has the rest of what it said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stamp:
    """The publication an answer was made of."""

    publication: str
    published_at: datetime
    age_seconds: int

    @classmethod
    def read(cls, told: Document) -> Stamp:
        """From any answer about the directory."""
        return cls(told["publication"], datetime.fromisoformat(told["published_at"]), told["age_seconds"])


@dataclass(frozen=True, slots=True)
class Practitioner:
    """Somebody of the directory; who left has no names, and ``status`` says so."""

    national_id: str
    rpps: str
    status: str
    family_name: str
    given_name: str
    stamp: Stamp
    document: Document

    @classmethod
    def read(cls, told: Document) -> Practitioner:
        """From ``GET /v1/practitioners/{id}``."""
        names = (told.get("family_name", ""), told.get("given_name", ""))
        return cls(told["national_id"], told["rpps"], told["status"], *names, Stamp.read(told), told)


@dataclass(frozen=True, slots=True)
class Hit:
    """Somebody who answers a search."""

    national_id: str
    rpps: str
    family_name: str
    given_name: str
    document: Document


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Some of those who answer; ``next`` is empty on the last page."""

    hits: tuple[Hit, ...]
    next: str
    stamp: Stamp

    @classmethod
    def read(cls, told: Document) -> SearchPage:
        """From ``GET /v1/practitioners``."""
        hits = (
            Hit(one["national_id"], one["rpps"], one.get("family_name", ""), one.get("given_name", ""), one)
            for one in told["results"]
        )
        return cls(tuple(hits), told["next"] or "", Stamp.read(told))


@dataclass(frozen=True, slots=True)
class Enriched:
    """What became of one identifier: ``found``, ``departed``, ``unknown``, ``malformed`` or ``out_of_scope``."""

    given: str
    status: str
    reason: str
    national_id: str
    fields: Mapping[str, tuple[str, ...]]  # each with all its values
    stamp: Stamp

    @classmethod
    def read(cls, told: Document, stamp: Stamp) -> Enriched:
        """From one result of ``POST /v1/enrich``."""
        values = {name: tuple(some) for name, some in told["values"].items()}
        return cls(told["given"], told["status"], told["reason"], told["national_id"], values, stamp)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be meant."""

    national_id: str
    family_name: str
    given_name: str
    probability: float
    document: Document


@dataclass(frozen=True, slots=True)
class Match:
    """Who is meant by one description: ``certain``, ``probable``, ``several`` or ``none``."""

    verdict: str
    candidates: tuple[Candidate, ...]

    @classmethod
    def read(cls, told: Document) -> Match:
        """From one result of ``POST /v1/match``."""
        names = ("national_id", "family_name", "given_name", "probability")
        return cls(
            told["verdict"],
            tuple(Candidate(*(one[name] for name in names), one) for one in told["candidates"]),
        )


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that moved."""

    cursor: int
    national_id: str
    kind: str
    field: str
    before: str | None
    after: str | None
    document: Document


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Changes, and the cursor to go on from."""

    changes: tuple[Change, ...]
    next: int
    more: bool
    stamp: Stamp

    @classmethod
    def read(cls, told: Document) -> ChangePage:
        """From ``GET /v1/changes``."""
        names = ("cursor", "national_id", "kind", "field", "before", "after")
        changes = (Change(*(one[name] for name in names), one) for one in told["changes"])
        return cls(tuple(changes), told["next"], told["more"], Stamp.read(told))


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one field of a userinfo compares with the directory."""

    field: str
    verdict: str
    stale_side: str
    claim_value: str | None
    directory_value: str | None
    document: Document

    @classmethod
    def read(cls, told: Document) -> Verdict:
        """From one verdict of ``POST /v1/verify``."""
        names = ("field", "verdict", "stale_side", "claim_value", "directory_value")
        return cls(*(told[name] for name in names), told)
