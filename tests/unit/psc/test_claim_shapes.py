from typing import Any

import pytest

from psc_shapes import ID, SHAPES, TEST_IDENTITY
from rpps_sync.directory.claim_documents import from_json, to_json
from rpps_sync.observation import Scope
from rpps_sync.psc import claim_names as names
from rpps_sync.psc.claims import read_userinfo


def said(userinfo: dict[str, Any]) -> set[tuple[str, str]]:
    """Every professional value of a userinfo that is read, by the name of its claim."""
    wanted = {*names.EXERCISE.values(), *names.ACTIVITY.values(), *names.STRUCTURE.values()}
    exercises = userinfo.get("SubjectRefPro", {}).get("exercices", [])
    objects = [*exercises, *(item for one in exercises for item in one.get("activities", []))]
    return {(name, item[name]) for item in objects for name in wanted & item.keys() if item[name]}


def read(userinfo: dict[str, Any]) -> set[tuple[str, str]]:
    """The same, as it was understood."""
    found = set()
    for exercise in read_userinfo(userinfo).claims.exercises:
        found |= {(claim, getattr(exercise, field)) for field, claim in names.EXERCISE.items()}
        for activity in exercise.activities:
            found |= {(claim, getattr(activity, field)) for field, claim in names.ACTIVITY.items()}
            found |= {(claim, getattr(activity.structure, field)) for field, claim in names.STRUCTURE.items()}
    return {(claim, value) for claim, value in found if value}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_ever_handed_out_is_read_whole(shape: str) -> None:
    """No vintage is refused, no professional value of it lost, nothing counted twice or called unknown."""
    userinfo, exercises, activities = SHAPES[shape]
    told = read_userinfo(userinfo)
    assert (told.national_id, told.scope) in {(ID, Scope.IN_SCOPE), (TEST_IDENTITY, Scope.TEST_BED)}
    assert len(told.claims.exercises) == exercises
    assert sum(len(exercise.activities) for exercise in told.claims.exercises) == activities
    assert read(userinfo) == said(userinfo)
    assert told.unknown == ()


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_survives_being_stored(shape: str) -> None:
    """What is stored reads as what was seen, but for the civilities, which nothing compares."""
    claims = read_userinfo(SHAPES[shape][0]).claims
    stored = to_json(claims)
    assert to_json(from_json(stored)) == stored
    assert [(one.profession, len(one.activities)) for one in from_json(stored).exercises] == [
        (one.profession, len(one.activities)) for one in claims.exercises
    ]
    assert "CIVIL" not in stored
