"""How much room archived publications take, and which of them go when that is more than was granted.

A text that several publications share by hard links takes its room once, and gives it back with the last of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from rpps_sync.publication import Publication

_File = tuple[int, int]  # device and inode


@dataclass
class Occupied:
    """The files on disk, each once, and who needs them."""

    sizes: dict[_File, int] = field(default_factory=dict)  # bytes
    owners: dict[_File, set[str]] = field(default_factory=dict)  # ids of publications

    @classmethod
    def by(cls, publications: Sequence[Publication]) -> Occupied:
        """All that lies in the folders of some publications."""
        found = cls()
        for publication in publications:
            for path in publication.folder.iterdir():
                with suppress(FileNotFoundError):
                    status = path.stat()
                    file = status.st_dev, status.st_ino
                    found.sizes[file] = status.st_size
                    found.owners.setdefault(file, set()).add(publication.id)
        return found

    @property
    def bytes(self) -> int:
        """What they take together."""
        return sum(self.sizes.values())

    def without(self, publication: Publication) -> None:
        """Let go of one publication, and of the files that nobody else needs."""
        for file in [file for file, owners in self.owners.items() if publication.id in owners]:
            self.owners[file].discard(publication.id)
            if not self.owners[file]:
                del self.owners[file], self.sizes[file]


def too_many(publications: Sequence[Publication], most: int, needed: Collection[str]) -> tuple[Publication, ...]:
    """Those that have to go, oldest first, for the others to take no more than so many bytes.

    Args:
        publications: oldest first; the last one always stays.
        most: bytes.
        needed: ids that stay even if the others then take more.
    """
    occupied, gone = Occupied.by(publications), []
    for publication in publications[:-1]:
        if occupied.bytes <= most:
            break
        if publication.id not in needed:
            occupied.without(publication)
            gone.append(publication)
    return tuple(gone)
