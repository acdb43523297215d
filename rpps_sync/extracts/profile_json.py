"""A profile as text, and back: what the cache keeps of a file beside its line index."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from rpps_sync.extracts.profile import GROUPS, SHAPES, VALUES, Profile
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import Header


def written(profile: Profile) -> str:
    """A profile, without its unreadable lines: they are in the ledger."""
    header = profile.header
    return json.dumps(
        {
            "kind": profile.kind,
            "vintage": header.vintage,
            "keys": header.keys,
            "unknown": header.unknown,
            "aliased": header.aliased,
            "lines": profile.lines,
            "duplicates": profile.duplicates,
            "practitioners": profile.practitioners,
            "filled": dict(profile.filled),
            "values": {key: frame.to_dict(as_series=False) for key, frame in profile.values.items()},
            "identifiers": profile.identifiers.to_dict(as_series=False),
            "rules": dict(profile.rules),
            "groups": profile.groups.to_dict(as_series=False),
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def read(text: str) -> Profile:
    """The profile that :func:`written` told.

    Raises:
        ValueError, KeyError, TypeError: the text is something else.
    """
    told = json.loads(text)
    return Profile(
        kind=ExtractKind(told["kind"]),
        header=_header(told),
        lines=told["lines"],
        quarantined=(),
        duplicates=told["duplicates"],
        practitioners=told["practitioners"],
        filled=told["filled"],
        values={key: pl.DataFrame(columns, schema=VALUES) for key, columns in told["values"].items()},
        identifiers=pl.DataFrame(told["identifiers"], schema=SHAPES),
        rules={name: (judged, broken) for name, (judged, broken) in told["rules"].items()},
        groups=pl.DataFrame(told["groups"], schema=GROUPS),
    )


def _header(told: dict[str, Any]) -> Header:
    return Header(
        kind=ExtractKind(told["kind"]),
        vintage=told["vintage"],
        keys=tuple(told["keys"]),
        unknown=tuple(told["unknown"]),
        aliased=tuple(told["aliased"]),
    )
