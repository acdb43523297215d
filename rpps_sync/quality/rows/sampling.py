"""The first people behind the results that only count them: what a report names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rpps_sync.limits import LIMITS
from rpps_sync.publication import ExtractKind
from rpps_sync.quality.declarations import LooksAt
from rpps_sync.quality.rows.finding import declared
from rpps_sync.quality.rows.lines import SEARCHES, offending
from rpps_sync.quality.rows.sources import OpenFile
from rpps_sync.run_summary import CheckResult

_SAMPLED = frozenset({LooksAt.RULES, LooksAt.IDENTIFIERS, LooksAt.FILLED})


def sampled(results: Sequence[CheckResult], open_file: OpenFile) -> tuple[CheckResult, ...]:
    """The results with the first people behind those that only counted them; files are read for those alone."""
    return tuple(_sampled(result, open_file) if _to_sample(result) else result for result in results)


def _to_sample(result: CheckResult) -> bool:
    return (
        result.speaks and bool(result.file) and result.failing > 0 and declared(result.name).looks_at in _SAMPLED
    )


def _sampled(result: CheckResult, open_file: OpenFile) -> CheckResult:
    kind, check = ExtractKind(result.file), declared(result.name)
    part = result.name.removeprefix(check.id).removeprefix(".")
    names: dict[str, None] = {}
    with open_file(kind) as stream:
        for found in offending(stream, kind, SEARCHES[check.looks_at](check, part, kind)):
            names |= dict.fromkeys(found["national_id"].to_list())
            if len(names) >= LIMITS.samples:
                break
    return replace(result, samples=tuple(names)[: LIMITS.samples] or result.samples)
