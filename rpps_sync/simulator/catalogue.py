"""The answers of the dataset API for one simulated day (``catalog.json``), in the shape of data.gouv.fr.

The addresses are those of a host that does not exist; ``serve`` puts its own in their place. As in reality, the
``analysis:*`` extras come after the deposit: on the later days they still describe the former file.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from rpps_sync.clock import iso
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.catalogue import resource
from rpps_sync.publisher.layouts import layout

CATALOGUE_FILE = "catalog.json"
API_HOST = "https://www.simulator.invalid"
STATIC_HOST = "https://static.simulator.invalid"
_SLUG = "annuaire-sante-extractions-des-donnees-en-libre-acces-simulees"
_MAILBOX_SLUG = "annuaire-sante-boites-aux-lettres-mssante-simulees"
_DEPOSIT = time(4, 12, 9, tzinfo=UTC)  # of the first file; the others follow
_BETWEEN = (timedelta(0), timedelta(minutes=2, seconds=41), timedelta(minutes=4, seconds=3))


@dataclass(frozen=True, slots=True)
class DepositedFile:
    """One file of one day."""

    kind: ExtractKind
    published_at: datetime
    bytes: int
    sha1: str
    lines: int  # header excluded


def deposited_at(day: date, rank: int) -> datetime:
    """When the file of that rank was deposited on that day: a few minutes after the one before."""
    return datetime.combine(day, _DEPOSIT) + _BETWEEN[rank % len(_BETWEEN)] + timedelta(minutes=rank // 3 * 7)


def dated_path(file: DepositedFile) -> str:
    """The path of the dated address; it is gone after the next deposit."""
    slug = _slug(resource(file.kind).dataset)
    return f"/resources/{slug}/{file.published_at:%Y%m%d-%H%M%S}/{layout(file.kind).file_name}"


def write_catalogue(folder: Path, files: list[DepositedFile], former: list[DepositedFile]) -> None:
    """Write ``catalog.json`` beside the files of one day."""
    before = {file.kind: file for file in former}
    datasets: dict[str, dict[str, Any]] = {}
    for file in files:
        dataset = resource(file.kind).dataset
        answer = datasets.setdefault(dataset, _dataset(dataset))
        answer["resources"].append(_resource(file, before.get(file.kind, file)))
        answer["last_modified"] = _written(file.published_at)
    text = json.dumps({"data": list(datasets.values()), "total": len(datasets)}, ensure_ascii=False, indent=1)
    (folder / CATALOGUE_FILE).write_text(text + "\n", encoding="utf-8")


def _slug(dataset: str) -> str:
    """Mailboxes have a dataset of their own."""
    return _MAILBOX_SLUG if dataset == resource(ExtractKind.MSSANTE).dataset else _SLUG


def _dataset(dataset: str) -> dict[str, Any]:
    slug = _slug(dataset)
    return {
        "id": dataset,
        "slug": slug,
        "title": "Annuaire Santé simulé : extractions en libre accès",
        "description": "Données inventées par rpps-sync simulate : aucune personne n'existe.",
        "frequency": "daily",
        "license": "lov2",
        "uri": f"{API_HOST}/api/1/datasets/{slug}/",
        "resources": [],
    }


def _resource(file: DepositedFile, analysed: DepositedFile) -> dict[str, Any]:
    identifier = resource(file.kind).id
    return {
        "id": identifier,
        "title": layout(file.kind).file_name,
        "type": "main",
        "format": "txt",
        "mime": "text/plain",
        "url": STATIC_HOST + dated_path(file),
        "latest": f"{API_HOST}/api/1/datasets/r/{identifier}",
        "filesize": file.bytes,
        "checksum": {"type": "sha1", "value": file.sha1},
        "created_at": "2025-10-29T09:31:44+00:00",
        "published_at": iso(file.published_at),
        "last_modified": _written(file.published_at),
        "extras": {
            "analysis:checksum": analysed.sha1,
            "analysis:content-length": analysed.bytes,
            "analysis:mime-type": "text/plain",
            "analysis:last-modified-at": _written(analysed.published_at),
        },
    }


def _written(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds")
