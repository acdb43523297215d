"""Objectives as data: what must be fresh and how old it may grow (``pipelines/freshness.toml``).

An installation changes what it needs to in a ``freshness.toml`` of its own, in ``RPPS_SYNC_HOME``.

An objective may have several subjects, each with a state of its own: the extracts, the channels, the registration
authorities, the applications. A state is then named ``objective:subject``.
"""

from __future__ import annotations

import tomllib
from datetime import time
from enum import StrEnum
from functools import cache
from hashlib import blake2s
from importlib import resources
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from rpps_sync.errors import UsageError

DECLARATIONS = ("pipelines", "freshness.toml")  # read as a resource: a room imports no pipeline
_LONGEST = 64  # of the name of a state, as the views know it


class Watch(StrEnum):
    """What an objective looks at."""

    PUBLICATION = "publication"
    EXTRACT = "extract"
    CHANNEL = "channel"
    READY = "ready"
    CONTENT = "content"
    STILL = "still"
    FEED = "feed"
    INTAKE = "intake"
    RUN = "run"


class Group(StrEnum):
    """Under which title people find it, in that order."""

    PUBLICATION = "publication"
    FEEDS = "feeds"
    CLAIMS = "claims"
    OURSELVES = "ourselves"


class Calendar(StrEnum):
    """Which time counts."""

    EVERY_DAY = "every-day"
    WORKING = "working"  # days without weekend, public holiday or bridge


class Severity(StrEnum):
    """How grave it may become."""

    WARNING = "warning"
    ERROR = "error"


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Sentence(_Declared):
    """One sentence in the languages of the reports."""

    fr: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def spoken(self, language: str) -> str:
        """The sentence in one language."""
        return self.en if language == "en" else self.fr


class Objective(_Declared):
    """One thing that must be fresh, whoever its subjects are.

    ``warn`` and ``error`` are what must not be exceeded, in ``unit``; an objective without ``error`` never makes a
    command fail.
    """

    id: str
    watches: Watch
    group: Group
    unit: str = Field(default="", pattern="^(hours|nights|)$")
    calendar: Calendar = Calendar.EVERY_DAY
    warn: int | None = Field(default=None, gt=0)
    error: int | None = Field(default=None, gt=0)
    deadline: time | None = None  # in Paris
    severity: Severity
    target: float = Field(gt=0, lt=1)  # share of the time it must not be in error
    watched: bool = True
    title: Sentence
    reason: Sentence  # why the limits are what they are
    mend: Sentence  # what to do about it

    @model_validator(mode="after")
    def _limits_agree(self) -> Self:
        if (self.unit == "") != (self.warn is None):
            raise ValueError(f"{self.id}: a limit needs a unit, and a unit a limit")
        if self.error is not None and (self.warn is None or self.error <= self.warn):
            raise ValueError(f"{self.id}: the error comes after the warning")
        if self.severity is Severity.WARNING and self.error is not None:
            raise ValueError(f"{self.id}: a warning has no limit for errors")
        if (self.watches is Watch.READY) != (self.deadline is not None):
            raise ValueError(f"{self.id}: only what must be ready has a deadline")
        return self

    def named(self, subject: str) -> str:
        """The name of a subject's state; one that no view could hold is cut, and told apart by its fingerprint."""
        name = f"{self.id}:{subject}" if subject else self.id
        if len(name) <= _LONGEST:
            return name
        digest = blake2s(name.encode(), digest_size=4).hexdigest()
        return f"{name[: _LONGEST - 1 - len(digest)]}~{digest}"


class _Place:
    """Where limits of this installation are; None: those of the package hold."""

    file: Path | None = None


def use(home: Path | None) -> None:
    """Let ``freshness.toml`` of this folder change declarations, if it is there; None: only the package's hold."""
    file = home / DECLARATIONS[1] if home is not None else None
    if file != _Place.file:
        _Place.file = file
        objectives.cache_clear()


@cache
def objectives() -> tuple[Objective, ...]:
    """Every declared objective that is watched here, in the order people read them.

    Raises:
        UsageError: the installation's own file cannot be read, or contradicts itself.
    """
    package, name = DECLARATIONS
    text = resources.files(package).joinpath(name).read_text(encoding="utf-8")
    declared = {entry["id"]: entry for entry in tomllib.loads(text)["objective"]}
    try:
        for change in _changes():
            declared[change["id"]] = declared[change["id"]] | change
        found = [Objective.model_validate(entry) for entry in declared.values()]
    except KeyError as error:
        raise _wrong(f"no objective has the id {error}") from error
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise _wrong(str(error)) from error
    return tuple(objective for objective in found if objective.watched)


def _changes() -> list[dict[str, Any]]:
    file = _Place.file
    if file is None or not file.is_file():
        return []
    changes: list[dict[str, Any]] = tomllib.loads(file.read_text(encoding="utf-8")).get("objective", [])
    return changes


def _wrong(why: str) -> UsageError:
    return UsageError(
        f"{_Place.file or DECLARATIONS[1]}: {why}",
        mend="mend the file, or move it away: the declarations of the package then hold (docs/freshness.md)",
        reason="bad-objectives",
    )


def objective_of(name: str) -> Objective | None:
    """The objective that a state is of; None when it is no longer declared (old runs outlive declarations)."""
    identifier = name.partition(":")[0]
    return next((item for item in objectives() if item.id == identifier), None)


def subject_of(name: str) -> str:
    """The subject of a state; empty for an objective that has only one."""
    return name.partition(":")[2]


def title_of(name: str, language: str) -> str:
    """The title of a state, with its subject; its name when it is no longer declared."""
    found, subject = objective_of(name), subject_of(name)
    if found is None:
        return name
    return f"{found.title.spoken(language)}{' – ' if subject else ''}{subject}"


def reason_of(name: str, language: str) -> str:
    """Why the limits of an objective are what they are; empty when it is no longer declared."""
    found = objective_of(name)
    return found.reason.spoken(language) if found else ""


def mend_of(name: str, language: str) -> str:
    """What to do when an objective is not met; empty when it is no longer declared."""
    found = objective_of(name)
    return found.mend.spoken(language) if found else ""
