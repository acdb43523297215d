"""What the directory knows of up to 10,000 identifiers that somebody else lists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from rpps_sync.api import bodies
from rpps_sync.api.access import Reading, Visit, opens
from rpps_sync.api.answers import dated
from rpps_sync.api.models import Enrichment
from rpps_sync.api.problems import naming
from rpps_sync.api.rendering import to_json, to_line
from rpps_sync.directory.api_keys import KeyScope
from rpps_sync.directory.enrichment import FIELDS, MOST, USUAL_FIELDS, Enriched, Status, enrich
from rpps_sync.directory.served import Served

BETWEEN_VALUES = "; "  # of a field that has several, in CSV
ALWAYS = ("given", "status", "reason", "national_id")
router = APIRouter(prefix="/v1/enrich", tags=["enrichment"])

_IDENTIFIERS = {"type": "array", "maxItems": MOST, "items": {"type": ["string", "integer"]}}
_BODY: dict[str, Any] = {
    bodies.JSON: {
        "schema": {
            "type": "object",
            "required": ["identifiers"],
            "additionalProperties": False,
            "properties": {
                "identifiers": _IDENTIFIERS,
                "fields": {"type": "array", "items": {"enum": list(FIELDS)}},
            },
        },
        "example": {
            "identifiers": ["99900000011", "8 999 000 000 21", "12"],
            "fields": ["family_name", "profession"],
        },
    },
    bodies.LINES: {"schema": {"type": "string"}, "example": '"99900000011"\n"899900000029"\n'},
    bodies.CSV: {"schema": {"type": "string"}, "example": "rpps,service\n99900000011,cardiologie\n"},
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "One result for each identifier, in their order. / Un résultat par identifiant.",
        "content": {bodies.LINES: {"schema": {"type": "string"}}, bodies.CSV: {"schema": {"type": "string"}}},
    }
}
_RULES = opens(KeyScope.READ, problems=(406,), body=_BODY)


@router.post(
    "",
    response_model=Enrichment,
    summary="Enrich a list / Enrichir une liste",
    **_RULES | {"responses": _ANSWERS | _RULES["responses"]},
)
async def enrichment(
    request: Request,
    visit: Reading,
    fields: Annotated[
        str,
        Query(
            max_length=1000,
            description="Comma-separated; else the usual ones. / Champs voulus.",
            examples=["profession,mailbox"],
        ),
    ] = "",
    id_column: Annotated[
        str, Query(max_length=200, description="Of a CSV body; else the first. / Colonne des identifiants.")
    ] = "",
) -> Response:
    """One result for each identifier, in their order: found, departed, unknown, malformed (why) or out of scope.

    JSON, JSON lines or CSV in; JSON, JSON lines or CSV out (`Accept`). Each field holds all its values. CSV cells
    that a spreadsheet would run as formulas get an apostrophe. The scope `audit` learns the day of a departure.

    *Un résultat par identifiant, dans l’ordre : trouvé, parti, inconnu, mal formé (pourquoi) ou hors périmètre.*
    """
    told = bodies.wanted(request, bodies.JSON, bodies.LINES, bodies.CSV)
    kind, body = await bodies.body_of(request, bodies.JSON, bodies.LINES, bodies.CSV)
    return await run_in_threadpool(_answered, visit, told, _asked(kind, body, id_column, fields))


def _asked(kind: str, body: bytes, id_column: str, fields: str) -> tuple[list[str], Sequence[str]]:
    chosen: Any = [name.strip() for name in fields.split(",") if name.strip()]
    if kind == bodies.CSV:
        identifiers = bodies.column(body, id_column)
    elif kind == bodies.LINES:
        identifiers = bodies.texts([item for _, item in bodies.lines(body)], "body")
    else:
        document = bodies.decoded(body)
        if not isinstance(document, dict) or not isinstance(document.get("identifiers"), list):
            raise bodies.unusable("body.identifiers", "an object with an array 'identifiers' is expected")
        if unknown := sorted(document.keys() - {"identifiers", "fields"}):
            raise bodies.unusable(f"body.{unknown[0]}", "this is not known here")
        identifiers = bodies.texts(document["identifiers"], "body.identifiers")
        chosen = document.get("fields") or chosen
        if not isinstance(chosen, list) or not all(isinstance(name, str) for name in chosen):
            raise bodies.unusable("body.fields", "an array of names is expected")
    return identifiers, tuple(dict.fromkeys(chosen)) or USUAL_FIELDS


def _answered(visit: Visit, told: str, asked: tuple[list[str], Sequence[str]]) -> Response:
    """Everything is read before anything is sent: a client that reads slowly holds no connection."""
    identifiers, fields = asked
    with visit.look() as look, naming("body" if len(identifiers) > MOST else "fields"):
        results = enrich(look.connection, identifiers, fields)
        served = look.served
    if not visit.caller.may(KeyScope.AUDIT):
        results = [replace(one, reason="") if one.status is Status.DEPARTED else one for one in results]
    headers = dated(served) | {"Cache-Control": "no-store"}
    del headers["ETag"]
    return StreamingResponse(_written(told, results, fields, served), headers=headers, media_type=told)


def _written(told: str, results: Sequence[Enriched], fields: Sequence[str], served: Served) -> Iterator[bytes]:
    if told == bodies.CSV:
        rows = (
            [one.given, one.status, one.reason, one.national_id, *_joined(one, fields)] for one in results
        )  # fmt: skip
        yield from _gathered(bodies.csv_lines([*ALWAYS, *fields], rows))
    elif told == bodies.LINES:
        yield from _gathered(to_line(_document(one)) for one in results)
    else:
        yield b'{"results":['
        yield from _gathered(
            (b"," if place else b"") + to_json(_document(one)) for place, one in enumerate(results)
        )
        yield b"]," + to_json(served.about)[1:]


def _gathered(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Some parts at a time: each piece that is sent costs a change of thread."""
    some: list[bytes] = []
    size = 0
    for part in parts:
        some.append(part)
        size += len(part)
        if size >= 64 * 1024:
            yield b"".join(some)
            some, size = [], 0
    yield b"".join(some)


def _document(one: Enriched) -> dict[str, Any]:
    return {
        "given": one.given,
        "status": one.status,
        "reason": one.reason,
        "national_id": one.national_id,
        "values": {name: list(values) for name, values in one.values.items()},
    }


def _joined(one: Enriched, fields: Sequence[str]) -> list[str]:
    return [BETWEEN_VALUES.join(one.values.get(name, ())) for name in fields]
