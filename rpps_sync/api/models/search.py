"""People as a search answers them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from rpps_sync.api.models.base import Coded, Dated


class SearchPlace(BaseModel):
    """A place, in few words. / Un lieu, en bref."""

    name: str
    postal_code: str
    commune: Coded
    department: str


class SearchReason(BaseModel):
    """Why somebody answers. / Pourquoi cette réponse."""

    typed: str
    matched: str
    field: str
    how: Literal["exact", "prefix", "typo"]


class Hit(BaseModel):
    """Somebody who answers a search. / Une réponse à une recherche."""

    national_id: str
    rpps: str
    status: Literal["active", "departed"]
    family_name: str = ""
    given_name: str = ""
    civility: Coded | None = None
    professions: list[Coded] = []
    skills: list[Coded] = []
    places: list[SearchPlace] = []
    reasons: list[SearchReason] = []
    departed_on: str | None = None
    last_professions: list[str] | None = None


class SearchPage(Dated):
    """A page of answers, the best first. / Une page de réponses, les meilleures d’abord."""

    results: list[Hit]
    next: str | None = Field(description="`cursor` of the next page; null on the last. / Page suivante.")
    complete: bool = Field(description="False: too many answer to have ranked them all. / Classement complet ?")
