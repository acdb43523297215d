from __future__ import annotations

import httpx
import pytest

from rpps_sync.errors import ExtractRefused, PublisherUnreachable
from rpps_sync.limits import LIMITS
from rpps_sync.publisher.exchange import Exchange, retry_after
from rpps_sync.publisher.retries import AT_ONCE, Deadline, RetryPolicy, TryAgain, backoff, retried

FINAL = PublisherUnreachable("gone", reason="test")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120.0),
        (
            {
                "retry-after": "Fri, 20 Nov 2026 08:13:30 GMT",
                "date": "Fri, 20 Nov 2026 08:12:00 GMT",
            },
            90.0,
        ),
        (
            {
                "retry-after": "Fri, 20 Nov 2026 08:00:00 GMT",
                "date": "Fri, 20 Nov 2026 08:12:00 GMT",
            },
            0.0,
        ),
        ({"retry-after": "Fri, 20 Nov 2026 08:13:30 GMT"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_both_forms(headers: dict[str, str], seconds: float | None) -> None:
    """Seconds, or a date counted from the server's own clock."""
    assert retry_after(headers) == seconds


@pytest.mark.parametrize(
    ("asked", "answer"),
    [(None, True), (0.5, True), (30.0, 30.0), (601.0, False)],
    ids=["nothing asked", "less than ours", "more than ours", "too long"],
)
def test_the_wait_is_the_longer_of_ours_and_the_servers(asked: float | None, answer: float | bool) -> None:
    """A Retry-After lengthens the wait, up to our patience."""
    given = backoff(RetryPolicy(), Deadline(3600), TryAgain(FINAL, asked))
    assert (given, type(given)) == (answer, type(answer))


def test_no_wait_goes_past_the_deadline() -> None:
    """When the wait would end after the deadline, it is not begun."""
    assert backoff(RetryPolicy(), Deadline(10), TryAgain(FINAL, 20.0)) is False
    assert backoff(RetryPolicy(), Deadline(0), TryAgain(FINAL)) is False


def test_another_error_is_not_tried_again() -> None:
    """A refusal is final at once."""
    calls: list[int] = []

    def refuse() -> None:
        calls.append(1)
        raise ExtractRefused("no", reason="test")

    with pytest.raises(ExtractRefused):
        retried(AT_ONCE, Deadline(10), refuse)
    assert len(calls) == 1


def test_the_last_attempt_tells_why() -> None:
    """After the last attempt its own error is raised, never the instruction to try again."""
    calls: list[int] = []

    def fail() -> None:
        calls.append(1)
        raise TryAgain(FINAL)

    with pytest.raises(PublisherUnreachable, match="gone"):
        retried(AT_ONCE, Deadline(10), fail)
    assert len(calls) == AT_ONCE.attempts


def test_the_way_down_from_https_to_http_is_refused() -> None:
    """An encrypted catalogue never leads to a plain file; a plain one may lead to either."""
    with Exchange("https://www.example.org/api/1", LIMITS, AT_ONCE) as exchange:
        exchange._refuse_way("file", httpx.URL("https://static.example.org/f"))
        with pytest.raises(ExtractRefused, match="not encrypted") as refusal:
            exchange._refuse_way("file", httpx.URL("http://static.example.org/f"))
    assert refusal.value.reason == "https-downgrade"
    with Exchange("http://127.0.0.1:1/api/1", LIMITS, AT_ONCE) as exchange:
        exchange._refuse_way("file", httpx.URL("http://127.0.0.1:1/f"))
