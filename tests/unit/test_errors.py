"""The error tree and its exit codes."""

from __future__ import annotations

import inspect

import pytest

from rpps_sync import errors

EXIT_CODES = {
    errors.RppsSyncError: 1,
    errors.UsageError: 2,
    errors.SourceError: 1,
    errors.PublisherUnreachable: 75,
    errors.ExtractRefused: 3,
    errors.TokenRefused: 1,
    errors.LockHeld: 75,
    errors.DirectoryError: 1,
    errors.StorageError: 1,
    errors.NotFound: 1,
}


@pytest.mark.parametrize(("error", "code"), EXIT_CODES.items())
def test_each_error_ends_the_program_with_its_documented_code(
    error: type[errors.RppsSyncError], code: int
) -> None:
    """Scripts rely on these numbers."""
    assert error("what").exit_code == code


def test_every_error_is_in_the_tree_and_in_this_list() -> None:
    """A new error must be drawn in the tree of the module and given an exit code here."""
    found = {item for _, item in inspect.getmembers(errors, inspect.isclass) if item.__module__ == errors.__name__}
    assert found == set(EXIT_CODES)
    assert errors.__doc__ is not None
    assert [item.__name__ for item in found if item.__name__ not in errors.__doc__] == []


def test_publisher_errors_are_caught_as_one_family() -> None:
    """A caller can tell 'the publisher is at fault' from 'we are'."""
    assert issubclass(errors.PublisherUnreachable, errors.SourceError)
    assert issubclass(errors.ExtractRefused, errors.SourceError)
    assert not issubclass(errors.DirectoryError, errors.SourceError)


def test_error_carries_sentence_mend_and_reason() -> None:
    """What happened, what to do, and a stable word for machines."""
    error = errors.ExtractRefused("column missing", mend="look at the header", reason="column-missing")
    assert (str(error), error.what, error.mend, error.reason) == (
        "column missing",
        "column missing",
        "look at the header",
        "column-missing",
    )
