"""The sentences of the application: those of the reports, and its own beside them.

A verdict, a field, a state or a date is written as the reports write it; ``catalogues/fr.toml`` and ``en.toml``
hold what only the application says.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from rpps_sync.locales import LANGUAGES
from rpps_sync.reporting import words as reports


@cache
def own_catalogue(language: str) -> Mapping[str, Any]:
    """What only the application says, as nested tables.

    Raises:
        KeyError: there is no such language.
    """
    if language not in LANGUAGES:
        raise KeyError(language)
    text = resources.files(__package__).joinpath("catalogues", f"{language}.toml").read_text(encoding="utf-8")
    if language == "fr":
        text = text.replace(" :", f"{reports.NO_BREAK}:").replace(" ;", f"{reports.NARROW_NO_BREAK};")
        text = text.replace(" ?", f"{reports.NARROW_NO_BREAK}?").replace(" %", f"{reports.NO_BREAK}%")
    return tomllib.loads(text)


class Words(reports.Words):
    """Says things in one language."""

    def __init__(self, language: str) -> None:
        super().__init__(language)
        self._catalogue = {**reports.catalogue(language), "app": own_catalogue(language)}

    def app(self, key: str, **values: Any) -> str:
        """A sentence of the application (``section.name``), with its values in place."""
        return self(f"app.{key}", **values)

    def table(self, key: str) -> Mapping[str, str]:
        """A table of words of the application, code by code."""
        found: Mapping[str, str] = self._find(f"app.{key}")
        return found

    @staticmethod
    def typed(text: str) -> str:
        """A text as people type it, so that it is found in a list of choices: plain spaces."""
        return text.replace(reports.NO_BREAK, " ").replace(reports.NARROW_NO_BREAK, " ")

    def percent(self, share: float | None, decimals: int = 1) -> str:
        """A share as a percentage; a dash for none."""
        if share is None:
            return "–"
        space = reports.NO_BREAK if self.language == "fr" else ""
        return f"{self.number(share * 100, decimals)}{space}%"
