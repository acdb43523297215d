"""Ways of spoiling the files of one simulated day: lines dropped, cells rewritten, bytes damaged, days mixed."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from itertools import pairwise

import polars as pl

from rpps_sync.extracts.lines import LineReader
from rpps_sync.extracts.parse import columns_of
from rpps_sync.publication import ExtractKind
from rpps_sync.simulator.rehearsal import Day, Files, written

Spoil = Callable[[Sequence[Day], Files], Files]
"""From the days before and the files of today to the files that come."""
Change = Callable[[pl.DataFrame], pl.DataFrame]
"""From the lines of one file to spoilt ones."""


def on_lines(kind: ExtractKind, change: Change) -> Spoil:
    """Spoil the lines of one file."""
    return lambda _past, files: {**files, kind: written(kind, change(parsed(kind, files[kind])))}


def on_bytes(kind: ExtractKind, change: Callable[[bytes], bytes]) -> Spoil:
    """Spoil the bytes of one file."""
    return lambda _past, files: {**files, kind: change(files[kind])}


def parsed(kind: ExtractKind, data: bytes) -> pl.DataFrame:
    """The lines of an extract, by the column keys of its layout."""
    reader = LineReader(io.BytesIO(data), kind)
    return pl.concat([columns_of(block.frame["line"], reader.header) for block in reader.blocks()])


def some_of(share: float) -> pl.Expr:
    """So many of the practitioners, the same ones in every file."""
    number = pl.col("national_id").str.slice(4, 7).cast(pl.Int64, strict=False)
    return (number % 1000 < share * 1000).fill_null(value=False)


def putting(where: pl.Expr, **columns: str | pl.Expr) -> Change:
    """Put values in some columns of some lines."""
    new = {name: pl.lit(value) if isinstance(value, str) else value for name, value in columns.items()}
    return lambda lines: lines.with_columns(
        pl.when(where).then(value).otherwise(pl.col(name)).alias(name) for name, value in new.items()
    )


def without(gone: pl.Expr) -> Change:
    """Lines dropped."""
    return lambda lines: lines.filter(~gone)


def cut(share: float) -> Change:
    """The first lines only, so many of them."""
    return lambda lines: lines.head(round(lines.height * share))


def repeated(share: float) -> Change:
    """The first lines once more at the end, so many of them."""
    return lambda lines: pl.concat([lines, lines.head(round(lines.height * share))])


def shifted(lines: pl.DataFrame) -> pl.DataFrame:
    """Every cell from the seventh on, one column to the left."""
    names = lines.columns
    moved = [pl.col(right).alias(left) for left, right in pairwise(names[6:])]
    return lines.with_columns(*moved, pl.lit("").alias(names[-1]))


def mojibake(text: pl.Expr) -> pl.Expr:
    """Accents as a file decoded twice shows them, on every name."""
    return pl.concat_str(text.str.replace("E", "Ã‰"), pl.lit("Ã©"))


def everywhere(past: Sequence[Day], files: Files, change: Change) -> Files:
    """The same change in every file."""
    del past
    return {kind: written(kind, change(parsed(kind, data))) for kind, data in files.items()}


def people_gone(share: float) -> Spoil:
    """Some people dropped from every file."""
    return lambda past, files: everywhere(past, files, without(some_of(share)))


def renumbered(lines: pl.DataFrame) -> pl.DataFrame:
    """The first one in a hundred under an RPPS number whose last digit is wrong."""
    wrong = pl.concat_str(
        pl.col("identifier").str.slice(0, 10),
        ((pl.col("identifier").str.slice(10, 1).cast(pl.Int64) + 1) % 10).cast(pl.String),
    )
    spoilt = some_of(0.02)
    return putting(spoilt, identifier=wrong, national_id=pl.concat_str(pl.lit("8"), wrong))(lines)


def latin1(data: bytes) -> bytes:
    """Accents as Latin-1 bytes, the header left as it is."""
    header, _, body = data.partition(b"\n")
    return header + b"\n" + body.replace("é".encode(), b"\xe9").replace("è".encode(), b"\xe8")


def one_in(step: int, change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Spoil one line in so many."""

    def spoil(data: bytes) -> bytes:
        header, *lines = data.splitlines(keepends=True)
        return header + b"".join(change(line) if i % step == 0 else line for i, line in enumerate(lines))

    return spoil


def header_with(old: str, new: str) -> Callable[[bytes], bytes]:
    """A column of the header under another name."""
    return lambda data: data.replace(old.encode(), new.encode(), 1)


def dropped_column(data: bytes) -> bytes:
    """The eighth column removed, header and lines."""
    return b"\n".join(b"|".join(line.split(b"|")[:7] + line.split(b"|")[8:]) for line in data.split(b"\n"))


def new_column(data: bytes) -> bytes:
    """A column at the end that no vintage has."""
    header, *lines = data.splitlines()
    return b"\n".join([header + b"|Code nouveau", *(line + b"|X" for line in lines)]) + b"\n"


def without_file(kind: ExtractKind) -> Spoil:
    """One file missing."""
    return lambda _past, files: {name: data for name, data in files.items() if name is not kind}


def of_day(back: int, *kinds: ExtractKind) -> Spoil:
    """Some files are those of some days ago."""
    return lambda past, files: {**files, **{kind: past[-back].files[kind] for kind in kinds or tuple(files)}}


def reordered(past: Sequence[Day], files: Files) -> Files:
    """The files of four days ago, made again: the same lines in another order."""
    old = past[-4].files
    return {kind: written(kind, parsed(kind, old[kind]).reverse()) for kind in files}


def another(lines: pl.DataFrame, share: float) -> pl.DataFrame:
    """Some identifiers with the names of somebody else altogether."""
    return putting(some_of(share), family_name="ZYXWVUT", given_name="XENOPHON")(lines)


def newcomers(lines: pl.DataFrame) -> pl.DataFrame:
    """People who exist in no other file."""
    strangers = lines.head(60).with_columns(
        identifier=pl.concat_str(pl.lit("9"), pl.lit("0"), pl.col("identifier").str.slice(2, 9)),
    )
    strangers = strangers.with_columns(national_id=pl.concat_str(pl.lit("8"), pl.col("identifier")))
    return pl.concat([lines, strangers])


def registered_twice(lines: pl.DataFrame) -> pl.DataFrame:
    """One in twenty registered anew, under two numbers at once."""
    again = lines.filter(some_of(0.05) & (pl.col("commune") != ""))
    copies = []
    for prefix in ("90", "91"):
        copy = again.with_columns(identifier=pl.concat_str(pl.lit(prefix), pl.col("identifier").str.slice(2, 9)))
        copies.append(copy.with_columns(national_id=pl.concat_str(pl.lit("8"), pl.col("identifier"))))
    return pl.concat([lines, *copies])


def in_all_labels(old: str, new: str) -> Spoil:
    """A text of the labels replaced in every file."""

    def change(lines: pl.DataFrame) -> pl.DataFrame:
        names = [name for name in lines.columns if name.endswith("_label") and name != "commune_label"]
        return lines.with_columns(pl.col(names).str.replace(old, new, literal=True))

    return lambda past, files: everywhere(past, files, change)
