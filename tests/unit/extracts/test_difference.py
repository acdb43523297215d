import io
import random
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from extract_builder import national_id, person, stream
from rpps_sync.extracts.cache import ScanCache
from rpps_sync.extracts.difference import difference
from rpps_sync.extracts.index import empty, fingerprint
from rpps_sync.extracts.scan import scan
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import layout, read_header
from scans import assert_same

PA = ExtractKind.PERSONNE_ACTIVITE


def index(lines: list[dict[str, str]]) -> pl.DataFrame:
    """The line index of a small file."""
    return scan(stream(PA, lines), PA).index


def test_a_shuffled_file_is_the_same_file() -> None:
    """Lines in another order are no news."""
    lines = [person(number) for number in range(100)]
    shuffled = random.Random(3).sample(lines, len(lines))
    told = difference(index(lines), index(shuffled))
    assert (told.added, told.removed, len(told.affected)) == (0, 0, 0)


def test_a_changed_line_affects_its_practitioner_alone() -> None:
    """One corrected phone number is a line less, a line more, and one practitioner to look at."""
    before = [person(number) for number in range(10)]
    after = [*before[:9], person(9, phone="0102030405")]
    told = difference(index(before), index(after))
    assert (told.added, told.removed) == (1, 1)
    assert told.affected.to_list() == [national_id(9)]


def test_a_first_load_is_all_news() -> None:
    """Against nothing, every line is added."""
    assert difference(empty(), index([person(1), person(2)])).added == 2


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 5), max_size=12),
    st.lists(st.integers(0, 5), max_size=12),
)
def test_repeated_lines_are_counted(before: list[int], after: list[int]) -> None:
    """Files are compared as multisets: a repetition that goes or comes is a line that goes or comes."""
    told = difference(index([person(n) for n in before]), index([person(n) for n in after]))
    gains = [after.count(n) - before.count(n) for n in range(6)]
    assert told.added == sum(gain for gain in gains if gain > 0)
    assert told.removed == -sum(gain for gain in gains if gain < 0)
    assert set(told.affected) == {national_id(n) for n in range(6) if gains[n]}


def test_a_damaged_index_is_made_again(tmp_path: Path) -> None:
    """An index is a cache: what cannot be read is as good as missing."""
    cache = ScanCache(tmp_path)
    learned = scan(stream(PA, [person(1), person(2, profession="10", profession_label="Médecin")]), PA)
    cache.save("a" * 64, learned)
    kept = cache.load("a" * 64)
    assert kept is not None
    assert_same(kept, learned)
    next(tmp_path.glob("*.parquet")).write_bytes(b"PAR1 damaged")
    assert cache.load("a" * 64) is None
    assert cache.load("b" * 64) is None


def test_the_fingerprint_of_a_line_never_changes() -> None:
    """Indexes outlive versions: the hash of a known line is pinned."""
    lines = pl.Series("line", ["8|99900000011|899900000011|É"])
    assert fingerprint(lines, read_header(PA, layout(PA).header)).to_list() == [3342904750138244757]


def test_a_column_nobody_knows_moves_no_line() -> None:
    """Lines are compared in the columns we know: one more column, or a trailing separator, is no news."""
    plain = stream(PA, [person(1), person(2, phone="0102030405")]).getvalue().decode().splitlines()
    wide = [f"{line[: line.index('|')]}|new {n}{line[line.index('|') :]}|" for n, line in enumerate(plain)]
    told = difference(*(scan(io.BytesIO("\n".join(lines).encode()), PA).index for lines in (plain, wide)))
    assert (told.added, told.removed) == (0, 0)
