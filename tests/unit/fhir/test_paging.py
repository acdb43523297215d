from pathlib import Path

import pytest

from extract_builder import hospital, person, world
from fhir_desk import BASE, at_desk, bundles, ids, next_token, resources
from rpps_sync.directory.engine import reading
from rpps_sync.fhir import queries
from rpps_sync.fhir.outcomes import FhirError
from rpps_sync.fhir.queries import PageToken
from rpps_sync.publication import ExtractKind
from small_directory import SmallDirectory

PA = ExtractKind.PERSONNE_ACTIVITE
P, R, O = "Practitioner", "PractitionerRole", "Organization"  # noqa: E741 - not a number here


@pytest.mark.parametrize("kind", [P, R, O])
def test_pages_of_any_size_are_the_whole_in_order(directory: SmallDirectory, kind: str) -> None:
    """No resource is missing or told twice, also where one person's situations fall on two pages."""
    lines = [
        person(number, **hospital(place), mode=mode) for number in range(7) for place in (1, 2) for mode in "SL"
    ]
    directory.publish({PA: [*lines, person(90, id_type="0", national_id="0759900019")]})
    with at_desk(directory) as desk:
        whole = ids(desk, kind, _count="1000")
        assert whole == sorted(whole)
        for size in ("1", "3", "5"):
            pages = list(bundles(desk, kind, _count=size))
            found = [entry["resource"]["id"] for page in pages for entry in page["entry"]]
            assert found == whole
            assert all(len(page["entry"]) == int(size) for page in pages[:-1])


def test_links_are_absolute_next_before_self(directory: SmallDirectory) -> None:
    """The next page is under our own public address, and the last page has no next."""
    directory.publish(world(3))
    with at_desk(directory) as desk:
        first, last = bundles(desk, P, _count="2", family="exemple")
    assert [link["relation"] for link in first["link"]] == ["next", "self"]
    assert first["link"][0]["url"].startswith(f"{BASE}/_page?id=")
    assert first["link"][1]["url"] == f"{BASE}/Practitioner?_count=2&family=exemple"
    assert [link["relation"] for link in last["link"]] == ["self"]
    assert first["id"] != last["id"]


def test_a_page_of_a_replaced_publication_is_gone(directory: SmallDirectory) -> None:
    """A new publication between two pages gives 410, never pages of two publications."""
    directory.publish(world(5))
    with at_desk(directory) as desk:
        token = next_token(desk.search(P, [("_count", "2")]))
    directory.publish(world(6))
    with at_desk(directory) as desk, pytest.raises(FhirError, match="search again") as gone:
        desk.page(token)
    assert gone.value.status == 410


def test_totals_are_told_when_they_are_known_or_asked(directory: SmallDirectory) -> None:
    """By default when all is on one page or everybody is wanted; ``_total`` and ``_count=0`` decide."""
    directory.publish(world(12))
    with at_desk(directory) as desk:
        assert desk.search(P, [("family", "exemple"), ("_count", "5")]).get("total") is None
        assert desk.search(P, [("family", "exemple")])["total"] == 12
        assert desk.search(P, [("_count", "5")])["total"] == 12
        assert desk.search(P, [("_count", "5"), ("_total", "none")]).get("total") is None
        assert desk.search(P, [("_count", "5"), ("_total", "accurate"), ("family", "exemple 1")])["total"] == 3
        assert desk.search(O, [("_count", "5"), ("_total", "accurate"), ("name", "hopital")])["total"] == 10
        counted = desk.search(P, [("_count", "0"), ("qualification-code", "60")])
    assert counted["total"] == 12
    assert "entry" not in counted


def test_elements_cut_resources_and_say_so(directory: SmallDirectory) -> None:
    """Identifier, meta and active stay; the rest goes unless asked for."""
    directory.publish(world(1))
    with at_desk(directory) as desk:
        (told,) = resources(desk, P, _elements="name,telecom")
    assert set(told) == {"resourceType", "id", "meta", "identifier", "active", "name", "telecom"}
    assert told["meta"]["tag"][0]["code"] == "SUBSETTED"


def test_huge_pages_are_cut_and_go_on(directory: SmallDirectory) -> None:
    """A client that asks for fifty million at once gets a page, and the link to the next."""
    directory.publish({PA: [person(number) for number in range(1_005)]})
    with at_desk(directory) as desk:
        sizes = [len(page["entry"]) for page in bundles(desk, P, _count="50000000")]
    assert sizes == [1_000, 5]


def test_searches_of_an_embedded_directory_begin_at_an_index(tmp_path: Path) -> None:
    """No table is read from end to end for the usual questions; a server plans by size (see docs/fhir.md)."""
    directory = SmallDirectory(tmp_path)
    directory.publish(world(30))
    asked = [
        (P, "identifier", "99900000003"),
        (P, "_lastUpdated", "ge2026-11-01"),
        (P, "number-smartcard", "9900000002"),
        (P, "mailbox-mss", "camille"),
        (R, "practitioner", "003-899900000045"),
        (R, "organization", "001-F990000003"),
        (O, "identifier", "990000003"),
        (O, "name", "hopital"),
        (O, "address-city", "lyon"),
        (O, "address-postalcode", "69"),
        (O, "_lastUpdated", "ge2026-11-01"),
    ]
    for kind, name, value in asked:
        for plan in _plans(directory, kind, name, value):
            assert not any(line.startswith("SCAN") and "USING" not in line for line in plan), (kind, name, plan)
    directory.engine.dispose()


def _plans(directory: SmallDirectory, kind: str, name: str, value: str) -> list[list[str]]:
    """The plans of the statements that one search runs on the big tables."""
    told: list[tuple[str, object]] = []
    with at_desk(directory) as desk:
        raw = desk.connection.connection.driver_connection
        assert raw is not None
        raw.set_trace_callback(lambda statement: told.append((statement, None)))
        desk.search(kind, [(name, value)])
        raw.set_trace_callback(None)
    small = ("FROM publications", "FROM labels", "FROM departures", "BEGIN", "PRAGMA", "COMMIT", "ROLLBACK")
    statements = [text for text, _ in told if not any(word in text for word in small)]
    with reading(directory.engine) as connection:
        return [
            [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}".replace("%", "%%"))]
            for text in statements
        ]


def test_a_token_carries_the_search_and_nothing_else() -> None:
    """It is stateless: any worker reads what another gave out."""
    token = PageToken("Practitioner", (("family", "é|,"), ("_count", "2")), "publication-1", (0, "899900000045"))
    assert "899900000045" not in token.pack()
    assert queries.unpack(token.pack()) == token
