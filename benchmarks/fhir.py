"""What a FHIR search costs, on a directory that is there: CPU milliseconds of each kind, without HTTP.

    python benchmarks/fhir.py DATABASE_URL [REPEATS]

Each search asks for a page of 50, the usual size; the answer is written as JSON, as a client gets it.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator

import orjson
from sqlalchemy import Connection, select

from rpps_sync.directory.engine import open_engine, reading
from rpps_sync.directory.served import served
from rpps_sync.directory.tables import CARDS, MAILBOXES, ORGANIZATIONS, PRACTITIONERS, PUBLICATIONS, STRUCTURES
from rpps_sync.fhir.answers import Desk

Search = tuple[str, list[tuple[str, str]]]


def searches(connection: Connection) -> Iterator[Search]:
    """Searches of every kind, about somebody and some place of this directory."""
    middle = select(PRACTITIONERS).order_by(PRACTITIONERS.c.national_id).limit(1).offset(1_000)
    person = connection.execute(middle).one()
    place = connection.execute(
        select(STRUCTURES, ORGANIZATIONS.c.organization_id)
        .join(ORGANIZATIONS, ORGANIZATIONS.c.structure_id == STRUCTURES.c.structure_id)
        .where(STRUCTURES.c.finess != "")
        .limit(1)
    ).one()
    mailbox = connection.execute(select(MAILBOXES.c.address).limit(1)).scalar_one()
    card = connection.execute(select(CARDS.c.number).limit(1)).scalar_one()
    newest = connection.execute(select(PUBLICATIONS).order_by(PUBLICATIONS.c.seq.desc()).limit(1)).one()
    since = newest.published_at.strftime("ge%Y-%m-%dT%H:%M:%SZ")
    yield "Practitioner", [("identifier", person.rpps)]
    yield "Practitioner", [("family", person.family_name)]
    yield "Practitioner", [("family", person.family_name), ("given", person.given_name)]
    yield "Practitioner", [("family", "m")]
    yield "Practitioner", [("family:contains", "art")]
    yield "Practitioner", [("name", "martin"), ("_revinclude", "PractitionerRole:practitioner")]
    yield "Practitioner", [("qualification-code", "10")]
    yield "Practitioner", [("qualification-code", "SM26"), ("family", "b")]
    yield "Practitioner", [("qualification-code", "DE09")]
    yield "Practitioner", [("mailbox-mss", mailbox)]
    yield "Practitioner", [("number-smartcard", card)]
    yield "Practitioner", [("_lastUpdated", since)]
    yield "Practitioner", []
    yield "PractitionerRole", [("practitioner", f"003-{person.national_id}"), ("_include", "*")]
    yield "PractitionerRole", [("organization", f"001-{place.organization_id}")]
    yield "PractitionerRole", [("role", "B")]
    yield "PractitionerRole", [("_include", "*")]
    yield "Organization", [("identifier", place.finess)]
    yield "Organization", [("name", place.name[:6])]
    yield "Organization", [("name:contains", "medic")]
    yield "Organization", [("address-city", place.commune_label)]
    yield "Organization", [("address-postalcode", place.postal_code)]
    yield "Organization", [("address-line", "du general")]
    yield "Organization", [("type", "SA07")]
    yield "Organization", [("_lastUpdated", since)]
    yield "Organization", []


def main() -> None:
    """Print a row a search."""
    engine = open_engine(sys.argv[1])
    repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 15
    with reading(engine) as connection:
        desk = Desk(connection, served(connection), "https://host.invalid/fhir/v2", departed=False)
        for kind, pairs in searches(connection):
            print("| {} | {} | {:.1f} | {:.1f} | {} |".format(*measured(desk, kind, pairs, repeats)))


def measured(
    desk: Desk, kind: str, pairs: list[tuple[str, str]], repeats: int
) -> tuple[str, str, float, float, int]:
    """The search in words, the median CPU and wall milliseconds of a page, and its resources."""
    cpu, wall, found = [], [], {}
    for _ in range(repeats):
        started, ticked = time.process_time(), time.perf_counter()
        found = desk.search(kind, pairs)
        orjson.dumps(found)
        cpu.append((time.process_time() - started) * 1000)
        wall.append((time.perf_counter() - ticked) * 1000)
    asked = "&".join(f"{name}={value}" for name, value in pairs)
    return kind, asked, statistics.median(cpu), statistics.median(wall), len(found.get("entry", ()))


if __name__ == "__main__":
    main()
