import polars as pl
from polars.testing import assert_frame_equal

from extract_builder import hospital, person, text
from rpps_sync.extracts.parse import columns_of
from rpps_sync.extracts.profile import Profiler, measured
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import Header, read_header

PA = ExtractKind.PERSONNE_ACTIVITE


def _parsed(lines: list[dict[str, str]]) -> tuple[pl.DataFrame, Header]:
    header, *rows = text(PA, lines).splitlines()
    read = read_header(PA, header)
    return columns_of(pl.Series("line", rows), read), read


def _people(first: int, last: int, **values: str) -> list[dict[str, str]]:
    return [person(number, **(hospital(number % 5) | values)) for number in range(first, last)]


def test_tonight_is_yesterday_plus_what_came_less_what_went() -> None:
    """The profile of a file is never measured twice: it follows the lines that move."""
    gone, kept, came = _people(0, 7, siret="1"), _people(7, 30), _people(30, 44, mode="L", postal_code="6900")
    (yesterday, header), (removed, _), (added, _) = _parsed(gone + kept), _parsed(gone), _parsed(came)
    followed, again = Profiler(header), Profiler(header)
    for portion in (measured(yesterday, header), measured(removed, header).less(), measured(added, header)):
        followed.add(portion)
    again.add(measured(_parsed(kept + came)[0], header))
    assert followed.filled() == again.filled()
    assert followed.rules() == again.rules()
    assert_frame_equal(followed.groups(), again.groups())
    assert_frame_equal(followed.identifiers(), again.identifiers(), check_row_order=False)
    for key, values in again.values().items():
        assert_frame_equal(followed.values()[key], values)


def test_column_of_garbage_makes_one_group() -> None:
    """Telephone numbers where authorities should be do not swell the profile."""
    lines = [person(number, registration_authority=f"01 99 {number}") for number in range(50)]
    columns, header = _parsed(lines)
    assert measured(columns, header).groups["registration_authority"].to_list() == ["?"]
