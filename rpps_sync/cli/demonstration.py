"""``rpps-sync demo``: the whole job on invented people, and where to look afterwards."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rpps_sync.cli.output import print_json, progress, table

if TYPE_CHECKING:
    from pipelines.demo import Demonstration


def demo(
    folder: Annotated[
        Path, typer.Option("--dir", metavar="DIR", help="Where everything goes; may be deleted afterwards.")
    ] = Path("demo"),
    practitioners: Annotated[int, typer.Option(min=200, help="How many invented practitioners.")] = 3000,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Do the whole job on invented people: a publisher on loopback, three nights, then where to look.

    Exits with the code of the last night.
    """
    from pipelines.demo import demo as play

    shown = play(folder, practitioners, bars=progress)
    if as_json:
        print_json({"nights": [night.to_json() for night in shown.nights], "findings": _verdicts(shown)})
    else:
        _tell(shown, folder)
    raise typer.Exit(shown.nights[-1].exit_code)


def _verdicts(shown: Demonstration) -> dict[str, int]:
    return dict(Counter(str(item.judgement.verdict) for item in shown.findings).most_common())


def _tell(shown: Demonstration, folder: Path) -> None:
    nights = [
        (
            night.publication.id if night.publication else "",
            night.outcome,
            f"{night.delta.practitioners.total:,}",
            f"+{night.delta.practitioners.added}",
            f"~{night.delta.practitioners.changed}",
            f"-{night.delta.practitioners.departed}",
            sum(check.to_see for check in night.checks),
        )
        for night in shown.nights
    ]
    columns = ("publication", "outcome", "practitioners", "arrived", "changed", "departed", "checks to see")
    table("Three nights", columns, nights)
    meaning = {
        "token_stale": "the directory moved on, the token did not",
        "directory_stale": "the token moved on, the directory did not",
        "departed_practitioner": "left the directory, and still signs in",
        "unknown_practitioner": "no publication ever contained this identifier",
        "conflict": "they differ, and no history explains it",
        "pending": "they differ, too recently to tell",
    }
    rows = [(count, verdict, meaning.get(verdict, "")) for verdict, count in _verdicts(shown).items()]
    table("Tokens against the directory", ("findings", "verdict", "meaning"), rows)
    typer.echo("\n".join(_where_to_look(shown, folder)))


def _where_to_look(shown: Demonstration, folder: Path) -> Iterator[str]:
    program = "rpps-sync" if shutil.which("rpps-sync") else sys.argv[0]
    config = f"{program} --config {folder / 'rpps-sync.toml'}"
    yield f"Report: {shown.nights[-1].report}"
    yield ""
    yield "To try next:"
    yield f"  {config} findings list"
    yield f"  {config} lookup {shown.somebody}"
    yield f"  {config} lookup {shown.somebody} --as-of {shown.nights[0].started_at:%Y-%m-%d} --json"
    yield f"  {config} changes --limit 20"
    yield f"  {config} publications"
    yield f"  {config} freshness"
    if find_spec("streamlit"):
        yield f"  {config} dashboard"
