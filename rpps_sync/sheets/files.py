"""The kind of a file, by the end of its name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import ModuleType

from rpps_sync.errors import UsageError
from rpps_sync.sheets import parquet, separated, workbook
from rpps_sync.sheets.sheet import Cells, Sheet, Write

_KINDS: dict[str, ModuleType] = {
    ".csv": separated,
    ".tsv": separated,
    ".txt": separated,
    ".parquet": parquet,
    ".xlsx": workbook,
}


def reading(path: Path) -> AbstractContextManager[Sheet]:
    """Open a table.

    Raises:
        UsageError: the file is of no kind that is read here, or not what its name says.
    """
    opened: AbstractContextManager[Sheet] = _kind(path).reading(path)
    return opened


@contextmanager
def writing(path: Path, header: Cells, origin: object) -> Iterator[Write]:
    """Write a table that is there whole, once the block ends well, or not at all.

    Args:
        path: where to; no file may be there.
        header: the names of the columns.
        origin: :attr:`Sheet.origin` of the table that was read: the same kind of file is written alike.

    Raises:
        UsageError: the file exists, or is of no kind that is written here.
    """
    kind = _kind(path)
    if path.exists():
        raise UsageError(f"{path} exists", mend="name a file that does not exist yet", reason="file-exists")
    draft = path.with_name(f".{path.name}.part")
    try:
        with kind.writing(draft, header, origin) as write:
            yield write
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _kind(path: Path) -> ModuleType:
    kind = _KINDS.get(path.suffix.lower())
    if kind is None:
        raise UsageError(
            f"{path}: the end of the name says no kind of table that is known here",
            mend=f"name it one of {', '.join(f'*{end}' for end in _KINDS)}",
            reason="unknown-format",
        )
    return kind
