"""One document of either side, arranged for comparison: sets by profession and by place (see ``places``)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from rpps_sync.comparison.fields import TOKEN_SKILL_TYPES, Read, Work
from rpps_sync.comparison.places import Places
from rpps_sync.observation import ClaimedExercise, Claims
from rpps_sync.practitioner import Exercise, Practitioner, Structure

BETWEEN_NAMES = ", "  # family name, given name


@dataclass(slots=True)
class Facts:
    """What one document says; for a token, an empty collection means that nothing is known."""

    categories: dict[str, set[str]] = field(default_factory=dict)  # by profession
    skills: dict[str, set[str]] = field(default_factory=dict)  # 'type/code' by profession
    family_names: set[str] = field(default_factory=set)
    given_names: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)  # 'family name, given name' where both are known
    places: dict[str, list[Work]] = field(default_factory=dict)  # activities by place
    professions_at: dict[str, set[str]] = field(default_factory=dict)  # by place
    active: set[str] = field(default_factory=set)  # professions with an activity
    has_nameless_place: bool = False  # an activity whose structure no identifier names
    authorities: dict[str, str] = field(default_factory=dict)  # registration authority by profession

    def values_at(self, place: str, read: Read) -> frozenset[str]:
        """The values of one field at one place."""
        works = self.places.get(place, ())
        if len(works) == 1:
            return frozenset(read(works[0]))
        return frozenset(value for work in works for value in read(work))

    def authority_at(self, place: str) -> str:
        """Who registered the activities at one place; empty when nobody is named."""
        return next((work.registration_authority for work in self.places.get(place, ()) if _named(work)), "")

    def add(self, profession: str, category: str, works: Iterable[Work], places: Places) -> None:
        """Add one exercise and its activities."""
        if profession:
            known = self.categories.setdefault(profession, set())
            if category:
                known.add(category)
        for work in works:
            self.active.add(profession)
            if _named(work):
                self.authorities.setdefault(profession, work.registration_authority)
            if place := places.name(work.structure):
                self.places.setdefault(place, []).append(work)
                self.professions_at.setdefault(place, set()).add(profession)
            else:
                self.has_nameless_place = True


def of_claims(claims: Claims, places: Places) -> Facts:
    """Arrange what a token says."""
    facts = Facts()
    for exercise in claims.exercises:
        facts.add(exercise.profession, exercise.category, exercise.activities, places)
        _add_claimed(facts, exercise)
    return facts


def of_practitioner(practitioner: Practitioner, places: Places) -> Facts:
    """Arrange what the directory says."""
    facts = Facts()
    _add_name(facts, practitioner.family_name, practitioner.given_name)
    for exercise in practitioner.exercises:
        facts.add(exercise.profession, exercise.category, exercise.activities, places)
        _add_skills(facts, exercise)
    return facts


def _add_claimed(facts: Facts, exercise: ClaimedExercise) -> None:
    _add_name(facts, exercise.family_name, exercise.given_name)
    if exercise.skill_type and exercise.skill:
        facts.skills.setdefault(exercise.profession, set()).add(f"{exercise.skill_type}/{exercise.skill}")


def _add_skills(facts: Facts, exercise: Exercise) -> None:
    known = facts.skills.setdefault(exercise.profession, set())
    known.update(f"{skill.type}/{skill.code}" for skill in exercise.skills if skill.type in TOKEN_SKILL_TYPES)


def _named(work: Work) -> bool:
    # Three empty parts, '//', name nobody.
    return bool(work.registration_authority.strip("/ "))


def _add_name(facts: Facts, family: str, given: str) -> None:
    if family:
        facts.family_names.add(family)
    if given:
        facts.given_names.add(given)
    if family and given:
        facts.people.add(f"{family}{BETWEEN_NAMES}{given}")


def structures_of(document: Claims | Practitioner) -> Iterable[Structure]:
    """The structures of all activities, in order."""
    return (activity.structure for exercise in document.exercises for activity in exercise.activities)
