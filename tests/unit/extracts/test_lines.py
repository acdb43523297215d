import io

from extract_builder import national_id, person, text
from rpps_sync.extracts.lines import Block, LineReader
from rpps_sync.limits import Limits
from rpps_sync.publication import ExtractKind

PA = ExtractKind.PERSONNE_ACTIVITE


def read(content: bytes, limits: Limits | None = None) -> list[Block]:
    """The blocks of a file."""
    return list(LineReader(io.BytesIO(content), PA, limits or Limits()).blocks())


def people(count: int) -> bytes:
    """A file of so many practitioners."""
    return text(PA, [person(number) for number in range(count)]).encode()


def test_every_line_has_its_owner() -> None:
    """Each readable line comes with the national identifier of its practitioner."""
    (block,) = read(people(3))
    assert block.frame["national_id"].to_list() == [national_id(number) for number in range(3)]


def test_small_blocks_give_the_same_lines() -> None:
    """Where a block ends changes nothing, be it in the middle of a line."""
    whole = read(people(50))[0].frame
    pieces = read(people(50), Limits(chunk_bytes=333))
    assert len(pieces) > 10
    assert [line for block in pieces for line in block.frame["line"]] == whole["line"].to_list()


def test_quotes_and_backslashes_are_only_characters() -> None:
    """The format has no quoting: a lone quote opens nothing."""
    odd = [person(1, family_name='O"BRIEN\\D'), person(2, family_name='"'), person(3)]
    (block,) = read(text(PA, odd).encode())
    assert block.frame.height == 3
    assert block.quarantined == ()


def test_carriage_returns_do_not_make_other_lines() -> None:
    """A file with CRLF line ends has the same lines as one with LF."""
    plain = read(people(3))[0].frame.drop("offset", "length")
    assert read(people(3).replace(b"\n", b"\r\n"))[0].frame.drop("offset", "length").equals(plain)


def test_a_line_with_a_missing_field_is_set_aside_with_its_number_and_owner() -> None:
    """A wrong number of fields quarantines that line alone, and tells whose it was."""
    lines = people(3).split(b"\n")
    lines[2] = lines[2].rsplit(b"|", 1)[0]
    (block,) = read(b"\n".join(lines))
    (bad,) = block.quarantined
    assert (bad.line_number, bad.reason, bad.national_id) == (3, "field-count", national_id(1))
    assert bad.detail == "55 fields, 56 expected"
    assert block.frame["national_id"].to_list() == [national_id(0), national_id(2)]


def test_latin_1_bytes_are_reported_not_converted() -> None:
    """Bytes that are not UTF-8 quarantine their line; nothing guesses another encoding."""
    content = text(PA, [person(1, given_name="ZOE"), person(2)]).encode().replace(b"ZOE", b"ZO\xcb")
    (block,) = read(content)
    assert [(bad.reason, bad.national_id) for bad in block.quarantined] == [("not-utf-8", national_id(1))]
    assert block.frame.height == 1


def test_a_nul_byte_is_set_aside() -> None:
    """NUL fits in no database: its line is quarantined."""
    (block,) = read(text(PA, [person(1, family_name="A\0B"), person(2)]).encode())
    assert [bad.reason for bad in block.quarantined] == ["control-character"]


def test_a_control_character_of_2020_is_kept() -> None:
    """U+0092 was published in 2020 and is text like any other."""
    (block,) = read(text(PA, [person(1, family_name="D\x92ARTAGNAN")]).encode())
    assert "D\x92ARTAGNAN" in block.frame["line"][0]


def test_a_line_without_end_does_not_fill_the_memory() -> None:
    """A line longer than the limit is cut while reading, and set aside."""
    content = people(1) + b"8|" * 100_000 + b"\n" + people(2).split(b"\n")[2] + b"\n"
    blocks = read(content, Limits(chunk_bytes=4096, line_bytes=8192))
    assert [bad.reason for block in blocks for bad in block.quarantined] == ["too-long"]
    assert sum(block.frame.height for block in blocks) == 2


def test_a_line_without_identifier_has_no_owner() -> None:
    """An empty national identifier quarantines the line; nobody is held for it."""
    (block,) = read(text(PA, [person(1, national_id="", identifier="")]).encode())
    assert [(bad.reason, bad.national_id) for bad in block.quarantined] == [("bad-identifier", "")]


def test_the_last_line_may_lack_its_end() -> None:
    """A file whose last line has no line end loses nothing."""
    assert sum(block.frame.height for block in read(people(3)[:-1])) == 3
