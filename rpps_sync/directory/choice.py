"""Which changes somebody wants, as they ask for them: the filters of the feed, for the API and for webhooks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from rpps_sync.directory.changes import ChangeKind, Wanted
from rpps_sync.directory.concern import concern_of
from rpps_sync.directory.search.filters import Filters, codes_of
from rpps_sync.errors import UsageError

PEOPLE = {  # the names that people know these filters by
    "profession": "professions",
    "skill": "skills",
    "department": "departments",
    "commune": "communes",
    "postal_code": "postal_codes",
}
ANYBODY = Filters()
_FIELD = re.compile(r"[a-z_.]*")
_FIELDS = "write activity, structure.postal_code, identity…"


@dataclass(frozen=True, slots=True)
class Choice:
    """The filters; empty means any."""

    kinds: tuple[ChangeKind, ...] = ()
    field: str = ""  # how the name of the field begins
    national_id: str = ""
    people: Filters = ANYBODY

    def wanted(self, connection: Connection) -> Wanted:
        """What is meant, in the words of the directory as it is now.

        Raises:
            UsageError: a value means nothing; the mend suggests others.
        """
        if not _FIELD.fullmatch(self.field):
            raise UsageError("this is not how the name of a field begins", mend=_FIELDS, reason="bad-field")
        return Wanted(self.kinds, self.field, self.national_id, concern_of(connection, self.people))

    def settled(self, connection: Connection) -> Choice:
        """The same in codes, so that a label that is worded anew changes nothing.

        Raises:
            UsageError: a value means nothing; the mend suggests others.
        """
        self.wanted(connection)
        codes = {
            name: tuple(code for one in getattr(self.people, name) for code in codes_of(connection, system, one))
            for system, name in (("profession", "professions"), ("skill", "skills"))
        }
        return replace(self, people=replace(self.people, **codes))

    def to_json(self) -> dict[str, Any]:
        """Every filter under the name of the parameter of the API, empty where nothing is asked."""
        told = {"kind": [str(kind) for kind in self.kinds], "field": self.field, "id": self.national_id}
        return told | {name: list(getattr(self.people, ours)) for name, ours in PEOPLE.items()}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Choice:
        """What :meth:`to_json` told."""
        people = {ours: tuple(told.get(name, ())) for name, ours in PEOPLE.items()}
        kinds = tuple(ChangeKind(kind) for kind in told.get("kind", ()))
        return cls(kinds, told.get("field", ""), told.get("id", ""), Filters(**people))
