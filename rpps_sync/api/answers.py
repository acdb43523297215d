"""Documents with the publication they come from; 304 to who has them already."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import Response

from rpps_sync import __version__
from rpps_sync.api.access import Look, Visit
from rpps_sync.api.rendering import MEDIA_TYPE, to_json
from rpps_sync.directory.served import Served

PUBLICATION, PUBLISHED_AT, AGE = "X-RPPS-Publication", "X-RPPS-Published-At", "X-RPPS-Age-Seconds"


def answer(visit: Visit, make: Callable[[Look], Any]) -> Response:
    """What ``make`` says of the publication being served, unless the caller has its answer of that publication.

    Raises:
        NotFound: the directory holds no publication.
        DirectoryError: it cannot be read.
    """
    with visit.look() as look:
        headers = dated(look.served)
        if holds(visit, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        document = make(look)
    return Response(to_json(document), headers=headers, media_type=MEDIA_TYPE)


def fresh(document: Any, *, status: int = 200) -> Response:
    """A document that is of no publication, and never kept."""
    return Response(to_json(document), status, {"Cache-Control": "no-store"}, MEDIA_TYPE)


def dated(served: Served) -> dict[str, str]:
    """The headers of an answer made of a publication; a 304, which has no body, tells the age by them."""
    about = served.about
    return {
        # Weak: the age inside the document moves on, what it says of people does not.
        "ETag": f'W/"{served.edition}/{__version__}"',
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization, ESANTE-API-KEY, Accept",
        PUBLICATION: about["publication"],
        PUBLISHED_AT: about["published_at"],
        AGE: str(about["age_seconds"]),
    }


def holds(visit: Visit, etag: str) -> bool:
    """Whether the caller says to have this answer already (``If-None-Match``)."""
    given = visit.request.headers.get("if-none-match", "")
    return etag in (part.strip() for part in given.split(","))
