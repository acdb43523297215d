"""The feed of changes."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from rpps_sync.api.models.base import Dated, Document


class Change(BaseModel):
    """One thing that moved. / Un changement."""

    cursor: int
    national_id: str
    kind: Literal["arrived", "changed", "departed", "returned"]
    field: str = Field(examples=["structure.postal_code"])
    element: str
    before: str | None
    after: str | None
    document: Document | None = Field(
        description="What the practitioner became, codes only. / La fiche, en codes."
    )
    publication: str
    published_at: str


class ChangePage(Dated):
    """Changes, oldest first. / Des changements, du plus ancien au plus récent."""

    changes: list[Change]
    next: int = Field(description="Where to go on from (`since`). / Le curseur suivant.")
    more: bool = Field(description="Others follow already. / Il y en a d’autres.")
