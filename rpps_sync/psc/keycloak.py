"""Users exported from Keycloak, which many hospitals put between Pro Santé Connect and their applications.

An export is a realm (``{"users": […]}``, of ``kc.sh export``, in one file or several), or a list of users (of the
administration API). What an attribute importer copied from Pro Santé Connect is read from attributes that bear the
names of the claims:

- ``SubjectRefPro``: the JSON text of the whole claim, as Keycloak stores an object of the userinfo;
- else ``exercices``: the JSON text of the list, or one value for each exercise (an importer of
  ``SubjectRefPro.exercices[0]`` stores the first; one of the list stores nothing, since Keycloak takes lists of
  texts only: AbstractJsonUserAttributeMapper of its source);
- else the names of an exercise and of its activity (``codeProfession``, ``nomDexercice``,
  ``identifiantTechniqueDeLaStructure``…), one value each: one exercise with one activity;
- ``otherIds``: the JSON text of the list.

Whoever cannot be told from a user without Pro Santé Connect is passed over and counted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO

import ijson

from rpps_sync.clock import iso
from rpps_sync.errors import UsageError
from rpps_sync.observation import Scope
from rpps_sync.psc import claim_names as names
from rpps_sync.psc.identity import identify

_TEXTS = ("SubjectNameID", "preferred_username", "codeCivilite")
_ANYBODY = frozenset({Scope.UNREADABLE, Scope.ADELI, Scope.PSI})
"""Forms that a user name may have by chance: a telephone number has ten digits, other realms give UUIDs."""


class Export:
    """The users of an export, one at a time, as observations.

    Args:
        stream: the JSON document.
        at: when the export was made: that day, the attributes said what they say.
        source: the application whose users they are.
    """

    def __init__(self, stream: BinaryIO, *, at: datetime, source: str) -> None:
        self._stream, self._at, self._source = stream, at, source
        self.passed_over = 0  # users without Pro Santé Connect, and disabled ones

    def __iter__(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Observations in the order of the export, each with the position of its user (1 is the first).

        Raises:
            UsageError: this is no export of Keycloak, or it ends in the middle.
        """
        for number, user in enumerate(_users(self._stream), start=1):
            userinfo = userinfo_of(user)
            if userinfo is None:
                self.passed_over += 1
            else:
                yield number, {"observed_at": iso(self._at), "source": self._source, "userinfo": userinfo}


def userinfo_of(user: Any) -> dict[str, Any] | None:
    """The userinfo that the attributes of a user amount to, or None for one who does not come from PSC."""
    if not isinstance(user, dict) or user.get("enabled") is False:
        return None
    given = _attributes(user.get("attributes"))
    userinfo: dict[str, Any] = {name: given[name][0] for name in _TEXTS if name in given}
    identifier = userinfo.get("SubjectNameID") or _identifier(user)
    if not identifier:
        return None
    userinfo["SubjectNameID"] = identifier
    for name in names.OTHER_IDS:
        if name in given:
            userinfo[name] = _list(given[name])
    return userinfo | {names.PROFESSIONAL: _professional(given)}


def _attributes(attributes: Any) -> dict[str, list[str]]:
    """Attributes by name, as lists of texts without the empty ones."""
    if not isinstance(attributes, dict):
        return {}
    lists = {name: value if isinstance(value, list) else [value] for name, value in attributes.items()}
    return {name: kept for name, value in lists.items() if (kept := [text for text in value if _filled(text)])}


def _filled(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _identifier(user: Mapping[str, Any]) -> str:
    """The national identifier of a user without the attribute: of the link to PSC, else the user name."""
    links = user.get("federatedIdentities")
    linked = [link.get("userName") for link in links if isinstance(link, dict)] if isinstance(links, list) else []
    told = _first(linked, lambda scope: scope is not Scope.UNREADABLE)
    return told or _first([user.get("username")], lambda scope: scope not in _ANYBODY)


def _first(names: Iterable[Any], telling: Callable[[Scope], bool]) -> str:
    texts = (name for name in names if isinstance(name, str))
    spellings = (spelling for name in texts for spelling in (name, name.upper()))  # Keycloak lowers user names
    return next((name for name in spellings if telling(identify(name)[1])), "")


def _professional(given: Mapping[str, list[str]]) -> Any:
    if names.PROFESSIONAL in given:
        return _decoded(given[names.PROFESSIONAL][0])
    if names.EXERCISES in given:
        return {names.EXERCISES: _list(given[names.EXERCISES])}
    flat = {name: given[name][0] for name in names.EXERCISE.values() if name in given}
    columns = (*names.ACTIVITY.values(), *names.STRUCTURE.values())
    activity = {name: given[name][0] for name in columns if name in given}
    if not flat and not activity:
        return {}
    return {names.EXERCISES: [flat | ({names.ACTIVITIES: [activity]} if activity else {})]}


def _list(values: list[str]) -> Any:
    """One JSON list, or one JSON object a value."""
    decoded = [_decoded(value) for value in values]
    return decoded[0] if len(decoded) == 1 and isinstance(decoded[0], list) else decoded


def _decoded(text: str) -> Any:
    """What a JSON text says; a text that is none stays one, and is refused where a claim is read."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _users(stream: BinaryIO) -> Iterator[Any]:
    start = stream.read(1)
    while start.isspace():
        start = stream.read(1)
    where = {b"{": "users.item", b"[": "item"}.get(start)
    told = UsageError(
        "this is no export of Keycloak, or it ends in the middle",
        mend="give the realm file of 'kc.sh export', or the list of users of the administration API",
        reason="not-an-export",
    )
    if where is None:
        raise told
    try:
        yield from ijson.items(_Resumed(start, stream), where, use_float=True)
    except (ijson.JSONError, UnicodeDecodeError):
        raise told from None


class _Resumed:
    """A stream whose first bytes were read already."""

    def __init__(self, start: bytes, stream: BinaryIO) -> None:
        self._start, self._stream = start, stream

    def read(self, size: int = -1) -> bytes:
        """Some bytes, at most ``size``; none at the end."""
        if self._start and size != 0:
            start, self._start = self._start, b""
            return start
        return self._stream.read(size)
