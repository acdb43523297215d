"""The doors that are no page: signing in with a key, signing out, and what every answer tells the browser."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import structlog
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboards.sessions import COOKIE, Sessions
from rpps_sync import clock
from rpps_sync.directory import api_keys
from rpps_sync.directory.api_keys import FORM, ApiKey
from rpps_sync.directory.engine import reading
from rpps_sync.errors import DirectoryError, NotFound

SIGN_IN, SIGN_OUT = "/sign-in", "/sign-out"
PROVIDER_SIGN_OUT = "/auth/logout"  # of Streamlit
MOST_BYTES = 4096  # of a form with one key
_HEADERS = {
    # The browser itself keeps the promise that nothing leaves this machine; scripts of charts are made on the fly.
    "content-security-policy": (
        "default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
        "style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; form-action 'self'; base-uri 'self'"
    ),
    "referrer-policy": "same-origin",  # addresses hold identifiers
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class Guarded:
    """Middleware: what every answer tells the browser."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with our headers."""

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self._app(scope, receive, sent)


class Gate:
    """Takes keys and gives sessions.

    Args:
        engine: on the directory, which holds the digests of the keys.
        sessions: of this application.
        origins: addresses under which people open it, beside the one it listens on.
        secure: whether cookies travel over HTTPS alone.
    """

    def __init__(self, engine: Engine, sessions: Sessions, origins: frozenset[str], *, secure: bool) -> None:
        self._engine = engine
        self._sessions = sessions
        self._origins = origins
        self._secure = secure

    def routes(self) -> list[Route]:
        """To be served beside the pages."""
        return [
            Route(SIGN_IN, self.sign_in, methods=["POST"]),
            Route(SIGN_OUT, self.sign_out, methods=["GET"]),
        ]

    async def sign_in(self, request: Request) -> Response:
        """Take a key; back to the page that was wanted, with a session or with why not."""
        if not self._is_ours(request):
            return PlainTextResponse("this form is not one of this application\n", status_code=403)
        form = await _form(request)
        if form is None:
            return PlainTextResponse("this is no key\n", status_code=413)
        back = _within(form.get("back", ""))
        try:
            key = await run_in_threadpool(self._key, form.get("key", "").strip())
        except DirectoryError:
            return _to(back, refused="database")
        if key is None:
            return _to(back, refused="key")
        structlog.get_logger().info("signed in to the dashboard", key=key.id, name=key.name)
        answer = _to(back)
        answer.set_cookie(
            COOKIE,
            self._sessions.begin(key.id),
            max_age=self._sessions.seconds,
            httponly=True,
            secure=self._secure,
            samesite="lax",
        )
        return answer

    async def sign_out(self, request: Request) -> Response:
        """End a session in every tab; that of the identity provider is then ended over there too."""
        ended = self._sessions.end_by(request.query_params.get("ticket", ""))
        answer = _to(PROVIDER_SIGN_OUT if ended and request.query_params.get("of") == "provider" else "/")
        answer.delete_cookie(COOKIE, httponly=True, secure=self._secure, samesite="lax")
        return answer

    def _is_ours(self, request: Request) -> bool:
        """Whether the form was sent by a page of ours: another site must not sign people in as somebody else."""
        origin = request.headers.get("origin", "")
        return origin in self._origins or urlsplit(origin).netloc == request.headers.get("host")

    def _key(self, secret: str) -> ApiKey | None:
        form = FORM.fullmatch(secret)
        if form is None:
            return None
        with reading(self._engine) as connection:
            try:
                key = api_keys.get(connection, form["id"])
            except NotFound:
                return None
        return key if key.is_proved_by(secret) and key.state(clock.now()) == "active" else None


async def _form(request: Request) -> dict[str, str] | None:
    """The fields of a small form; None when it is too large to be one."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            return None
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _within(back: str) -> str:
    """A place of this application, whatever was asked: never another site."""
    parts = urlsplit(back)
    path = "/" + parts.path.lstrip("/").replace("\\", "")
    return f"{path}?{parts.query}" if parts.query else path


def _to(back: str, **told: str) -> RedirectResponse:
    joint = "&" if "?" in back else "?"
    return RedirectResponse(f"{back}{joint}{urlencode(told)}" if told else back, status_code=303)
