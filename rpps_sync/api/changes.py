"""The feed of changes, departures included, for whoever keeps a copy of something."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from rpps_sync import clock
from rpps_sync.api import bodies
from rpps_sync.api.access import Look, Reading, Visit, opens
from rpps_sync.api.answers import dated
from rpps_sync.api.models import ChangePage
from rpps_sync.api.problems import Problem, naming
from rpps_sync.api.rendering import MEDIA_TYPE, to_json, to_line
from rpps_sync.api.watch import Watch
from rpps_sync.directory.api_keys import KeyScope
from rpps_sync.directory.changes import ChangeKind, cursor_at, feed, newest
from rpps_sync.errors import UsageError
from rpps_sync.identifiers import national_id_of

MOST_A_PAGE = 1_000
LOOKED_AT = 10_000  # changes read for one page, however few a filter lets through
POLL_SECONDS = 1.0  # between two looks of a caller who waits
LONGEST_WAIT = 30
NEXT = "X-RPPS-Next-Cursor"
router = APIRouter(prefix="/v1/changes", tags=["changes"])


@router.get(
    "",
    response_model=ChangePage,
    summary="Changes / Changements",
    **opens(
        KeyScope.READ,
        problems=(
            406,
            410,
        ),
    ),
)
async def changes(
    request: Request,
    visit: Reading,
    since: Annotated[
        str,
        Query(
            max_length=40,
            description="`next` of the page before, or a date. / Curseur ou date.",
            examples=["0", "2026-11-20"],
        ),
    ] = "0",
    limit: Annotated[int, Query(ge=1, le=MOST_A_PAGE)] = 200,
    kind: Annotated[list[ChangeKind], Query(max_length=4, description="Only these. / Seulement ceux-ci.")] = [],  # noqa: B006 - FastAPI copies defaults
    field: Annotated[
        str,
        Query(
            max_length=60,
            description="Only fields that begin so. / Champs.",
            examples=["activity", "structure.postal_code"],
        ),
    ] = "",
    id: Annotated[str, Query(max_length=32, description="Only this practitioner. / Ce professionnel.")] = "",  # noqa: A002 - as elsewhere
    wait: Annotated[
        int, Query(ge=0, le=LONGEST_WAIT, description="Seconds to wait for something new. / Attente, en secondes.")
    ] = 0,
) -> Response:
    """What moved since a cursor, oldest first: arrivals, changes, departures, returns. The cursor never expires.

    `next` is where to go on from; the cursor moves past what the filters leave out. With `wait`, an empty page
    comes only after so many seconds without anything new. Values of people who have left since are told to the
    scope `audit` alone. Accepts `application/x-ndjson`: one change a line, and the cursor in a header.

    *Ce qui a changé depuis un curseur, du plus ancien au plus récent, départs compris. Le curseur n’expire pas.*
    """
    told = bodies.wanted(request, bodies.JSON, bodies.LINES)
    with naming("query.id"):
        person = national_id_of(id) if id else ""
    if person:
        visit.concerns(person)
    deadline = time.monotonic() + min(wait, visit.house.settings.api_wait_seconds)
    chosen = _Chosen({str(one) for one in kind}, field, person)
    while True:
        page, headers = await run_in_threadpool(_page, visit, since, limit, chosen)
        if page["changes"] or time.monotonic() >= deadline or await request.is_disconnected():
            break
        since = str(page["next"])
        await _moved(request, visit.house.watch, page["next"], deadline)
    if told == bodies.LINES:
        return Response(b"".join(map(to_line, page["changes"])), headers=headers, media_type=told)
    return Response(to_json(page), headers=headers, media_type=MEDIA_TYPE)


async def _moved(request: Request, watch: Watch, cursor: int, deadline: float) -> None:
    """Return when the feed goes beyond a cursor, when the caller is gone, or at the deadline."""
    while time.monotonic() < deadline and not await request.is_disconnected():
        if watch.claim():
            await run_in_threadpool(watch.look)
        if watch.newest > cursor:
            return
        await anyio.sleep(min(POLL_SECONDS, max(0.05, deadline - time.monotonic())))


class _Chosen:
    """Which changes are wanted."""

    def __init__(self, kinds: set[str], field: str, person: str) -> None:
        self._kinds, self._field, self._person = kinds, field, person

    def __call__(self, change: dict[str, Any]) -> bool:
        """Whether this one is."""
        return (
            (not self._kinds or change["kind"] in self._kinds)
            and change["field"].startswith(self._field)
            and self._person in ("", change["national_id"])
        )


def _page(visit: Visit, since: str, limit: int, chosen: _Chosen) -> tuple[dict[str, Any], dict[str, str]]:
    with visit.look() as look:
        cursor = _cursor(look, since)
        hide = not visit.caller.may(KeyScope.AUDIT)
        try:
            kept, after, more = _read(look, cursor, limit, chosen, hide=hide)
        except UsageError as error:
            mend = "read again from 'since=0', or from the day before that copy was made"
            raise Problem(410, "cursor-unknown", error.what, mend=mend, field="query.since") from error
        about = look.served.about
    headers = dated(look.served) | {"Cache-Control": "no-store", NEXT: str(after)}
    del headers["ETag"]
    return {"changes": kept, "next": after, "more": more} | about, headers


def _read(
    look: Look, cursor: int, limit: int, chosen: _Chosen, *, hide: bool
) -> tuple[list[dict[str, Any]], int, bool]:
    """The changes of a page, the cursor after it, and whether others follow."""
    kept: list[dict[str, Any]] = []
    after = cursor
    entries: Iterator[dict[str, Any]] = feed(look.connection, cursor, LOOKED_AT, hide_departed=hide)
    for change in islice(entries, LOOKED_AT):
        after = change["cursor"]
        if chosen(change):
            kept.append(change)
            if len(kept) == limit:
                break
    return kept, after, after < newest(look.connection)


def _cursor(look: Look, since: str) -> int:
    if since.isascii() and since.isdecimal():
        return int(since) if len(since) < 19 else 2**62
    with naming("query.since", mends={"": "give 'next' of a page, or a date such as 2026-11-20"}):
        return cursor_at(look.connection, clock.parse_instant(since))
