"""What was published and run, how good and how fresh it is."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from rpps_sync.api.models.base import Dated, Document


class Publications(Dated):
    """The publications looked at. / Les publications examinées."""

    publications: list[Document]


class Runs(Dated):
    """The last runs. / Les derniers passages."""

    runs: list[Document]


class Quality(Dated):
    """Results of checks that stand. / Résultats de contrôles en cours."""

    results: list[Document]


class FreshnessBudget(BaseModel):
    """How much of what an objective allows is used, in hours. / Ce qui est consommé de ce que l’objectif admet."""

    days: int = Field(description="Over so many days. / Sur tant de jours.", examples=[30])
    known_hours: float
    warn_hours: float
    error_hours: float
    allowed_hours: float
    target: float
    met: float | None
    left: float


class FreshnessState(BaseModel):
    """Where an objective stands. / L’état d’un objectif."""

    objective: str = Field(examples=["publication.age"])
    title: str
    state: Literal["ok", "warn", "error", "no_data"]
    observed: str
    limit: str
    since: str | None
    state_since: str | None = Field(description="Since when it has been in this state. / Dans cet état depuis.")
    link: str = Field(description="Which link broke: producer, publisher, diffusion or us. / Le maillon en cause.")
    mend: str = Field(description="Who has to do what. / Qui doit faire quoi.")
    budgets: list[FreshnessBudget]


class FreshnessStates(Dated):
    """Every objective. / Tous les objectifs."""

    objectives: list[FreshnessState]
