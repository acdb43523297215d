"""Trying again, within bounds: so many attempts, growing waits with jitter, and one deadline over all of it.

The wait before attempt n + 1 is ``min(longest_wait, first_wait * 2**(n - 1) + random(0, jitter))`` seconds, or
what the server asks for in ``Retry-After`` when that is longer. A publisher known to count downloads is given more
rest after a 429 without ``Retry-After``: ``crowded_wait * 2**(number of them before)``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import stamina

from rpps_sync.errors import PublisherUnreachable, SourceError
from rpps_sync.limits import LIMITS

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often to try, and how long to wait in between; seconds."""

    attempts: int = LIMITS.attempts
    first_wait: float = 1.0
    longest_wait: float = 60.0
    jitter: float = 1.0
    longest_retry_after: float = 600.0  # a server that asks for more is left alone until the next run
    crowded_wait: float = 0.0  # rest after the first 429 without Retry-After, doubled each time; 0: the usual wait


AT_ONCE = RetryPolicy(first_wait=0, longest_wait=0, jitter=0, longest_retry_after=0)
"""As many attempts, no waiting: for a publisher on this very machine."""


class TryAgain(Exception):
    """This attempt failed in a way that another may not: an instruction to ``retried``, which no caller sees.

    Args:
        final: the error to raise when no attempt is left.
        retry_after: seconds that the server asks to wait, if it does.
        crowded: the server says that we come too often.
    """

    def __init__(self, final: SourceError, retry_after: float | None = None, *, crowded: bool = False) -> None:
        super().__init__(final.reason)
        self.final = final
        self.retry_after = retry_after
        self.crowded = crowded


class Deadline:
    """The instant at which a whole transfer must be over, retries included (monotonic)."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def remaining(self) -> float:
        """Seconds left, zero when there are none."""
        return max(0.0, self._end - time.monotonic())

    def check(self, name: str) -> None:
        """Stop here when the time is over.

        Raises:
            PublisherUnreachable: it is.
        """
        if not self.remaining:
            raise PublisherUnreachable(
                f"{name}: not complete after {self._seconds:g} s; the former publication is still served",
                mend="run again later; if it lasts, look at the network between here and the publisher",
                reason="deadline",
            )


def retried(policy: RetryPolicy, deadline: Deadline, attempt: Callable[[], Answer]) -> Answer:
    """Call ``attempt`` until it answers, raises something else than ``TryAgain``, or the bounds are reached.

    Raises:
        SourceError: the final error of the last attempt.
    """
    answers: list[Answer] = []
    try:
        for one in stamina.retry_context(
            on=_Patience(policy, deadline),
            attempts=policy.attempts,
            timeout=None,
            wait_initial=policy.first_wait,
            wait_max=policy.longest_wait,
            wait_jitter=policy.jitter,
        ):
            with one:
                answers.append(attempt())
    except TryAgain as error:
        raise error.final from error
    return answers[0]


class _Patience:
    """``backoff``, and the memory of how often the server said that we come too often."""

    def __init__(self, policy: RetryPolicy, deadline: Deadline) -> None:
        self._policy = policy
        self._deadline = deadline
        self._crowded = 0

    def __call__(self, error: Exception) -> bool | float:
        if isinstance(error, TryAgain) and error.crowded and error.retry_after is None:
            error = TryAgain(error.final, self._policy.crowded_wait * 2**self._crowded)
            self._crowded += 1
        return backoff(self._policy, self._deadline, error)


def backoff(policy: RetryPolicy, deadline: Deadline, error: Exception) -> bool | float:
    """Whether to try again after an error (stamina's hook).

    Returns:
        False: no; True: after the usual wait; a number: after that many seconds.
    """
    if not isinstance(error, TryAgain):
        return False
    asked = error.retry_after
    if asked is not None and asked > policy.first_wait:
        return asked if asked <= min(policy.longest_retry_after, deadline.remaining) else False
    return policy.first_wait < deadline.remaining
