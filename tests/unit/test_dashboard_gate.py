"""Who is let in to the dashboard, without a browser: keys taken, claims understood, sessions that end."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.types import ASGIApp

from dashboards.gate import Gate, Guarded
from dashboards.identity import PROVIDER, login_section, name_of, scopes_of
from dashboards.sessions import Sessions
from rpps_sync import clock
from rpps_sync.directory import api_keys
from rpps_sync.directory.api_keys import KeyScope
from rpps_sync.directory.engine import open_engine, writing
from rpps_sync.directory.migrations import upgrade
from rpps_sync.errors import UsageError
from rpps_sync.settings import load

HERE = "http://testserver"
PSC = "https://auth.example/auth/realms/esante-wallet/.well-known/wallet-openid-configuration"


def test_a_key_gives_a_session_and_a_form_of_another_site_gives_none(tmp_path: Path) -> None:
    """The cookie is no key and no script reads it; a wrong or expired key and another site get nothing."""
    engine = open_engine(f"sqlite:///{tmp_path / 'd.sqlite'}")
    upgrade(engine)
    with writing(engine) as connection:
        key, secret = api_keys.create(connection, "DIM", [KeyScope.READ])
        _, late = api_keys.create(
            connection, "old", [KeyScope.READ], expires_at=clock.now() - timedelta(seconds=1)
        )
    sessions = Sessions(1)
    app = Starlette(routes=Gate(engine, sessions, frozenset({"https://annuaire.example"}), secure=True).routes())

    def told(secret: str, back: str = "/practitioner?q=a", origin: str = HERE) -> tuple[int, str, str]:
        form = {"key": secret, "back": back}
        answer = _asked(app, "POST", "/sign-in", data=form, headers={"origin": origin} if origin else {})
        return answer.status_code, answer.headers.get("location", ""), answer.headers.get("set-cookie", "")

    status, place, cookie = told(secret)
    assert (status, place) == (303, "/practitioner?q=a")
    assert all(part in cookie for part in ("HttpOnly", "SameSite=lax", "Secure", "Max-Age=3600"))
    assert secret not in cookie
    assert told(secret, origin="https://annuaire.example")[0] == 303
    assert told(secret, back="//elsewhere.example/x")[1] == "/x"
    assert told(secret, back="https://elsewhere.example")[1] == "/"
    for wrong in ("", "rpps_abc", secret[:-1] + "!", secret[:-1] + ("A" if secret[-1] != "A" else "B"), late):
        assert told(wrong) == (303, "/practitioner?q=a&refused=key", "")
    for origin in ("", "https://elsewhere.example", "null"):
        assert told(secret, origin=origin)[0] == 403
    assert told("x" * 5000)[0] == 413
    value = cookie.partition("=")[2].partition(";")[0]
    begun = sessions.read(value)
    assert begun is not None
    assert begun.key_id == key.id
    assert _asked(app, "GET", "/sign-out?ticket=forged").headers["location"] == "/"
    assert sessions.read(value) is not None
    ticket = sessions.ticket(begun.id)
    assert _asked(app, "GET", f"/sign-out?ticket={ticket}&of=provider").headers["location"] == "/auth/logout"
    assert sessions.read(value) is None
    engine.dispose()


def test_every_answer_tells_the_browser_to_ask_nobody_else() -> None:
    """The browser itself refuses other hosts and frames of other sites."""
    answer = _asked(Guarded(Starlette()), "GET", "/")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "DENY"


def test_a_session_ends_by_itself_and_after_a_restart() -> None:
    """Neither an old cookie, nor one of a former process, nor a sign-in of yesterday opens anything."""
    sessions = Sessions(1)
    assert sessions.read(Sessions(1).begin("k")) is None
    sessions.seconds = -1
    assert sessions.read(sessions.begin("k")) is None
    assert not Sessions(8).goes_on("ana", 0.0)


def test_claims_open_what_settings_say_and_an_unproved_address_opens_nothing() -> None:
    """An e-mail address, a group in a list, a nested role, a subject; ``audit`` includes ``read``."""
    people = {"email:Ana@chu.example": ("audit",), "groups:dsi": ("admin",), "realm_access.roles:rpps": ("read",)}
    audit = {KeyScope.READ, KeyScope.AUDIT}
    assert scopes_of({"email": "ana@CHU.example", "email_verified": True}, people) == audit
    assert scopes_of({"email": "ana@chu.example", "email_verified": False}, people) == frozenset()
    assert scopes_of({"groups": ["staff", "dsi"]}, people) == frozenset(KeyScope)
    assert scopes_of({"realm_access": {"roles": ["rpps"]}}, people) == {KeyScope.READ}
    assert scopes_of({"sub": "x", "groups": "other"}, people) == frozenset()
    assert name_of({"sub": "s", "name": ""}) == "s"


def test_the_login_is_made_from_settings_and_says_what_is_missing() -> None:
    """Pro Santé Connect gets its own scope and level; without a client, or without people, it does not start."""
    settings = load(
        dashboard_oidc_url=PSC,
        dashboard_oidc_client_id="c",
        dashboard_oidc_client_secret="s",
        dashboard_people="email:ana@chu.example=audit,sub:1=read,sub:1=admin",
    )
    assert settings.dashboard_people["sub:1"] == ("read", "admin")
    told = login_section(settings, "https://annuaire.example")
    assert told["redirect_uri"] == "https://annuaire.example/oauth2callback"
    assert told[PROVIDER]["client_kwargs"] == {"scope": "openid scope_all"}
    assert told[PROVIDER]["authorize_params"] == {"acr_values": "eidas1"}
    with pytest.raises(UsageError, match="DASHBOARD_OIDC_CLIENT_ID, DASHBOARD_OIDC_CLIENT_SECRET"):
        login_section(load(dashboard_oidc_url=PSC, dashboard_people="sub:1=read"), "https://annuaire.example")
    for people in ("ana@chu.example=audit", "email:ana@chu.example=everything"):
        with pytest.raises(UsageError, match="DASHBOARD_PEOPLE"):
            load(dashboard_people=people)


def _asked(app: ASGIApp, method: str, path: str, **more: Any) -> httpx.Response:
    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=HERE) as client:
            return await client.request(method, path, **more)

    return asyncio.run(ask())
