"""Errors of the application around the facade, told as operation outcomes like its own."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import orjson
import structlog
from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from rpps_sync.api.problems import RETRY_SECONDS, Problem
from rpps_sync.errors import RppsSyncError
from rpps_sync.fhir.outcomes import FhirError, outcome

MEDIA_TYPE = "application/fhir+json;charset=UTF-8"
_CODES = {401: "login", 403: "forbidden", 404: "not-found", 429: "throttled", 503: "transient"}
_log = structlog.get_logger()


class OutcomeRoute(APIRoute):
    """A route whose errors are operation outcomes."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route, watched."""
        handle = super().get_route_handler()

        async def watched(request: Request) -> Response:
            try:
                return await handle(request)
            except Exception as failure:  # noqa: BLE001 - logged below when nobody foresaw it
                error = failure if isinstance(failure, FhirError) else _understood(failure)
            headers = {"Cache-Control": "no-store", **(error.headers or {})}
            body = orjson.dumps(outcome(error.code, error.what))
            return Response(body, error.status, headers, MEDIA_TYPE)

        return watched


def _understood(failure: Exception) -> FhirError:
    if isinstance(failure, Problem):
        told = f"{failure.detail}: {failure.mend}" if failure.mend else failure.detail
        return FhirError(failure.status, _code(failure.status), told, headers=failure.headers)
    if isinstance(failure, HTTPException):
        return FhirError(failure.status_code, _code(failure.status_code), str(failure.detail))
    if isinstance(failure, RppsSyncError | NoFreeConnection):
        # What a database complains of names addresses and paths: that is for our log, not for clients.
        _log.error("request failed", what=str(failure), reason=getattr(failure, "reason", "no-free-connection"))
        told = "The directory cannot be read at the moment: try again in a few seconds, or ask for less"
        return FhirError(503, _code(503), told, headers={"Retry-After": str(RETRY_SECONDS)})
    _log.error("this should not have happened", error=type(failure).__name__)
    return FhirError(500, "exception", "Unexpected error")


def _code(status: int) -> str:
    return _CODES.get(status, "exception" if status >= 500 else "invalid")
