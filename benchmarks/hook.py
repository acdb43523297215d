"""How long a sign-in waits for ``rpps_sync.client.observe``: to a folder, and to a destination that hangs.

    python benchmarks/hook.py

Microseconds of one call, while the thread in the background works; five activities, as in the largest samples.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rpps_sync.client import observing
from rpps_sync.client.destination import Destination, Inbox

CALLS = 20_000
TOKEN = ".".join(("eyJ" + "a" * 100, "b" * 900, "c" * 342))


class Hanging:
    """Takes what it is given, and never comes back."""

    linger = 0.0

    def deliver(self, lines: Sequence[bytes]) -> None:
        """Wait for ever."""
        threading.Event().wait(len(lines) * 3600)


def main() -> None:
    """Print a row for each destination."""
    print("| destination | median µs | 99 % | 99.9 % | longest | delivered | dropped |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, where, pause in (
            ("a folder, 1,000 sign-ins a second", Inbox(Path(folder), linger=0.2), 0.001),
            ("a folder, all at once", Inbox(Path(folder), linger=0.2), 0.0),
            ("one that hangs", Hanging(), 0.0),
        ):
            _row(name, where, pause)


def _row(name: str, where: Destination, pause: float) -> None:
    observer = observing._observer = observing.Observer("dpi", where)  # noqa: SLF001 - what configure() does for a known place
    said = _userinfo()
    took = []
    for _ in range(CALLS // 10 if pause else CALLS):
        began = time.perf_counter()
        observing.observe(said, id_token=TOKEN)
        took.append((time.perf_counter() - began) * 1e6)
        if pause:
            time.sleep(pause)
    observer.flush(3)
    took.sort()
    cells = [took[int(len(took) * share)] for share in (0.5, 0.99, 0.999)] + [took[-1]]
    counted = (observer.counters.delivered, observer.counters.dropped)
    print(f"| {name} | " + " | ".join(f"{cell:,.0f}" for cell in (*cells, *counted)) + " |", flush=True)


def _userinfo() -> dict[str, Any]:
    activity = {f"claim{number:02}": "a value of some length" for number in range(30)}
    exercise = {"codeProfession": "10", "nomDexercice": "EXEMPLE", "activities": [activity] * 5}
    return {
        "sub": "s",
        "SubjectNameID": "899900000003",
        "SubjectRefPro": {"exercices": [exercise]},
        "acr": "eidas1",
    }


if __name__ == "__main__":
    main()
