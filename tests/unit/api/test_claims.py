"""Claims told over HTTP, and the findings that come of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from api_site import HERE, Site
from extract_builder import national_id
from psc_shapes import activity, exercise
from rpps_sync.api.models import FindingPage, FindingWithHistory, Intake, Verification

USERINFO: dict[str, Any] = {
    "SubjectNameID": national_id(HERE),
    "SubjectRefPro": {"exercices": [exercise(activity(), nomDexercice="MARTIN", prenomDexercice="ANAÏS")]},
}
SEEN = {"observed_at": "2026-11-02T08:00:00Z", "source": "somebody-else", "userinfo": USERINFO}


def test_claims_are_kept_as_those_of_the_keys_application(site: Site) -> None:
    """Whatever source a body names; the same again is a duplicate; findings are judged at once."""
    told = Intake.model_validate_json(site.post("/v1/claims", json=SEEN, scope="claims").content)
    assert (told.accepted, told.attested) == (1, 1)
    assert site.post("/v1/claims", json=[SEEN], scope="claims").json()["duplicate"] == 1
    page = FindingPage.model_validate_json(site.get("/v1/findings", scope="claims").content)
    assert {one.source for one in page.findings} == {"claims"}
    found = FindingWithHistory.model_validate_json(
        site.get(f"/v1/findings/{page.findings[0].id}", scope="claims").content
    )
    assert found.history[0]["event"] == "opened"


def test_findings_are_paged_by_their_cursor(site: Site) -> None:
    """One a page or all at once: the same, in the same order; a cursor that was made up is refused."""
    site.post("/v1/claims", json=SEEN, scope="claims")
    every = site.get("/v1/findings", scope="audit").json()["findings"]
    assert len(every) > 1
    told: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = site.get("/v1/findings", params={"limit": 1} | cursor, scope="audit").json()
        told += page["findings"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert told == every
    skipped = site.get("/v1/findings", params={"limit": 1, "skip": 1}, scope="audit").json()
    assert skipped["findings"] == every[1:2]
    for wrong in ("x", "WzAsMCwwXQ", "WzAsMCw5LCIyMDI2LTExLTAxIiwiMDAwMDAwMDAwMDAwMDAwMCJd"):
        assert site.get("/v1/findings", params={"cursor": wrong}, scope="audit").status_code == 422


def test_an_application_sees_nothing_of_another_ones_findings(site: Site) -> None:
    """Neither in the list, nor by asking for it, nor by a guessed id; an auditor sees all."""
    site.post("/v1/claims", json=SEEN, scope="claims")
    (finding, *_) = site.get("/v1/findings", scope="audit").json()["findings"]
    site.keys["other"] = site.key("claims", source="pui")  # type: ignore[arg-type] - a scope is a text
    assert site.get("/v1/findings", scope="other").json()["total"] == 0
    assert site.get("/v1/findings", params={"source": "claims"}, scope="other").status_code == 403
    assert site.get(f"/v1/findings/{finding['id']}", scope="other").status_code == 404


def test_a_finding_is_acknowledged_with_a_reason_by_an_administrator(site: Site) -> None:
    """Who and why are kept; nobody else may."""
    site.post("/v1/claims", json=SEEN, scope="claims")
    (finding, *_) = site.get("/v1/findings", scope="audit").json()["findings"]
    path, body = f"/v1/findings/{finding['id']}", {"status": "acknowledged", "because": "maiden name"}
    assert site.ask("PATCH", path, json=body, scope="claims").status_code == 403
    assert site.ask("PATCH", path, json={**body, "because": " "}, scope="admin").status_code == 422
    assert site.ask("PATCH", path, json=body, scope="admin").json()["status"] == "acknowledged"
    last = site.get(path, scope="audit").json()["history"][-1]
    assert (last["by"], last["because"]) == ("admin", "maiden name")


def test_a_userinfo_is_judged_now_and_nothing_of_it_is_kept(site: Site) -> None:
    """An application that wants to know at login leaves no trace of who logged in."""
    told = Verification.model_validate_json(
        site.post("/v1/verify", json={"userinfo": USERINFO}, scope="claims").content
    )
    verdicts = {one.field: one.verdict for one in told.verdicts}
    assert verdicts["practitioner"] == "consistent"
    assert "token_stale" in verdicts.values() or "conflict" in verdicts.values() or "pending" in verdicts.values()
    assert site.get("/v1/findings?all=true", scope="audit").json()["total"] == 0


@pytest.mark.parametrize(
    ("body", "reason"),
    [([{}], "bad-observed-at"), ([3], "malformed"), ({"userinfo": "eyJ.x.y"}, "bad-observed-at")],
)
def test_what_cannot_be_kept_is_told_by_number_and_reason(body: Any, reason: str, embedded_site: Site) -> None:
    """Nothing was kept: the problem names the observations."""
    answer = embedded_site.post("/v1/claims", json=body, scope="claims")
    assert (answer.status_code, answer.json()["reason"]) == (422, reason)
    assert answer.json()["errors"] == [{"field": "body.0", "detail": reason}]


def test_good_observations_are_kept_beside_bad_ones(site: Site) -> None:
    """JSON lines are judged one by one."""
    body = f"{json.dumps(SEEN)}\nnot json\n".encode()
    headers = {"Content-Type": "application/x-ndjson"}
    told = site.post("/v1/claims", content=body, headers=headers, scope="claims").json()
    assert (told["accepted"], told["refused_lines"]) == (1, [{"line": 2, "reason": "not-json"}])
