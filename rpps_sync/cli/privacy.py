"""``rpps-sync forget``, ``purge`` and ``pseudonymise``: on request, by age, for good; each with a proof."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from rpps_sync.cli.access import directory_of, engine_of
from rpps_sync.cli.output import print_json, progress, say, settings_of, table

if TYPE_CHECKING:
    from pipelines.retention import Erased

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]
By = Annotated[str | None, typer.Option(metavar="NAME", help="Who decides; else the system user.")]


def forget(
    ctx: typer.Context,
    identifier: Annotated[str, typer.Argument(metavar="ID", help="RPPS number, or another national identifier.")],
    because: Annotated[str, typer.Option(help="Why; kept in the ledger, where no identifier belongs.")] = "",
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Erase all that tokens told about one person, and print what went.

    Observations, comparisons, findings and their history go, and the reports that name the person. The open
    directory stays: it is published by the ANS. A line taken in before does not come back; a new login does.
    What it cannot reach is said: files that wait, copies, exports. Done also when there was nothing.
    """
    from pipelines.retention import forget as forget_person
    from rpps_sync.directory.migrations import ensure_current

    with engine_of(ctx) as engine:
        ensure_current(engine)
        erased = forget_person(
            engine, settings_of(ctx), identifier.strip(), by=by or getpass.getuser(), because=because
        )
    _tell(erased, as_json=as_json)
    for place in erased.not_reached:
        say(f"not reached, {place}")


def purge(
    ctx: typer.Context,
    days: Annotated[int | None, typer.Option(min=1, help="Days after last seen; else RETENTION_DAYS.")] = None,
    history: Annotated[bool, typer.Option("--history", help="Only list the erasures made so far.")] = False,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Erase what no token has shown for so many days, and print what went and the oldest that is left.

    The night does it too.
    """
    from pipelines.retention import purge as purge_old
    from rpps_sync.directory import erasure
    from rpps_sync.directory.migrations import ensure_current

    if history:
        with directory_of(ctx) as connection:
            entries = erasure.ledger(connection)
        if as_json:
            print_json(entries)
        else:
            columns = ("at", "action", "by", "because", "before")
            rows = [[*(entry[column] for column in columns), _counted(entry["removed"])] for entry in entries]
            table("", (*columns, "removed"), rows)
        return
    with engine_of(ctx) as engine:
        ensure_current(engine)
        erased = purge_old(engine, settings_of(ctx), days=days, by=by or getpass.getuser())
    _tell(erased, as_json=as_json)
    oldest = erased.oldest_left
    say(f"the oldest claims left were last seen on {oldest}" if oldest else "no claims of tokens are left")


def pseudonymise(ctx: typer.Context, by: By = None, as_json: AsJson = False) -> None:
    """Replace the national identifiers that tokens told by pseudonyms, once the settings ask for them.

    One transaction: either all is rewritten or nothing is. The reports written so far are erased (they can be
    written again). There is no way back. Done again, it changes nothing.
    """
    from pipelines.retention import pseudonymise as hide
    from rpps_sync.directory.migrations import ensure_current

    with engine_of(ctx) as engine, progress("pseudonymising") as bar:
        ensure_current(engine)
        done = hide(engine, settings_of(ctx), by=by or getpass.getuser(), progress=bar.advance)
    _tell(done, as_json=as_json, title="rewritten")


def _counted(removed: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in removed.items() if count) or "nothing"


def _tell(erased: Erased, *, as_json: bool, title: str = "removed") -> None:
    told = {name: getattr(erased, name) for name in ("scrubbed", "not_reached", "oldest_left")}
    document = erased.entry.to_json() | told
    if as_json:
        print_json(document)
    else:
        table("", (title, "rows or files"), list(erased.entry.removed.items()))
    if not erased.scrubbed:
        say(
            "another program reads the database: former pages leave its log (-wal) when it is done, or repeat this"
        )
