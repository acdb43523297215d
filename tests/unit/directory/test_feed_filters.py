"""The feed as far as it concerns somebody: nothing missing, nothing twice, in order, whatever the pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection

from extract_builder import hospital, national_id, person
from rpps_sync.directory import changes, documents
from rpps_sync.directory.changes import ChangeKind, Wanted
from rpps_sync.directory.concern import concern_of, terms_of
from rpps_sync.directory.engine import reading
from rpps_sync.directory.search import terms
from rpps_sync.directory.search.filters import Filters
from rpps_sync.errors import UsageError
from rpps_sync.publication import ExtractKind
from small_directory import SmallDirectory

PA = ExtractKind.PERSONNE_ACTIVITE
GRENOBLE = {"postal_code": "38000", "commune": "38185", "commune_label": "Grenoble"}
MOVER, LEAVER, COMES_BACK, RETRAINED, OTHER_SHAPE = 1, 2, 3, 4, 5
FILTERS = [
    Filters(departments=("69",)),
    Filters(departments=("38",), professions=("10",)),
    Filters(professions=("60",)),
    Filters(communes=("Lyon", "38185")),
    Filters(postal_codes=("38000",), departments=("38", "69")),
]


def in_lyon(number: int, **values: str) -> dict[str, str]:
    """A nurse of a hospital in Lyon."""
    return person(number, **hospital(number % 3)) | values


def in_grenoble(number: int, **values: str) -> dict[str, str]:
    """A nurse of a hospital in Grenoble."""
    return person(number, **hospital(10 + number % 3, **GRENOBLE)) | values


def live(directory: SmallDirectory) -> None:
    """Four publications in which people move, retrain, leave and come back."""
    paris = hospital(20, postal_code="75001", commune="75101", commune_label="Paris 1er Arrondissement")
    stay = [person(40, profession="10", **paris)]
    stay += [in_lyon(number) for number in range(10, 16)] + [in_grenoble(number) for number in range(20, 26)]
    adeli = {"id_type": "0", "identifier": "389999999", "national_id": "0389999999"}
    first = [in_lyon(MOVER), in_lyon(LEAVER), in_grenoble(COMES_BACK), in_lyon(RETRAINED), in_grenoble(9) | adeli]
    directory.publish({PA: [*stay, *first]})
    moved = [in_grenoble(MOVER), in_lyon(LEAVER, family_name="AUTRE"), in_grenoble(RETRAINED, profession="10")]
    directory.publish({PA: [*stay, *moved]})
    renamed = [row | {"family_name": "NOUVEAU", "given_name": "SACHA", "mode": "L"} for row in stay]
    directory.publish({PA: [*renamed, in_lyon(MOVER), in_grenoble(COMES_BACK)]})
    directory.publish({PA: [*stay, in_lyon(MOVER), in_lyon(COMES_BACK), in_lyon(30, profession="10")]})


def chosen(connection: Connection, filters: Filters, *, hide: bool) -> list[int]:
    """The cursors that concern somebody, found by living the whole feed again in memory."""
    concern = concern_of(connection, filters)
    rows = list(changes.feed(connection))
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["publication"], row["national_id"]), []).append(row)
    now: dict[str, Any] = {}
    kept: list[int] = []
    for (_, name), some in groups.items():
        before, after = now.get(name), some[-1]["document"]
        now[name] = after
        met = any(document is not None and concern.meets(document) for document in (before, after))
        hidden = hide and _gone(rows, name)
        kept += [row["cursor"] for row in some if (row["kind"] == "departed" if hidden else met)]
    return sorted(kept)


def _gone(rows: list[dict[str, Any]], name: str) -> bool:
    return [row["kind"] for row in rows if row["national_id"] == name][-1] == "departed"


def paged(connection: Connection, wanted: Wanted, size: int, *, hide: bool) -> Iterator[dict[str, Any]]:
    """The feed read to its end, so many changes a page."""
    cursor, more = 0, True
    while more:
        page = changes.page(connection, cursor, size, wanted, hide_departed=hide)
        assert len(page.changes) <= size
        assert page.next > cursor or not page.more
        assert all(cursor < row["cursor"] <= page.next for row in page.changes)
        yield from page.changes
        cursor, more = page.next, page.more


def test_pages_under_a_filter_add_up_to_what_concerns_it(
    directory: SmallDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who comes, moves away, retrains, leaves, returns: told once, in order, however little a page looks at."""
    live(directory)
    with reading(directory.engine) as connection:
        for filters in FILTERS:
            wanted = Wanted(concern=concern_of(connection, filters))
            for hide in (False, True):
                expected = chosen(connection, filters, hide=hide)
                assert 0 < len(expected) < len(list(changes.feed(connection))), filters
                for looked_at, size in ((1, 1), (10_000, 7)) if filters is FILTERS[0] else ((7, 3),):
                    monkeypatch.setattr(changes, "LOOKED_AT", looked_at)
                    told = list(paged(connection, wanted, size, hide=hide))
                    assert [row["cursor"] for row in told] == expected, (filters, hide, looked_at)


