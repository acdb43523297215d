"""``rpps-sync replay``: the directory of a past day, in a database of its own."""

from __future__ import annotations

from typing import Annotated

import typer

from rpps_sync.cli.output import print_json, progress, say, settings_of


def replay(
    ctx: typer.Context,
    publication: Annotated[str, typer.Argument(help="Identifier of an archived publication.")],
    into: Annotated[
        str, typer.Option(metavar="URL", help="Empty database (sqlite:///FILE, postgresql+psycopg://…).")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Rebuild the directory of one archived publication in an empty database.

    Documents and labels are those served then, refused publications can be looked at too, and the directory in
    service is not touched. History begins with the replayed day: dates of former changes are not rebuilt.
    Look into it with RPPS_SYNC_DATABASE_URL=URL rpps-sync lookup ….
    """
    from pipelines.replay import replay as rebuild
    from rpps_sync.clock import iso

    done = rebuild(settings_of(ctx), publication, into, bars=progress)
    if as_json:
        print_json(
            {
                "publication": done.publication.id,
                "published_at": iso(done.publication.published_at),
                "status": done.status or None,
                "practitioners": done.practitioners,
                "held": done.held,
            }
        )
        return
    refused = " (refused then)" if done.status == "refused" else ""
    say(f"publication {done.publication.id}{refused} rebuilt: {done.practitioners} practitioners")
    if done.held:
        say(f"{done.held} of them in an older version, because a line of theirs could not be read that day")
