"""The feed of changes, departures included, for whoever keeps a copy of something."""

from __future__ import annotations

import time
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
from rpps_sync.directory.changes import ChangeKind, Page, Wanted, cursor_at, page
from rpps_sync.directory.choice import Choice
from rpps_sync.directory.search.filters import Filters
from rpps_sync.errors import UsageError
from rpps_sync.identifiers import national_id_of

MOST_A_PAGE = 1_000
WORDS, VALUES = 200, 20  # characters of one value of a filter; values of one filter
POLL_SECONDS = 1.0  # between two looks of a caller who waits
LONGEST_WAIT = 30
NEXT = "X-RPPS-Next-Cursor"
router = APIRouter(prefix="/v1/changes", tags=["changes"])

Several = Annotated[list[Annotated[str, Query(max_length=WORDS)]], Query(max_length=VALUES)]


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
    profession: Annotated[
        Several, Query(description="Only people of these, before or after. / Professions.", examples=[["60"]])
    ] = [],  # noqa: B006 - FastAPI copies defaults
    skill: Annotated[Several, Query(description="Codes or labels, likewise. / Savoir-faire.")] = [],  # noqa: B006 - idem
    department: Annotated[
        Several, Query(description="Only people there, before or after. / Départements.", examples=[["69"]])
    ] = [],  # noqa: B006 - idem
    commune: Annotated[
        Several, Query(description="INSEE codes or names, likewise. / Communes.", examples=[["69383"]])
    ] = [],  # noqa: B006 - idem
    postal_code: Annotated[Several, Query(description="Likewise. / Codes postaux.")] = [],  # noqa: B006 - idem
    wait: Annotated[
        int, Query(ge=0, le=LONGEST_WAIT, description="Seconds to wait for something new. / Attente, en secondes.")
    ] = 0,
) -> Response:
    """What moved since a cursor, oldest first: arrivals, changes, departures, returns. The cursor never expires.

    `next` is where to go on from; the cursor moves past what the filters leave out. With `wait`, an empty page
    comes only after so many seconds without anything new. Values of people who have left since are told to the
    scope `audit` alone. Accepts `application/x-ndjson`: one change a line, and the cursor in a header.

    Filters by profession and place keep who was there before a change or is there after it, so that a copy also
    hears of those who move away. Without `audit`, every departure passes them: where somebody was who left is
    not told.

    *Ce qui a changé depuis un curseur, du plus ancien au plus récent, départs compris. Le curseur n’expire pas.
    Les filtres par profession et par lieu gardent qui y était avant ou y est après.*
    """
    told = bodies.wanted(request, bodies.JSON, bodies.LINES)
    with naming("query.id"):
        person = national_id_of(id) if id else ""
    if person:
        visit.concerns(person)
    deadline = time.monotonic() + min(wait, visit.house.settings.api_wait_seconds)
    people = Filters(*(tuple(some) for some in (profession, skill, department, commune, postal_code)))
    choice = Choice(tuple(kind), field, person, people)
    while True:
        found, headers = await run_in_threadpool(_page, visit, since, limit, choice)
        if found["changes"] or time.monotonic() >= deadline or await request.is_disconnected():
            break
        since = str(found["next"])
        await _moved(request, visit.house.watch, found["next"], deadline)
    if told == bodies.LINES:
        return Response(b"".join(map(to_line, found["changes"])), headers=headers, media_type=told)
    return Response(to_json(found), headers=headers, media_type=MEDIA_TYPE)


async def _moved(request: Request, watch: Watch, cursor: int, deadline: float) -> None:
    """Return when the feed goes beyond a cursor, when the caller is gone, or at the deadline."""
    while time.monotonic() < deadline and not await request.is_disconnected():
        if watch.claim():
            await run_in_threadpool(watch.look)
        if watch.newest > cursor:
            return
        await anyio.sleep(min(POLL_SECONDS, max(0.05, deadline - time.monotonic())))


def _page(visit: Visit, since: str, limit: int, choice: Choice) -> tuple[dict[str, Any], dict[str, str]]:
    with visit.look() as look:
        cursor = _cursor(look, since)
        with naming("query"):
            wanted = choice.wanted(look.connection)
        found = _read(look, cursor, limit, wanted, hide=not visit.caller.may(KeyScope.AUDIT))
    headers = dated(look.served) | {"Cache-Control": "no-store", NEXT: str(found.next)}
    del headers["ETag"]
    return {"changes": found.changes, "next": found.next, "more": found.more} | look.served.about, headers


def _read(look: Look, cursor: int, limit: int, wanted: Wanted, *, hide: bool) -> Page:
    try:
        return page(look.connection, cursor, limit, wanted, hide_departed=hide)
    except UsageError as error:
        mend = "read again from 'since=0', or from the day before that copy was made"
        raise Problem(410, "cursor-unknown", error.what, mend=mend, field="query.since") from error


def _cursor(look: Look, since: str) -> int:
    if since.isascii() and since.isdecimal():
        return int(since) if len(since) < 19 else 2**62
    with naming("query.since", mends={"": "give 'next' of a page, or a date such as 2026-11-20"}):
        return cursor_at(look.connection, clock.parse_instant(since))
