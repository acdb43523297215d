"""Who asks, what they may, and a consistent look at the directory.

A route takes a visit, and opens the directory when it knows what to read:

    @router.get("/v1/things", **opens(KeyScope.READ))
    def things(visit: Reading) -> Response:
        return answer(visit, lambda look: {"things": read(look.connection)})

``visit.caller.may(KeyScope.AUDIT)`` tells more of the key; ``with visit.look() as look`` gives ``look.connection``
(reading, one state of the directory) and ``look.served`` (the publication).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Connection, Engine

from rpps_sync.api.keyring import Keyring
from rpps_sync.api.problems import Problem, documented
from rpps_sync.api.silences import Silences
from rpps_sync.api.throttle import Throttle
from rpps_sync.api.watch import Watch
from rpps_sync.directory import server
from rpps_sync.directory.api_keys import ApiKey, KeyScope
from rpps_sync.directory.engine import reading, writing
from rpps_sync.directory.served import Served, served
from rpps_sync.psc.tokens import Verifier
from rpps_sync.settings import Settings

FHIR_HEADER = "ESANTE-API-KEY"  # what clients of the national API send
SCHEMES: Mapping[str, Mapping[str, str]] = {
    "key": {"type": "http", "scheme": "bearer", "description": "A key made with `rpps-sync keys create`."},
    "esante": {
        "type": "apiKey",
        "in": "header",
        "name": FHIR_HEADER,
        "description": "The same, for FHIR clients.",
    },
}
"""Where a key is read, as the OpenAPI document says it; the library's own way costs each request four calls."""


@dataclass(frozen=True, slots=True)
class House:
    """What a worker keeps between requests; ``request.app.state.house``."""

    settings: Settings
    readers: Engine
    writer: Engine
    keyring: Keyring
    throttle: Throttle
    verifier: Verifier  # of tokens; it keeps the keys of their issuer
    watch: Watch
    silences: Silences

    @property
    def embedded(self) -> bool:
        """Whether the database is read within this process."""
        return not server.is_server(self.readers)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose key it is."""

    key: ApiKey

    def may(self, scope: KeyScope) -> bool:
        """Whether the key opens this."""
        return scope in self.key.opens


@dataclass(frozen=True, slots=True)
class Look:
    """One state of the directory, for the time of an answer."""

    connection: Connection
    served: Served


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody who may make it."""

    request: Request
    caller: Caller
    house: House

    @contextmanager
    def look(self) -> Iterator[Look]:
        """Open the directory.

        Raises:
            NotFound: it holds no publication.
            DirectoryError: it cannot be read.
        """
        with reading(self.house.readers) as connection:
            yield Look(connection, served(connection))

    async def briefly(self, made: Callable[[], Response]) -> Response:
        """Run what reads a handful of rows, without holding up the other requests of this worker.

        An embedded database answers sooner than a thread can be woken, and threads that take Python's lock from
        one another cost a look-up up to as much again; a database server is waited for in a thread.
        """
        return made() if self.house.embedded else await run_in_threadpool(made)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that may write.

        Raises:
            DirectoryError: the database cannot be written.
        """
        with writing(self.house.writer) as connection:
            yield connection

    def concerns(self, national_id: str) -> None:
        """Say whom the request is about, so that the access log can tell it under a pseudonym."""
        self.request.state.subject = national_id


@cache
def needs(*scopes: KeyScope) -> Callable[..., Awaitable[Visit]]:
    """The dependency that lets through whose key opens one of these."""

    async def visit(request: Request) -> Visit:
        house: House = request.app.state.house
        key = await _key(house.keyring, _secret(request.headers))
        request.state.key = key
        house.throttle.admit(key)
        caller = Caller(key)
        if not any(map(caller.may, scopes)):
            raise Problem(
                403,
                "scope",
                f"this key does not open what needs the scope '{' or '.join(scopes)}'",
                mend=f"ask for a key with it: rpps-sync keys create --scope {scopes[0]}",
            )
        return Visit(request, caller, house)

    return visit


Reading = Annotated[Visit, Depends(needs(KeyScope.READ))]
Telling = Annotated[Visit, Depends(needs(KeyScope.CLAIMS))]
Concerned = Annotated[Visit, Depends(needs(KeyScope.CLAIMS, KeyScope.AUDIT))]
Auditing = Annotated[Visit, Depends(needs(KeyScope.AUDIT))]
Administering = Annotated[Visit, Depends(needs(KeyScope.ADMIN))]


def opens(
    *scopes: KeyScope, problems: Sequence[int] = (), body: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The arguments of a route that say who may call it: in the code and in the OpenAPI document at once.

    Args:
        scopes: what the key must open, one of them; none: nobody is asked for a key.
        problems: statuses it may answer besides those of every route.
        body: the ``content`` of a body that the route reads by itself: media types with schemas and examples.
    """
    if not scopes:
        return {"openapi_extra": {"x-scope": "none"}, "responses": documented(*problems, 414, 500, 503)}
    always: tuple[int, ...] = (401, 403, 414, 422, 429, 500, 503)
    extra: dict[str, Any] = {"x-scope": "|".join(scopes), "security": [{name: []} for name in SCHEMES]}
    if body is not None:
        extra["requestBody"] = {"required": True, "content": dict(body)}
        always = (*always, 408, 413, 415)
    return {
        "dependencies": [Depends(needs(*scopes))],
        "openapi_extra": extra,
        "responses": documented(*always, *problems),
    }


def _secret(headers: Mapping[str, str]) -> str:
    scheme, _, secret = headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else headers.get(FHIR_HEADER, "")


async def _key(keyring: Keyring, secret: str) -> ApiKey:
    if keyring.due():
        await run_in_threadpool(keyring.refresh)
    key = keyring.known(secret)
    if key is None and secret and keyring.due(for_unknown=True):
        await run_in_threadpool(keyring.refresh)
        key = keyring.known(secret)
    if key is not None:
        return key
    raise Problem(
        401,
        "key" if secret else "no-key",
        "this key is not known, or not any more" if secret else "a key is needed",
        mend="send it as 'Authorization: Bearer rpps_…'; 'rpps-sync keys list' shows those in force",
        headers={"WWW-Authenticate": 'Bearer realm="rpps-sync"'},
    )
