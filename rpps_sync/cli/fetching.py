"""``rpps-sync fetch``: the first stage of a night by hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rpps_sync.cli.output import print_json, progress, say, settings_of, table

if TYPE_CHECKING:
    from rpps_sync.publication import Publication, PublishedFile


def fetch(
    ctx: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Option("--from", metavar="DIR", help="Files already on disk (plain, .gz, .zst, .zip)."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Download what the publisher offers into the archive, and do nothing else with it.

    The next 'run' checks and publishes the newest publication of the archive. The database is not needed.
    """
    from pipelines.home_lock import home_locked

    settings = settings_of(ctx)
    with home_locked(settings.home):
        from pipelines.fetching import fetch as bring
        from rpps_sync.publisher.folder import FolderSource
        from rpps_sync.publisher.origin import source_of

        source = FolderSource(folder) if folder else source_of(settings)
        publication = bring(settings, source, bars=progress)
    if as_json:
        print_json(_document(publication))
    elif publication is None:
        say("nothing new was published")
    else:
        _tell(publication)


def _tell(publication: Publication) -> None:
    rows = [(file.kind, f"{file.lines:,}", f"{file.bytes:,}", file.url) for file in publication.files]
    table(f"publication {publication.id}", ("extract", "lines", "bytes", "from"), rows)
    say("it waits in the archive: 'rpps-sync run' checks and publishes it")


def _document(publication: Publication | None) -> dict[str, Any]:
    if publication is None:
        return {"outcome": "unchanged", "publication": None}
    about = {"id": publication.id, "published_at": publication.published_at}
    return {"outcome": "fetched", "publication": about | {"files": [_file(file) for file in publication.files]}}


def _file(file: PublishedFile) -> dict[str, Any]:
    return {
        "kind": file.kind,
        "url": file.url,
        "bytes": file.bytes,
        "sha256": file.sha256,
        "lines": file.lines,
        "published_at": file.published_at,
        "channel": file.channel,
    }
