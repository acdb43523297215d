"""Findings in the database: recorded after each comparison, found by who asks."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    distinct,
    exists,
    false,
    func,
    insert,
    select,
    union,
    update,
)

from rpps_sync import clock, pseudonyms
from rpps_sync.directory import bulk, finding_history, judged, pseudonymity
from rpps_sync.directory.finding_history import Step
from rpps_sync.directory.finding_life import Judged, resolved, shown, stands
from rpps_sync.directory.finding_order import order
from rpps_sync.directory.tables import CHANGES, COMPARISONS, FINDINGS, OBSERVATIONS
from rpps_sync.errors import NotFound
from rpps_sync.finding import QUIET_VERDICTS, Finding, FindingStatus, Judgement, Severity, Verdict

_NOT_KEPT = frozenset({Verdict.CONSISTENT, Verdict.NOT_COMPARABLE})


@dataclass(frozen=True, slots=True)
class Filters:
    """Which findings to find; empty means any.

    By default only what asks something of somebody: not resolved, and not a quiet verdict. Asking for a
    verdict, or for everything, lifts the latter.
    """

    everything: bool = False
    verdicts: tuple[Verdict, ...] = ()
    field: str = ""
    source: str = ""
    national_id: str = ""
    status: FindingStatus | None = None
    authority: str = ""

    @property
    def person(self) -> str:
        """The practitioner as the tables name them: by a pseudonym where those are used."""
        return pseudonyms.named(self.national_id) if self.national_id else ""

    @property
    def wants_agreements(self) -> bool:
        """Whether verdicts are asked for that are judged anew when asked, because only differences are kept."""
        if self.status is not None:
            return False
        return not _NOT_KEPT.isdisjoint(self.verdicts) if self.verdicts else self.everything

    def accepts(self, judgement: Judgement) -> bool:
        """Whether a judgement has the field, the source and one of the verdicts asked for."""
        return (
            (not self.verdicts or judgement.verdict in self.verdicts)
            and self.field in ("", judgement.field)
            and self.source in ("", judgement.source)
        )


def record(connection: Connection, people: Iterable[Judged], *, today: date, publication_seq: int) -> None:
    """Bring the findings of some practitioners up to date, and count how their fields were judged.

    Args:
        connection: inside a transaction.
        people: every application's judgements of each practitioner concerned; held in memory.
        today: the day of the newest publication.
        publication_seq: the publication they were compared with.
    """
    batch = list(people)
    known = _known(connection, sorted({item.claims.national_id for item in batch}))
    new: list[dict[str, Any]] = []
    moved: list[dict[str, Any]] = []
    steps: list[Step] = []
    for item in batch:
        former = known.get((item.claims.national_id, item.claims.source), {})
        for finding in _brought_up_to_date(item, former, today):
            steps.append(Step(former.get(finding.judgement.id), finding))
            if finding.judgement.id not in former:
                new.append(_columns(finding))
            elif finding != former[finding.judgement.id]:
                moved.append(_columns(finding) | {"key": finding.judgement.id})
    if new:
        connection.execute(insert(FINDINGS), new)
    if moved:
        connection.execute(update(FINDINGS).where(FINDINGS.c.id == bindparam("key")), moved)
    finding_history.note(connection, steps, at=clock.now())
    _record_comparisons(connection, batch, publication_seq)


def find(connection: Connection, filters: Filters | None = None) -> list[Finding]:
    """The findings asked for, gravest and oldest first; what a person acknowledged comes last."""
    chosen = filters or Filters()
    if chosen.national_id:
        pseudonymity.check(connection)
    statement = select(FINDINGS).where(*conditions(chosen)).order_by(*order())
    return [from_row(row) for row in connection.execute(statement)]


def converted(connection: Connection, names: Sequence[str]) -> list[dict[str, Any]]:
    """The findings about some practitioners as they read under pseudonyms, each with its former id as ``key``."""
    return [
        _columns(replace(finding, judgement=_hidden(finding.judgement))) | {"key": finding.judgement.id}
        for some in _known(connection, names).values()
        for finding in some.values()
    ]


def _hidden(judgement: Judgement) -> Judgement:
    """The same judgement without a person's number, be it in the name of a cabinet."""
    return replace(
        judgement,
        national_id=pseudonyms.of_person(judgement.national_id),
        element=pseudonyms.of_place(judgement.element),
        claim_value=pseudonyms.of_place(judgement.claim_value),
        directory_value=pseudonyms.of_place(judgement.directory_value),
        evidence=pseudonyms.in_evidence(judgement.evidence),
    )


def get(connection: Connection, finding_id: str) -> Finding:
    """One finding, whatever its state.

    Raises:
        NotFound: no finding has that id.
    """
    row = connection.execute(select(FINDINGS).where(FINDINGS.c.id == finding_id)).one_or_none()
    if row is None:
        raise NotFound("there is no such finding", mend="'rpps-sync findings list --all' shows every id")
    return from_row(row)


def counts(connection: Connection) -> dict[str, int]:
    """How many findings stand, by verdict."""
    statement = (
        select(FINDINGS.c.verdict, func.count().label("findings"))
        .where(*conditions(Filters()))
        .group_by(FINDINGS.c.verdict)
        .order_by(FINDINGS.c.verdict)
    )
    return {row.verdict: row.findings for row in connection.execute(statement)}


