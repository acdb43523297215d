from __future__ import annotations

import httpx
import pytest

from rpps_sync.errors import ExtractRefused, PublisherUnreachable
from rpps_sync.publisher.exchange import retry_after
from rpps_sync.publisher.retries import AT_ONCE, Deadline, RetryPolicy, TryAgain, _Patience, backoff, retried
from rpps_sync.publisher.way import Way

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


def test_a_publisher_that_counts_downloads_is_left_for_longer_each_time() -> None:
    """One, two, four units of rest after each 429 that names no delay, and the usual wait after anything else."""
    crowded = RetryPolicy(first_wait=0, longest_wait=0, jitter=0, crowded_wait=0.002)
    patience = _Patience(crowded, Deadline(10))
    again = TryAgain(FINAL, crowded=True)
    assert [patience(again), patience(TryAgain(FINAL)), patience(again), patience(again)] == [
        0.002,
        True,
        0.004,
        0.008,
    ]


def test_a_rest_beyond_the_deadline_is_not_begun() -> None:
    """A minute of rest does not fit in half a second."""
    assert _Patience(RetryPolicy(crowded_wait=60), Deadline(0.5))(TryAgain(FINAL, crowded=True)) is False


def _led(base: str, to: str) -> str:
    """The reason why an address is not followed from a base address, or ''."""
    try:
        Way(httpx.URL(base), "RPPS_SYNC_CATALOG_URL").refuse_other("file", httpx.URL(to))
    except ExtractRefused as refusal:
        return refusal.reason
    return ""


@pytest.mark.parametrize(
    ("base", "to", "reason"),
    [
        ("https://www.data.gouv.fr/api/1", "https://static.data.gouv.fr/resources/f", ""),
        ("https://www.data.gouv.fr/api/1", "https://data.gouv.fr/f", ""),
        ("https://www.data.gouv.fr/api/1", "http://static.data.gouv.fr/resources/f", "https-downgrade"),
        ("https://www.data.gouv.fr/api/1", "https://notdata.gouv.fr/f", "redirect-elsewhere"),
        ("https://www.data.gouv.fr/api/1", "https://static.data.gouv.fr.example.org/f", "redirect-elsewhere"),
        ("https://mirror.example.org/api/1", "https://static.data.gouv.fr/f", "redirect-elsewhere"),
        ("https://mirror.example.org/api/1", "https://mirror.example.org/f", ""),
        ("http://127.0.0.1:1/api/1", "http://127.0.0.1:2/f", ""),
        ("http://127.0.0.1:1/api/1", "https://127.0.0.1:2/f", ""),
        ("http://127.0.0.1:1/api/1", "http://localhost:1/f", "redirect-elsewhere"),
        ("http://127.0.0.1:1/api/1", "ftp://127.0.0.1/f", "https-downgrade"),
    ],
)
def test_where_a_publisher_may_lead(base: str, to: str, reason: str) -> None:
    """Never down from https to http, never to another host, except between the sites of data.gouv.fr."""
    assert _led(base, to) == reason
