"""Two histories meet: what one token and the directory said, seen from today.

Everything that is read off the histories is here: since when a value stands, whether it stood before, and in
how many publications a difference was visible. Former documents are arranged only when a difference asks for
them, because most practitioners have none.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from rpps_sync.comparison import facts, wording
from rpps_sync.comparison.facts import Facts
from rpps_sync.comparison.fields import SEVERITIES
from rpps_sync.comparison.places import Places
from rpps_sync.finding import Judgement, Severity, Verdict
from rpps_sync.observation import ClaimHistory
from rpps_sync.practitioner import DirectoryHistory, Practitioner, Structure

Values = AbstractSet[str] | None  # None: nothing is known
_NO_EVIDENCE: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Span:
    """What one side said from a day on."""

    first: date
    last: date  # equal to `first` on the directory's side, where a version lasts until the next
    values: Values


@dataclass(frozen=True, slots=True)
class Story:
    """The spans of one field and element on both sides, oldest first."""

    claim: tuple[Span, ...]
    directory: tuple[Span, ...]


class Meeting:
    """One practitioner at one application, and the directory's history of the same person, present in it."""

    def __init__(self, claims: ClaimHistory, directory: DirectoryHistory, grace: int) -> None:
        self.claims = claims
        self.directory = directory
        self.grace = grace
        self._versions = sorted(claims.versions, key=lambda version: (version.last_seen, version.first_seen))
        current = directory.versions[-1].practitioner
        assert current is not None
        self._arrange(current, ())
        claimed, published = self.claim_now.places.keys(), self.directory_now.places.keys()
        if claimed and published and claimed != published and self._has_past:
            # A former document may tell that two identifiers are one place.
            self._arrange(current, self._past_structures())

    def _arrange(self, current: Practitioner, past: Iterable[Structure]) -> None:
        claims = self._versions[-1].claims
        self._places = Places()
        self._places.add(facts.structures_of(current))
        self._places.add(facts.structures_of(claims))
        self._places.add(past)
        self.directory_now = facts.of_practitioner(current, self._places)
        self.claim_now = facts.of_claims(claims, self._places)

    @property
    def _has_past(self) -> bool:
        return len(self.directory.versions) > 1 or len(self._versions) > 1

    def _past_structures(self) -> Iterator[Structure]:
        for version in reversed(self.directory.versions[:-1]):
            if version.practitioner:
                yield from facts.structures_of(version.practitioner)
        for seen in reversed(self._versions[:-1]):
            yield from facts.structures_of(seen.claims)

    @cached_property
    def _directory_facts(self) -> list[tuple[date, Facts | None]]:
        former = [
            (
                version.since,
                facts.of_practitioner(version.practitioner, self._places) if version.practitioner else None,
            )
            for version in reversed(self.directory.versions[:-1])
        ]
        return [*reversed(former), (self.directory.versions[-1].since, self.directory_now)]

    @cached_property
    def _claim_facts(self) -> list[Facts]:
        former = [facts.of_claims(version.claims, self._places) for version in reversed(self._versions[:-1])]
        return [*reversed(former), self.claim_now]

    def story(self, claim: Callable[[Facts], Values], directory: Callable[[Facts], Values]) -> Story:
        """The history of one field, each side read with its own reader."""
        versions = zip(self._versions, self._claim_facts, strict=True)
        return Story(
            tuple(Span(version.first_seen, version.last_seen, claim(known)) for version, known in versions),
            tuple(
                Span(since, since, directory(known) if known is not None else None)
                for since, known in self._directory_facts
            ),
        )

    def visible(self, start: date) -> int:
        """How many publications were current at some instant from a day to now."""
        return visible(self.directory.publications, start)

    def unexplained(self, start: date) -> Verdict:
        """The verdict on a difference that started on a day and that no history explains."""
        return Verdict.CONFLICT if self.visible(start) >= self.grace else Verdict.PENDING

    def since_first_publication(self, day: date) -> bool:
        """Whether the directory said it from the first publication we know: it may be older than our memory."""
        return not self.directory.publications or day <= self.directory.publications[0]

    def quiet(self, field: str, element: str, verdict: Verdict, claim: str, directory: str) -> Judgement:
        """An agreement, or the impossibility to tell."""
        return Judgement(
            self.claims.national_id,
            self.claims.source,
            field,
            element,
            verdict,
            claim,
            directory,
            None,
            Severity.INFO,
            "",
            _NO_EVIDENCE,
        )

    def difference(
        self,
        field: str,
        element: str,
        verdict: Verdict,
        *,
        since: date,
        story: Story,
        claim: str,
        directory: str,
        authority: str,
    ) -> Judgement:
        """A difference, with the two histories that led to its verdict."""
        return Judgement(
            self.claims.national_id,
            self.claims.source,
            field,
            element,
            verdict,
            claim,
            directory,
            since,
            SEVERITIES[field],
            authority,
            self._evidence(
                story, since, wording.Difference(field, element, verdict, since, claim, directory, self.last_seen)
            ),
        )

    @property
    def last_seen(self) -> date:
        """The day of the newest token."""
        return self._versions[-1].last_seen

    def _evidence(self, story: Story, since: date, difference: wording.Difference) -> dict[str, Any]:
        return {
            "words": wording.sentences(difference),
            "claim": [
                {"first_seen": first.isoformat(), "last_seen": last.isoformat(), "values": values}
                for first, last, values in _runs(story.claim)
            ],
            "directory": [
                {"since": first.isoformat(), "values": values} for first, _, values in _runs(story.directory)
            ],
            "publications_since": self.visible(since),
            "grace": self.grace,
        }


def start_of(spans: tuple[Span, ...], holds: Callable[[AbstractSet[str]], bool]) -> date:
    """The first day of the latest run of spans in which something holds; unknown spans neither make nor break it.

    The latest known span must be in it.
    """
    start = spans[-1].first
    for span in reversed(spans):
        if span.values is None:
            continue
        if not holds(span.values):
            break
        start = span.first
    return start


def ever(spans: tuple[Span, ...], holds: Callable[[AbstractSet[str]], bool]) -> bool:
    """Whether something held in any known span."""
    return any(span.values is not None and holds(span.values) for span in spans)


def visible(publications: tuple[date, ...], start: date) -> int:
    """How many publications were current at some instant from a day on: that of the day, and those after it."""
    until = bisect_right(publications, start)
    return len(publications) - until + (until > 0)


def shown(values: AbstractSet[str]) -> str:
    """A set of values as one text."""
    return next(iter(values)) if len(values) == 1 else ", ".join(sorted(values))


def _runs(spans: tuple[Span, ...]) -> list[tuple[date, date, list[str] | None]]:
    runs: list[tuple[date, date, list[str] | None]] = []
    for span in spans:
        values = None if span.values is None else sorted(span.values)
        if runs and runs[-1][2] == values:
            runs[-1] = (runs[-1][0], span.last, values)
        else:
            runs.append((span.first, span.last, values))
    return runs
