"""What is served, what the run looked at, and by which way it came."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from rpps_sync.clock import parse_instant
from rpps_sync.reporting.material import Material
from rpps_sync.reporting.model import ChannelLine, FileLine, Served


def examined(summary: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The publication the run looked at: ``id`` and ``published_at``."""
    publication = summary["publication"]
    return {name: publication[name] for name in ("id", "published_at")} if publication else None


def served(material: Material) -> Served | None:
    """What is served once the run is over, aged at its end; None before the first publication."""
    row = material.served
    if row is None:
        return None
    published_at: datetime = row["published_at"]
    age = parse_instant(material.summary["finished_at"]) - published_at
    return Served(
        id=row["id"],
        published_at=published_at,
        age_seconds=int(age.total_seconds()),
        practitioners=row["practitioners"],
        accepted_by=row["accepted_by"] or "",
        accepted_because=row["accepted_because"] or "",
    )


def files(summary: Mapping[str, Any]) -> tuple[FileLine, ...]:
    """The extracts of the publication the run looked at."""
    publication = summary["publication"] or {"files": []}
    return tuple(
        FileLine(
            kind=file["kind"],
            channel=urlsplit(file["url"]).hostname or "",
            url=file["url"],
            bytes=file["bytes"],
            lines=file["lines"],
            sha256=file["sha256"],
            published_at=file["published_at"],
        )
        for file in publication["files"]
    )


def channels(summary: Mapping[str, Any]) -> tuple[ChannelLine, ...]:
    """How each way to the extracts stood; older runs had one, and said nothing of it."""
    return tuple(ChannelLine(**channel) for channel in summary.get("channels", ()))
