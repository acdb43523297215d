"""The catalogue: what data.gouv.fr says of each extract, as its dataset API answers it.

Of one resource we read ``id``, ``last_modified``, ``filesize``, ``url`` (the dated address) and ``checksum``. The
``analysis:*`` extras are left alone: data.gouv.fr computes them after the deposit, so they can describe the former
file.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

from rpps_sync.clock import parse_instant
from rpps_sync.errors import ExtractRefused, UsageError
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.exchange import Exchange
from rpps_sync.publisher.incoming import STILL_SERVED, refuse_page
from rpps_sync.publisher.retries import Deadline, retried
from rpps_sync.publisher.sources import Deposit

CHANNEL = "data-gouv"


@dataclass(frozen=True, slots=True)
class Resource:
    """Where one kind of extract is published."""

    kind: ExtractKind
    dataset: str  # on data.gouv.fr
    id: str  # idem
    archive: str  # the ZIP of the ANS web service; extracts of one archive are of one day


@cache
def resource(kind: ExtractKind) -> Resource:
    """The resource of one kind of extract."""
    text = resources.files(__package__).joinpath("resources.toml").read_text(encoding="utf-8")
    entry = tomllib.loads(text)[kind.value]
    return Resource(kind, entry["dataset"], entry["resource"], entry["archive"])


def stable_address(catalog_url: str, kind: ExtractKind) -> str:
    """The address that always leads to the newest file of a kind."""
    return f"{catalog_url.rstrip('/')}/datasets/r/{resource(kind).id}"


def discover(exchange: Exchange, catalog_url: str, kinds: Sequence[ExtractKind]) -> tuple[Deposit, ...]:
    """Ask the catalogue for the current deposit of each kind.

    Raises:
        PublisherUnreachable: no usable answer within the retries.
        ExtractRefused: the answer is not that of the dataset API, or misses a resource.
    """
    answers = {
        dataset: _ask(exchange, f"{catalog_url.rstrip('/')}/datasets/{dataset}/")
        for dataset in dict.fromkeys(resource(kind).dataset for kind in kinds)
    }
    return tuple(
        read_deposit(answers[resource(kind).dataset], kind, stable_address(catalog_url, kind)) for kind in kinds
    )


def read_deposit(answer: bytes, kind: ExtractKind, address: str) -> Deposit:
    """Read one kind's entry in an answer of the dataset API, or in a ``catalog.json`` that holds several.

    Args:
        answer: JSON.
        kind: whose entry.
        address: where the file itself is to be fetched.

    Raises:
        ExtractRefused: the answer cannot be read, or misses that resource.
    """
    entry = next((item for item in _entries(answer) if item.get("id") == resource(kind).id), None)
    if entry is None:
        raise _unreadable(f"it has no resource {resource(kind).id} for {kind}", "resource-missing")
    size = entry.get("filesize")
    return Deposit(
        kind=kind,
        url=address,
        published_at=_instant(kind, entry.get("last_modified")),
        bytes=size if isinstance(size, int) and size > 0 else None,
        checksum=_checksum(entry.get("checksum")),
        dated_url=str(entry.get("url") or ""),
        channel=CHANNEL,
    )


def _ask(exchange: Exchange, url: str) -> bytes:
    deadline = Deadline(exchange.limits.download_seconds)
    return retried(exchange.policy, deadline, lambda: _read(exchange, url, deadline))


def _read(exchange: Exchange, url: str, deadline: Deadline) -> bytes:
    answer = bytearray()
    with exchange.get("the catalogue", url, {"Accept": "application/json"}, deadline) as response:
        if response.status_code != 200:
            raise _unreadable(f"the server answered {response.status_code}", "catalogue-status")
        for block in response.iter_raw():
            answer += block
            if len(answer) > exchange.limits.catalogue_bytes:
                raise _unreadable(f"it exceeds {exchange.limits.catalogue_bytes:,} bytes", "catalogue-too-large")
            deadline.check("the catalogue")
    refuse_page("the catalogue", bytes(answer))
    return bytes(answer)


def _entries(answer: bytes) -> Iterator[dict[str, Any]]:
    try:
        value = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise _unreadable("it is not JSON", "catalogue-not-json") from error
    for dataset in _datasets(value):
        found = dataset.get("resources")
        yield from (item for item in (found if isinstance(found, list) else []) if isinstance(item, dict))


def _datasets(value: Any) -> list[dict[str, Any]]:
    """One dataset answer, or a page of several under ``data``, as the API lists them."""
    several = value.get("data", [value]) if isinstance(value, dict) else value
    return [item for item in several if isinstance(item, dict)] if isinstance(several, list) else []


def _instant(kind: ExtractKind, text: Any) -> datetime:
    try:
        return parse_instant(text if isinstance(text, str) else "")
    except UsageError as error:
        raise _unreadable(f"it gives no date of publication for {kind}", "catalogue-no-date") from error


def _checksum(value: Any) -> str:
    if not isinstance(value, dict) or not value.get("type") or not value.get("value"):
        return ""
    return f"{value['type']}:{value['value']}".lower()


def _unreadable(what: str, reason: str) -> ExtractRefused:
    return ExtractRefused(
        f"the catalogue's answer cannot be used: {what}; {STILL_SERVED}",
        mend="run again later; if it lasts, check RPPS_SYNC_CATALOG_URL and the resource ids of this program",
        reason=reason,
    )
