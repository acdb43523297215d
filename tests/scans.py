"""Two ways of learning the same about a file must agree."""

from __future__ import annotations

from polars.testing import assert_frame_equal

from rpps_sync.extracts.scan import Scan


def assert_same(one: Scan, other: Scan) -> None:
    """Same lines in the same places, same measures; which of its owners a shape shows as a sample is left open."""
    assert_frame_equal(one.index, other.index)
    for name in ("kind", "header", "lines", "quarantined", "duplicates", "practitioners", "filled"):
        assert getattr(one.profile, name) == getattr(other.profile, name), name
    assert one.profile.values.keys() == other.profile.values.keys()
    for key, values in one.profile.values.items():
        assert_frame_equal(values, other.profile.values[key])
    assert_frame_equal(one.profile.identifiers.drop("sample"), other.profile.identifiers.drop("sample"))
