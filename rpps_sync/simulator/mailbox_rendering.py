"""From mailboxes to the text of the MSSanté extract."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from rpps_sync.simulator.cells import BLOCK, coded_cells, person_cells
from rpps_sync.simulator.columns import at, chosen, joined, kept
from rpps_sync.simulator.mailboxes import SERVICES, Mailboxes, addresses_of
from rpps_sync.simulator.world import World

_FINESS, _SIRET = "1", "3"  # types of structure identifiers; a former identifier begins with its own
_FRANCE = "FRANCE"
_PLAIN = ("name", "trade_name", "location", "recipient", "street_number", "street_repetition")
_CODED = ("exercise_civility", "category", "profession", "skill")


def mailbox_frames(world: World) -> Iterator[pl.DataFrame]:
    """The lines of the extract in file order, a block at a time."""
    for start in range(0, len(world.mailboxes), BLOCK):
        yield _rendered(world, world.mailboxes.where(np.arange(start, min(start + BLOCK, len(world.mailboxes)))))


def _rendered(world: World, mailboxes: Mailboxes) -> pl.DataFrame:
    personal = mailboxes.person >= 0
    structure = world.places.frame[mailboxes.structure.astype(np.uint32)]
    cells = _structure(structure)
    people = person_cells(world, np.maximum(mailboxes.person, 0))
    cells |= {name: kept(column, personal) for name, column in people.items()}
    for name in _CODED:
        cells |= coded_cells(world, name, getattr(mailboxes, name))
    cells |= {
        "mailbox_type": at(("ORG", "PER"), personal.astype(np.int64)),
        "address": addresses_of(mailboxes, cells["structure_identifier"]),
        "service": at(SERVICES, mailboxes.service),
        "paperless": at(("N", "O"), mailboxes.paperless.astype(np.int64)),
    }
    return pl.DataFrame(cells)


def _structure(frame: pl.DataFrame) -> dict[str, pl.Series]:
    """Identifier and address of the structures, as mail is addressed (lines L2 to L6 of the postal norm)."""
    with_finess, with_siret = ((frame[name] != "").to_numpy() for name in ("finess", "siret"))
    size = np.zeros(frame.height, np.int64)
    former = frame["former_id"]
    types = chosen(with_finess, at([_FINESS], size), chosen(with_siret, at([_SIRET], size), former.str.head(1)))
    number = chosen(with_finess, frame["finess"], chosen(with_siret, frame["siret"], former.str.slice(1)))
    town = frame["commune_label"].str.replace(r"  Arrondissement$", "").str.replace(r" \d+e?r?$", "")
    sited = (frame["postal_code"] != "").to_numpy()
    line6 = chosen((frame["cedex"] != "").to_numpy(), frame["cedex"], joined(frame["postal_code"], " ", town))
    return {name: frame[name] for name in (*_PLAIN, "distribution", "postal_code", "street")} | {
        "structure_id_type": types,
        "structure_identifier": number,
        "street_type": frame["street_type_label"].str.to_uppercase(),
        "cedex": kept(line6.str.to_uppercase(), sited),
        "department": kept(_departments(frame), sited),
        "country": kept(at([_FRANCE], size), sited & (frame["country"] != "99132").to_numpy()),
    }


def _departments(frame: pl.DataFrame) -> pl.Series:
    """The number of the department (three digits overseas), by the commune's code where it is known."""
    code = pl.when(pl.col("commune") != "").then(pl.col("commune")).otherwise(pl.col("postal_code"))
    numbered = code.str.contains(r"^\d[\dAB]\d{3}$")
    department = pl.when(code.str.starts_with("97")).then(code.str.head(3)).otherwise(code.str.head(2))
    return frame.select(pl.when(numbered).then(department).otherwise(pl.lit(""))).to_series()
