from __future__ import annotations

import pytest

from rpps_sync.errors import ExtractRefused
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import layout, read_header

PA = ExtractKind.PERSONNE_ACTIVITE


@pytest.mark.parametrize("tail", ["", "|", "\n", "|\r\n"])
@pytest.mark.parametrize(("name", "columns"), layout(PA).vintages)
def test_every_vintage_is_read_with_and_without_its_trailing_pipe(name: str, columns: int, tail: str) -> None:
    """Files of 48, 52 and 56 columns are told apart by what they contain."""
    names = [column.name for column in layout(PA).columns[:columns]]
    header = read_header(PA, "\ufeff" + "|".join(names) + tail)
    assert header.vintage == name
    assert header.fields == columns + tail.startswith("|")
    assert header.keys[:columns] == tuple(column.key for column in layout(PA).columns[:columns])
    assert (header.unknown, header.aliased) == ((), ())


@pytest.mark.parametrize("kind", ExtractKind)
def test_the_order_of_the_columns_does_not_matter(kind: ExtractKind) -> None:
    """Columns are found by name, never by position."""
    names = layout(kind).header.split("|")
    header = read_header(kind, "|".join(reversed(names)))
    assert header.keys == tuple(column.key for column in reversed(layout(kind).columns))


@pytest.mark.parametrize("kind", ExtractKind)
def test_a_missing_column_is_named(kind: ExtractKind) -> None:
    """The operator reads which column is gone, and which vintage was expected."""
    gone = [column.name for column in layout(kind).columns if not column.optional][1]
    names = [name for name in layout(kind).header.split("|") if name != gone]
    with pytest.raises(ExtractRefused, match="vintage") as refusal:
        read_header(kind, "|".join(names))
    assert gone in str(refusal.value)
    assert refusal.value.reason == "column-missing"


def test_a_repeated_column_is_refused() -> None:
    """Two columns of one name cannot both be right."""
    with pytest.raises(ExtractRefused, match="twice") as refusal:
        read_header(PA, layout(PA).header + "|" + layout(PA).columns[0].name)
    assert refusal.value.reason == "column-repeated"


def test_an_unknown_column_is_kept_aside() -> None:
    """A column that the ANS adds is reported and does not shift the others."""
    header = read_header(PA, "Colonne nouvelle|" + layout(PA).header)
    assert header.unknown == ("Colonne nouvelle",)
    assert header.keys[:2] == (None, layout(PA).columns[0].key)


def test_a_known_other_name_is_accepted_and_reported() -> None:
    """Aliases seen in the wild are read as the column that they stand for."""
    column = next(column for column in layout(PA).columns if column.aliases)
    header = read_header(PA, layout(PA).header.replace(column.name, column.aliases[0], 1))
    assert header.aliased == (column.aliases[0],)
    assert column.key in header.keys
