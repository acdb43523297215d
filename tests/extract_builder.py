"""Small extracts for tests, written by column name: what a case does not say is empty."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from stdnum import luhn

from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import layout

Line = Mapping[str, str]
Lines = Sequence[Line | str]  # a text is a line as it stands: one that nobody can read, for instance


def rpps(number: int) -> str:
    """The n-th invented RPPS number: 999, seven digits, and the key."""
    body = f"999{number:07d}"
    return body + luhn.calc_check_digit(body)


def national_id(number: int) -> str:
    """The national identifier of the n-th invented practitioner."""
    return "8" + rpps(number)


def person(number: int, **values: str) -> dict[str, str]:
    """A line of the n-th practitioner: a salaried nurse unless said otherwise."""
    return {
        "id_type": "8",
        "identifier": rpps(number),
        "national_id": national_id(number),
        "civility": "MME",
        "civility_label": "Madame",
        "family_name": f"EXEMPLE {number}",
        "given_name": "CAMILLE",
        "profession": "60",
        "profession_label": "Infirmier",
        "category": "C",
        "category_label": "Civil",
        "mode": "S",
        "mode_label": "Salarié",
    } | values


def hospital(number: int, **values: str) -> dict[str, str]:
    """The structure columns of the n-th invented hospital."""
    return {
        "finess": f"99{number:07d}",
        "technical_id": f"F99{number:07d}",
        "former_id": f"199{number:07d}",
        "name": f"HOPITAL INVENTE {number}",
        "street_number": "1",
        "street": "DE LA PAIX",
        "postal_code": "69003",
        "commune": "69383",
        "commune_label": "Lyon 3e  Arrondissement",
    } | values


def text(kind: ExtractKind, lines: Lines, *, columns: int | None = None, trailing: bool = False) -> str:
    """A whole extract.

    Args:
        kind: which extract.
        lines: values by column key, or a whole line as it stands.
        columns: how many of the columns, for older vintages.
        trailing: whether every line ends with a pipe.
    """
    known = layout(kind).columns[:columns]
    end = "|\n" if trailing else "\n"
    rows = [
        line if isinstance(line, str) else "|".join(line.get(column.key, "") for column in known) for line in lines
    ]
    return "".join(row + end for row in ["|".join(column.name for column in known), *rows])


def stream(kind: ExtractKind, lines: Lines) -> io.BytesIO:
    """A whole extract, as the archive opens it."""
    return io.BytesIO(text(kind, lines).encode())


def write(folder: Path, published: str, lines: Mapping[ExtractKind, Sequence[Line]]) -> Path:
    """A folder of extracts as the ANS names them; ``published`` is the stamp of the names (202611180615)."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind in ExtractKind:
        name = f"{layout(kind).title}_{published}.txt"
        (folder / name).write_text(text(kind, lines.get(kind, ())), encoding="utf-8")
    return folder


def world(people: int) -> dict[ExtractKind, list[dict[str, str]]]:
    """Five consistent extracts of so many nurses in ten hospitals."""
    return {
        ExtractKind.PERSONNE_ACTIVITE: [person(number, **hospital(number % 10)) for number in range(people)],
        ExtractKind.DIPL_AUTEXERC: [person(number, diploma_type="DE", diploma="DE09") for number in range(people)],
        ExtractKind.SAVOIRFAIRE: [person(number, skill_type="S", skill="SI04") for number in range(0, people, 5)],
        ExtractKind.MSSANTE: [mailbox(number) for number in range(0, people, 4)],
        ExtractKind.CARTES: [card(number) for number in range(0, people, 2)],
    }


def mailbox(number: int, **values: str) -> dict[str, str]:
    """A personal mailbox of the n-th practitioner."""
    address = f"camille.exemple-{number}@infirmier.mssante.invalid"
    return person(number, mailbox_type="PER", address=address, paperless="O") | values


def card(number: int, **values: str) -> dict[str, str]:
    """A card of the n-th practitioner."""
    return {
        "identifier": rpps(number),
        "national_id": national_id(number),
        "card_type": "CPS",
        "card_type_label": "Carte de professionnel de santé",
        "card_number": f"99{number:08}",
        "valid_from": "2024-01-01",
        "valid_until": "2027-01-01",
        "updated_on": "2024-01-01",
    } | values
