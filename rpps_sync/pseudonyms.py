"""Pseudonyms: what stands for an identifier in all that tokens told, when the settings ask for it.

A pseudonym is a keyed hash (HMAC-SHA-256, its first 128 bits) of the identifier. Whoever holds the key can compute
it for an identifier they know, and for all those of the directory; without the key it tells nothing, whereas a
plain hash of eleven digits is undone in minutes. The key is held by this module alone: it is in no database, no
log and no report. A cabinet named after an RPPS or ADELI number (RPPS-rang, ADELI-rang) is hidden alike.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeVar

from rpps_sync.observation import ClaimedExercise, Claims
from rpps_sync.practitioner import Exercise, Practitioner, Structure

_PSEUDONYM = re.compile(r"p[0-9a-f]{32}")
_NAMED_AFTER_PEOPLE = re.compile(r"4[0-9]{11}[0-9]{3}|0[0-9][0-9AB][0-9]{7}[0-9]{2}")
"""4 + RPPS + rank, 0 + ADELI + rank: forms of the ancien identifiant (ANS, mapping of the PSC claims)."""
_IN_TEXT = re.compile(rf"(?<![0-9A-Za-z])(?:{_NAMED_AFTER_PEOPLE.pattern})(?![0-9A-Za-z])")
_PERSON, _PLACE, _OBSERVATION, _CHECK = b"person:", b"place:", b"observation:", b"key check"

_Exercise = TypeVar("_Exercise", ClaimedExercise, Exercise)

_key: bytes = b""


def use(key: bytes) -> None:
    """Work with this key from now on, in the whole process; with an empty one, in clear."""
    global _key  # noqa: PLW0603 - as with code tables: one installation a process
    if key != _key:
        _key = key
        _hidden_place.cache_clear()


def in_use() -> bool:
    """Whether identifiers are replaced."""
    return bool(_key)


def key_check() -> str:
    """What tells one key from another without telling anything of it; empty in clear."""
    return _hash(_CHECK, "") if _key else ""


def of_person(national_id: str) -> str:
    """The pseudonym of a national identifier; itself in clear."""
    return f"p{_hash(_PERSON, national_id)}" if _key else national_id


def named(identifier: str) -> str:
    """What a person types, as the tables hold it: a pseudonym stays one, an identifier becomes one."""
    return identifier if _PSEUDONYM.fullmatch(identifier) else of_person(identifier)


def of_observation(digest: int) -> int:
    """The digest of an observation taken in, 64 bits: with the key, nobody can try observations out against it."""
    if not _key:
        return digest
    return int.from_bytes(bytes.fromhex(_hash(_OBSERVATION, str(digest)))[:8], signed=True)


def of_place(identifier: str) -> str:
    """An identifier of a structure, hidden when a person's number is in it.

    The first character stays: it tells which form it is, and only like forms are compared.
    """
    return _hidden_place(identifier) if _key else identifier


def in_evidence(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """What led to a verdict, its places hidden wherever they are named; itself in clear."""
    return {name: _in_value(value) for name, value in evidence.items()}


def _in_value(value: Any) -> Any:
    if isinstance(value, str):
        return _IN_TEXT.sub(lambda found: of_place(found[0]), value)
    if isinstance(value, Mapping):
        return in_evidence(value)
    return [_in_value(item) for item in value] if isinstance(value, list | tuple) else value


def veiled_claims(claims: Claims) -> Claims:
    """Claims whose places name nobody; themselves in clear."""
    return replace(claims, exercises=tuple(map(_nameless, claims.exercises))) if _key else claims


def veiled(practitioner: Practitioner, name: str) -> Practitioner:
    """A document of the directory under the name that tokens' tables give the person; itself in clear."""
    if not _key:
        return practitioner
    exercises = tuple(map(_nameless, practitioner.exercises))
    return replace(practitioner, national_id=name, exercises=exercises)


def _nameless(exercise: _Exercise) -> _Exercise:
    activities: Any = tuple(
        replace(activity, structure=_veiled(activity.structure)) for activity in exercise.activities
    )
    return replace(exercise, activities=activities)


def _veiled(structure: Structure) -> Structure:
    technical, former = of_place(structure.technical_id), of_place(structure.former_id)
    if (technical, former) == (structure.technical_id, structure.former_id):
        return structure
    return replace(structure, technical_id=technical, former_id=former)


@lru_cache(65_536)
def _hidden_place(identifier: str) -> str:
    compact = re.sub(r"\s", "", identifier).upper()
    if not _NAMED_AFTER_PEOPLE.fullmatch(compact):
        return identifier
    return compact[0] + _hash(_PLACE, compact).upper()


def _hash(kind: bytes, text: str) -> str:
    return hmac.digest(_key, kind + text.encode(), "sha256")[:16].hex()
