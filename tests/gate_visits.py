"""Small extracts put before the gate: scanned for real, checked with the declarations that are shipped."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from extract_builder import Line, hospital, person, text
from rpps_sync.extracts.crossing import Orphans
from rpps_sync.extracts.profile import Profile
from rpps_sync.extracts.scan import scan
from rpps_sync.publication import ExtractKind
from rpps_sync.quality.declarations import Declarations
from rpps_sync.quality.gate import Movement, assess, metrics_of
from rpps_sync.run_summary import CheckResult

PA, DIPL, SKILLS, MAIL, CARDS = ExtractKind


def nurses(count: int, **values: str) -> list[Line]:
    """So many nurses of ten hospitals, with healthy lines unless said otherwise."""
    return [person(number, **(hospital(number % 10) | values)) for number in range(count)]


def profile(
    lines: Sequence[Line], kind: ExtractKind = PA, *, tail: str = "", header: tuple[str, str] = ("", "")
) -> Profile:
    """Scan an extract; ``tail`` goes after its last line, ``header`` replaces one name by another."""
    whole = text(kind, lines).replace(*header, 1) if header[0] else text(kind, lines)
    return scan(io.BytesIO((whole + tail).encode()), kind).profile


def visit(
    *profiles: Profile,
    movement: Movement | None = None,
    history: Sequence[Mapping[str, Any]] = (),
    language: str = "en",
    labels: Mapping[tuple[str, str], str] | None = None,
    orphans: Mapping[ExtractKind, Orphans] | None = None,
    deposited: Mapping[ExtractKind, datetime] | None = None,
    declarations: Declarations | None = None,
) -> dict[str, CheckResult]:
    """The results of the gate by name; several files prefix it with their kind (``savoirfaire/rows.lines``)."""
    by_kind = {one.kind: one for one in profiles}
    results = assess(
        by_kind,
        movement,
        history,
        language,
        labels=labels,
        orphans=orphans,
        deposited=deposited,
        declarations=declarations,
    )
    several = len(by_kind) > 1
    return {f"{result.file}/{result.name}" if several else result.name: result for result in results}


def night_of(*profiles: Profile, orphans: Mapping[ExtractKind, Orphans] | None = None) -> dict[str, Any]:
    """What an accepted publication of these files leaves for later nights."""
    return metrics_of({one.kind: one for one in profiles}, orphans)


def speaking(results: Mapping[str, CheckResult]) -> dict[str, str]:
    """The checks that somebody should look at, with their severity; information is left out."""
    return {name: str(result.severity) for name, result in results.items() if result.to_see}
