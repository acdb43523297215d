"""What a broken or malicious file may hold: nothing breaks, nothing is lost, nothing is bent."""

import io

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract_builder import national_id, person, text
from rpps_sync.errors import ExtractRefused
from rpps_sync.extracts.lines import LineReader
from rpps_sync.extracts.parse import columns_of
from rpps_sync.extracts.scan import scan
from rpps_sync.limits import LIMITS, Limits
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import layout
from rpps_sync.run_summary import QuarantinedLine

SF = ExtractKind.SAVOIRFAIRE
HEADER = layout(SF).header.encode()
FIELDS = len(layout(SF).columns)
KEYS = [column.key for column in layout(SF).columns]
LINE_BYTES = 700  # of the fuzzed files, so that some lines are too long


def one_line(n: int, **values: str) -> bytes:
    """The line of the n-th practitioner, without its end."""
    return text(SF, [person(n, **values)]).encode().split(b"\n")[1]


def read(content: bytes, limits: Limits | None = None) -> tuple[list[str], list[QuarantinedLine]]:
    """All readable lines and all quarantined ones."""
    blocks = list(LineReader(io.BytesIO(content), SF, limits or Limits()).blocks())
    return (
        [line for block in blocks for line in block.frame["line"]],
        [line for block in blocks for line in block.quarantined],
    )


@pytest.mark.parametrize(
    "char", ["\f", "\v", "\x85", "\u2028", "\u2029", "\r", "\x1c", "\x1d", "\u202e", "\ufeff"]
)
def test_only_a_line_feed_ends_a_line(char: str) -> None:
    """Form feed, vertical tab, NEL, line separators, a lone CR, direction overrides are text inside a field."""
    line = one_line(1, given_name=f"ZO{char}E")
    lines, quarantined = read(HEADER + b"\n" + line + b"\n" + one_line(2) + b"\n")
    assert (lines, quarantined) == ([line.decode(), one_line(2).decode()], [])
    header = LineReader(io.BytesIO(HEADER + b"\n"), SF).header
    assert columns_of(pl.Series(lines), header)["given_name"].to_list() == [f"ZO{char}E", "CAMILLE"]


@pytest.mark.parametrize(
    ("field", "place"), [("\ufeff8", 0), ("text\r", FIELDS - 1), ('"', FIELDS - 1), ("#", 0), (" ", 0)]
)
def test_a_field_keeps_every_character_at_the_edges_of_a_line(field: str, place: int) -> None:
    """A byte order mark, a carriage return, a quote, a space first or last on a line are part of their field."""
    fields = one_line(1).decode().split("|")
    fields[place] = field
    header = LineReader(io.BytesIO(HEADER + b"\n"), SF).header
    assert columns_of(pl.Series(["|".join(fields)]), header).row(0) == tuple(fields)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "column-missing"),
        (HEADER[:50], "column-missing"),
        (HEADER.replace(b"|", b"\0|", 1), "control-character"),
        (HEADER + "|é".encode("latin-1"), "not-utf-8"),
        (HEADER + b"|x" * 10_000, "header-too-long"),
        (b"|".join(b"c%d" % n for n in range(2000)), "column-missing"),
        (b"x" * 10_000_000, "header-too-long"),
        (b"\x28\xb5\x2f\xfd" + bytes(100), "control-character"),
    ],
)
def test_a_first_line_that_is_no_header_refuses_the_file(content: bytes, reason: str) -> None:
    """Nothing, half a header, NUL, another encoding, ten thousand columns, no line end: refused, with a reason."""
    with pytest.raises(ExtractRefused) as told:
        read(content)
    assert told.value.reason == reason
    assert told.value.mend


def test_a_thousand_unknown_columns_are_read_past() -> None:
    """Columns nobody knows cost nothing but their bytes; the known ones are read as ever."""
    extra = 1000
    header = HEADER + b"".join(b"|new %d" % n for n in range(extra))
    reader = LineReader(io.BytesIO(header + b"\n" + one_line(1) + b"|x" * extra + b"\n"), SF)
    (block,) = reader.blocks()
    assert len(reader.header.unknown) == extra
    assert columns_of(block.frame["line"], reader.header)["national_id"].to_list() == [national_id(1)]


