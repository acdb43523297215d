"""JSON as the API writes it."""

from __future__ import annotations

from typing import Any

import orjson

MEDIA_TYPE = "application/json"


def to_json(value: Any) -> bytes:
    """One document in UTF-8; text that is no Unicode (a lone surrogate) cannot leave as such and is replaced."""
    try:
        return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        import json  # noqa: PLC0415 - for text that the fast library refuses

        return json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace")


def to_line(value: Any) -> bytes:
    """One document on a line of its own (NDJSON)."""
    return to_json(value) + b"\n"
