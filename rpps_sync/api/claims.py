"""What sign-ins said: taken in, or judged now and forgotten."""

from __future__ import annotations

import io
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from pipelines.claims_intake import take_in
from pipelines.comparison import judge_now
from rpps_sync.api import bodies
from rpps_sync.api.access import Telling, Visit, opens
from rpps_sync.api.answers import fresh
from rpps_sync.api.models import Intake, Verification
from rpps_sync.api.problems import Problem, response
from rpps_sync.api.rendering import to_line
from rpps_sync.directory.api_keys import KeyScope
from rpps_sync.errors import TokenRefused
from rpps_sync.finding import Judgement
from rpps_sync.observation import Observation
from rpps_sync.psc import intake

MOST = 2_000  # observations of one call
router = APIRouter(prefix="/v1", tags=["claims"])
_OBSERVATION: dict[str, Any] = {
    "type": "object",
    "required": ["userinfo"],
    "properties": {
        "observed_at": {"type": "string", "format": "date-time"},
        "source": {"type": "string"},
        "userinfo": {"type": ["object", "string"], "minLength": 1},
        "id_token": {"type": ["string", "null"]},
        "access_token": {"type": ["string", "null"]},
    },
}
_EXAMPLE = {"observed_at": "2026-11-20T08:12:00Z", "userinfo": {"SubjectNameID": "899900000011"}}
_ONE_OR_MANY = {"oneOf": [_OBSERVATION, {"type": "array", "maxItems": MOST, "items": _OBSERVATION}]}
_BODY = {
    bodies.JSON: {"schema": _ONE_OR_MANY, "example": _EXAMPLE},
    bodies.LINES: {"schema": {"type": "string"}},
}


@router.post(
    "/claims", response_model=Intake, summary="Tell claims / Transmettre", **opens(KeyScope.CLAIMS, body=_BODY)
)
async def claims(
    request: Request,
    visit: Telling,
    live: Annotated[
        bool, Query(description="They come as they are seen: tokens are judged by our clock. / En direct.")
    ] = False,
) -> Response:
    """Observations: an object, an array, or JSON lines; kept as those of the application whose key this is.

    Each one is kept or refused on its own, with its number and a reason; what was sent before counts as duplicate.
    The tokens themselves are never kept.

    *Des observations : un objet, un tableau ou des lignes JSON, conservées au nom de l’application de la clé.*
    """
    kind, body = await bodies.body_of(request, bodies.JSON, bodies.LINES)
    lines = body if kind == bodies.LINES else b"".join(map(to_line, _items(bodies.decoded(body))))
    return await run_in_threadpool(_taken_in, visit, lines, live=live)


@router.post(
    "/verify",
    response_model=Verification,
    summary="Verify one userinfo / Vérifier un userinfo",
    **opens(KeyScope.CLAIMS, body={bodies.JSON: {"schema": _OBSERVATION, "example": _EXAMPLE}}),
)
async def verify(request: Request, visit: Telling) -> Response:
    """The verdicts on one userinfo, now; nothing of it is kept.

    *Les verdicts sur un userinfo, maintenant ; rien n’en est conservé.*
    """
    _, body = await bodies.body_of(request, bodies.JSON)
    return await run_in_threadpool(_verified, visit, bodies.decoded(body))


def _items(document: Any) -> list[Any]:
    items = document if isinstance(document, list) else [document]
    if len(items) > MOST:
        raise Problem(
            422, "too-many", f"{len(items)} observations at once", mend=f"send {MOST} at a time", field="body"
        )
    return items


def _taken_in(visit: Visit, lines: bytes, *, live: bool) -> Response:
    house = visit.house
    summary = take_in(
        house.writer,
        io.BytesIO(lines),
        house.verifier,
        grace=house.settings.grace_publications,
        source=visit.caller.key.source,
        live=live,
    )
    if summary.failed:
        errors = [{"field": f"body.{line - 1}", "detail": reason} for line, reason in summary.refused_lines]
        told = "no observation is acceptable: " + ", ".join(sorted(summary.refused))
        return response(422, min(summary.refused), told, mend="docs/claims.md tells the reasons", errors=errors)
    return fresh(summary.to_json())


def _verified(visit: Visit, document: Any) -> Response:
    told = {"observed_at": None} | document if isinstance(document, dict) else document
    try:
        seen = intake.observe(
            told, verifier=visit.house.verifier, source=visit.caller.key.source, live=_undated(told)
        )
    except TokenRefused as refusal:
        raise Problem(
            422, refusal.reason, refusal.what, mend="docs/claims.md tells the reasons", field="body"
        ) from refusal
    visit.concerns(seen.national_id)
    with visit.look() as look:
        found = judge_now(look.connection, seen, grace=visit.house.settings.grace_publications)
        return fresh(_verdicts(seen, found) | look.served.about)


def _undated(told: Any) -> bool:
    return isinstance(told, dict) and told.get("observed_at") is None


def _verdicts(seen: Observation, found: tuple[Judgement, ...]) -> dict[str, Any]:
    return {
        "national_id": seen.national_id,
        "scope": str(seen.scope),
        "trust": str(seen.trust),
        "verdicts": [
            {
                "field": one.field,
                "element": one.element,
                "verdict": str(one.verdict),
                "stale_side": str(one.stale_side),
                "claim_value": one.claim_value,
                "directory_value": one.directory_value,
                "since": one.since.isoformat() if one.since else None,
                "severity": str(one.severity),
                "registration_authority": one.registration_authority,
            }
            for one in found
        ],
    }
