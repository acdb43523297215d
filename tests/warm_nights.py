"""Nights that start at once and can be stopped at a chosen moment.

A process with everything imported forks for each command: the child runs the command line as a person would, and
says which step it is in, so that a signal can be sent inside that step. Starting Python and its libraries, some
seconds, is paid once.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

BEGINS, ENDS, STARTED, OVER = "begins", "ends", "started", "over"


@dataclass
class Night:
    """A command at work; what it says of itself comes through the pipe of the process that forked it."""

    pid: int
    said: IO[str]
    log: Path
    step: str = ""  # under way, as far as read
    seen: list[tuple[float, str, str]] = field(default_factory=list)  # instant, begins or ends, step
    code: int | None = None

    def wait_for(self, step: str) -> bool:
        """Read on until a step begins; whether it did before the command was over."""
        while self.code is None:
            word, about = self._read()
            if (word, about) == (BEGINS, step):
                return True
        return False

    def stop(self, how: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal, and wait for the end."""
        with suppress(ProcessLookupError):  # it was over before
            os.kill(self.pid, how)
        return self.end()

    def end(self) -> int:
        """Wait for the end: the exit code, or minus the signal."""
        while self.code is None:
            self._read()
        return self.code

    def _read(self) -> tuple[str, str]:
        word, instant, about = self.said.readline().split(" ", 2)
        about = about.strip()
        self.seen.append((float(instant), word, about))
        if word in (BEGINS, ENDS):
            self.step = about if word == BEGINS else ""
        elif word == OVER:
            self.code = os.waitstatus_to_exitcode(int(about))
        return word, about


@dataclass
class Nights:
    """Starts commands; one at a time."""

    process: subprocess.Popen[str]

    def start(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> Night:
        """Start ``rpps-sync`` with these arguments; everything it prints goes to a file."""
        asked, said = self.process.stdin, self.process.stdout
        assert asked is not None
        assert said is not None
        asked.write(json.dumps([list(arguments), dict(environment), str(log)]) + "\n")
        asked.flush()
        word, _, pid = said.readline().split(" ", 2)
        assert word == STARTED
        return Night(int(pid), said, log)


@contextmanager
def warm() -> Iterator[Nights]:
    """The process that forks; it is gone when the block ends."""
    command = [sys.executable, __file__]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        try:
            yield Nights(process)
        finally:
            process.stdin.close()
            process.wait(timeout=60)


def _serve() -> None:
    import great_expectations  # noqa: F401, PLC0415 - imported by the one who forks

    import pipelines.nightly  # noqa: F401, PLC0415 - idem
    import rpps_sync.cli  # noqa: PLC0415 - idem
    import rpps_sync.publisher.folder  # noqa: PLC0415 - idem
    import rpps_sync.publisher.origin  # noqa: F401, PLC0415 - idem

    said = os.dup(1)
    for line in sys.stdin:
        arguments, environment, log = json.loads(line)
        pid = os.fork()
        if not pid:
            _become(arguments, environment, Path(log), said)
        _say(said, STARTED, str(pid))
        _, status = os.waitpid(pid, 0)
        _say(said, OVER, str(status))


def _become(arguments: list[str], environment: dict[str, str], log: Path, said: int) -> None:
    """Be the command, whose every step is announced."""
    from rpps_sync import cli  # noqa: PLC0415 - imported by the one who forks
    from rpps_sync.cli import night  # noqa: PLC0415 - idem

    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, target in ((0, nothing), (1, file), (2, file)):
        os.dup2(target, number)
    os.environ.update(environment)
    sys.argv = ["rpps-sync", *arguments]
    vars(night)["progress"] = _announcing(said)
    try:
        cli.main()
    except SystemExit as left:
        sys.stdout.flush()
        sys.stderr.flush()
        code = left.code
        os._exit(code if isinstance(code, int) else 1)
    finally:
        os._exit(99)


class _Silent:
    def advance(self, amount: int, /) -> None:
        """Nobody is watching."""


def _announcing(said: int) -> Callable[..., AbstractContextManager[_Silent]]:
    from pipelines.night import STEPS  # noqa: PLC0415 - imported by the one who forks

    names = {description: name for name, description in STEPS.items()}

    @contextmanager
    def bars(description: str, _total: int | None = None) -> Iterator[_Silent]:
        _say(said, BEGINS, names[description])
        yield _Silent()
        _say(said, ENDS, names[description])

    return bars


def _say(said: int, word: str, about: str) -> None:
    os.write(said, f"{word} {time.monotonic()} {about}\n".encode())


if __name__ == "__main__":
    _serve()
