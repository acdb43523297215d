"""Checking files by hand: the gate's checks on extracts nobody has published yet, touching nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from rpps_sync.errors import ExtractRefused, UsageError
from rpps_sync.extracts.profile import Profile
from rpps_sync.extracts.scan import scan
from rpps_sync.limits import LIMITS
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import recognise
from rpps_sync.quality.gate import assess
from rpps_sync.quality.rows import sampled
from rpps_sync.run_summary import CheckResult


def check_files(
    paths: Sequence[Path],
    language: str,
    *,
    progress: Callable[[int], None] = lambda _lines: None,
    docs: Path | None = None,
) -> tuple[CheckResult, ...]:
    """Run every check that needs no history on some extract files.

    Args:
        paths: files as published, plain text; which extract each one is, its header says.
        language: of the titles, ``fr`` or ``en``.
        progress: told the number of lines read since the last call.
        docs: a folder that does not exist yet, for the Data Docs of Great Expectations; None: none are made.

    Raises:
        ExtractRefused: a file is no extract, or a column of it is missing or renamed.
        UsageError: two files are the same extract.
    """
    profiles: dict[ExtractKind, Profile] = {}
    files: dict[ExtractKind, Path] = {}
    for path in paths:
        kind = _kind_of(path)
        if kind in profiles:
            raise UsageError(f"{path} is a second file of the extract {kind}", mend="check them one at a time")
        files[kind] = path
        with path.open("rb") as stream:
            profiles[kind] = scan(stream, kind, progress=progress).profile
    return sampled(assess(profiles, None, (), language, docs=docs), lambda kind: files[kind].open("rb"))


def _kind_of(path: Path) -> ExtractKind:
    with path.open("rb") as stream:
        line = stream.readline(LIMITS.header_bytes)
    if not line.strip():
        raise ExtractRefused(f"{path} is empty", mend="fetch the file again", reason="empty")
    try:
        return recognise(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ExtractRefused(
            f"{path}: the first line is not UTF-8 text", mend="decompress the file first", reason="not-utf-8"
        ) from error
    except ExtractRefused as error:
        raise ExtractRefused(f"{path}: {error.what}", mend=error.mend, reason=error.reason) from error
