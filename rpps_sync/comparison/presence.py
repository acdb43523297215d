"""Whether the person who signed in is in the directory at all."""

from __future__ import annotations

from datetime import date
from typing import Any

from rpps_sync.comparison.fields import PRACTITIONER, SEVERITIES
from rpps_sync.comparison.meeting import visible
from rpps_sync.comparison.wording import Difference, sentences
from rpps_sync.finding import Judgement, Severity, Verdict
from rpps_sync.observation import ClaimHistory, Scope
from rpps_sync.practitioner import DirectoryHistory

PRESENT = "present"
DEPARTED = "departed"
UNKNOWN = "unknown"


def presence(claims: ClaimHistory, directory: DirectoryHistory, grace: int) -> Judgement:
    """The verdict on the person; whatever it is but consistent leaves nothing else to compare."""
    first = min(version.first_seen for version in claims.versions)
    if claims.scope is not Scope.IN_SCOPE:
        outside = {"scope": str(claims.scope)} | _words(claims, Verdict.OUT_OF_SCOPE, first)
        return _judgement(claims, Verdict.OUT_OF_SCOPE, "", first, outside)
    if not directory.publications:
        return _judgement(claims, Verdict.NOT_COMPARABLE, "", None, {})
    if directory.versions and directory.versions[-1].practitioner is not None:
        return _judgement(claims, Verdict.CONSISTENT, PRESENT, None, {})
    if any(version.practitioner for version in directory.versions):
        return _departed(claims, directory)
    seen = visible(directory.publications, first)
    verdict = Verdict.UNKNOWN_PRACTITIONER if seen >= grace else Verdict.PENDING
    evidence = {**_seen(claims), "directory": [], "publications_since": seen, "grace": grace}
    evidence |= _words(claims, verdict, first)
    return _judgement(claims, verdict, UNKNOWN, first, evidence)


def _departed(claims: ClaimHistory, directory: DirectoryHistory) -> Judgement:
    left = directory.versions[-1].since
    for version in reversed(directory.versions):
        if version.practitioner is not None:
            break
        left = version.since
    stays = [
        {"since": version.since.isoformat(), "present": version.practitioner is not None}
        for version in directory.versions
    ]
    evidence = {**_seen(claims), "directory": stays, "publications_since": visible(directory.publications, left)}
    evidence |= _words(claims, Verdict.DEPARTED_PRACTITIONER, left)
    evidence["seen_since"] = _last_seen(claims) >= left  # else an account to close rather than somebody at work
    return _judgement(claims, Verdict.DEPARTED_PRACTITIONER, DEPARTED, left, evidence)


def _last_seen(claims: ClaimHistory) -> date:
    return max(version.last_seen for version in claims.versions)


def _words(claims: ClaimHistory, verdict: Verdict, since: date) -> dict[str, Any]:
    difference = Difference(PRACTITIONER, "", verdict, since, "", "", _last_seen(claims))
    return {"words": sentences(difference)}


def _seen(claims: ClaimHistory) -> dict[str, Any]:
    return {
        "claim": [
            {"first_seen": version.first_seen.isoformat(), "last_seen": version.last_seen.isoformat()}
            for version in claims.versions
        ]
    }


def _judgement(
    claims: ClaimHistory, verdict: Verdict, directory_value: str, since: date | None, evidence: dict[str, Any]
) -> Judgement:
    quiet = verdict in (Verdict.CONSISTENT, Verdict.NOT_COMPARABLE, Verdict.OUT_OF_SCOPE)
    return Judgement(
        national_id=claims.national_id,
        source=claims.source,
        field=PRACTITIONER,
        element="",
        verdict=verdict,
        claim_value=PRESENT,
        directory_value=directory_value,
        since=since,
        severity=Severity.INFO if quiet else SEVERITIES[PRACTITIONER],
        registration_authority="",
        evidence=evidence,
    )
