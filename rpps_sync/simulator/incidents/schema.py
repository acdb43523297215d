"""Columns, encodings and separators: what makes a file unreadable, or empties a column."""

from __future__ import annotations

import polars as pl

from rpps_sync.simulator.incidents.incident import CARDS, DIPL, EVERYBODY, MAIL, PA, Incident
from rpps_sync.simulator.spoiling import (
    dropped_column,
    header_with,
    latin1,
    mojibake,
    new_column,
    on_bytes,
    on_lines,
    one_in,
    putting,
    shifted,
    some_of,
)

_FLAW = "Code commune (coord. structure)"


def incidents() -> tuple[Incident, ...]:
    """The incidents of this family."""
    pipe, quote = (lambda line: line.replace(b"|", b"||", 1)), (lambda line: b'"' + line.replace(b"|", b'"|"', 1))
    return (
        Incident(
            "a column renamed", "transport.header", "blocking", on_bytes(PA, header_with(_FLAW, "Commune INSEE"))
        ),
        Incident("a column removed", "transport.header", "blocking", on_bytes(PA, dropped_column)),
        Incident(
            "two columns under one name",
            "transport.header",
            "blocking",
            on_bytes(PA, header_with("Code profession", "Code civilité")),
        ),
        Incident("a column nobody knows", "columns.unknown", "warning", on_bytes(PA, new_column)),
        Incident("cells shifted by one column", "volume.by-profession", "blocking", on_lines(PA, shifted)),
        Incident("Latin-1 bytes in the whole file", "quarantine.share", "blocking", on_bytes(PA, latin1)),
        Incident(
            "Latin-1 bytes in one line of 500",
            "quarantine.share",
            "warning",
            on_bytes(PA, one_in(500, lambda line: line.replace(b"|", b"\xe9|", 8))),
        ),
        Incident(
            "a NUL in one line of 500",
            "quarantine.share",
            "warning",
            on_bytes(PA, one_in(500, lambda line: line.replace(b"|", b"\0|", 8))),
        ),
        Incident(
            "one separator too many in one line of 50",
            "quarantine.share",
            "blocking",
            on_bytes(PA, one_in(50, pipe)),
        ),
        Incident("cells quoted in one line of 20", "keys.prefix", "blocking", on_bytes(PA, one_in(20, quote))),
        Incident(
            "the last line cut in its middle", "quarantine.share", "warning", on_bytes(PA, lambda data: data[:-90])
        ),
        Incident(
            "names decoded twice (mojibake), everybody",
            "text.damaged.text-damaged",
            "blocking",
            on_lines(PA, putting(EVERYBODY, family_name=mojibake(pl.col("family_name")))),
        ),
        Incident(
            "names decoded twice in one batch",
            "text.damaged.text-damaged",
            "error",
            on_lines(DIPL, putting(some_of(0.005), family_name=mojibake(pl.col("family_name")))),
        ),
        Incident(
            "control characters in names",
            "text.damaged.text-damaged",
            "error",
            on_lines(
                PA, putting(some_of(0.005), given_name=pl.concat_str(pl.lit("\u0092"), pl.col("given_name")))
            ),
        ),
        Incident(
            "everybody's FINESS emptied", "filled.emptied", "blocking", on_lines(PA, putting(EVERYBODY, finess=""))
        ),
        Incident(
            "everybody's telephone emptied",
            "filled.emptied",
            "blocking",
            on_lines(PA, putting(EVERYBODY, phone="")),
        ),
        Incident(
            "every commune emptied",
            "filled.emptied",
            "blocking",
            on_lines(PA, putting(EVERYBODY, commune="", commune_label="")),
        ),
        Incident(
            "given names emptied for 8 %",
            "filled.name.given_name",
            "error",
            on_lines(PA, putting(some_of(0.08), given_name="")),
        ),
        Incident(
            "professions emptied for 5 %",
            "filled.exercise.profession",
            "error",
            on_lines(PA, putting(some_of(0.05), profession="", profession_label="")),
        ),
        Incident(
            "card numbers emptied",
            "filled.card.card_number",
            "blocking",
            on_lines(CARDS, putting(EVERYBODY, card_number="")),
        ),
        Incident(
            "addresses of mailboxes emptied",
            "filled.mailbox.address",
            "error",
            on_lines(MAIL, putting(some_of(0.2), address="")),
        ),
    )
