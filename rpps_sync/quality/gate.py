"""The gate: may tonight's extracts be published?

``assess`` applies every declared check to what was measured of the files, and returns all results, good and bad;
the caller refuses the publication when one of them ``blocks``. Rows are counted first: the other checks of a
file without a readable line are skipped, because nothing can be said of no row.

The profiles are small (their size follows the number of distinct codes), so is the memory of an assessment;
importing Great Expectations is most of its time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from rpps_sync.extracts.crossing import Orphans
from rpps_sync.extracts.difference import LineDifference
from rpps_sync.extracts.moved import Moved
from rpps_sync.extracts.profile import Profile
from rpps_sync.extracts.wording import published_labels
from rpps_sync.publication import ExtractKind
from rpps_sync.quality import cells, codes, columns, files, keys, labels, moves, volumes
from rpps_sync.quality.contracts import make_ready
from rpps_sync.quality.declarations import Check, Declarations, LooksAt, load_checks
from rpps_sync.quality.judging import judge
from rpps_sync.quality.metrics import metrics_of
from rpps_sync.quality.trials import Movement, Subject, Surroundings, Trial
from rpps_sync.run_summary import CheckResult

__all__ = ["Movement", "assess", "make_ready", "metrics_of"]

_LOOKS: Mapping[LooksAt, Callable[[Check, Subject], list[Trial]]] = {
    LooksAt.ROWS: volumes.rows,
    LooksAt.FILES: files.files,
    LooksAt.DEPOSITS: files.deposits,
    LooksAt.ORPHANS: files.orphans,
    LooksAt.VOLUME: volumes.volume,
    LooksAt.VANISHED: volumes.vanished,
    LooksAt.DEPARTED: volumes.departed,
    LooksAt.CHANGED: volumes.changed,
    LooksAt.QUARANTINE: volumes.quarantine,
    LooksAt.DUPLICATES: volumes.duplicates,
    LooksAt.COLUMNS: columns.columns,
    LooksAt.UNKNOWN_COLUMNS: columns.unknown,
    LooksAt.ALIASED_COLUMNS: columns.aliased,
    LooksAt.FILLED: columns.filled,
    LooksAt.FILL_RATES: columns.fill_rates,
    LooksAt.EMPTIED: columns.emptied,
    LooksAt.IDENTIFIERS: keys.identifiers,
    LooksAt.CODES: codes.codes,
    LooksAt.RETIRED: codes.retired,
    LooksAt.SHIFTED: codes.shifted,
    LooksAt.LABELS: labels.conflicts,
    LooksAt.RELABELLED: labels.relabelled,
    LooksAt.DRIFT: labels.drift,
    LooksAt.GROUPS: volumes.groups,
    LooksAt.BEYOND: volumes.beyond,
    LooksAt.STILL: volumes.still,
    LooksAt.CHURN: volumes.churn,
    LooksAt.RULES: cells.rules,
    LooksAt.RULE_RISE: cells.rise,
    LooksAt.DISTRIBUTION: codes.distribution,
    LooksAt.SHAPES: codes.shapes,
    LooksAt.ROLLBACK: files.rollback,
    LooksAt.FLAPPING: moves.flapping,
    LooksAt.REWRITTEN: moves.rewritten,
    LooksAt.NAMES: moves.names,
    LooksAt.REUSED: moves.reused,
    LooksAt.MIGRATED: moves.migrated,
    LooksAt.TWINS: moves.twins,
    LooksAt.DISAGREEING: moves.disagreeing,
    LooksAt.UNDECLARED: moves.undeclared,
}
BEFORE_READING = frozenset({LooksAt.TRANSPORT, LooksAt.FROZEN})
"""What is judged where the files come in (see ``rpps_sync.quality.reception``), not here."""


def assess(
    profiles: Mapping[ExtractKind, Profile],
    movement: Movement | None,
    history: Sequence[Mapping[str, Any]],
    language: str,
    *,
    labels: Mapping[tuple[str, str], str] | None = None,
    orphans: Mapping[ExtractKind, Orphans] | None = None,
    deposited: Mapping[ExtractKind, datetime] | None = None,
    differences: Mapping[ExtractKind, LineDifference] | None = None,
    digests: Mapping[ExtractKind, str] | None = None,
    moved: Moved | None = None,
    published_on: date | None = None,
    declarations: Declarations | None = None,
    docs: Path | None = None,
) -> tuple[CheckResult, ...]:
    """Apply every declared check.

    Args:
        profiles: what was measured of each file of the publication.
        movement: arrivals and departures against the publication being served; None when there is none.
        history: what ``metrics_of`` gave for past accepted publications, oldest first; empty on the first load and
            for files checked by hand: what compares with the past is then skipped.
        language: of titles, reasons and mends: ``fr`` or ``en``.
        labels: the label of each (column, code) in the publication being served; none: nothing to compare with.
        orphans: people of each file whom the file of persons does not know; none: not measured.
        deposited: when each file was published; none: not known.
        differences: lines that came and went, by file; none: nothing to compare with.
        digests: SHA-256 of each file; none: not known.
        moved: lines of those who move, before and after; None: not gathered.
        published_on: the day of the publication, to tell working days; None: not known.
        declarations: the checks, those of ``pipelines/checks.toml`` unless given.
        docs: where Great Expectations writes its Data Docs; None: nowhere.

    Returns:
        One result per check and file (and column, where a check looks at several), the publication as a whole
        first, then file by file in the order of the declarations.

    Raises:
        UsageError: the declarations cannot be read.
    """
    declared = declarations or load_checks()
    recent = tuple(history[-declared.window :])
    around = Surroundings(
        movement,
        labels or {},
        published_labels(profiles.values()),
        orphans or {},
        deposited or {},
        differences or {},
        digests or {},
        moved,
        published_on,
        tuple(history),
    )
    whole = Subject(None, None, recent, tuple(profiles), around)
    subjects = [whole, *(_of_file(kind, profile, whole) for kind, profile in profiles.items())]
    trials = [
        trial
        for subject in subjects
        for check in declared.checks
        if check.looks_at not in BEFORE_READING and _concerns(check, subject)
        for trial in _trials(check, subject)
    ]
    return judge(trials, language, docs=docs)


def _of_file(kind: ExtractKind, profile: Profile, whole: Subject) -> Subject:
    past = tuple(metrics["files"][kind] for metrics in whole.past if kind in metrics.get("files", {}))
    return Subject(kind, profile, past, whole.kinds, whole.around)


def _concerns(check: Check, subject: Subject) -> bool:
    return not check.files if subject.kind is None else subject.kind in check.files


def _trials(check: Check, subject: Subject) -> list[Trial]:
    profile = subject.profile
    if profile is not None and not profile.lines and check.looks_at is not LooksAt.ROWS:
        columns = check.results_in(subject.kind)
        return [Trial(check, subject.kind, column=column, skipped="empty-file") for column in columns]
    return _LOOKS[check.looks_at](check, subject)
