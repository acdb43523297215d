"""A search as it was asked, read once: what is wanted, how many, and with what beside."""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from rpps_sync.fhir.outcomes import FhirError, bad_value, unknown_parameter, unknown_type
from rpps_sync.fhir.parameters import MODIFIERS, RESOURCES, Kind, Searchable
from rpps_sync.fhir.values import alternatives

PAGE = 50  # resources of a page when nothing is said, as the national API
LARGEST_PAGE = 1_000  # whoever asks for more gets that many, and a link to the next
_LARGEST_COUNT = 50_000_000  # that the national API takes
_PARAMETERS = 50
_TOKEN_BYTES = 64 * 1024
_IGNORED = frozenset({"_format", "_pretty"})
Pairs = tuple[tuple[str, str], ...]


class Total(StrEnum):
    """How sure the total must be."""

    NONE = "none"
    ESTIMATE = "estimate"
    ACCURATE = "accurate"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One parameter: it is met when one of its values is."""

    name: str
    kind: Kind
    modifier: str
    values: tuple[str, ...]  # still escaped, for tokens have bars of their own

    @property
    def negated(self) -> bool:
        """Whether it is met when none of its values is."""
        return self.modifier == "not"


@dataclass(frozen=True, slots=True)
class Query:
    """A search of one resource type: everything in ``criteria`` must be met."""

    type: str
    pairs: Pairs  # as asked, for the links
    criteria: tuple[Criterion, ...]
    count: int = PAGE
    total: Total | None = None
    includes: frozenset[str] = frozenset()
    revincludes: frozenset[str] = frozenset()
    elements: frozenset[str] = frozenset()
    display: bool = True

    def of(self, name: str) -> list[Criterion]:
        """The criteria of one parameter."""
        return [one for one in self.criteria if one.name == name]


@dataclass(slots=True)
class _Results:
    """The parameters about the answer and not about what is looked for."""

    searchable: Searchable
    type: str
    found: dict[str, object] = field(default_factory=dict)

    def read(self, name: str, value: str) -> bool:
        """Whether this parameter is one of them."""
        reader = {
            "_count": self._count,
            "_total": self._total,
            "_include": self._include,
            "_revinclude": self._revinclude,
            "_elements": self._elements,
            "_display": self._display,
        }.get(name)
        if reader is not None:
            reader(value)
        return reader is not None or name in _IGNORED

    def _count(self, value: str) -> None:
        if not re.fullmatch(r"[0-9]{1,10}", value.strip()) or int(value) > _LARGEST_COUNT:
            raise FhirError(
                400, "invalid", "The _count parameter must be in the FHIR format with an integer value"
            )
        self.found["count"] = min(int(value), LARGEST_PAGE)

    def _total(self, value: str) -> None:
        if value not in set(Total):
            raise bad_value("_total", "expected none, estimate or accurate")
        self.found["total"] = Total(value)

    def _include(self, value: str) -> None:
        self._among("_include", "includes", value, self.searchable.includes)

    def _revinclude(self, value: str) -> None:
        self._among("_revinclude", "revincludes", value, self.searchable.revincludes)

    def _among(self, name: str, place: str, value: str, known: Sequence[str]) -> None:
        if value not in known:
            served = f"it takes {', '.join(known)}" if known else f"{self.type} has none"
            raise bad_value(name, f"the value is not one that is served here; {served}")
        self.found[place] = frozenset({value}) | self.found.get(place, frozenset())  # type: ignore[operator]

    def _elements(self, value: str) -> None:
        self.found["elements"] = frozenset(one.strip() for one in alternatives("_elements", value))

    def _display(self, value: str) -> None:
        if value not in ("true", "false"):
            raise bad_value("_display", "expected true or false")
        self.found["display"] = value == "true"


def read(kind: str, pairs: Iterable[tuple[str, str]]) -> Query:
    """Understand a search.

    Args:
        kind: the resource type.
        pairs: the parameters, decoded, in their order.

    Raises:
        FhirError: a type, parameter, modifier or value that means nothing here.
    """
    asked = tuple(pairs)
    searchable = RESOURCES.get(kind)
    if searchable is None:
        raise unknown_type(kind)
    if len(asked) > _PARAMETERS:
        raise FhirError(400, "too-costly", f"{len(asked)} parameters, at most {_PARAMETERS} are read")
    results = _Results(searchable, kind)
    criteria = tuple(
        _criterion(kind, searchable, name, value) for name, value in asked if not results.read(name, value)
    )
    return Query(type=kind, pairs=asked, criteria=criteria, **results.found)  # type: ignore[arg-type]


def _criterion(kind: str, searchable: Searchable, parameter: str, value: str) -> Criterion:
    name, _, modifier = parameter.partition(":")
    if "." in parameter:
        raise FhirError(400, "not-supported", f"Parameter {parameter[:64]}: chained parameters are not served")
    if name not in searchable.parameters:
        raise unknown_parameter(parameter[:64], kind)
    sort = searchable.parameters[name]
    if modifier and modifier not in MODIFIERS[sort]:
        known = ", ".join(sorted(MODIFIERS[sort])) or "none"
        raise FhirError(
            400, "not-supported", f"Parameter {parameter[:64]}: unknown modifier; {name} takes {known}"
        )
    return Criterion(name, sort, modifier, alternatives(name, value))


@dataclass(frozen=True, slots=True)
class PageToken:
    """What a link to a page says: the search, the publication of its first page, and where the last one ended."""

    type: str
    pairs: Pairs
    edition: str
    after: tuple[int | str, ...]

    def pack(self) -> str:
        """The token as a link carries it."""
        text = json.dumps([self.type, self.pairs, self.edition, self.after], ensure_ascii=False)
        return base64.urlsafe_b64encode(zlib.compress(text.encode())).decode().rstrip("=")


def unpack(text: str) -> PageToken:
    """The token that :meth:`PageToken.pack` wrote.

    Raises:
        FhirError: it is none of ours.
    """
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        opened = zlib.decompressobj().decompress(packed, _TOKEN_BYTES)
        kind, pairs, edition, after = json.loads(opened)
        token = PageToken(
            str(kind), tuple((str(name), str(value)) for name, value in pairs), str(edition), tuple(after)
        )
    except (binascii.Error, zlib.error, ValueError, TypeError) as error:
        raise FhirError(400, "invalid", "The page is not one that this server gave out") from error
    if not all(map(_is_place, token.after)):
        raise FhirError(400, "invalid", "The page is not one that this server gave out")
    return token


def _is_place(part: object) -> bool:
    """Whether a part of a place can be one: a sequence number or an identifier."""
    if isinstance(part, int):
        return 0 <= part < 2**31
    return isinstance(part, str) and re.fullmatch(r"[0-9A-Za-z-]{0,64}", part) is not None
