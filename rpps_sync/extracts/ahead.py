"""Working ahead: the next pieces are prepared on other threads while this one is being used.

Polars and the database driver let go of Python's lock while they work, so two threads keep two processors busy. At
most ``workers`` results wait, which keeps memory bounded.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Piece = TypeVar("Piece")
Result = TypeVar("Result")


def ahead(prepare: Callable[[Piece], Result], pieces: Iterable[Piece], *, workers: int = 2) -> Iterator[Result]:
    """The result of ``prepare`` for each piece, in their order.

    Args:
        prepare: called on other threads, several at a time when there are several workers.
        pieces: taken on the caller's thread, a few before they are needed.
        workers: how many threads prepare.
    """
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(max_workers=workers) as threads:
        for piece in pieces:
            waiting.append(threads.submit(prepare, piece))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
