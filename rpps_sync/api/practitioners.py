"""One practitioner by identifier; people by name, by what they do and where."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from rpps_sync import clock
from rpps_sync.api import cursors
from rpps_sync.api.access import Look, Reading, Visit, opens
from rpps_sync.api.answers import answer
from rpps_sync.api.models import Departed, Practitioner, SearchPage
from rpps_sync.api.problems import Problem, naming
from rpps_sync.directory.api_keys import KeyScope
from rpps_sync.directory.lookup import told
from rpps_sync.directory.record import read
from rpps_sync.directory.record_ages import record_ages
from rpps_sync.directory.search.answers import search
from rpps_sync.directory.search.filters import Filters
from rpps_sync.directory.search.finding import JUDGED, Wanted
from rpps_sync.errors import NotFound
from rpps_sync.freshness.records import freshness_of
from rpps_sync.identifiers import national_id_of

router = APIRouter(prefix="/v1/practitioners", tags=["practitioners"])
MOST_A_PAGE = 100
WORDS = 200  # characters of a name
VALUES = 20  # of one filter

Words = Annotated[str, Query(max_length=WORDS)]
Several = Annotated[list[Annotated[str, Query(max_length=WORDS)]], Query(max_length=VALUES)]


@router.get(
    "/{id}",
    response_model=Practitioner | Departed,
    summary="One practitioner / Un professionnel",
    **opens(
        KeyScope.READ,
        problems=(
            404,
            410,
        ),
    ),
)
async def practitioner(
    visit: Reading,
    id: Annotated[  # noqa: A002 - the name of the interface
        str,
        Path(
            max_length=32,
            description="RPPS number (11 digits) or national identifier (12). / N° RPPS ou identifiant national.",
            examples=["99900000011"],
        ),
    ],
    as_of: Annotated[
        str,
        Query(
            max_length=40,
            description="A day or an instant: what was served then (scope `audit`). / À une date passée.",
            examples=["2026-11-20"],
        ),
    ] = "",
) -> Response:
    """The document of a practitioner, labels beside codes: exercises, skills, diplomas, mailboxes, cards.

    Somebody who left answers 410; with the scope `audit`, the day they left and their last professions.

    *La fiche d’un professionnel : exercices, savoir-faire, activités, diplômes, boîtes MSSanté, cartes. Un
    professionnel parti répond 410, ou sa date de départ avec l’habilitation `audit`.*
    """
    with naming("path.id"):
        national_id = national_id_of(id)
    visit.concerns(national_id)
    if as_of and not visit.caller.may(KeyScope.AUDIT):
        raise Problem(
            403, "scope", "the past needs the scope 'audit'", mend="leave as_of out", field="query.as_of"
        )
    return await visit.briefly(lambda: answer(visit, lambda look: _document(visit, look, national_id, as_of)))


def _document(visit: Visit, look: Look, national_id: str, as_of: str) -> dict[str, Any]:
    with naming("query.as_of"):
        instant = clock.as_of(as_of) if as_of else None
    try:
        at = look.served.at(instant) if instant else look.served
        record = read(look.connection, national_id)
        document = told(look.connection, record, at)
    except NotFound as error:
        mend = "check the identifier; somebody who registered today appears in the extract of tomorrow"
        raise Problem(404, error.reason or "not-served", error.what, mend=mend, field="path.id") from error
    if document["status"] == "departed" and not visit.caller.may(KeyScope.AUDIT):
        raise Problem(
            410,
            "departed",
            f"this practitioner is not in publication {look.served.id} any more",
            mend="the day and the last professions need a key with the scope 'audit'",
            field="path.id",
        )
    # Not what tokens saw: this answer follows the publication, and who signed in where is no open data.
    past = instant is not None
    ages = record_ages(look.connection, record, at, now_served=not past, tokens=False)
    silent = visit.house.silences.known(look.connection)
    fresh = freshness_of(ages, silent, visit.house.settings.language, past=past)
    return document | {"freshness": fresh.to_json()}


@router.get(
    "",
    response_model=SearchPage,
    summary="Search / Rechercher",
    **opens(KeyScope.READ, problems=(410,)),
)
def practitioners(
    visit: Reading,
    q: Annotated[
        str, Query(max_length=WORDS, description="Words of the names, in any order. / Mots du nom.")
    ] = "",
    family: Words = "",
    given: Words = "",
    profession: Several = [],  # noqa: B006 - FastAPI copies defaults
    skill: Several = [],  # noqa: B006 - idem
    department: Several = [],  # noqa: B006 - idem
    commune: Several = [],  # noqa: B006 - idem
    postal_code: Several = [],  # noqa: B006 - idem
    limit: Annotated[int, Query(ge=1, le=MOST_A_PAGE, description="Answers a page. / Par page.")] = 20,
    cursor: Annotated[
        str, Query(max_length=200, description="`next` of the page before. / `next` de la page précédente.")
    ] = "",
) -> Response:
    """People by name, profession, skill and place; accents, hyphens, particles and one typo do not matter.

    Pages keep to the publication of the first one: once another is served, a cursor answers 410. Filters take
    codes or labels, and may be repeated. At most 1,000 answers can be paged through.

    *Recherche tolérante : accents, traits d’union, particules, une faute de frappe. Les pages suivent la
    publication de la première ; dès qu’une autre est servie, le curseur répond 410.*
    """
    some = (profession, skill, department, commune, postal_code)
    wanted = Wanted(q, family, given, Filters(*(tuple(values) for values in some)))
    return answer(visit, lambda look: _page(visit, look, wanted, limit, cursor))


def _page(visit: Visit, look: Look, wanted: Wanted, limit: int, cursor: str) -> dict[str, Any]:
    place = cursors.read(cursor, look.served, wanted) if cursor else 0
    size = min(limit, JUDGED - place)
    with naming("query"):
        page = search(look.connection, wanted, limit=size, skip=place)
    if not visit.caller.may(KeyScope.AUDIT):
        page["results"] = [one for one in page["results"] if one["status"] != "departed"]
    after = place + size
    more = page.pop("more") and after < JUDGED
    return page | {"next": cursors.write(look.served, wanted, after) if more else None}
