"""What was published, what was run, how fresh and how good it is."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from pipelines.freshness import documents
from rpps_sync import clock
from rpps_sync.api.access import Auditing, Look, Reading, opens
from rpps_sync.api.answers import fresh
from rpps_sync.api.models import FreshnessStates, Publications, Quality, Runs
from rpps_sync.directory import ledger
from rpps_sync.directory.api_keys import KeyScope
from rpps_sync.directory.standing import standing_results

router = APIRouter(prefix="/v1", tags=["ledgers"])
_OF_STAFF = ("accepted_by", "accepted_because", "run_id")
_OF_RESULTS = ("acknowledged_by", "acknowledged_as", "subjects")
Limit = Annotated[int, Query(ge=1, le=200, description="How many, newest first. / Combien.")]


@router.get("/publications", response_model=Publications, summary="Publications", **opens(KeyScope.READ))
def publications(visit: Reading, limit: Limit = 30) -> Response:
    """Every publication looked at, newest first, refused ones with their reasons.

    Who accepted one, and from which addresses its files came, is told to the scope `audit`.

    *Les publications examinées, la plus récente d’abord ; celles refusées avec les raisons.*
    """
    with visit.look() as look:
        rows = ledger.publications(look.connection)[:limit]
        about = look.served.about
    if not visit.caller.may(KeyScope.AUDIT):
        rows = [
            _without(row, _OF_STAFF) | {"files": [_without(one, ("url",)) for one in row["files"]]} for row in rows
        ]
    return fresh({"publications": rows} | about)


@router.get("/runs", response_model=Runs, summary="Runs / Passages", **opens(KeyScope.AUDIT))
def runs(visit: Auditing, limit: Limit = 30) -> Response:
    """The last runs, newest first, with their checks; samples of failed checks may hold identifiers of people.

    *Les derniers passages, du plus récent au plus ancien, avec leurs contrôles.*
    """
    with visit.look() as look:
        return fresh({"runs": ledger.runs(look.connection, limit)} | look.served.about)


@router.get("/quality", response_model=Quality, summary="Quality / Qualité", **opens(KeyScope.READ))
def quality(visit: Reading) -> Response:
    """The results of checks that stand, gravest first, with since when.

    *Les résultats de contrôles en cours, les plus graves d’abord, et depuis quand.*
    """
    with visit.look() as look:
        rows = standing_results(look.connection)
        about = look.served.about
    hidden = () if visit.caller.may(KeyScope.AUDIT) else _OF_RESULTS
    return fresh({"results": [_without(row, hidden) for row in rows]} | about)


@router.get("/freshness", response_model=FreshnessStates, summary="Freshness / Fraîcheur", **opens(KeyScope.READ))
def freshness(
    visit: Reading,
    language: Annotated[str, Query(pattern="^(fr|en)$", description="`fr` or `en`.")] = "fr",
) -> Response:
    """The state of every freshness objective, now: ok, warn, error or no_data.

    *L’état de chaque objectif de fraîcheur, maintenant.*
    """
    with visit.look() as look:
        return fresh({"objectives": _objectives(look, language)} | look.served.about)


def _objectives(look: Look, language: str) -> list[dict[str, Any]]:
    instants = ("since", "state_since")
    return [
        told | {name: clock.iso(told[name]) if told[name] else None for name in instants}
        for told in documents(look.connection, clock.now(), language)
    ]


def _without(row: dict[str, Any], hidden: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in hidden}
