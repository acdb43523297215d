"""Which findings a command is about: the options that ``findings list`` and ``findings export`` share."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from rpps_sync.cli.access import directory_of
from rpps_sync.cli.output import settings_of
from rpps_sync.errors import UsageError

if TYPE_CHECKING:
    from rpps_sync.directory.findings import Filters
    from rpps_sync.finding import Finding, Verdict


class Status(StrEnum):
    """Where a finding stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


All = Annotated[
    bool, typer.Option("--all", help="Every verdict: agreements, out of scope and resolved findings too.")
]
OfVerdict = Annotated[list[str] | None, typer.Option(help="Only this verdict; may be repeated.")]
OfField = Annotated[str, typer.Option(help="Only this field, e.g. activity.structure.")]
OfSource = Annotated[str, typer.Option(help="Only what this application saw.")]
OfPerson = Annotated[str, typer.Option("--id", help="Only this practitioner (RPPS or national id).")]
OfStatus = Annotated[Status | None, typer.Option(help="Only those in this state.")]


def filters(
    everything: bool, verdict: list[str] | None, field: str, source: str, national_id: str, status: Status | None
) -> Filters:
    """The findings asked for by the options of a command.

    Raises:
        UsageError: a verdict that does not exist.
    """
    from rpps_sync.directory.findings import Filters
    from rpps_sync.finding import FindingStatus
    from rpps_sync.identifiers import RPPS, RPPS_NUMBER

    person = RPPS + national_id if RPPS_NUMBER.fullmatch(national_id) else national_id
    wanted = FindingStatus(status.value) if status else None
    return Filters(everything, _verdicts(verdict or []), field, source, person, wanted)


def found(ctx: typer.Context, wanted: Filters) -> list[Finding]:
    """Those findings, gravest first; agreements are judged anew where they are wanted."""
    from pipelines.comparison import agreements
    from rpps_sync.directory.findings import find

    with directory_of(ctx) as connection:
        told = find(connection, wanted)
        if wanted.wants_agreements:
            known = {finding.judgement.id for finding in told}  # a resolved finding already tells its agreement
            anew = agreements(connection, wanted, grace=settings_of(ctx).grace_publications)
            told += [finding for finding in anew if finding.judgement.id not in known]
    return told


def _verdicts(names: list[str]) -> tuple[Verdict, ...]:
    from rpps_sync.finding import Verdict

    unknown = [name for name in names if name not in list(Verdict)]
    if unknown:
        raise UsageError(f"'{unknown[0]}' is no verdict", mend=f"one of {', '.join(Verdict)}")
    return tuple(Verdict(name) for name in names)
