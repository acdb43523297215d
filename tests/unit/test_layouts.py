"""Headers of the extracts, by name and by vintage."""

from __future__ import annotations

import pytest

from rpps_sync.errors import ExtractRefused
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import SEPARATOR, layout, read_header

ACTIVITY = ExtractKind.PERSONNE_ACTIVITE
VINTAGES = {"2018": 48, "2020": 52, "2026": 56}


def header(columns: int = 56) -> list[str]:
    """Names of the first columns of the activity extract."""
    return [column.name for column in layout(ACTIVITY).columns[:columns]]


@pytest.mark.parametrize("trailing", ["", "|"])
@pytest.mark.parametrize(("vintage", "columns"), VINTAGES.items())
def test_each_vintage_is_recognised_with_and_without_trailing_pipe(
    vintage: str, columns: int, trailing: str
) -> None:
    """48, 52 and 56 columns; a trailing pipe is one more, empty, field of every line."""
    read = read_header(ACTIVITY, SEPARATOR.join(header(columns)) + trailing + "\r\n")
    assert read.vintage == vintage
    assert read.fields == columns + len(trailing)
    assert read.keys[:3] == ("id_type", "identifier", "national_id")
    assert (read.unknown, read.aliased) == ((), ())


@pytest.mark.parametrize("kind", list(ExtractKind))
def test_every_extract_reads_its_own_newest_header(kind: ExtractKind) -> None:
    """The header a simulator writes is the header a sync reads; every key is there once."""
    read = read_header(kind, layout(kind).header)
    assert read.vintage == layout(kind).vintages[-1][0]
    assert read.keys == tuple(column.key for column in layout(kind).columns)


def test_byte_order_mark_is_no_part_of_the_first_name() -> None:
    """A file saved by an editor is still read."""
    assert read_header(ACTIVITY, "\ufeff" + SEPARATOR.join(header())).keys[0] == "id_type"


def test_alias_is_accepted_and_reported() -> None:
    """A name seen in another vintage stands for the column, and the report says so."""
    names = header()
    names[names.index("Code rôle")] = "Code fonction"
    read = read_header(ACTIVITY, SEPARATOR.join(names))
    assert read.keys[names.index("Code fonction")] == "role"
    assert read.aliased == ("Code fonction",)


def test_case_spaces_and_apostrophes_do_not_distinguish_names() -> None:
    """Typographic variants of a name are the same name, without being called aliases."""
    names = header()
    names[0] = " type  d’identifiant PP"
    read = read_header(ACTIVITY, SEPARATOR.join(names))
    assert read.keys[0] == "id_type"
    assert read.aliased == ()


def test_columns_in_another_order_are_read_by_name() -> None:
    """Position means nothing."""
    names = header()[::-1]
    assert read_header(ACTIVITY, SEPARATOR.join(names)).keys[-1] == "id_type"


def test_unknown_column_is_kept_aside_and_reported() -> None:
    """A new column of the ANS breaks nothing and is not silent."""
    read = read_header(ACTIVITY, SEPARATOR.join([*header(), "Identifiant national unique"]))
    assert read.vintage == "2026"
    assert read.unknown == ("Identifiant national unique",)
    assert read.keys[-1] is None


def test_renamed_column_refuses_the_file_and_is_named() -> None:
    """The sentence names the column as it was expected, and the vintage."""
    names = header()
    names[names.index("Nom d'exercice")] = "Nom usuel"
    with pytest.raises(ExtractRefused, match=r"« Nom d'exercice ».*56 columns of vintage 2026") as refused:
        read_header(ACTIVITY, SEPARATOR.join(names))
    assert refused.value.reason == "column-missing"


def test_vintage_lacking_one_of_its_new_columns_is_refused() -> None:
    """A 2026 header without « Libellé rôle » is a broken 2026 file, not a good one of 2020."""
    names = [name for name in header() if name != "Libellé rôle"]
    with pytest.raises(ExtractRefused, match="« Libellé rôle »"):
        read_header(ACTIVITY, SEPARATOR.join(names))


@pytest.mark.parametrize("line", ["", "<!doctype html>", "a|b|c", '{"error": 404}'])
def test_what_is_no_header_is_refused(line: str) -> None:
    """An empty file or an error page is no extract."""
    with pytest.raises(ExtractRefused):
        read_header(ACTIVITY, line)


def test_repeated_column_is_refused() -> None:
    """Two columns of one name leave no way to know which is right."""
    with pytest.raises(ExtractRefused, match="'id_type' twice") as refused:
        read_header(ACTIVITY, SEPARATOR.join([*header(), "Type d'identifiant PP"]))
    assert refused.value.reason == "column-repeated"


def test_column_under_its_name_and_its_alias_is_repeated() -> None:
    """A file that carries the old and the new name of a column is refused as well."""
    with pytest.raises(ExtractRefused, match="'role' twice"):
        read_header(ACTIVITY, SEPARATOR.join([*header(), "Code fonction"]))
