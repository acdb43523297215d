"""The FHIR facade without HTTP: what a request finds, and the pages of a search."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from rpps_sync.directory.engine import reading
from rpps_sync.directory.served import served
from rpps_sync.fhir.answers import Desk
from small_directory import SmallDirectory

BASE = "https://annuaire.invalid/fhir/v2"
Json = dict[str, Any]


@contextmanager
def at_desk(directory: SmallDirectory, *, departed: bool = False) -> Iterator[Desk]:
    """The facade on a directory, as one request finds it."""
    with reading(directory.engine) as connection:
        yield Desk(connection, served(connection), BASE, departed)


def bundles(desk: Desk, kind: str, **asked: str) -> Iterator[Json]:
    """The pages of a search, each by the link of the one before; in names ``__`` is a colon, ``_`` a hyphen."""
    found = desk.search(kind, [(_name(name), value) for name, value in asked.items()])
    yield found
    while token := next_token(found):
        found = desk.page(token)
        yield found


def resources(desk: Desk, kind: str, **asked: str) -> list[Json]:
    """All resources of all pages of a search, included ones too."""
    return [entry["resource"] for page in bundles(desk, kind, **asked) for entry in page.get("entry", ())]


def ids(desk: Desk, kind: str, **asked: str) -> list[str]:
    """The identifiers of what a search finds."""
    return [one["id"] for one in resources(desk, kind, **asked) if one["resourceType"] == kind]


def next_token(found: Json) -> str:
    """What the link to the next page carries; empty on the last one."""
    links = {link["relation"]: link["url"] for link in found["link"]}
    return parse_qs(urlsplit(links["next"]).query)["id"][0] if "next" in links else ""


def _name(name: str) -> str:
    head, colon, modifier = (
        name.replace("__", ":", 1).partition(":") if not name.startswith("_") else (name, "", "")
    )
    return (head if head.startswith("_") else head.replace("_", "-")) + colon + modifier
