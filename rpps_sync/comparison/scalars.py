"""Fields whose value in the token must be among the directory's, for the same profession, place or person."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from rpps_sync.comparison.coordinates import Same
from rpps_sync.comparison.facts import BETWEEN_NAMES, Facts
from rpps_sync.comparison.fields import (
    CATEGORY,
    FAMILY_NAME,
    GIVEN_NAME,
    IDENTITY,
    PLACE_FIELDS,
    PRACTITIONER,
    SKILL,
    PlaceField,
    same_given_name,
    same_name,
)
from rpps_sync.comparison.meeting import Meeting, Story, Values, ever, shown, start_of
from rpps_sync.finding import Judgement, Verdict


@dataclass(frozen=True, slots=True)
class _Question:
    """One field of one element, and how to read it in any document of either side."""

    field: str
    element: str
    read: Callable[[Facts], Values]
    authority: str
    same: Same = operator.eq

    def among(self, value: str, values: AbstractSet[str]) -> bool:
        """Whether a value is one of some values."""
        return value in values or (
            self.same is not operator.eq and any(self.same(value, other) for other in values)
        )


def identity(meeting: Meeting) -> Iterator[Judgement]:
    """Judge whether the number is still one person's: a family name and a first name that both changed wholly.

    Two people under one number, or a number given to somebody else, is graver than a name that changed.
    """

    def read(facts: Facts) -> Values:
        return facts.people or None

    yield _judge(meeting, _Question(PRACTITIONER, IDENTITY, read, _first_authority(meeting), _same_person))


def names(meeting: Meeting) -> Iterator[Judgement]:
    """Judge the exercise names (nom et prénom d'exercice); compatible names are the same."""
    authority = _first_authority(meeting)
    yield _judge(
        meeting, _Question(FAMILY_NAME, "", lambda facts: facts.family_names or None, authority, same_name)
    )
    yield _judge(
        meeting, _Question(GIVEN_NAME, "", lambda facts: facts.given_names or None, authority, same_given_name)
    )


def categories(meeting: Meeting) -> Iterator[Judgement]:
    """Judge the category (catégorie professionnelle) of each profession that both sides name."""
    for profession in _shared_professions(meeting):

        def read(facts: Facts, profession: str = profession) -> Values:
            return facts.categories.get(profession) or None

        yield _judge(meeting, _Question(CATEGORY, profession, read, _authority(meeting, profession)))


def skills(meeting: Meeting) -> Iterator[Judgement]:
    """Judge the one skill (savoir-faire) that reaches the token for each profession that both sides name.

    A profession without any skill in the directory is known to have none: unlike an empty cell, that is a
    difference.
    """
    for profession in _shared_professions(meeting):

        def read(facts: Facts, profession: str = profession) -> Values:
            return facts.skills.get(profession)

        published = meeting.directory_now.skills[profession]
        claimed = meeting.claim_now.skills.get(profession)
        if not claimed:
            yield meeting.quiet(SKILL, profession, Verdict.NOT_COMPARABLE, "", shown(published))
            continue
        for value in sorted(claimed):
            question = _Question(SKILL, f"{profession}/{value}", read, _authority(meeting, profession))
            yield _verdict(meeting, question, {value}, published)


def places(meeting: Meeting) -> Iterator[Judgement]:
    """Judge what both sides say of each structure that both name."""
    published = meeting.directory_now.places
    for place in sorted(meeting.claim_now.places):
        if place in published:
            authority = meeting.directory_now.authority_at(place) or meeting.claim_now.authority_at(place)
            for field in PLACE_FIELDS:
                yield _judge(meeting, _Question(field.name, place, _at(place, field), authority, field.same))


def _at(place: str, field: PlaceField) -> Callable[[Facts], Values]:
    return lambda facts: facts.values_at(place, field.read) or None


def _shared_professions(meeting: Meeting) -> list[str]:
    return sorted(meeting.claim_now.categories.keys() & meeting.directory_now.categories.keys())


def _same_person(left: str, right: str) -> bool:
    family, _, given = left.partition(BETWEEN_NAMES)
    other_family, _, other_given = right.partition(BETWEEN_NAMES)
    return same_name(family, other_family) or same_given_name(given, other_given)


def _first_authority(meeting: Meeting) -> str:
    return next(iter(meeting.directory_now.authorities.values()), "")


def _authority(meeting: Meeting, profession: str) -> str:
    return meeting.directory_now.authorities.get(profession) or meeting.claim_now.authorities.get(profession, "")


def _judge(meeting: Meeting, question: _Question) -> Judgement:
    claimed, published = question.read(meeting.claim_now), question.read(meeting.directory_now)
    if claimed and published:
        return _verdict(meeting, question, claimed, published)
    return meeting.quiet(
        question.field,
        question.element,
        Verdict.NOT_COMPARABLE,
        shown(claimed or set()),
        shown(published or set()),
    )


def _verdict(
    meeting: Meeting, question: _Question, claimed: AbstractSet[str], published: AbstractSet[str]
) -> Judgement:
    if claimed <= published:
        odd = None
    else:
        odd = next((value for value in sorted(claimed) if not question.among(value, published)), None)
    if odd is None:
        return meeting.quiet(
            question.field, question.element, Verdict.CONSISTENT, shown(claimed), shown(published)
        )
    story = meeting.story(question.read, question.read)
    verdict, since = _explain(meeting, question, odd, published, story)
    return meeting.difference(
        question.field,
        question.element,
        verdict,
        since=since,
        story=story,
        claim=shown(claimed),
        directory=shown(published),
        authority=question.authority,
    )


def _explain(
    meeting: Meeting, question: _Question, odd: str, published: AbstractSet[str], story: Story
) -> tuple[Verdict, date]:
    """Which side left the other, and when; ``odd`` is the token's value that the directory does not have.

    When each side once said what the other says now, the one that moved last brings the news.
    """

    def agreed(values: AbstractSet[str]) -> bool:
        return not question.among(odd, values) and any(question.among(value, published) for value in values)

    directory_left = start_of(story.directory, lambda values: not question.among(odd, values))
    token_left = start_of(story.claim, lambda values: not agreed(values))
    token_late = ever(story.directory, lambda values: question.among(odd, values))
    directory_late = ever(story.claim, agreed)
    if token_late and not (directory_late and token_left >= directory_left):
        return Verdict.TOKEN_STALE, directory_left
    if directory_late and not (token_late and directory_left >= token_left):
        return Verdict.DIRECTORY_STALE, token_left
    claimed_since = start_of(story.claim, lambda values: question.among(odd, values))
    published_since = start_of(
        story.directory, lambda values: any(question.among(value, values) for value in published)
    )
    since = max(claimed_since, published_since)  # a new value on either side deserves the grace again
    return meeting.unexplained(since), since
