"""The weekly and monthly reports: made from the ledgers, kept beside those of the nights, forgotten in the end.

    period_asked(Edition.WEEK, None)      the last week that is over, or the one that ends with a day
    model_of(connection, period, "fr")    all there is to say of it
    write_edition(...)                    the files, ``week-2026-11-22.html`` and ``latest-week.html`` among them

An edition counts people and names none, so that it may be kept longer than what tokens told (``EDITION_DAYS``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path

from sqlalchemy import Connection

from pipelines.report_drafts import LATEST, replace_file
from rpps_sync import clock
from rpps_sync.alerts.wording import TITLES
from rpps_sync.errors import UsageError
from rpps_sync.reporting.editions.build import build
from rpps_sync.reporting.editions.material import began, gather, standing
from rpps_sync.reporting.editions.model import PeriodModel
from rpps_sync.reporting.editions.period import Edition, Period, last_complete, period_of

RENDERERS = {  # module and function of rpps_sync.reporting.editions
    "html": ("html", "render"),
    "json": ("documents", "render"),
    "csv": ("sheets", "csv"),
    "md": ("sheets", "markdown"),
    "pdf": ("paper", "render"),
    "xlsx": ("sheets", "workbook"),
}
_NAME = re.compile(r"(?:week|month)-(\d{4}-\d{2}-\d{2})\.[a-z]+")


def period_asked(edition: Edition, ending: date | None) -> Period:
    """The period that ends with a day; without one, the last that is over.

    Raises:
        UsageError: that day has not come yet, or is before any calendar.
    """
    today = clock.french_day(clock.now())
    if ending is None:
        return last_complete(edition, today)
    if ending > today or ending.year < 2000:
        raise UsageError(f"no edition can end on {ending}", mend="name a day that has come, such as 2026-11-22")
    return period_of(edition, ending)


def model_of(connection: Connection, period: Period, language: str) -> PeriodModel:
    """All there is to say of a period; what moved since the one before, where the ledger reaches back to it."""
    now, first = clock.now(), began(connection)
    known = first is not None and first < period.begins
    return build(
        gather(connection, period, now),
        gather(connection, period.former, now) if known else None,
        standing(connection),
        titles={str(cause): title for cause, title in TITLES[language].items()},
        language=language,
    )


def write_edition(model: PeriodModel, folder: Path, formats: Sequence[str]) -> tuple[Path, ...]:
    """Each format as ``<edition>-<last day>.<format>``, and as ``latest-<edition>.<format>`` when none is newer.

    Raises:
        DirectoryError: the folder cannot be written.
        UsageError: a format is not known, or what makes it is not installed.
    """
    renderers = [(name, _renderer(name)) for name in formats]
    rendered = [(name, render(model)) for name, render in renderers]  # all or none
    period, paths = model.period, []
    newest = not any(later > period.last for later in _kept(folder, period.edition))
    for name, written in rendered:
        content = written.encode() if isinstance(written, str) else written
        paths.append(replace_file(folder / f"{period.name}.{name}", content))
        if newest:
            replace_file(folder / f"{LATEST}-{period.edition}.{name}", content)
    return tuple(paths)


def forget_old(folder: Path, days: int) -> int:
    """Remove the editions of periods that ended so many days ago; how many files went."""
    before = clock.french_day(clock.now()) - timedelta(days=days)
    old = [path for path in folder.glob("*") if (day := _day_of(path.name)) and day < before]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _kept(folder: Path, edition: Edition) -> list[date]:
    """The last days of the editions of a kind that are in a folder."""
    return [day for path in folder.glob(f"{edition}-*") if (day := _day_of(path.name))]


def _day_of(name: str) -> date | None:
    found = _NAME.fullmatch(name)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:  # no day of any calendar: not ours
        return None


def _renderer(name: str) -> Callable[[PeriodModel], str | bytes]:
    if name not in RENDERERS:
        raise UsageError(f"'{name}' is no format of the report", mend=f"choose among {', '.join(RENDERERS)}")
    module, function = RENDERERS[name]
    # Each when it is asked for: some load libraries that the others do without.
    render: Callable[[PeriodModel], str | bytes] = getattr(
        import_module(f"rpps_sync.reporting.editions.{module}"), function
    )
    return render
