"""What each question sends and how its answer is read, for the client that waits and for the one that does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from rpps_sync.client.results import (
    ChangePage,
    Enriched,
    Match,
    Practitioner,
    SearchPage,
    Stamp,
    Verdict,
)

Answer = TypeVar("Answer")
Document = Mapping[str, Any]
AT_ONCE = 10_000  # identifiers of one request
MATCHED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Call(Generic[Answer]):
    """One request, and how its answer is read."""

    method: str
    path: str
    read: Callable[[Document], Answer]
    params: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None


def practitioner(identifier: str, as_of: str) -> Call[Practitioner]:
    """One practitioner, now or at a past date."""
    params = {"as_of": as_of} if as_of else {}
    return Call("GET", f"/v1/practitioners/{quote(identifier, safe='')}", Practitioner.read, params)


def search(wanted: Mapping[str, Any], cursor: str) -> Call[SearchPage]:
    """A page of people."""
    params = {name: value for name, value in wanted.items() if value} | ({"cursor": cursor} if cursor else {})
    return Call("GET", "/v1/practitioners", SearchPage.read, params)


def enrich(identifiers: Sequence[str], fields: Sequence[str]) -> Call[list[Enriched]]:
    """What is known of some identifiers."""
    body: dict[str, Any] = {"identifiers": list(identifiers)} | ({"fields": list(fields)} if fields else {})

    def read(told: Document) -> list[Enriched]:
        stamp = Stamp.read(told)
        return [Enriched.read(one, stamp) for one in told["results"]]

    return Call("POST", "/v1/enrich", read, body=body)


def match(people: Sequence[Mapping[str, str]]) -> Call[list[Match]]:
    """Who is meant by some descriptions."""

    def read(told: Document) -> list[Match]:
        return [Match.read(one) for one in told["results"]]

    return Call("POST", "/v1/match", read, body={"people": [dict(one) for one in people]})


def changes(since: str | int, wait: int, filters: Mapping[str, Any]) -> Call[ChangePage]:
    """What moved since a cursor."""
    params = {"since": since, "wait": wait} | {name: value for name, value in filters.items() if value}
    return Call("GET", "/v1/changes", ChangePage.read, params)


def verify(userinfo: Mapping[str, Any] | str, tokens: Mapping[str, str]) -> Call[list[Verdict]]:
    """The verdicts on one userinfo."""

    def read(told: Document) -> list[Verdict]:
        return [Verdict.read(one) for one in told["verdicts"]]

    return Call("POST", "/v1/verify", read, body={"userinfo": userinfo, **tokens})


def batches(items: Iterable[Any], size: int) -> Iterable[list[Any]]:
    """The items, so many at a time."""
    batch: list[Any] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
