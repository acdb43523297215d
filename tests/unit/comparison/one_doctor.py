"""One doctor, what tokens and publications say of them, and what is judged of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from rpps_sync.comparison.verdicts import judge
from rpps_sync.finding import Judgement, Verdict
from rpps_sync.observation import (
    ClaimedActivity,
    ClaimedExercise,
    ClaimHistory,
    Claims,
    ClaimVersion,
    Scope,
    Trust,
)
from rpps_sync.practitioner import (
    Activity,
    DirectoryHistory,
    DirectoryVersion,
    Exercise,
    Practitioner,
    Skill,
    Structure,
)

ID = "899900000019"
DAYS = tuple(date(2026, 11, day) for day in range(1, 7))
NOV = {day.day: day for day in DAYS}
CLINIC = Structure(technical_id="F750000001", finess="750000001", postal_code="75009", phone="0199000001")
OFFICE = Structure(
    technical_id="R10100000000001", former_id="499900000001001", street="DES LILAS", street_type="R"
)


def activity(structure: Structure, **values: str) -> Activity:
    """A work situation in one place."""
    return Activity(
        **{"mode": "S", "sector": "SA01", "registration_authority": "CNOM/CNOM/ARS", **values}, structure=structure
    )


def doctor(
    *structures: Structure, skills: tuple[Skill, ...] = (Skill("S", "SM26"),), **values: str
) -> Practitioner:
    """A practitioner of one profession, at some places."""
    return Practitioner(
        ID,
        "8",
        "M",
        values.get("family_name", "ÉXEMPLE"),
        values.get("given_name", "Ana"),
        exercises=(
            Exercise(
                values.get("profession", "10"),
                values.get("category", "C"),
                skills=skills,
                activities=tuple(activity(structure) for structure in structures),
            ),
        ),
    )


def with_activity(**values: str) -> Practitioner:
    """The doctor of the clinic, with other values there."""
    one = doctor(CLINIC)
    return replace(one, exercises=(replace(one.exercises[0], activities=(activity(CLINIC, **values),)),))


def token(person: Practitioner) -> Claims:
    """The claims of somebody whose token is up to date."""
    return Claims(
        exercises=tuple(
            ClaimedExercise(
                profession=exercise.profession,
                category=exercise.category,
                family_name=person.family_name,
                given_name=person.given_name,
                skill_type=exercise.skills[0].type if exercise.skills else "",
                skill=exercise.skills[0].code if exercise.skills else "",
                activities=tuple(
                    ClaimedActivity(
                        mode=one.mode,
                        sector=one.sector,
                        role=one.role,
                        kind=one.kind,
                        pharmacist_section=one.pharmacist_section,
                        structure=one.structure,
                    )
                    for one in exercise.activities
                ),
            )
            for exercise in person.exercises
        )
    )


def seen(*tokens: tuple[int, Claims | Practitioner], scope: Scope = Scope.IN_SCOPE) -> ClaimHistory:
    """Claims seen on days of November, each from its day on."""
    versions = []
    for index, (day, said) in enumerate(tokens):
        claims = said if isinstance(said, Claims) else token(said)
        last = tokens[index + 1][0] - 1 if index + 1 < len(tokens) else 6
        versions.append(ClaimVersion(claims, date(2026, 11, day), date(2026, 11, last), 1, Trust.ATTESTED))
    return ClaimHistory(ID, "dpi", scope, tuple(versions))


def published(*documents: tuple[int, Practitioner | None]) -> DirectoryHistory:
    """What six daily publications said, each document from its day on."""
    return DirectoryHistory(
        ID, tuple(DirectoryVersion(said, date(2026, 11, day)) for day, said in documents), DAYS
    )


def differences(claims: ClaimHistory, directory: DirectoryHistory) -> set[tuple[str, str, Verdict, date | None]]:
    """What is neither an agreement nor impossible to tell."""
    quiet = {Verdict.CONSISTENT, Verdict.NOT_COMPARABLE}
    return {
        (one.field, one.element, one.verdict, one.since)
        for one in judge(claims, directory, grace=3)
        if one.verdict not in quiet
    }


def of_field(judgements: tuple[Judgement, ...], field: str, element: str) -> Judgement:
    """The judgement on one field and element."""
    return next(one for one in judgements if (one.field, one.element) == (field, element))