def to_judge_again(connection: Connection, seq: int) -> list[str]:
    """Observed practitioners on whom a verdict can have changed since everybody was judged, up to ``seq``."""
    since = judged.judged_up_to(connection)
    moved = select(OBSERVATIONS.c.national_id)
    changed = select(CHANGES.c.national_id).where(CHANGES.c.publication_seq > since)
    if since:  # the first publication moved everybody
        hidden = pseudonyms.in_use()  # then the changed are looked for by their pseudonyms, below
        moved = moved.where(false() if hidden else OBSERVATIONS.c.national_id.in_(changed))
    standing = select(FINDINGS.c.national_id).where(
        FINDINGS.c.status != str(FindingStatus.RESOLVED),
        FINDINGS.c.verdict.not_in([str(verdict) for verdict in QUIET_VERDICTS]),
    )
    compared = and_(
        COMPARISONS.c.national_id == OBSERVATIONS.c.national_id, COMPARISONS.c.source == OBSERVATIONS.c.source
    )
    never = select(OBSERVATIONS.c.national_id).where(~exists().where(compared))
    asked = union(moved, standing, never) if since < seq else never
    found = set(connection.execute(asked).scalars())
    if pseudonyms.in_use() and 0 < since < seq:
        found.update(_observed_among(connection, changed))
    return sorted(found)


def _observed_among(connection: Connection, people: Select[Any]) -> Iterator[str]:
    """Whoever of some people of the directory was seen in a token, by pseudonym; in bounded memory."""
    names = connection.execute(people.distinct().execution_options(yield_per=bulk.NAMES_A_QUERY)).scalars()
    for some in names.partitions():
        hidden = [pseudonyms.of_person(name) for name in some]
        seen = select(OBSERVATIONS.c.national_id).where(OBSERVATIONS.c.national_id.in_(hidden)).distinct()
        yield from connection.execute(seen).scalars()


def mark_judged(connection: Connection, seq: int) -> None:
    """Everybody stands judged up to a publication: those it did not move keep their verdicts."""
    judged.mark(connection, seq)


def totals(connection: Connection) -> tuple[int, dict[str, int]]:
    """How many practitioners were judged, and the verdicts on their fields."""
    verdicts = Counter[str]()
    counted = cast(COMPARISONS.c.by_verdict, Text)  # few are different: each is read once
    for row in connection.execute(
        select(counted.label("by_verdict"), func.count().label("times")).group_by(counted)
    ):
        for verdict, fields in json.loads(row.by_verdict).items():
            verdicts[verdict] += fields * row.times
    people = connection.execute(select(func.count(distinct(COMPARISONS.c.national_id)))).scalar_one()
    return people, dict(sorted(verdicts.items()))


def _brought_up_to_date(item: Judged, former: dict[str, Finding], today: date) -> list[Finding]:
    standing = {judgement.id: judgement for judgement in item.judgements if stands(judgement)}
    present = [shown(judgement, item.claims, former.get(key)) for key, judgement in standing.items()]
    gone = [
        resolved(finding, item, today=today)
        for key, finding in former.items()
        if key not in standing and finding.status is not FindingStatus.RESOLVED
    ]
    return present + gone


def _known(connection: Connection, names: Sequence[str]) -> dict[tuple[str, str], dict[str, Finding]]:
    known: defaultdict[tuple[str, str], dict[str, Finding]] = defaultdict(dict)
    for some in bulk.batches(names):
        for row in connection.execute(select(FINDINGS).where(FINDINGS.c.national_id.in_(some))):
            known[row.national_id, row.source][row.id] = from_row(row)
    return known


def _record_comparisons(connection: Connection, batch: Sequence[Judged], publication_seq: int) -> None:
    for some in bulk.batches(sorted({item.claims.national_id for item in batch})):
        connection.execute(delete(COMPARISONS).where(COMPARISONS.c.national_id.in_(some)))
    if batch:
        connection.execute(
            insert(COMPARISONS),
            [
                {
                    "national_id": item.claims.national_id,
                    "source": item.claims.source,
                    "publication_seq": publication_seq,
                    "by_verdict": Counter(str(judgement.verdict) for judgement in item.judgements),
                }
                for item in batch
            ],
        )


def conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """What a statement over the table asks for these filters."""
    table = FINDINGS.c
    conditions: list[ColumnElement[bool]] = []
    if filters.verdicts:
        conditions.append(table.verdict.in_([str(verdict) for verdict in filters.verdicts]))
    elif not filters.everything:
        conditions.append(table.verdict.not_in([str(verdict) for verdict in QUIET_VERDICTS]))
    if filters.status is not None:
        conditions.append(table.status == str(filters.status))
    elif not filters.everything:
        conditions.append(table.status != str(FindingStatus.RESOLVED))
    named = (
        (table.field, filters.field),
        (table.source, filters.source),
        (table.national_id, filters.person),
        (table.registration_authority, filters.authority),
    )
    return conditions + [column == value for column, value in named if value]


def _columns(finding: Finding) -> dict[str, Any]:
    """The document of a finding, with days as days and no empty word told as None."""
    return finding.to_json() | {
        "since": finding.judgement.since,
        "first_seen": finding.first_seen,
        "last_seen": finding.last_seen,
        "resolved_by": finding.resolved_by,
    }


def from_row(row: Row[Any]) -> Finding:
    """A finding as its row tells it."""
    judgement = Judgement(
        national_id=row.national_id,
        source=row.source,
        field=row.field,
        element=row.element,
        verdict=Verdict(row.verdict),
        claim_value=row.claim_value,
        directory_value=row.directory_value,
        since=row.since,
        severity=Severity(row.severity),
        registration_authority=row.registration_authority,
        evidence=row.evidence,
    )
    return Finding(
        judgement=judgement,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        occurrences=row.occurrences,
        status=FindingStatus(row.status),
        resolved_by=row.resolved_by,
        lag_days=row.lag_days,
        confidence=row.confidence,
    )
