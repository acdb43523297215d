"""What documents of several themes are made of."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Dated(BaseModel):
    """An answer made of a publication. / Une réponse tirée d’une publication."""

    model_config = ConfigDict(extra="forbid")

    publication: str = Field(description="Its identifier. / Son identifiant.", examples=["2026-11-25-5be987"])
    published_at: str = Field(description="When it was made, UTC. / Sa date.", examples=["2026-11-25T05:15:00Z"])
    age_seconds: int = Field(description="How old it is now. / Son âge, en secondes.", examples=[32400])


class Coded(BaseModel):
    """A code of the nomenclature and its label. / Un code et son libellé."""

    code: str = Field(examples=["60"])
    label: str = Field(examples=["Infirmier"])


class TypedCode(Coded):
    """A code, its label, and its type. / Un code, son libellé et son type."""

    type: Coded


Document = dict[str, Any]
