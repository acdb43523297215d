"""Checks across the files of one publication: all there, of one day, about the same people.

Two days mixed in one publication are told by the dates of deposit, and by people of one file whom the file of
persons does not know: arrived with the newer file, or gone with the newer file of persons.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import polars as pl

from rpps_sync.clock import iso
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.catalogue import resource
from rpps_sync.quality.declarations import Check
from rpps_sync.quality.history import usual
from rpps_sync.quality.trials import Figure, Members, Subject, Told, Trial


def files(check: Check, subject: Subject) -> list[Trial]:
    """The extracts of the last accepted publication, each there tonight."""
    former = sorted(subject.past[-1].get("files", {})) if subject.past else []
    if not former:
        return [Trial(check, None, skipped="no-past")]
    frame = pl.DataFrame({"value": former, "rows": [1] * len(former), "sample": former})
    return [Trial(check, None, (Members(frame, tuple(str(kind) for kind in subject.kinds), len(former)),))]


def deposits(check: Check, subject: Subject) -> list[Trial]:
    """Hours between the first and the last of the files that are made together, begun hours counted whole."""
    together: defaultdict[str, dict[ExtractKind, datetime]] = defaultdict(dict)
    for kind, instant in subject.around.deposited.items():
        together[resource(kind).archive][kind] = instant
    if not together:
        return [Trial(check, None, skipped="no-date")]
    dates = max(together.values(), key=_hours_apart)
    apart = _hours_apart(dates)
    samples = tuple(f"{kind} {iso(instant)}" for kind, instant in sorted(dates.items()))
    figure = Figure(apart, 0, 0, examined=len(dates), samples=samples, told=Told.COUNT, unit=" h")
    return [Trial(check, None, (figure,))]


def _hours_apart(dates: dict[ExtractKind, datetime]) -> int:
    return math.ceil((max(dates.values()) - min(dates.values())).total_seconds() / 3600)


def orphans(check: Check, subject: Subject) -> list[Trial]:
    """People of a file whom the file of persons does not know, against the share the past would give."""
    measured = None if subject.kind is None else subject.around.orphans.get(subject.kind)
    if measured is None:
        return [Trial(check, subject.kind, skipped="alone")]
    past = [float(metrics["orphans"]) for metrics in subject.past if "orphans" in metrics]
    if not past:
        return [Trial(check, subject.kind, skipped="no-past")]
    expected = round(usual(past, measured.share).reference * measured.people)
    figure = Figure(measured.absent, expected, measured.people, examined=measured.people, told=Told.SHARE)
    return [Trial(check, subject.kind, (figure,))]


def rollback(check: Check, subject: Subject) -> list[Trial]:
    """Files with the very bytes of an older publication, which the last accepted one no longer had."""
    tonight = subject.around.digests
    if not tonight or not subject.past:
        return [Trial(check, None, skipped="no-past")]
    older = [str(kind) for kind, digest in tonight.items() if _served_before(subject.past, kind, digest)]
    frame = pl.DataFrame(
        {"value": [str(kind) for kind in tonight], "rows": 1, "sample": [str(kind) for kind in tonight]}
    )
    accepted = tuple(str(kind) for kind in tonight if str(kind) not in older)
    return [Trial(check, None, (Members(frame, accepted, len(tonight)),))]


def _served_before(past: Iterable[Mapping[str, Any]], kind: ExtractKind, digest: str) -> bool:
    *earlier, last = (metrics.get("files", {}).get(str(kind), {}).get("sha256") for metrics in past)
    return digest in earlier and digest != last
