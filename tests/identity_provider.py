"""An identity provider on loopback that does the code flow for real: who one is, PKCE, signed tokens."""

from __future__ import annotations

import base64
import hashlib
import secrets
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from invented_issuer import key_set, signed

CLIENT, SECRET = "rpps-sync-dashboard", "invented-client-secret"
PEOPLE: Mapping[str, Mapping[str, Any]] = {
    "ana": {"email": "ana@chu.example", "email_verified": True, "name": "Ana Exemple"},
    "bob": {"email": "ana@chu.example", "email_verified": False, "name": "Bob Imposteur"},
    "dsi": {"groups": ["staff", "dsi"], "name": "Dora Exemple"},
}


@dataclass
class IdentityProvider:
    """The provider: what it gave, and to whom."""

    address: str
    back: str = ""  # the only address it sends people back to
    asked: list[dict[str, str]] = field(default_factory=list)  # what each sign-in asked for
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def app(self) -> Starlette:
        """Its application."""
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._description),
                Route("/jwks", self._keys),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/logout", self._logout),
            ]
        )

    async def _description(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/jwks",
                "end_session_endpoint": f"{self.address}/logout",
                "code_challenge_methods_supported": ["S256"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
            }
        )

    async def _keys(self, _: Request) -> Response:
        return JSONResponse(key_set())

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        if asked["redirect_uri"] != self.back or asked["client_id"] != CLIENT:
            return HTMLResponse("unknown client or address", status_code=400)
        who = asked.pop("who", "")
        if not who:
            ways = "".join(f'<li><a href="?{urlencode(asked | {"who": one})}">{one}</a></li>' for one in PEOPLE)
            return HTMLResponse(f"<h1>Who are you?</h1><ul>{ways}</ul>")
        self.asked.append(asked)
        code = secrets.token_urlsafe(12)
        self._codes[code] = asked | {"who": who}
        return RedirectResponse(f"{self.back}?{urlencode({'code': code, 'state': asked['state']})}")

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        known = self._codes.pop(str(form["code"]), None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(str(form["code_verifier"]).encode()).digest()).rstrip(b"=")
        secret = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        is_ours = request.headers["authorization"] == f"Basic {secret}"
        if known is None or proof.decode() != known["code_challenge"] or not is_ours:
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        now = int(time.time())
        claims = {"iss": self.address, "aud": CLIENT, "sub": known["who"], "iat": now, "exp": now + 120}
        token = signed(claims | {"nonce": known["nonce"]} | PEOPLE[known["who"]])
        return JSONResponse({"access_token": "opaque", "token_type": "Bearer", "id_token": token})

    async def _logout(self, request: Request) -> Response:
        assert request.query_params["client_id"] == CLIENT
        return RedirectResponse(request.query_params["post_logout_redirect_uri"])


@contextmanager
def identity_provider() -> Iterator[IdentityProvider]:
    """One at work, on a port of its own."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        provider = IdentityProvider(f"http://127.0.0.1:{listening.getsockname()[1]}")
        server = uvicorn.Server(uvicorn.Config(provider.app(), log_level="warning"))
        at_work = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        at_work.start()
        try:
            yield provider
        finally:
            server.should_exit = True
            at_work.join()
