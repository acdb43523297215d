"""Fields that are sets on both sides, judged element by element: professions, and structures of activities."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from datetime import date

from rpps_sync.comparison.facts import Facts
from rpps_sync.comparison.fields import PROFESSION, STRUCTURE
from rpps_sync.comparison.meeting import Meeting, Story, Values, ever, start_of
from rpps_sync.finding import Judgement, Verdict


def professions(meeting: Meeting) -> Iterator[Judgement]:
    """Judge each profession that either side names; a token without any says nothing."""
    claimed, published = meeting.claim_now.categories, meeting.directory_now.categories
    yield from _judge(
        meeting,
        PROFESSION,
        claimed.keys(),
        published.keys(),
        missing=(lambda _: True) if claimed else (lambda _: False),
        read=(lambda facts: facts.categories.keys() or None, lambda facts: facts.categories.keys()),
    )


def structures(meeting: Meeting) -> Iterator[Judgement]:
    """Judge each place that either side names.

    A place of the directory is missed only when the token tells the activities of a profession exercised there,
    and none of them at a structure without identifier, which may be that very place.
    """
    now = meeting.claim_now
    if now.has_nameless_place:
        yield meeting.quiet(STRUCTURE, "", Verdict.NOT_COMPARABLE, "", "")
    yield from _judge(
        meeting,
        STRUCTURE,
        now.places.keys(),
        meeting.directory_now.places.keys(),
        missing=lambda place: _tells_activities(meeting, place),
        read=(_claimed_places, lambda facts: facts.places.keys()),
    )


def _tells_activities(meeting: Meeting, place: str) -> bool:
    now = meeting.claim_now
    return not now.has_nameless_place and not now.active.isdisjoint(meeting.directory_now.professions_at[place])


def _claimed_places(facts: Facts) -> Values:
    return None if facts.has_nameless_place or not facts.active else facts.places.keys()


def _judge(
    meeting: Meeting,
    field: str,
    claimed: AbstractSet[str],
    published: AbstractSet[str],
    *,
    missing: Callable[[str], bool],
    read: tuple[Callable[[Facts], Values], Callable[[Facts], Values]],
) -> Iterator[Judgement]:
    for element in sorted(claimed | published):
        if element in claimed and element in published:
            yield meeting.quiet(field, element, Verdict.CONSISTENT, element, element)
        elif element in published and not missing(element):
            yield meeting.quiet(field, element, Verdict.NOT_COMPARABLE, "", element)
        elif not published:
            yield meeting.quiet(field, element, Verdict.NOT_COMPARABLE, element, "")
        else:
            yield _difference(meeting, field, element, claimed=element in claimed, story=meeting.story(*read))


def _difference(meeting: Meeting, field: str, element: str, *, claimed: bool, story: Story) -> Judgement:
    explain = _only_claimed if claimed else _only_published
    verdict, since = explain(meeting, element, story)
    return meeting.difference(
        field,
        element,
        verdict,
        since=since,
        story=story,
        claim=element if claimed else "",
        directory="" if claimed else element,
        authority=_authority(meeting, field, element),
    )


def _only_claimed(meeting: Meeting, element: str, story: Story) -> tuple[Verdict, date]:
    dropped = start_of(story.directory, lambda values: element not in values)
    if ever(story.directory, lambda values: element in values):
        return Verdict.TOKEN_STALE, dropped
    first = start_of(story.claim, lambda values: element in values)
    published = story.directory[-1].values
    if ever(story.claim, lambda values: element not in values and values == published):
        return Verdict.DIRECTORY_STALE, first
    return meeting.unexplained(max(first, dropped)), first


def _only_published(meeting: Meeting, element: str, story: Story) -> tuple[Verdict, date]:
    gained = start_of(story.directory, lambda values: element in values)
    first = start_of(story.claim, lambda values: element not in values)
    unexplained = meeting.unexplained(max(first, gained))
    new = not meeting.since_first_publication(gained)
    if new and unexplained is Verdict.CONFLICT:
        return Verdict.TOKEN_STALE, gained
    if ever(story.claim, lambda values: element in values):
        return Verdict.DIRECTORY_STALE, first
    return (Verdict.PENDING, gained) if new else (unexplained, first)


def _authority(meeting: Meeting, field: str, element: str) -> str:
    published, claimed = meeting.directory_now, meeting.claim_now
    if field == STRUCTURE:
        return published.authority_at(element) or claimed.authority_at(element)
    return published.authorities.get(element, "") or claimed.authorities.get(element, "")
