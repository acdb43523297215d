"""Bodies that come as JSON, as JSON lines or as CSV, read into one shape."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from fastapi import Request

from rpps_sync.api.problems import Problem
from rpps_sync.formulas import harmless

JSON, LINES, CSV = "application/json", "application/x-ndjson", "text/csv"
_MEND = "see /openapi.json for what is expected"


async def body_of(request: Request, *kinds: str) -> tuple[str, bytes]:
    """The media type of a body among those taken, and the body.

    Raises:
        Problem: 415, another media type.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in kinds:
        raise Problem(415, "media-type", f"a body of {' or '.join(kinds)} is expected", mend=_MEND, field="body")
    body = await request.body()
    if b"\x00" in body or b"\\u0000" in body:
        raise unusable("body", "the body holds a NUL character, which no database keeps")
    return kind, body


def decoded(body: bytes) -> Any:
    """A JSON document.

    Raises:
        Problem: 422, it is none.
    """
    try:
        return orjson.loads(body)
    except ValueError as error:
        raise unusable("body", f"this is no JSON document: {error}") from error


def lines(body: bytes) -> Iterator[tuple[int, Any]]:
    """The documents of JSON lines, each with its number; empty lines are passed over.

    Raises:
        Problem: 422, a line is none.
    """
    for number, line in enumerate(body.split(b"\n"), start=1):
        if line.strip():
            try:
                yield number, orjson.loads(line)
            except ValueError as error:
                raise unusable(f"body.line.{number}", f"this line is no JSON document: {error}") from error


def column(body: bytes, name: str) -> list[str]:
    """One column of a CSV with a header: the named one, or the first. Separators ``,`` ``;`` tab.

    Raises:
        Problem: 422, it is not UTF-8, has no such column, or a row is broken.
    """
    try:
        text = body.decode("utf-8-sig")
        first = text.partition("\n")[0]
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
        header = [cell.strip() for cell in next(rows, [])]
        place = header.index(name) if name else 0
        return [row[place] if place < len(row) else "" for row in rows if row]
    except UnicodeDecodeError as error:
        raise unusable("body", "this CSV is not in UTF-8") from error
    except csv.Error as error:
        raise unusable("body", f"this CSV cannot be read: {error}") from error
    except ValueError as error:
        raise unusable("query.id_column", f"no column is named '{name}'") from error


def texts(items: Sequence[Any], field: str) -> list[str]:
    """Identifiers as texts; numbers are taken too.

    Raises:
        Problem: 422, one is neither.
    """
    for place, item in enumerate(items):
        if not isinstance(item, str | int) or isinstance(item, bool):
            raise unusable(f"{field}.{place}", "an identifier is a text or a number")
    return [str(item) for item in items]


def unusable(field: str, detail: str) -> Problem:
    """What is answered to a body that cannot be used."""
    return Problem(422, "unusable", detail, mend=_MEND, field=field)


def wanted(request: Request, *kinds: str) -> str:
    """The first of these media types that the caller accepts.

    Raises:
        Problem: 406, none of them.
    """
    ranges = [part.split(";")[0].strip() for part in request.headers.get("accept", "*/*").lower().split(",")]
    for asked in ranges:
        for kind in kinds:
            if asked in ("", "*/*", kind, f"{kind.partition('/')[0]}/*"):
                return kind
    raise Problem(
        406,
        "not-acceptable",
        f"this is told as {' or '.join(kinds)}",
        mend="mend the Accept header",
        field="header.accept",
    )


def csv_lines(header: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[bytes]:
    """A CSV in UTF-8, which no spreadsheet takes for formulas."""
    buffer = io.StringIO(newline="")
    write = csv.writer(buffer).writerow
    write(header)
    for row in rows:
        write([harmless(cell) for cell in row])
        yield _emptied(buffer)
    yield _emptied(buffer)


def _emptied(buffer: io.StringIO) -> bytes:
    told = buffer.getvalue().encode("utf-8", "replace")
    buffer.seek(0)
    buffer.truncate()
    return told
