"""Two ways of learning the same about a file must agree."""

from __future__ import annotations

from polars.testing import assert_frame_equal

from rpps_sync.extracts.scan import Scan


def assert_same(one: Scan, other: Scan) -> None:
    """Same lines in the same places, same measures."""
    assert_frame_equal(one.index, other.index)
    for name in ("kind", "header", "lines", "quarantined", "duplicates", "practitioners", "filled", "rules"):
        assert getattr(one.profile, name) == getattr(other.profile, name), name
    assert one.profile.values.keys() == other.profile.values.keys()
    for key, values in one.profile.values.items():
        assert_frame_equal(values, other.profile.values[key])
    assert_frame_equal(one.profile.identifiers, other.profile.identifiers)
    assert_frame_equal(one.profile.groups, other.profile.groups)
