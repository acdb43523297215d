"""Tables as the ANS publishes them: what a folder of NOS files says, file by file.

Two shapes are read, because both are known for certain: the FHIR CodeSystem in JSON of the terminology guide of
the ANS, and the CSV of this package (``code,label,status``). Every other file is left alone, and named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from rpps_sync.errors import StorageError, UsageError
from rpps_sync.nomenclature.tables import ACTIVE, DEPRECATED, code_rows, table_ids

_TABLE = re.compile(r"TRE[-_]([A-Z][0-9]+)(?![0-9])")
_COLUMNS = ("code", "label", "status")
_UNSURE = re.compile(r"\?|\(.*(?:idem|shortened|short, check|ended)")  # a wording that nobody read word for word
_ENDS = ("dateFin", "deprecationDate", "retirementDate", "deprecated")  # of the ANS, then of FHIR R5 and R4


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a published table."""

    code: str
    label: str
    status: str  # ACTIVE or DEPRECATED


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """One table, read from one file."""

    id: str  # 'R38'
    file: Path
    version: str
    date: str  # an ISO day, empty when the file does not say
    whole: bool | None  # every code of the table; None: the file does not say
    codes: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A file that was not read, and why."""

    file: Path
    why: str


def read_folder(folder: Path, today: date) -> tuple[tuple[PublishedTable, ...], tuple[LeftAlone, ...]]:
    """Read every table of a folder that a column of the extracts uses.

    Args:
        folder: with files named as published (``CodeSystem-TRE-R38-….json``, ``TRE_R38-….csv``).
        today: a code ends when its end date is not after this day.

    Raises:
        UsageError: no such folder, two files of one table, or a file that is not what its name says.
        StorageError: a file cannot be read.
    """
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}", mend="name the folder that holds the NOS files")
    tables: dict[str, PublishedTable] = {}
    left: list[LeftAlone] = []
    for file in sorted(path for path in folder.iterdir() if path.is_file()):
        read = _read(file, today)
        if isinstance(read, LeftAlone):
            left.append(read)
        elif read.id in tables:
            raise UsageError(
                f"{file.name} and {tables[read.id].file.name} are both table {read.id}",
                mend="keep the newer of the two in the folder",
                reason="table-twice",
            )
        else:
            tables[read.id] = read
    return tuple(tables.values()), tuple(left)


def _read(file: Path, today: date) -> PublishedTable | LeftAlone:
    named = _TABLE.search(file.name)
    if named is None or file.suffix not in (".csv", ".json"):
        return LeftAlone(file, "neither a CSV nor the JSON of a table (TRE)")
    if named[1] not in table_ids():
        return LeftAlone(file, f"no column of the extracts uses table {named[1]}")
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unsound(file, f"is not UTF-8 text (byte {error.start})") from error
    except OSError as error:
        raise StorageError(f"{file} cannot be read: {error}", mend="check its access rights") from error
    return _csv(named[1], file, text) if file.suffix == ".csv" else _json(named[1], file, text, today)


def _csv(name: str, file: Path, text: str) -> PublishedTable:
    rows = code_rows(text)
    if not rows or tuple(rows[0]) != _COLUMNS:
        raise _unsound(file, f"has not the columns {','.join(_COLUMNS)}")
    codes = []
    for number, row in enumerate(rows, start=2):
        if None in row or None in row.values() or row["status"] not in (ACTIVE, DEPRECATED):
            raise _unsound(file, f"line {number} is not a code, a label and a status ({ACTIVE} or {DEPRECATED})")
        label = "" if _UNSURE.search(row["label"]) else row["label"]
        codes.append(Code(row["code"].strip(), label.strip(), row["status"]))
    return PublishedTable(name, file, "", "", None, _sound(file, codes))


def _json(name: str, file: Path, text: str, today: date) -> PublishedTable | LeftAlone:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise _unsound(file, f"is not JSON ({error})") from error
    if not isinstance(document, dict) or document.get("resourceType") != "CodeSystem":
        return LeftAlone(file, "not a FHIR CodeSystem")
    declared = _TABLE.search(str(document.get("url", "")))
    if declared is None or declared[1] != name:
        raise _unsound(file, f"describes {document.get('url', 'no table')}, not table {name}")
    codes = [_code(file, concept, today) for concept in _concepts(document)]
    return PublishedTable(
        id=name,
        file=file,
        version=str(document.get("version", "")),
        date=str(document.get("date", ""))[:10],
        whole=document.get("content") == "complete",
        codes=_sound(file, codes),
    )


def _concepts(parent: Mapping[str, Any]) -> Iterator[Any]:
    """Every concept, those below others included."""
    for concept in parent.get("concept", ()):
        yield concept
        if isinstance(concept, dict):
            yield from _concepts(concept)


def _code(file: Path, concept: Any, today: date) -> Code:
    if not isinstance(concept, dict) or not isinstance(concept.get("code"), str):
        raise _unsound(file, "has a concept without a code")
    properties = concept.get("property", ())
    ended = any(_says_ended(file, item, today) for item in properties if isinstance(item, dict))
    label = str(concept.get("display", "")).strip()
    return Code(concept["code"].strip(), label, DEPRECATED if ended else ACTIVE)


def _says_ended(file: Path, item: Mapping[str, Any], today: date) -> bool:
    """Whether one property of a concept says that it is no longer to be used."""
    name = item.get("code")
    if name == "status":
        return item.get("valueCode") in ("deprecated", "retired")
    if name == "inactive":
        return item.get("valueBoolean") is True
    if name not in _ENDS or "valueDateTime" not in item:
        return False
    try:
        return datetime.fromisoformat(str(item["valueDateTime"])).date() <= today
    except ValueError as error:
        raise _unsound(file, f"has an end date that is none: {item['valueDateTime']}") from error


def _sound(file: Path, codes: list[Code]) -> tuple[Code, ...]:
    names = [one.code for one in codes]
    if not names or "" in names:
        raise _unsound(file, "has no code" if not names else "has an empty code")
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise _unsound(file, f"lists twice: {', '.join(repeated)}")
    return tuple(codes)


def _unsound(file: Path, what: str) -> UsageError:
    return UsageError(f"{file} {what}", mend="fetch the file again; nothing was changed", reason="bad-table")
