"""What must never be written, and a search for it in everything that was."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Connection, Table, select

TOKEN = re.compile(r"eyJ[\w-]{4,}\.[\w-]{4,}\.[\w-]*")
NUMBER = re.compile(r"(?<![0-9A-Fa-f])8?999[0-9]{8}(?![0-9A-Fa-f])")
"""RPPS numbers of invented people; a digest may hold eleven digits in a row."""

SHORTEST = 12  # characters of a secret: anything shorter is found by chance
_TELLING = ("sub", "jti", "sid", "session_state", "nonce")

Written = Mapping[str, bytes]  # by the place where it stands


def secrets_of(tokens: Iterable[str]) -> set[str]:
    """The parts of tokens, and what they say that identifies a session."""
    found: set[str] = set()
    for token in tokens:
        found.update(token.split("."))
        found.update(str(value) for name, value in _claims(token).items() if name in _TELLING)
    return {secret for secret in found if len(secret) >= SHORTEST}


def files_in(folder: Path) -> Written:
    """Every byte of every file, freed pages of a database included."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows_of(connection: Connection, tables: Iterable[Table]) -> Written:
    """Every row, as text: the files of a server are not ours to read."""
    return {
        f"table {table.name}": "\n".join(repr(tuple(row)) for row in connection.execute(select(table))).encode()
        for table in tables
    }


def leaks(written: Written, secrets: Iterable[str]) -> set[str]:
    """The places that hold a secret, or anything of the shape of a token."""
    patterns = sorted(secrets)
    texts = pl.Series([text.decode("latin-1") for text in written.values()], dtype=pl.String)
    held = texts.str.contains_any(patterns).to_list()
    return {
        place
        for (place, text), found in zip(written.items(), held, strict=True)
        if found or TOKEN.search(text.decode("latin-1"))
    }


def numbers(written: Written) -> set[str]:
    """The places that hold an RPPS number of invented people."""
    return {place for place, text in written.items() if NUMBER.search(text.decode("latin-1"))}


def _claims(token: str) -> Mapping[str, Any]:
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, IndexError):
        return {}
    return claims if isinstance(claims, dict) else {}
