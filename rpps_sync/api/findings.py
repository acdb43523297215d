"""Where tokens and the directory disagree: read by auditors and by the applications concerned, acknowledged."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from rpps_sync import clock
from rpps_sync.api import finding_cursors
from rpps_sync.api.access import Administering, Concerned, Visit, opens
from rpps_sync.api.answers import fresh
from rpps_sync.api.models import FindingDocument, FindingPage, FindingWithHistory
from rpps_sync.api.problems import Problem, naming
from rpps_sync.directory.api_keys import KeyScope
from rpps_sync.directory.finding_history import acknowledge, history
from rpps_sync.directory.finding_pages import following, how_many
from rpps_sync.directory.findings import Filters, get
from rpps_sync.errors import NotFound
from rpps_sync.finding import Finding, FindingStatus, Verdict
from rpps_sync.identifiers import national_id_of

router = APIRouter(prefix="/v1/findings", tags=["findings"])
MOST_A_PAGE = 1_000
FindingId = Annotated[
    str, Path(max_length=32, description="The `id` that the list shows.", examples=["5f0c3a9d1b2e4f60"])
]
_MENDS = {"": "give a reason, and a finding that stands"}


class Acknowledgement(BaseModel):
    """That somebody knows of a finding. / Prise en compte d’un constat."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    status: Annotated[str, Field(pattern="^acknowledged$", description="Always `acknowledged`.")]
    because: Annotated[
        str,
        Field(min_length=1, max_length=1000, pattern=r"^[^\x00]*$", description="Why it may stand. / Pourquoi."),
    ]
    by: Annotated[
        str,
        Field(
            max_length=200, pattern=r"^[^\x00]*$", description="Who decides; else the name of the key. / Par qui."
        ),
    ] = ""


@router.get(
    "", response_model=FindingPage, summary="Findings / Constats", **opens(KeyScope.CLAIMS, KeyScope.AUDIT)
)
def findings(
    visit: Concerned,
    verdict: Annotated[list[Verdict], Query(max_length=12)] = [],  # noqa: B006 - FastAPI copies defaults
    field: Annotated[str, Query(max_length=60, examples=["activity.structure"])] = "",
    source: Annotated[str, Query(max_length=200, description="Of this application. / De cette application.")] = "",
    id: Annotated[str, Query(max_length=32, description="Of this practitioner. / De ce professionnel.")] = "",  # noqa: A002 - as elsewhere
    status: FindingStatus | None = None,
    everything: Annotated[bool, Query(alias="all", description="Resolved ones too. / Tous.")] = False,
    limit: Annotated[int, Query(ge=1, le=MOST_A_PAGE)] = 200,
    cursor: Annotated[
        str, Query(max_length=200, description="`next` of the page before. / `next` de la page précédente.")
    ] = "",
    skip: Annotated[
        int, Query(ge=0, le=1_000_000, deprecated=True, description="Before cursors; slower. / Préférer `cursor`.")
    ] = 0,
) -> Response:
    """What asks something of somebody, gravest first; without the scope `audit`, of the key's own application.

    Somebody who left the directory and still signs in comes first, what was acknowledged last. Pages neither
    repeat nor skip what stands, whatever is found or resolved meanwhile.

    *Ce qui demande une action, le plus grave d’abord ; sans `audit`, ceux de l’application de la clé. Les pages
    ne répètent ni n’oublient rien.*
    """
    with naming("query.id"):
        person = national_id_of(id) if id else ""
    if person:
        visit.concerns(person)
    seen_by = _seen_by(visit, source)
    filters = Filters(everything, tuple(verdict), field, seen_by, person, status)
    after = finding_cursors.read(cursor) if cursor else None
    with visit.look() as look:
        found, place = following(look.connection, filters, limit=limit, after=after, skip=skip)
        pages = {"total": how_many(look.connection, filters), "next": place and finding_cursors.write(place)}
        return fresh({"findings": [one.to_json() for one in found]} | pages | look.served.about)


@router.get(
    "/{id}",
    response_model=FindingWithHistory,
    summary="One finding / Un constat",
    **opens(KeyScope.CLAIMS, KeyScope.AUDIT, problems=(404,)),
)
def finding(visit: Concerned, id: FindingId) -> Response:  # noqa: A002 - as elsewhere
    """One finding with its evidence and its history.

    *Un constat, ses preuves et son histoire.*
    """
    with visit.look() as look:
        found = _mine(visit, get(look.connection, id))
        visit.concerns(found.judgement.national_id)
        told = history(look.connection, id)
        return fresh(found.to_json() | {"history": told})


@router.patch(
    "/{id}",
    response_model=FindingDocument,
    summary="Acknowledge / Prendre en compte",
    **opens(KeyScope.ADMIN, problems=(404, 408, 413)),
)
def acknowledged(visit: Administering, id: FindingId, body: Acknowledgement) -> Response:  # noqa: A002 - as elsewhere
    """A finding that may stand: it asks nothing more until it changes; who and why is kept.

    *Un constat admis : il ne demande plus rien tant qu’il ne change pas ; qui et pourquoi sont conservés.*
    """
    with visit.writing() as connection, naming("body", mends=_MENDS):
        known = get(connection, id)
        visit.concerns(known.judgement.national_id)
        by = body.by or visit.caller.key.name
        acknowledge(connection, known, by=by, because=body.because, at=clock.now())
        return fresh(get(connection, id).to_json())


def _seen_by(visit: Visit, source: str) -> str:
    """Whose findings are shown: an application sees its own."""
    if visit.caller.may(KeyScope.AUDIT):
        return source
    own = visit.caller.key.source
    if source not in ("", own):
        raise Problem(
            403,
            "scope",
            "this key shows the findings of its own application alone",
            mend="leave source out, or ask with a key of the scope 'audit'",
            field="query.source",
        )
    return own


def _mine(visit: Visit, found: Finding) -> Finding:
    """A finding that this key may see; of the others not even the existence is told."""
    if visit.caller.may(KeyScope.AUDIT) or found.judgement.source == visit.caller.key.source:
        return found
    raise NotFound("there is no such finding", mend="GET /v1/findings lists those of this key's application")
