"""People told by name, profession and place instead of an identifier."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from pipelines.matching import MOST, match, to_json
from rpps_sync.api.access import Reading, opens
from rpps_sync.api.answers import fresh
from rpps_sync.api.models import Matches
from rpps_sync.directory.api_keys import KeyScope
from rpps_sync.matching.description import Described

router = APIRouter(prefix="/v1/match", tags=["matching"])
Text = Annotated[str, Field(max_length=200)]


class Person(BaseModel):
    """What is known of somebody; anything may be left out but a name. / Ce que l’on sait de quelqu’un."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"family": "EXEMPLE", "given": "Camille"}]}
    )
    family: Annotated[str, Field(min_length=1, max_length=200, description="Nom.")]
    given: Text = Field(default="", description="Prénom.")
    birth_name: Text = Field(default="", description="Another family name. / Autre nom.")
    profession: Text = Field(default="", description="Code or label. / Code ou libellé.")
    skill: Text = Field(default="", description="Savoir-faire.")
    postal_code: Text = ""
    commune: Text = Field(default="", description="INSEE code or name. / Code ou nom.")
    department: Text = ""
    structure: Text = Field(default="", description="Name of a place of activity. / Nom de structure.")
    finess: Text = ""
    siret: Text = ""


class Wanted(BaseModel):
    """Who is looked for. / Les personnes recherchées."""

    model_config = ConfigDict(extra="forbid")
    people: Annotated[list[Person], Field(min_length=1, max_length=MOST)]
    limit: Annotated[int, Field(ge=1, le=20, description="Candidates of each. / Candidats par personne.")] = 5


@router.post("", response_model=Matches, summary="Match / Rapprocher", **opens(KeyScope.READ, problems=(408, 413)))
def matches(visit: Reading, body: Wanted) -> Response:
    """For each person: certain, probable, several or none, with ranked candidates, probabilities and reasons.

    Nobody is guessed: two namesakes whom nothing tells apart are `several` (docs/matching.md).

    *Pour chaque personne : certain, probable, plusieurs ou aucun, avec les candidats classés et les raisons.*
    """
    people = [Described(**one.model_dump()) for one in body.people]
    with visit.look() as look:
        found = [to_json(decision, body.limit) for decision in match(look.connection, people)]
        return fresh({"results": found} | look.served.about)
