"""The report of one run, written from the ledgers: the same whether the night has just ended or ended long ago."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from pipelines.report_drafts import LATEST, replace_file
from rpps_sync import clock
from rpps_sync.directory.tables import RUNS
from rpps_sync.errors import NotFound, UsageError
from rpps_sync.reporting.build import build
from rpps_sync.reporting.material import UNFINISHED, Material, gather
from rpps_sync.reporting.model import ReportModel
from rpps_sync.run_summary import RunSummary

RENDERERS = {  # modules of the reporting room
    "html": "html",
    "json": "json",
    "csv": "flat",
    "md": "markdown",
    "pdf": "pdf",
    "xlsx": "workbook",
}


def write_report(
    connection: Connection,
    summary: RunSummary,
    folder: Path,
    language: str,
    formats: Sequence[str] = ("html", "json"),
) -> Path:
    """Write the report of a run that has just ended, and make it the latest.

    The findings and changes of the run must already be in the database; the run itself need not be.

    Returns:
        The path of the first format.

    Raises:
        DirectoryError: the folder cannot be written.
        UsageError: a format is not known.
    """
    names = ("kind", "line_number", "reason", "detail")
    quarantine = [{name: getattr(line, name) for name in names} for line in summary.quarantine]
    material = gather(connection, summary.to_json(), quarantine)
    return _write(material, folder, language, formats)[0]


def rewrite_report(
    connection: Connection, document: Mapping[str, Any], folder: Path, language: str, formats: Sequence[str]
) -> tuple[Path, ...]:
    """Write again the report of a run of the ledger (``document``: see ``run_document``).

    Returns:
        The path of each format, in the order asked for.

    Raises:
        DirectoryError: the folder cannot be written.
        UsageError: a format is not known.
    """
    return _write(gather(connection, document), folder, language, formats)


def night_model(connection: Connection, run_id: str, language: str) -> ReportModel:
    """All there is to say of a run of the ledger.

    Raises:
        NotFound: no such run.
    """
    return build(gather(connection, run_document(connection, run_id)), language=language, edited_at=clock.now())


def run_document(connection: Connection, run_id: str = "") -> Mapping[str, Any]:
    """What the ledger holds of a run, the last one that ended by default.

    Raises:
        NotFound: no such run, or none has ended yet.
    """
    query = select(RUNS.c.summary).where(RUNS.c.outcome != UNFINISHED)
    if run_id:
        query = query.where(RUNS.c.run_id == run_id)
    document: Mapping[str, Any] | None = connection.scalar(query.order_by(RUNS.c.started_at.desc()).limit(1))
    if document is None:
        what = f"no run that ended is named '{run_id}'" if run_id else "no run has ended yet"
        raise NotFound(what, mend="'rpps-sync runs' lists them; 'rpps-sync run' makes one", reason="unknown-run")
    return document


def _write(material: Material, folder: Path, language: str, formats: Sequence[str]) -> tuple[Path, ...]:
    """Each format as ``<run_id>.<format>``, and as ``latest.<format>`` when no run is newer."""
    renderers = [(name, _renderer(name)) for name in formats]
    model = build(material, language=language, edited_at=clock.now())
    rendered = [(name, render(model)) for name, render in renderers]  # all or none: a library may be missing
    paths = []
    for name, written in rendered:
        content = written.encode() if isinstance(written, str) else written
        paths.append(replace_file(folder / f"{model.production.run_id}.{name}", content))
        if material.is_latest:
            replace_file(folder / f"{LATEST}.{name}", content)
    return tuple(paths)


def _renderer(name: str) -> Callable[[ReportModel], str | bytes]:
    if name not in RENDERERS:
        raise UsageError(f"'{name}' is no format of the report", mend=f"choose among {', '.join(RENDERERS)}")
    # Each when it is asked for: some load libraries that a night does without.
    render: Callable[[ReportModel], str | bytes] = import_module(f"rpps_sync.reporting.{RENDERERS[name]}").render
    return render
