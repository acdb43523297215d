"""``rpps-sync findings worklist``: who has to correct what, a list per recipient."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rpps_sync.cli.access import directory_of
from rpps_sync.cli.output import print_json, say, settings_of, table

if TYPE_CHECKING:
    from rpps_sync.reporting.worklists import Worklist

_UNNAMED = (
    "people are shown by their pseudonyms, without names: whoever corrects cannot find them by these lists; "
    "--with-identifiers names them"
)
_NAMED = (
    "these lists name people, although the database does not: keep them accordingly; "
    "whom the directory never knew keeps the pseudonym"
)


class Recipient(StrEnum):
    """Whom worklists are for."""

    AUTHORITY = "authority"
    APPLICATION = "application"


class Language(StrEnum):
    """The languages of a worklist."""

    FRENCH = "fr"
    ENGLISH = "en"


def worklist(
    ctx: typer.Context,
    by: Annotated[Recipient, typer.Option(help="Whom the lists are for.")],
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write one CSV per recipient there.")] = None,
    with_claims: Annotated[
        bool, typer.Option("--with-claims", help="Also what comes from the token alone: personal data.")
    ] = False,
    with_identifiers: Annotated[
        bool, typer.Option("--with-identifiers", help="Name people where PSEUDONYMOUS hides them.")
    ] = False,
    language: Annotated[Language | None, typer.Option(help="Else the LANGUAGE setting.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Say who has to correct what: by authority, with the way of correction; by application, with advice.

    The files open in Excel in French (UTF-8 with a mark, semicolons); no cell is read as a formula. Without
    --with-claims they hold what is published, and what is to be done about it. With PSEUDONYMOUS, people bear
    their pseudonyms and no name, unless --with-identifiers is given; in clear that option changes nothing.
    """
    from pipelines.worklists import Recipient as For
    from pipelines.worklists import worklists, write

    chosen = language.value if language else settings_of(ctx).language
    if settings_of(ctx).pseudonymous:
        say(_NAMED if with_identifiers else _UNNAMED)
    with directory_of(ctx) as connection:
        lists = worklists(connection, For(by.value), chosen, claims=with_claims, identifiers=with_identifiers)
    files = write(lists, out) if out else []
    if as_json:
        print_json(_worklists(lists, files))
        return
    named = [path.name for path in files] or [""] * len(lists)
    rows = [
        [item.name, len(item.rows), " ".join(item.advice), name] for item, name in zip(lists, named, strict=True)
    ]
    table("", (by.value, "lines", "advice", "file"), rows)


def _worklists(lists: Sequence[Worklist], files: Sequence[Path]) -> list[dict[str, Any]]:
    paths: Sequence[Path | None] = files or [None] * len(lists)
    return [
        {"name": item.name, "rows": list(item.rows), "advice": list(item.advice), "file": path}
        for item, path in zip(lists, paths, strict=True)
    ]
