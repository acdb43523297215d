"""One document of either side, arranged for comparison: sets by profession and by place.

A *place* is a structure (structure d'activité) as both sides know it: the token and the directory, today and
formerly, may name it by different identifiers, and the same name is given to all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from rpps_sync.comparison.fields import TOKEN_SKILL_TYPES, Read, Work, keys_of
from rpps_sync.observation import ClaimedExercise, Claims
from rpps_sync.practitioner import Exercise, Practitioner, Structure


class Places:
    """The name of each place, whichever of its identifiers is known; the first structure seen gives the name."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def name(self, structure: Structure) -> str:
        """The place's name, or an empty string for a structure without any identifier."""
        keys = keys_of(structure)
        if not keys:
            return ""
        known = next((self._names[key] for key in keys if key in self._names), structure.key)
        for key in keys:
            self._names.setdefault(key, known)
        return known


@dataclass(slots=True)
class Facts:
    """What one document says; for a token, an empty collection means that nothing is known."""

    categories: dict[str, set[str]] = field(default_factory=dict)  # by profession
    skills: dict[str, set[str]] = field(default_factory=dict)  # 'type/code' by profession
    family_names: set[str] = field(default_factory=set)
    given_names: set[str] = field(default_factory=set)
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
    facts = Facts(family_names=_some(practitioner.family_name), given_names=_some(practitioner.given_name))
    for exercise in practitioner.exercises:
        facts.add(exercise.profession, exercise.category, exercise.activities, places)
        _add_skills(facts, exercise)
    return facts


def _add_claimed(facts: Facts, exercise: ClaimedExercise) -> None:
    facts.family_names |= _some(exercise.family_name)
    facts.given_names |= _some(exercise.given_name)
    if exercise.skill_type and exercise.skill:
        facts.skills.setdefault(exercise.profession, set()).add(f"{exercise.skill_type}/{exercise.skill}")


def _add_skills(facts: Facts, exercise: Exercise) -> None:
    known = facts.skills.setdefault(exercise.profession, set())
    known.update(f"{skill.type}/{skill.code}" for skill in exercise.skills if skill.type in TOKEN_SKILL_TYPES)


def _named(work: Work) -> bool:
    # Three empty parts, '//', name nobody.
    return bool(work.registration_authority.strip("/ "))


def _some(value: str) -> set[str]:
    return {value} if value else set()
