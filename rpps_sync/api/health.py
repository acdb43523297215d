"""Whether the server is alive, whether it has something good to serve, and its figures."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from pipelines.freshness import states
from rpps_sync import __version__, clock
from rpps_sync.api.access import House, opens
from rpps_sync.api.answers import fresh
from rpps_sync.api.models import Alive, Ready
from rpps_sync.api.problems import documented
from rpps_sync.directory.engine import reading
from rpps_sync.directory.served import served
from rpps_sync.errors import DirectoryError, NotFound
from rpps_sync.freshness.states import State
from rpps_sync.metrics import MEDIA_TYPE

PUBLICATION_AGE = "publication.age"  # the objective that readiness depends on
_NOTHING: dict[str, Any] = {"publication": None, "published_at": None, "age_seconds": None}
router = APIRouter(tags=["health"])


@router.get("/healthz", response_model=Alive, summary="Alive? / En vie ?", **opens())
async def healthz() -> Response:
    """Answer as soon as the process does, whatever the state of the directory.

    *Répond dès que le processus tourne, quel que soit l’état de l’annuaire.*
    """
    return fresh({"status": "alive", "version": __version__})


@router.get(
    "/readyz",
    response_model=Ready,
    summary="Ready? / Prêt ?",
    openapi_extra={"x-scope": "none"},
    responses=documented(414, 500) | {503: {"model": Ready, "description": "Not ready. / Pas prêt."}},
)
def readyz(request: Request) -> Response:
    """Say whether the directory holds a publication that is young enough (docs/settings.md) to be served.

    A publication past its limit is still served, with its age: 503 tells a load balancer to prefer another server.

    *L’annuaire contient-il une publication assez récente ? Trop vieille, elle reste servie, avec son âge.*
    """
    house: House = request.app.state.house
    try:
        with reading(house.readers) as connection:
            document = _state(connection, house.settings.language)
    except NotFound as error:
        document = {"status": "empty", "detail": error.what} | _NOTHING
    except DirectoryError:
        document = {"status": "unavailable", "detail": "the directory cannot be read"} | _NOTHING
    return fresh(document, status=200 if document["status"] == "ready" else 503)


def _state(connection: Connection, language: str) -> dict[str, Any]:
    about = served(connection).about
    age = next(s for s in states(connection, clock.now(), language) if s.objective == PUBLICATION_AGE)
    status = "stale" if age.state == State.ERROR else "ready"
    return {"status": status, "detail": f"{age.observed} ({age.limit})"} | about


@router.get("/metrics", response_class=Response, summary="Prometheus", **opens())
def prometheus(request: Request) -> Response:
    """Counters of requests, age of the publication, last success, people, findings: no personal data.

    *Compteurs de requêtes, âge de la publication, dernier succès, effectifs : aucune donnée personnelle.*
    """
    return Response(request.app.state.figures.text(), media_type=MEDIA_TYPE)
