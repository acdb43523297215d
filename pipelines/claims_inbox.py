"""The watched folder: applications leave files of observations in it, and the night takes them in.

    claims.inbox/*.jsonl            ready to be taken in; what is being written bears another name (.part)
    claims.inbox/APPLICATION/*.jsonl  the same, and the folder says whose they are, whatever the lines say
    claims.inbox/done/              a receipt for each file taken in whole
    claims.inbox/refused/           a receipt for each with refused lines: their numbers and reasons

A file is deleted after its observations are in the database and its receipt is written. When the machine stops
in between, it is taken in again, and what was kept before counts once. Files hold what applications saw, tokens
included, so none is kept, be it refused: and without its tokens a forged proof would be a word that is believed.
Whoever mends the cause has the application write the file again, or waits for the next login.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Engine

from rpps_sync import clock
from rpps_sync.errors import PublisherUnreachable, UsageError
from rpps_sync.limits import LIMITS
from rpps_sync.publisher.disk import drafted, storage_told
from rpps_sync.run_summary import InboxSummary
from rpps_sync.settings import Settings

if TYPE_CHECKING:
    from pipelines.claims_intake import IntakeSummary

DONE, REFUSED = "done", "refused"
READY = "*.jsonl"
_OWNER_AND_GROUP = 0o2770  # applications of the group may leave files; nobody else reads them

_log = structlog.get_logger()


@dataclass(slots=True)
class _Tally:
    files: int = 0
    accepted: int = 0
    duplicate: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    waiting: list[str] = field(default_factory=list)

    def note(self, taken: IntakeSummary) -> None:
        self.files += 1
        self.accepted += taken.accepted
        self.duplicate += taken.duplicate
        self.refused.update(taken.refused)


def take_in_inbox(
    engine: Engine, settings: Settings, *, progress: Callable[[int], None] = lambda _: None
) -> InboxSummary:
    """Take in every file that is ready, oldest name first, and file each away.

    A file that cannot be taken in now (the issuer gives no keys, a setting is missing) stays where it is, and the
    summary says why; the others are taken in all the same.

    Raises:
        DirectoryError: the database cannot be written.
        StorageError: the folder cannot be written.
    """
    inbox = prepared(settings.inbox)
    tally = _Tally()
    if files := tuple(ready(inbox)):
        _take_each(files, _desk(engine, settings, progress), inbox, tally)
    forget_old(inbox)
    return InboxSummary(
        tally.files, tally.accepted, tally.duplicate, dict(sorted(tally.refused.items())), tuple(tally.waiting)
    )


def prepared(inbox: Path) -> Path:
    """The folder, with a place for what was done and what was refused."""
    with storage_told(inbox):
        for folder in (inbox, inbox / DONE, inbox / REFUSED):
            if not folder.is_dir():
                folder.mkdir(parents=True)
                folder.chmod(_OWNER_AND_GROUP)
    return inbox


def ready(inbox: Path) -> Iterator[tuple[Path, str]]:
    """The files to take in, each with the application its folder stands for (or nothing), in order of name."""
    folders = sorted(path for path in inbox.iterdir() if path.is_dir() and not path.is_symlink())
    sources = {inbox: ""} | {path: path.name for path in folders if path.name not in (DONE, REFUSED)}
    for folder, source in sources.items():
        for file in sorted(folder.glob(READY)):
            if file.is_file() and not file.is_symlink() and not file.name.startswith("."):
                yield file, source


def _take_each(
    files: Iterable[tuple[Path, str]], desk: Callable[..., IntakeSummary], inbox: Path, tally: _Tally
) -> None:
    for file, source in files:
        try:
            taken = _taken(desk, file, source)
        except (PublisherUnreachable, UsageError) as error:
            tally.waiting.append(f"{file.relative_to(inbox)}: {error.what}")
        else:
            if taken is not None:
                tally.note(taken)
                _file_away(inbox, file, taken)


def _desk(engine: Engine, settings: Settings, progress: Callable[[int], None]) -> Callable[..., IntakeSummary]:
    """What takes a file in; it loads the libraries of tokens, which a night with an empty inbox does without."""
    from pipelines.claims_intake import take_in, verifier_of  # noqa: PLC0415 - fifteen megabytes and 80 ms

    verifier = verifier_of(settings)
    return partial(take_in, engine, verifier=verifier, grace=settings.grace_publications, progress=progress)


def _taken(desk: Callable[..., IntakeSummary], file: Path, source: str) -> IntakeSummary | None:
    """What became of a file; None when another took it meanwhile, or this account may not read it."""
    try:
        stream = file.open("rb")
    except OSError as error:
        _log.warning("a file of the watched folder cannot be read", file=file.name, why=error.strerror)
        return None
    with stream:
        return desk(stream=stream, source=source)


def _file_away(inbox: Path, file: Path, taken: IntakeSummary) -> None:
    """Leave the receipt, then remove the file."""
    where = inbox / (REFUSED if taken.refused else DONE)
    stamp = clock.now().strftime("%Y%m%dT%H%M%S")
    name = "-".join(file.relative_to(inbox).parts).removesuffix(".jsonl")
    receipt = where / f"{name}.{stamp}.json"
    with storage_told(receipt):
        _write(receipt, {"file": str(file.relative_to(inbox)), **taken.to_json()})
        file.unlink(missing_ok=True)


def _write(path: Path, receipt: dict[str, object]) -> None:
    with drafted(path, path.with_suffix(".part")) as draft:
        draft.write_text(json.dumps(receipt, indent=1) + "\n", encoding="utf-8")


def forget_old(inbox: Path) -> None:
    """Remove receipts written more than ``LIMITS.receipt_days`` ago."""
    oldest = time.time() - timedelta(days=LIMITS.receipt_days).total_seconds()
    with storage_told(inbox):
        for folder in (inbox / DONE, inbox / REFUSED):
            for path in folder.iterdir():
                if path.stat().st_mtime < oldest:
                    path.unlink(missing_ok=True)
