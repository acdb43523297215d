"""What became of identifiers."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from rpps_sync.api.models.base import Dated


class Enriched(BaseModel):
    """What became of one identifier. / Ce qu’il en est d’un identifiant."""

    given: str = Field(description="As it was sent. / Tel que reçu.")
    status: Literal["found", "departed", "unknown", "malformed", "out_of_scope"]
    reason: str = Field(description="Of what is not found. / Pourquoi.", examples=["bad-key"])
    national_id: str
    values: dict[str, list[str]] = Field(
        description="Each field with all its values. / Chaque champ, ses valeurs."
    )


class Enrichment(Dated):
    """One result for each identifier, in their order. / Un résultat par identifiant, dans l’ordre."""

    results: list[Enriched]
