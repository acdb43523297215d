"""Alterations: what a token says when it is not what the directory says (``odd``, ``recent`` and ``ahead``)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rpps_sync import names
from rpps_sync.simulator.dossiers import Cells, Dossier, structure_key
from rpps_sync.simulator.stories import (
    ANOTHER,
    CATEGORY,
    FAMILY_NAME,
    GIVEN_NAME,
    PROFESSION,
    SECTION,
    SKILL,
    STRUCTURE,
    Story,
)
from rpps_sync.simulator.words import words

_OTHER = {  # column and value that no directory of a story ever holds
    CATEGORY: ("category", "M"),
    SKILL: ("skill", "SM04"),
    "activity.mode": ("mode", "B"),
    "activity.sector": ("sector", "SA28"),
    "activity.role": ("role", "FON-17"),
    "activity.kind": ("kind", "GENR13"),
    SECTION: ("pharmacist_section", "G"),
}
_ELSEWHERE = {  # cells of a structure that no directory of a story ever holds
    "contact.phone": {"phone": "0199008888", "phone2": ""},
    "contact.email": {"email": "ancien.contact@sante.example"},
    "address.street": {"street_number": "252", "street_repetition": "", "street": "DE L'ANCIEN MOULIN"},
    "address.postal_code": {"postal_code": "98620", "cedex": "98620 SIGAVE"},
    "address.commune": {"commune": "98612"},
}
OTHER_PROFESSION = "26"


def altered(dossier: Dossier, story: Story, rng: np.random.Generator, structures: Sequence[Cells]) -> Dossier:
    """What the token of a story says instead of the dossier.

    Args:
        dossier: what the directory says.
        story: which field the token departs from, and how.
        rng: picks names and structures.
        structures: activities of other people, whose structures can be borrowed.
    """
    token = dossier.copy()
    if story.field == PROFESSION:
        _alter_professions(token, story.how)
    elif story.field == STRUCTURE:
        _alter_structures(token, story.how, rng, structures)
    elif story.field in (FAMILY_NAME, GIVEN_NAME):
        _rename(token, story.field, rng)
    elif story.how == ANOTHER:
        _rename(token, FAMILY_NAME, rng)
        _rename(token, GIVEN_NAME, rng)
    else:
        _rewrite(token, _ELSEWHERE.get(story.field) or dict([_OTHER[story.field]]))
    return token


def _rewrite(token: Dossier, values: Cells) -> None:
    """Other values in every exercise and activity."""
    for exercise in token.exercises:
        for cells in (exercise.cells, *exercise.activities):
            cells.update({column: value for column, value in values.items() if column in cells})


def _alter_professions(token: Dossier, how: str) -> None:
    if how == "dropped":
        token.exercises = [item for item in token.exercises if item.cells["profession"] != OTHER_PROFESSION]
        return
    other = token.copy().exercises[0]
    other.cells["profession"] = OTHER_PROFESSION
    token.exercises = [other] if how == "replaced" else [*token.exercises, other]


def _alter_structures(token: Dossier, how: str, rng: np.random.Generator, structures: Sequence[Cells]) -> None:
    activities = token.exercises[0].activities
    if how == "dropped":
        del activities[1:]
        return
    known = {structure_key(activity) for activity in activities}
    other = structures[int(rng.integers(0, len(structures)))]
    while structure_key(other) in known:
        other = structures[int(rng.integers(0, len(structures)))]
    borrowed = dict(other) | {key: activities[0][key] for key in ("mode", "role", "kind", "pharmacist_section")}
    token.exercises[0].activities = [borrowed] if how == "replaced" else [*activities, borrowed]


def _rename(token: Dossier, field: str, rng: np.random.Generator) -> None:
    """Another name, with no word in common."""
    column = field.removeprefix("identity.")
    former = token.exercises[0].cells[column]
    pool = words().family_pool.head(-words().traps) if field == FAMILY_NAME else words().given
    other = former
    while names.compatible(former, other):
        other = str(pool[int(rng.integers(0, len(pool)))])
    for exercise in token.exercises:
        exercise.cells[column] = other
