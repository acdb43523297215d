"""``rpps-sync run``, ``check``, ``accept`` and ``demo``: the night, and its stages by hand."""

from __future__ import annotations

import getpass
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rpps_sync.cli.output import complain, is_quiet, print_json, progress, say, settings_of, table
from rpps_sync.errors import EXIT_REFUSED, DirectoryError, StorageError, UsageError

if TYPE_CHECKING:
    from rpps_sync.run_summary import CheckResult, RunSummary
    from rpps_sync.settings import Settings

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]


def run(
    ctx: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Option("--from", metavar="DIR", help="Files already on disk (plain, .gz, .zst, .zip)."),
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for today's deposit, until 12:00 UTC at the latest.")
    ] = False,
    if_new: Annotated[
        bool, typer.Option("--if-new", help="Do nothing unless the publisher offers a later day.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Do the night's work once: download, check, publish, compare, report."""
    from pipelines.home_lock import home_locked

    settings = settings_of(ctx)
    if folder and (wait or if_new):
        raise UsageError(
            "--from reads a folder: there is no publisher to look at", mend="leave --wait and --if-new"
        )
    if if_new and not _offers_newer(settings):
        if as_json:
            print_json({"outcome": "unchanged", "message": "the publisher offers nothing newer"})
        return
    patience = _await_deposit(settings) if wait else 0.0
    with home_locked(settings.home, wait=patience):
        from pipelines.nightly import run_night
        from rpps_sync.publisher.folder import FolderSource
        from rpps_sync.publisher.origin import source_of

        source = FolderSource(folder) if folder else source_of(settings)
        with nullcontext() if if_new else _cried_out(settings):  # once a day is often enough
            summary = run_night(settings, source, bars=progress)
    _look_after(settings, summary)
    _tell(summary, as_json=as_json)


def _look_after(settings: Settings, summary: RunSummary) -> None:
    """Mail the report, let incidents live, tell subscribers: without the lock, so that no slow server holds it."""
    from pipelines import alerting, letters, subscribers

    letters.after_night(settings, summary)
    alerting.after_night(settings, summary)
    subscribers.after_night(settings)


@contextmanager
def _cried_out(settings: Settings) -> Iterator[None]:
    """A database or a disk that cannot be used at all is told past the ledgers."""
    try:
        yield
    except (DirectoryError, StorageError) as error:
        from pipelines import alerting

        alerting.cry(settings, error)
        raise


def _offers_newer(settings: Settings) -> bool:
    from pipelines.awaiting import offers_newer
    from rpps_sync.publisher.archive import Archive
    from rpps_sync.publisher.origin import source_of

    return offers_newer(source_of(settings), settings.extracts, Archive(settings.archive).newest())


def _await_deposit(settings: Settings) -> float:
    """Look until there is something to do; how many seconds another command may then take to finish."""
    from pipelines.awaiting import await_deposit
    from pipelines.timetable import load_timetable
    from rpps_sync.publisher.origin import source_of
    from rpps_sync.publisher.retries import RetryPolicy

    window = load_timetable(settings.schedule_file).deposit
    await_deposit(source_of(settings, policy=RetryPolicy(attempts=1)), settings.extracts, window)
    return window.lock.total_seconds()


def accept(
    ctx: typer.Context,
    publication: Annotated[str, typer.Argument(help="Identifier of a refused publication.")],
    because: Annotated[str, typer.Option(help="Why it is right all the same; kept in the ledger.")],
    by: Annotated[str | None, typer.Option(metavar="NAME", help="Who decides; else the system user.")] = None,
    as_json: AsJson = False,
) -> None:
    """Publish a refused publication all the same; the ledger keeps who decided, and why."""
    from pipelines.home_lock import home_locked

    settings, who = settings_of(ctx), by or getpass.getuser()
    with home_locked(settings.home):
        from pipelines.nightly import accept as accept_publication

        summary = accept_publication(settings, publication, who, because, bars=progress)
    _look_after(settings, summary)
    _tell(summary, as_json=as_json)


def check(
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="Extract files.", exists=True, dir_okay=False)],
    data_docs: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Also write the Data Docs of Great Expectations there.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check extract files without publishing them; exit code 3 when a blocking check fails."""
    from pipelines.checking import check_files
    from rpps_sync.nomenclature import use as use_tables

    if data_docs and data_docs.exists():
        raise UsageError(f"{data_docs} exists", mend="name a folder that does not exist yet")
    settings = settings_of(ctx)
    use_tables(settings.nomenclature)
    with progress("checking") as bar:
        results = check_files(files, settings.language, progress=bar.advance, docs=data_docs)
    if as_json:
        print_json([asdict(result) | {"success": result.success} for result in results])
    else:
        _tell_checks(results)
    if any(result.blocks for result in results):
        raise typer.Exit(EXIT_REFUSED)


def _tell(summary: RunSummary, *, as_json: bool) -> None:
    """The summary; under ``--quiet`` nothing when all is well, and what is not on standard error."""
    if as_json:
        print_json(summary.to_json())
    elif not is_quiet():
        for line in _lines(summary):
            typer.echo(line)
    elif summary.exit_code:
        complain("\n".join(_lines(summary)))
    raise typer.Exit(summary.exit_code)


def _lines(summary: RunSummary) -> Iterator[str]:
    publication = summary.publication
    yield f"{summary.outcome}: {publication.id if publication else 'no publication'}"
    if summary.message:
        yield summary.message
    if summary.mend:
        yield f"mend: {summary.mend}"
    if summary.served and (publication is None or summary.served != publication.id):
        yield f"served: {summary.served}"
    if summary.checks:  # otherwise nothing was looked at, and counting nothing says nothing
        yield from _examined(summary)
    yield from _taken_in(summary)
    if summary.comparison.observed:
        verdicts = ", ".join(f"{count} {name}" for name, count in summary.comparison.by_verdict.items())
        yield f"observed practitioners: {summary.comparison.observed}; {verdicts}"
    yield from _fresh(summary)
    if summary.report:
        yield f"report: {summary.report}"


def _fresh(summary: RunSummary) -> Iterator[str]:
    """What is not as fresh as it should be, one by one; the rest is counted."""
    from rpps_sync.freshness.grouping import lines

    for line in lines(summary.to_json()["freshness"], "en"):
        if line.state in ("warn", "error"):
            whose = f" ({', '.join(line.subjects)})" if len(line.subjects) > 1 else ""
            where = f"; to be mended by: {link}" if (link := line.states[0]["link"]) else ""
            yield f"freshness {line.objective}{whose}: {line.state}, {line.observed} ({line.limit}){where}"
    counts = Counter(state.state for state in summary.freshness)
    if summary.freshness:
        yield "freshness: " + ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))


def _taken_in(summary: RunSummary) -> Iterator[str]:
    inbox = summary.inbox
    if inbox.files:
        refused = ", ".join(f"{count} {reason}" for reason, count in inbox.refused.items()) or "none refused"
        yield f"observations: {inbox.files} files, {inbox.accepted} kept, {inbox.duplicate} known, {refused}"
    for file in inbox.waiting:
        yield f"observations waiting: {file}"


def _examined(summary: RunSummary) -> Iterator[str]:
    people = summary.delta.practitioners
    yield (
        f"practitioners: {people.total} ({people.added} arrived, {people.changed} changed, "
        f"{people.departed} departed); lines: +{summary.delta.lines_added} -{summary.delta.lines_removed}"
    )
    failing = [result for result in summary.checks if result.to_see]
    yield f"checks: {len(summary.checks)}, {len(failing)} to see; quarantined lines: {len(summary.quarantine)}"
    for result in failing:
        yield f"  {result.severity} {result.file} {result.name}: {result.observed} (expected {result.expected})"


def _tell_checks(results: Sequence[CheckResult]) -> None:
    rows = [(item.status, item.severity, item.file, item.name, item.observed, item.expected) for item in results]
    table("", ("status", "severity", "file", "check", "seen", "expected"), rows)
    counts = Counter(str(item.status) for item in results)
    say(", ".join(f"{count} {status}" for status, count in sorted(counts.items())) or "no check ran")
