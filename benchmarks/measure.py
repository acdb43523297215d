"""Timing a command as a whole process, from outside: wall, CPU and the peak memory of the process itself."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of a command took."""

    wall: float  # seconds
    cpu: float  # seconds, user and system together
    peak_rss: int  # bytes, of the command's own process
    exit_code: int

    @classmethod
    def median(cls, costs: Sequence[Cost]) -> Cost:
        """The median of each figure."""
        return cls(
            wall=statistics.median(cost.wall for cost in costs),
            cpu=statistics.median(cost.cpu for cost in costs),
            peak_rss=int(statistics.median(cost.peak_rss for cost in costs)),
            exit_code=max(cost.exit_code for cost in costs),
        )


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Cost:
    """Run a command to its end, its output thrown away."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command, env={**os.environ, **(environment or {})}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(
        wall=time.perf_counter() - started,
        cpu=usage.ru_utime + usage.ru_stime,
        peak_rss=usage.ru_maxrss * 1024,
        exit_code=process.returncode,
    )
