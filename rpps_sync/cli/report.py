"""``rpps-sync report``: the report of a run, of a week or of a month, written from the ledgers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rpps_sync.cli.access import directory_of
from rpps_sync.cli.output import print_json, say, settings_of
from rpps_sync.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from rpps_sync.settings import Settings


class Language(StrEnum):
    """The languages of a report."""

    FRENCH = "fr"
    ENGLISH = "en"


class Edition(StrEnum):
    """What a report is about."""

    NIGHT = "night"
    WEEK = "week"
    MONTH = "month"


def report(
    ctx: typer.Context,
    edition: Annotated[Edition, typer.Option(help="Of one run, of a week, or of a month.")] = Edition.NIGHT,
    ending: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            metavar="DATE",
            help="Last day of the week or month; else the last one that is over.",
        ),
    ] = None,
    formats: Annotated[
        str, typer.Option("--format", help="html, json, csv, md, pdf, xlsx, or several with commas.")
    ] = "html,json",
    out: Annotated[Path | None, typer.Option(help="Folder to write in; else the folder of the reports.")] = None,
    language: Annotated[Language | None, typer.Option(help="Else the LANGUAGE setting.")] = None,
    run: Annotated[str, typer.Option(metavar="RUN_ID", help="Which run; the last one by default.")] = "",
    send: Annotated[bool, typer.Option("--send", help="Mail it too, to the REPORT_…_TO of its edition.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Write the report of the last run, or of a week or month, and print where it is.

    A mail that does not leave fails nothing: 'rpps-sync alerts check' tries it again. See docs/reports.md.
    """
    settings = settings_of(ctx)
    chosen = language.value if language else settings.language
    names = tuple(dict.fromkeys(name.strip() for name in formats.split(",")))
    folder = out or settings.reports
    with directory_of(ctx) as connection:
        if edition is Edition.NIGHT:
            _refuse_ending(ending)
            told, paths = _night(connection, run, folder, chosen, names)
        else:
            _refuse_run(run)
            last = ending.date() if ending else None
            told, paths = _period(connection, edition, last, folder, chosen, names)
    document = {**told, "language": chosen, "files": [path.resolve() for path in paths]}
    if edition is not Edition.NIGHT and out is None:
        _forget_old(settings)
    if send:
        document |= {"mail": _send(settings, edition, told)}
    _tell(document, as_json=as_json)


def _night(
    connection: Connection, run: str, folder: Path, language: str, names: tuple[str, ...]
) -> tuple[dict[str, Any], Iterable[Path]]:
    from pipelines.reporting import rewrite_report, run_document

    document = run_document(connection, run)
    return {"run_id": document["run_id"]}, rewrite_report(connection, document, folder, language, names)


def _period(
    connection: Connection,
    edition: Edition,
    ending: date | None,
    folder: Path,
    language: str,
    names: tuple[str, ...],
) -> tuple[dict[str, Any], Iterable[Path]]:
    from pipelines.editions import model_of, period_asked, write_edition
    from rpps_sync.reporting.editions.period import Edition as Kind

    period = period_asked(Kind(edition), ending)
    model = model_of(connection, period, language)
    told = {"edition": str(edition), "first": period.first.isoformat(), "last": period.last.isoformat()}
    return told | {"nights": len(model.days)}, write_edition(model, folder, names)


def _forget_old(settings: Settings) -> None:
    from pipelines.editions import forget_old

    forget_old(settings.reports, settings.edition_days)


def _send(settings: Settings, edition: Edition, told: dict[str, Any]) -> dict[str, int]:
    from pipelines.letters import mail, recipients

    if not (settings.smtp_host and recipients(settings, edition)):
        say(f"nobody is mailed it: set RPPS_SYNC_REPORT_{edition.upper()}_TO, and RPPS_SYNC_SMTP_HOST")
    if told.get("nights") == 0:  # a machine that was set up after it: nobody is told of nothing
        return {"delivered": 0, "waiting": 0}
    return mail(settings, str(edition), told.get("run_id") or told["last"])


def _tell(document: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(document)
        return
    for path in document["files"]:
        typer.echo(str(path))
    if "mail" in document:
        typer.echo("mails: {delivered} delivered, {waiting} waiting".format(**document["mail"]))


def _refuse_ending(ending: datetime | None) -> None:
    if ending is not None:
        raise UsageError("--ending is the last day of a week or a month", mend="add --edition week or month")


def _refuse_run(run: str) -> None:
    if run:
        raise UsageError(
            "--run names one night, not a week or a month", mend="use --ending DATE, or leave --edition"
        )
