"""Errors as FHIR tells them: an OperationOutcome, with the words that clients of the national API know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rpps_sync.errors import RppsSyncError
from rpps_sync.fhir.naming import ORGANIZATION, PRACTITIONER, ROLE

SERVED = (PRACTITIONER, ROLE, ORGANIZATION)


class FhirError(RppsSyncError):
    """A request that this facade does not answer.

    Args:
        status: of the HTTP answer.
        code: of the issue (FHIR issue types: ``processing``, ``exception``, ``not-found``, ``invalid``…).
        diagnostics: in words.
        headers: of the answer.
    """

    def __init__(
        self, status: int, code: str, diagnostics: str, *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(diagnostics, reason=code)
        self.status = status
        self.code = code
        self.headers = headers


def outcome(code: str, diagnostics: str) -> dict[str, Any]:
    """One error."""
    issue = {"severity": "error", "code": code, "diagnostics": diagnostics}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def bad_value(parameter: str, why: str) -> FhirError:
    """A parameter whose value cannot be read."""
    return FhirError(400, "invalid", f"Parameter {parameter}: {why}")


def unknown_parameter(parameter: str, kind: str) -> FhirError:
    """A parameter that this resource does not have."""
    return FhirError(400, "exception", f"Parameter {parameter} not found for resource {kind}")


def unknown_type(kind: str) -> FhirError:
    """A resource type that is not served."""
    known = ", ".join(SERVED)
    shown = kind if len(kind) <= 64 else f"{kind[:64]}…"
    return FhirError(
        404,
        "processing",
        f"HAPI-0302: Unknown resource type '{shown}' - Server knows how to handle: [{known}]",
    )


def unknown_id(technical_id: str) -> FhirError:
    """Nothing bears this identifier."""
    return FhirError(404, "not-found", f"Resource not found with id: {technical_id[:64]}")