def test_a_line_of_ten_megabytes_is_set_aside_with_its_beginning() -> None:
    """A line longer than a block is quarantined with its owner and first bytes; its neighbours are read."""
    long = one_line(2) + b"x" * 10_000_000
    lines, (bad,) = read(b"\n".join([HEADER, one_line(1), long, one_line(3), b""]), Limits(chunk_bytes=1 << 20))
    assert [line.encode() for line in lines] == [one_line(1), one_line(3)]
    assert (bad.line_number, bad.reason, bad.national_id) == (3, "too-long", national_id(2))
    assert (bad.raw, bad.cut) == (long[: LIMITS.line_bytes], True)


def test_a_long_line_is_too_long_though_its_fields_count() -> None:
    """The bound on a line holds for a line with the right number of fields, and for one a CR over it."""
    limits = Limits(line_bytes=200)
    fits = one_line(1, given_name="X" * (200 - len(one_line(1, given_name=""))))
    lines, quarantined = read(b"\n".join([HEADER, fits + b"\r", fits + b"X", b""]), limits)
    assert lines == [fits.decode()]
    assert [(bad.line_number, bad.reason) for bad in quarantined] == [(3, "too-long")]


@pytest.mark.parametrize(
    "surrogate", [b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\xff"]
)
def test_bytes_that_encode_no_character_are_no_text(surrogate: bytes) -> None:
    """Lone surrogates, overlong forms and numbers beyond Unicode are quarantined with their very bytes."""
    line = one_line(1, given_name="ZOE").replace(b"ZOE", surrogate)
    lines, (bad,) = read(HEADER + b"\n" + line + b"\n" + one_line(2))
    assert (bad.reason, bad.raw, bad.national_id) == ("not-utf-8", line, national_id(1))
    assert len(lines) == 1


@pytest.mark.parametrize("char", ["\0", "\x1e", "\x1f"])
def test_separators_of_fingerprints_are_no_text(char: str) -> None:
    """What would make two different documents look the same is set aside."""
    _, (bad,) = read(HEADER + b"\n" + one_line(1, given_name=f"A{char}B"))
    assert bad.reason == "control-character"


@pytest.mark.parametrize(
    "content", [b"\n", b"\r\n", b"|\n", b"|" * (FIELDS - 1) + b"\n", b" \n", b"\n\n\n", b"\r"]
)
def test_lines_of_nothing_are_set_aside_one_by_one(content: bytes) -> None:
    """Empty lines and lines of separators belong to nobody; each is told with its number."""
    lines, quarantined = read(HEADER + b"\n" + one_line(1) + b"\n" + content)
    assert len(lines) == 1
    assert [bad.line_number for bad in quarantined] == list(range(3, 3 + max(1, content.count(b"\n"))))
    assert {bad.national_id for bad in quarantined} == {""}


def test_a_header_alone_is_an_empty_file() -> None:
    """With or without line end, byte order mark or CRLF, a header without lines has no line and no fault."""
    for content in (HEADER, HEADER + b"\n", HEADER + b"\r\n", b"\xef\xbb\xbf" + HEADER + b"\n"):
        assert read(content) == ([], [])


def test_too_many_bytes_that_cannot_be_read_refuse_the_file() -> None:
    """Garbage without end does not fill the memory: the whole file is called unreadable."""
    with pytest.raises(ExtractRefused, match="cannot be read") as told:
        scan(io.BytesIO(HEADER + b"\n" + b"garbage\n" * 300), SF, limits=Limits(quarantined_bytes=1000))
    assert told.value.reason == "unreadable"


_BITS = (b"|", b"||", b"\r", b'"', b"'", b"\0", b"\x1f", b"\x85", b"\xe9", b"8", b" ", b"#", b"\\", b"\x1a", b"\f")
_CHARS = ("\ufeff", "\x85", "\u2028", "\u202e", "\U0001f600", "x" * LINE_BYTES)
_FRAGMENTS = st.sampled_from([*_BITS, b"\xed\xa0\x80", *(char.encode() for char in _CHARS)])
_GARBAGE = st.one_of(st.binary(max_size=40), st.lists(_FRAGMENTS, max_size=20).map(b"".join)).map(
    lambda raw: raw.replace(b"\n", b"")
)


@st.composite
def _lines(draw: st.DrawFn) -> bytes:
    """A healthy line, most often with something put somewhere into it."""
    line = one_line(draw(st.integers(0, 3)))
    if draw(st.booleans()):
        return line
    edges = [place for place, char in enumerate(line) if char == ord("|")]  # where readers are tempted to trim
    place = draw(st.one_of(st.integers(0, len(line)), st.sampled_from([0, *edges, len(line)])))
    end = draw(st.sampled_from([place, place, place + 1, len(line)]))
    return line[:place] + draw(_GARBAGE) + line[end:]


_ENDS = st.sampled_from([b"\n", b"\n", b"\r\n"])
_FILES = st.lists(st.tuples(st.one_of(_lines(), _lines(), _GARBAGE), _ENDS), max_size=12)


def expected(lines: list[bytes]) -> list[bytes]:
    """The lines a reader may find readable: text of the right number of fields, told the plain way."""
    good = []
    for line in lines:
        try:
            fields = line.decode().split("|")
        except UnicodeDecodeError:
            continue
        named = len(fields) == FIELDS and 9 <= len(fields[2]) <= 16
        owned = named and all(char in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" for char in fields[2])
        if owned and len(line) <= LINE_BYTES and not set(line) & {0, 0x1E, 0x1F}:
            good.append(line)
    return good


@settings(max_examples=200, deadline=None)  # the first example compiles expressions
@given(_FILES, st.booleans(), st.integers(1, 1500))
def test_every_line_is_readable_or_quarantined_whatever_the_file(
    file: list[tuple[bytes, bytes]], ended: bool, chunk: int
) -> None:
    """Nothing breaks or is lost, fields are those of a plain split, and the size of blocks does not matter."""
    content = b"".join(line + end for line, end in file)
    if file and not ended:
        content = content[: -len(file[-1][1])]
    whole = HEADER + b"\n" + content
    limits = Limits(line_bytes=LINE_BYTES)
    lines, quarantined = read(whole, limits)
    given_lines = [line.removesuffix(b"\r") for line in content.split(b"\n")]
    if given_lines[-1] == b"" and not content.endswith(b"\r"):
        given_lines.pop()
    assert [line.encode() for line in lines] == expected(given_lines)
    assert len(lines) + len(quarantined) == len(given_lines)
    for bad in quarantined:
        assert given_lines[bad.line_number - 2][:LINE_BYTES] == bad.raw
        assert bad.reason != "unreadable"
    assert read(whole, Limits(line_bytes=LINE_BYTES, chunk_bytes=chunk)) == (lines, quarantined)
    header = LineReader(io.BytesIO(whole), SF).header
    assert columns_of(pl.Series(lines, dtype=pl.String), header).rows() == [
        tuple(line.split("|")) for line in lines
    ]
    _counts_add_up(whole, limits, lines, quarantined)


def _counts_add_up(whole: bytes, limits: Limits, lines: list[str], quarantined: list[QuarantinedLine]) -> None:
    profile = scan(io.BytesIO(whole), SF, limits=limits).profile
    assert (profile.lines, profile.quarantined) == (len(lines), tuple(quarantined))
    assert profile.duplicates == len(lines) - len(set(lines))
    if lines:
        for place, key in enumerate(KEYS):
            assert profile.filled[key] == sum(bool(line.split("|")[place]) for line in lines)
        assert sum(profile.identifiers["rows"]) == len(lines)
