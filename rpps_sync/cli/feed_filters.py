"""The filters of the change feed as options, for whoever reads it and for whoever subscribes to it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rpps_sync.directory.choice import Choice

Several = Annotated[list[str] | None, typer.Option(metavar="TEXT", help="Likewise.")]


class Kind(StrEnum):
    """What happened to a practitioner."""

    ARRIVED = "arrived"
    CHANGED = "changed"
    DEPARTED = "departed"
    RETURNED = "returned"


def choice_of(kinds: Sequence[Kind] | None, field: str, person: str, *people: Sequence[str] | None) -> Choice:
    """What the options say.

    Args:
        kinds: of changes.
        field: how their field begins.
        person: an identifier.
        people: professions, skills, departments, communes and postal codes.

    Raises:
        UsageError: the identifier is none.
    """
    from rpps_sync.directory.changes import ChangeKind
    from rpps_sync.directory.choice import Choice
    from rpps_sync.directory.search.filters import Filters
    from rpps_sync.identifiers import national_id_of

    national_id = national_id_of(person) if person else ""
    chosen = tuple(ChangeKind(kind.value) for kind in kinds or ())
    return Choice(chosen, field, national_id, Filters(*(tuple(some or ()) for some in people)))
