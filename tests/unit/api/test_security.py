"""Who may do what over HTTP, how often, and what is written down of it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from api_site import EVENING, HERE, Site
from extract_builder import rpps
from rpps_sync import clock
from rpps_sync.api import journal
from rpps_sync.api.problems import Problem
from rpps_sync.api.pseudonyms import pseudonym, secret_of
from rpps_sync.api.throttle import Allowance, Throttle
from rpps_sync.directory import api_keys
from rpps_sync.directory.api_keys import KeyScope
from rpps_sync.directory.engine import reading, writing
from rpps_sync.directory.tables import API_KEYS

RULES = {
    "GET /healthz": "none",
    "GET /readyz": "none",
    "GET /metrics": "none",
    "GET /v1/practitioners/{id}": "read",
    "GET /v1/practitioners": "read",
    "POST /v1/enrich": "read",
    "POST /v1/match": "read",
    "GET /v1/changes": "read",
    "GET /v1/publications": "read",
    "GET /v1/quality": "read",
    "GET /v1/freshness": "read",
    "GET /v1/runs": "audit",
    "POST /v1/claims": "claims",
    "POST /v1/verify": "claims",
    "GET /v1/findings": "claims|audit",
    "GET /v1/findings/{id}": "claims|audit",
    "PATCH /v1/findings/{id}": "admin",
    "GET /v1/webhooks": "admin",
    "POST /v1/webhooks": "admin",
    "GET /v1/webhooks/{id}": "admin",
    "DELETE /v1/webhooks/{id}": "admin",
    "POST /v1/webhooks/{id}/enable": "admin",
    "POST /v1/webhooks/{id}/rotate": "admin",
    "POST /v1/webhooks/{id}/test": "admin",
}
OPENED = {
    "read": {"read"},
    "claims": {"claims"},
    "audit": {"audit", "read"},
    "admin": {"read", "claims", "audit", "admin"},
}


def routes(site: Site) -> Iterator[tuple[str, str, str]]:
    """Every method and path of the OpenAPI document, with the rule it states."""
    for path, methods in site.app.openapi()["paths"].items():
        for method, told in methods.items():
            yield method.upper(), path, told.get("x-scope", "")


def test_every_route_has_the_rule_written_here(embedded_site: Site) -> None:
    """A route added without a rule, or with another one, is seen; facades have tests of their own."""
    found = {f"{method} {path}": rule for method, path, rule in routes(embedded_site)}
    assert all(found.values()), "a route without a rule"
    assert {name: rule for name, rule in found.items() if "/fhir/" not in name} == RULES


@pytest.mark.parametrize("role", ["", *OPENED])
def test_each_role_opens_what_its_scopes_say_and_nothing_else(role: str, embedded_site: Site) -> None:
    """The matrix of role and route, generated from the OpenAPI document: 401 without key, 403 without scope."""
    for method, path, rule in routes(embedded_site):
        status = embedded_site.ask(method, path.replace("{id}", rpps(HERE)), scope=role).status_code
        allowed = rule == "none" or bool(OPENED.get(role, set()) & set(rule.split("|")))
        assert status == 401 if rule != "none" and not role else (status != 403) == allowed, (method, path, status)


def test_a_key_is_kept_as_a_digest_and_stops_when_withdrawn_or_expired(site: Site) -> None:
    """The database does not hold what opens the door; a withdrawn key is refused within seconds."""
    secret = site.key(KeyScope.READ, expires_at=EVENING + timedelta(hours=1))
    key_id = secret.split("_")[1]
    with reading(site.directory.engine) as connection:
        assert secret not in str(connection.execute(select(API_KEYS)).all())
    site.keys["fresh"] = secret
    path = f"/v1/practitioners/{rpps(HERE)}"
    assert site.get(path, scope="fresh").status_code == 200
    with clock.pinned(EVENING + timedelta(hours=2)):
        assert site.get(path, scope="fresh").json()["reason"] == "key"
    with writing(site.directory.engine) as connection:
        api_keys.revoke(connection, key_id)
    site.app.state.house.keyring.refresh()
    assert site.get(path, scope="fresh").status_code == 401


def test_a_replaced_key_works_on_for_a_while(site: Site) -> None:
    """Rotation needs no restart and no moment without a key."""
    site.keys["old"] = site.key(KeyScope.READ)
    with writing(site.directory.engine) as connection:
        _, site.keys["new"] = api_keys.rotate(connection, site.keys["old"].split("_")[1])
    site.app.state.house.keyring.refresh()
    path = f"/v1/practitioners/{rpps(HERE)}"
    assert [site.get(path, scope=name).status_code for name in ("old", "new")] == [200, 200]
    with clock.pinned(EVENING + timedelta(hours=25)):
        assert [site.get(path, scope=name).status_code for name in ("old", "new")] == [401, 200]


@pytest.mark.parametrize("header", ["Bearer x", "Bearer rpps_aaaaaaaaaaaa_" + "a" * 43, "Basic eDp4", "Bearer é"])
def test_a_wrong_key_is_refused_without_saying_why(header: str, embedded_site: Site) -> None:
    """Whether an id exists is not told."""
    answer = embedded_site.get("/v1/freshness", scope="", headers={"Authorization": header.encode()})  # type: ignore[dict-item]
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_the_header_of_the_national_api_is_taken(embedded_site: Site) -> None:
    """Clients of the national API change their base address alone."""
    headers = {"ESANTE-API-KEY": embedded_site.keys["read"]}
    assert embedded_site.get("/v1/freshness", scope="", headers=headers).status_code == 200


def test_a_key_that_asks_too_often_is_told_when_to_come_back(site: Site) -> None:
    """The rate a minute, with a burst of ten seconds of it; the quota of the day; others are not concerned."""
    site.keys["slow"] = site.key(KeyScope.READ, rate_per_minute=12)
    site.keys["little"] = site.key(KeyScope.READ, daily_quota=3)
    answers = [site.get("/v1/freshness", scope="slow") for _ in range(6)]
    assert {one.status_code for one in answers} == {200, 429}
    refused = answers[-1]
    assert (refused.json()["reason"], 1 <= int(refused.headers["retry-after"]) <= 6) == ("rate", True)
    assert [site.get("/v1/freshness", scope="little").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert site.get("/v1/freshness").status_code == 200


def test_what_a_key_used_is_written_down_and_survives_a_restart(site: Site) -> None:
    """The list of keys tells when each was last used; a quota is not renewed by a restart."""
    key_id = site.keys["read"].split("_")[1]
    site.get("/v1/freshness")
    site.app.state.house.throttle.flush()
    with reading(site.directory.engine) as connection:
        assert api_keys.last_used(connection)[key_id] == EVENING
        assert api_keys.used_on(connection, EVENING.date())[key_id] == 1


def test_every_answer_has_the_headers_of_security_and_none_opens_to_other_origins(embedded_site: Site) -> None:
    """Refusals and unknown routes included; CORS stays closed."""
    for path in ("/healthz", "/v1/freshness", "/nowhere"):
        answer = embedded_site.get(path, headers={"Origin": "https://elsewhere.invalid"})
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-request-id"]
        assert "access-control-allow-origin" not in answer.headers


def test_bodies_and_queries_beyond_the_limits_are_refused(
    embedded_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """413 and 414, as problems, before anything is read into memory."""
    monkeypatch.setattr(journal, "BODY_BYTES", 1000)
    headers = {"Content-Type": "application/json"}
    for path in ("/v1/enrich", "/v1/match"):
        large = embedded_site.post(path, content=b" " * 1001, headers=headers)
        assert (large.status_code, large.json()["reason"]) == (413, "too-large")
    long = embedded_site.get("/v1/practitioners?q=" + "a" * 5000)
    assert (long.status_code, long.json()["reason"]) == (414, "query-too-long")


def test_a_body_that_is_no_text_is_refused_as_such(embedded_site: Site) -> None:
    """The same answer wherever a body is read, by us or by the framework."""
    headers = {"Content-Type": "application/json"}
    for method, path, scope in (
        ("POST", "/v1/enrich", "read"),
        ("POST", "/v1/match", "read"),
        ("PATCH", f"/v1/findings/{'a' * 16}", "admin"),
    ):
        answer = embedded_site.ask(method, path, scope=scope, content=b"\xff", headers=headers)
        problem = answer.json()
        assert (answer.status_code, problem["reason"], problem["errors"][0]["field"]) == (422, "unusable", "body")


def test_the_access_log_tells_who_asked_what_about_whom_without_a_number(
    embedded_site: Site, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """An auditor finds the questions about somebody by pseudonym; no identifier, name or key is in clear."""
    with caplog.at_level(logging.INFO):
        embedded_site.get(f"/v1/practitioners/{rpps(HERE)}")
        embedded_site.get("/v1/practitioners", params={"family": "LE GOFF"})
    told = capsys.readouterr().err
    first, second = map(json.loads, told.splitlines())
    assert (first["route"], first["status"], first["client"]) == ("/v1/practitioners/{id}", 200, "127.0.0.1")
    assert "subject" not in second
    home = embedded_site.app.state.house.settings.home
    assert pseudonym(secret_of(home), f"8{rpps(HERE)}") in told
    for secret in (rpps(HERE), "GOFF", embedded_site.keys["read"]):
        assert secret not in told


def test_workers_count_together(tmp_path: Path, embedded_site: Site) -> None:
    """Two workers that share a file give a key its rate once, not twice."""
    engine = embedded_site.app.state.house.writer
    one, another = (Throttle(engine, Allowance(12, 0), tmp_path / "shared") for _ in range(2))
    key = api_keys.ApiKey("aaaaaaaaaaaa", "dpi", (KeyScope.READ,), "", EVENING)
    admitted = 0
    for worker in (one, another, one, another, one, another):
        with suppress(Problem):
            worker.admit(key)
            admitted += 1
    one.close()
    another.close()
    assert admitted == 3
