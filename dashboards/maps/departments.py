"""The shapes and the names of the departments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any


@cache
def shapes() -> Mapping[str, Any]:
    """A GeoJSON collection; each feature's ``id`` is the code of a department."""
    text = resources.files(__package__).joinpath("departments.geojson").read_text(encoding="utf-8")
    found: Mapping[str, Any] = json.loads(text)
    return found


@cache
def names() -> Mapping[str, str]:
    """The name of each department by its code."""
    return {feature["id"]: feature["properties"]["name"] for feature in shapes()["features"]}