def test_who_moves_away_is_told_to_both_places(directory: SmallDirectory) -> None:
    """The copy of Lyon learns that the nurse is in Grenoble now, that of Grenoble gets her document."""
    live(directory)
    with reading(directory.engine) as connection:
        for place in ("69", "38"):
            concern = concern_of(connection, Filters(departments=(place,)))
            told = list(changes.feed(connection, wanted=Wanted(national_id=national_id(MOVER), concern=concern)))
            moved = [row for row in told if row["publication"] == "publication-2"]
            assert moved[-1]["document"]["exercises"][0]["activities"][0]["structure"]["commune"] == "38185"


def test_where_somebody_was_who_left_is_not_told_by_a_filter(directory: SmallDirectory) -> None:
    """Without the right to the past, a departure passes every place: asking one by one finds out nothing."""
    live(directory)
    with reading(directory.engine) as connection:
        for place in ("69", "38", "75"):
            concern = concern_of(connection, Filters(departments=(place,)))
            wanted = Wanted(national_id=national_id(LEAVER), concern=concern)
            told = list(changes.feed(connection, wanted=wanted, hide_departed=True))
            assert [(row["kind"], row["document"]) for row in told] == [("departed", None)]


def test_pages_by_kind_field_and_person_add_up_too(
    directory: SmallDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the whole feed were read and looked through; the document comes with the last change that is told."""
    live(directory)
    with reading(directory.engine) as connection:
        for wanted in (
            Wanted(kinds=(ChangeKind.DEPARTED, ChangeKind.RETURNED)),
            Wanted(kinds=(ChangeKind.ARRIVED,)),
            Wanted(field="identity"),
            Wanted(field="activity", national_id=national_id(MOVER)),
            Wanted(national_id=national_id(10)),
        ):
            expected = [
                row
                for row in changes.feed(connection)
                if row["kind"] in (wanted.kinds or tuple(ChangeKind))
                and row["field"].startswith(wanted.field)
                and wanted.national_id in ("", row["national_id"])
            ]
            assert expected
            for looked_at, size in ((1, 1), (5, 2), (10_000, 1000)):
                monkeypatch.setattr(changes, "LOOKED_AT", looked_at)
                told = list(paged(connection, wanted, size, hide=False))
                assert [row["cursor"] for row in told] == [row["cursor"] for row in expected], wanted
            with_document = {row["national_id"] for row in told if row["document"] is not None}
            assert with_document == {row["national_id"] for row in told if row["kind"] != "departed"}


def test_a_document_is_found_by_what_the_search_finds_its_owner_by(directory: SmallDirectory) -> None:
    """The terms of a former document and those of the index are the same."""
    live(directory)
    with reading(directory.engine) as connection:
        indexed = terms.terms_of(terms.of_tables(connection, lambda owner: owner != ""))
        of_all = {term for term in indexed["term"].to_list() if term[0] not in terms.NAMES}
        names = [*(national_id(number) for number in range(41)), "0389999999"]
        plain = [documents.to_plain(one) for one in documents.load(connection, names).values()]
        assert {term for one in plain for term in terms_of(one) if not term.endswith(":")} == of_all


def test_a_filter_that_means_nothing_is_refused(directory: SmallDirectory) -> None:
    """A misspelt profession must not read as: nothing ever changes."""
    with reading(directory.engine) as connection, pytest.raises(UsageError, match="no profession is called"):
        concern_of(connection, replace(FILTERS[0], professions=("Infirmière de l'espace",)))
