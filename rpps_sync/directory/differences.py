"""What changed from one document of a practitioner to the next, field by field; sets as sets."""

from __future__ import annotations

import dataclasses
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rpps_sync.practitioner import Activity, Card, Exercise, Mailbox, Practitioner


@dataclass(frozen=True, slots=True)
class Change:
    """One field that moved; ``before`` is None for what appeared, ``after`` for what vanished."""

    field: str  # 'identity.family_name', 'skill', 'activity', 'structure.postal_code'…
    element: str  # the exercise, skill, structure or diploma concerned
    before: str | None
    after: str | None


def between(before: Practitioner, after: Practitioner) -> list[Change]:
    """All that changed from one document to the next, nothing when and only when they are equal; sets as sets."""
    changes = [
        Change(f"identity.{name}", "", getattr(before, name), getattr(after, name))
        for name in ("id_type", "civility", "family_name", "given_name")
        if getattr(before, name) != getattr(after, name)
    ]
    changes += _exercises(before.exercises, after.exercises)
    changes += _elements(
        "diploma",
        (_path(item.type, item.code) for item in before.diplomas),
        (_path(item.type, item.code) for item in after.diplomas),
    )
    changes += _elements(
        "authorisation",
        (_path(item.type, item.discipline) for item in before.authorisations),
        (_path(item.type, item.discipline) for item in after.authorisations),
    )
    changes += _records("mailbox", before.mailboxes, after.mailboxes)
    changes += _records("card", before.cards, after.cards)
    return changes


def _elements(field: str, before: Iterable[str], after: Iterable[str]) -> list[Change]:
    old, new = set(before), set(after)
    return [Change(field, name, name, None) for name in sorted(old - new)] + [
        Change(field, name, None, name) for name in sorted(new - old)
    ]


def _records(field: str, before: Iterable[Mailbox | Card], after: Iterable[Mailbox | Card]) -> list[Change]:
    """What has a name of its own: come, gone, or changed in some of its fields; namesakes come and go whole."""
    was, is_now = _by_name(before), _by_name(after)
    changes: list[Change] = []
    for name in sorted(was.keys() | is_now.keys()):
        old, new = was[name], is_now[name]
        if len(old) == len(new) == 1:
            changes += _fields(field, name, old[0], new[0])
        else:
            changes += [Change(field, name, _json(item), None) for item in old if item not in new]
            changes += [Change(field, name, None, _json(item)) for item in new if item not in old]
    return changes


def _by_name(items: Iterable[Mailbox | Card]) -> defaultdict[str, list[Mailbox | Card]]:
    groups: defaultdict[str, list[Mailbox | Card]] = defaultdict(list)
    for item in items:
        groups[item.key].append(item)
    return groups


def _path(*codes: str) -> str:
    """Codes that together name an element; one that holds the separator (no real one does) has it escaped."""
    return "/".join(code.replace("%", "%25").replace("/", "%2F") for code in codes)


def _fields(field: str, element: str, before: Any, after: Any) -> list[Change]:
    return [
        Change(f"{field}.{item.name}", element, old, new)
        for item in dataclasses.fields(before)
        if (old := getattr(before, item.name)) != (new := getattr(after, item.name))
    ]


def _exercises(before: tuple[Exercise, ...], after: tuple[Exercise, ...]) -> list[Change]:
    old = {_path(item.profession, item.category): item for item in before}
    new = {_path(item.profession, item.category): item for item in after}
    changes = _elements("exercise", old, new)
    for name in sorted(old.keys() | new.keys()):
        changes += _exercise(name, old.get(name, _NOBODY), new.get(name, _NOBODY))
    return changes


_NOBODY = Exercise("", "")


def _exercise(name: str, before: Exercise, after: Exercise) -> list[Change]:
    changes = []
    if before.exercise_civility != after.exercise_civility:
        changes.append(Change("exercise.civility", name, before.exercise_civility, after.exercise_civility))
    changes += _elements(
        "skill",
        (f"{name}/{_path(skill.type, skill.code)}" for skill in before.skills),
        (f"{name}/{_path(skill.type, skill.code)}" for skill in after.skills),
    )
    return changes + _activities(name, set(before.activities), set(after.activities))


def _activities(name: str, before: set[Activity], after: set[Activity]) -> list[Change]:
    """Situations at one structure that lost one and gained one are one situation that changed."""
    gone, come = _by_structure(before - after), _by_structure(after - before)
    changes: list[Change] = []
    for key in sorted(gone.keys() | come.keys()):
        old, new = sorted(gone[key]), sorted(come[key])
        paired = min(len(old), len(new)) if key else 0
        for one, other in zip(old[:paired], new[:paired], strict=True):
            changes += _activity(f"{name}/{key}", one, other)
        changes += [Change("activity", f"{name}/{key}", _json(item), None) for item in old[paired:]]
        changes += [Change("activity", f"{name}/{key}", None, _json(item)) for item in new[paired:]]
    return changes


def _by_structure(activities: set[Activity]) -> defaultdict[str, list[Activity]]:
    groups: defaultdict[str, list[Activity]] = defaultdict(list)
    for activity in activities:
        groups[activity.structure.key].append(activity)
    return groups


def _activity(element: str, before: Activity, after: Activity) -> list[Change]:
    plain = [
        Change(f"activity.{item.name}", element, getattr(before, item.name), getattr(after, item.name))
        for item in dataclasses.fields(Activity)
        if item.name != "structure" and getattr(before, item.name) != getattr(after, item.name)
    ]
    return plain + _fields("structure", element, before.structure, after.structure)


def _json(item: Activity | Mailbox | Card) -> str:
    plain: dict[str, Any] = {key: value for key, value in dataclasses.asdict(item).items() if value}
    if structure := plain.get("structure"):
        plain["structure"] = {key: value for key, value in structure.items() if value}
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
