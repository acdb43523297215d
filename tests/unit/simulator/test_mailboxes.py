from pathlib import Path

import polars as pl

from rpps_sync.publication import ExtractKind
from rpps_sync.simulator.publish import publish
from simulated_days import FIRST_DAY, read

PERSONAL = (
    *("id_type", "identifier", "national_id", "exercise_civility", "family_name", "given_name"),
    *("category", "category_label", "profession", "profession_label", "skill", "skill_label"),
)


def _mailboxes(folder: Path, kind: str = "") -> pl.DataFrame:
    """Mailboxes of one day, of one type or of all."""
    return read(folder, ExtractKind.MSSANTE).filter((pl.col("mailbox_type") == kind) | pl.lit(not kind))


def _key(frame: pl.DataFrame) -> set[tuple[str, ...]]:
    return set(frame.select("address", "national_id", "structure_identifier", "service").iter_rows())


def test_mailboxes_come_in_the_proportions_of_the_real_file(simulation: Path) -> None:
    """A quarter of a mailbox for each person, six in seven of a practitioner."""
    mailboxes = _mailboxes(simulation / "day-1")
    assert set(mailboxes["mailbox_type"]) == {"PER", "ORG"}
    assert 0.22 < mailboxes.height / 6_000 < 0.33
    assert 0.80 < (mailboxes["mailbox_type"] == "PER").sum() / mailboxes.height < 0.90
    assert 0.6 < (mailboxes["paperless"] == "O").sum() / mailboxes.height < 0.85
    assert set(mailboxes["paperless"]) == {"O", "N"}


def test_mailbox_of_a_structure_names_nobody(simulation: Path) -> None:
    """Organisations have an identifier, a name and an address, and no person; hospitals have services."""
    mailboxes = _mailboxes(simulation / "day-1", "ORG")
    assert mailboxes.select(pl.concat_str(PERSONAL).unique()).to_series().to_list() == [""]
    assert mailboxes["structure_identifier"].str.contains("^([0-9AB]{9}|[0-9]{11}|[0-9]{14})$").all()
    assert set(mailboxes["structure_id_type"]) <= {"0", "1", "3", "4"}
    assert (mailboxes["name"] != "").all()
    assert mailboxes["address"].is_unique().all()
    assert {"", "CARDIOLOGIE"} < set(mailboxes["service"])


def test_mailbox_of_a_practitioner_agrees_with_personne_activite(simulation: Path) -> None:
    """Identifiers, names and professions are those of the directory; half of them name one of their structures."""
    mailboxes, lines = _mailboxes(simulation / "day-1", "PER"), read(simulation / "day-1")
    assert (mailboxes["national_id"] == mailboxes["id_type"] + mailboxes["identifier"]).all()
    known = mailboxes.filter(pl.col("national_id").is_in(lines["national_id"].unique().implode()))
    shared = ["national_id", "family_name", "given_name", "profession", "category", "skill", "name"]
    assert set(known.select(shared).iter_rows()) <= set(lines.select(shared).iter_rows())
    assert 0.35 < (mailboxes["structure_identifier"] != "").sum() / mailboxes.height < 0.75
    assert 0 < mailboxes.height - known.height < 40


def test_addresses_cannot_reach_anybody(simulation: Path) -> None:
    """Every address is plain ASCII under a domain that does not exist."""
    addresses = _mailboxes(simulation / "day-1")["address"]
    assert addresses.str.contains(r"^[a-z0-9]+([.-][a-z0-9]+)*@[a-z-]+\.mssante\.invalid$").all()
    assert addresses.str.ends_with("@medecin.mssante.invalid").sum() > 200


def test_some_people_have_two_mailboxes(simulation: Path) -> None:
    """One at the domain of the profession, one at a regional operator."""
    mailboxes = _mailboxes(simulation / "day-1", "PER")
    owned = mailboxes.group_by("national_id").agg(pl.col("address").n_unique())
    assert 5 < (owned["address"] == 2).sum() < 100
    assert owned["address"].max() == 2


def test_only_a_mailbox_at_two_structures_stands_twice(tmp_path: Path) -> None:
    """Homonyms are numbered; an address on two lines is one person's at two structures."""
    publish(tmp_path / "days", practitioners=30_000, first_day=FIRST_DAY, days=1, seed=5)
    mailboxes = _mailboxes(tmp_path / "days" / "day-1")
    twice = mailboxes.filter(pl.col("address").is_duplicated()).group_by("address")
    counted = twice.agg(pl.col("national_id").n_unique(), pl.col("structure_identifier", "name").n_unique())
    assert 0 < counted.height < 0.002 * mailboxes.height
    assert set(counted["national_id"]) == {1}
    assert not mailboxes.is_duplicated().any()
    assert mailboxes["address"].str.contains("-2@").any()


def test_addresses_have_the_lines_of_the_postal_norm(simulation: Path) -> None:
    """Line six is the postal code and the town, or the CEDEX office; overseas departments have three digits."""
    sited = _mailboxes(simulation / "day-1").filter(pl.col("country") == "FRANCE")
    plain = sited.filter(~pl.col("cedex").str.contains("CEDEX") & (pl.col("cedex") != ""))
    assert (plain["cedex"].str.contains(r"^\d{5} \D") | ~plain["cedex"].str.contains(r"\d")).all()
    assert sited["cedex"].str.contains("CEDEX").any()
    assert sited["department"].str.contains(r"^(\d\d|2A|2B|97\d)$").all()
    assert not sited["cedex"].str.contains("  ").any()


def test_mailboxes_open_close_and_follow_their_owner(busy: Path) -> None:
    """From day to day some addresses come and go, and some change structure."""
    days = [_mailboxes(busy / f"day-{day}") for day in range(1, 5)]
    first, last = days[0], days[-1]
    assert 20 < len(set(last["address"]) - set(first["address"])) < 120
    assert 20 < len(set(first["address"]) - set(last["address"])) < 180
    both = set(first["address"]) & set(last["address"])
    moved = _key(first.filter(pl.col("address").is_in(sorted(both)))) - _key(last)
    assert moved
    assert all(day["address"].n_unique() > 0.99 * day.height for day in days)


def test_mailbox_of_somebody_who_left_closes_later(busy: Path) -> None:
    """Departures reach this file with a delay: some mailboxes stay a day or more, then close."""
    gone = set(read(busy / "day-1")["national_id"]) - set(read(busy / "day-2")["national_id"])
    left = [len(gone & set(_mailboxes(busy / f"day-{day}")["national_id"])) for day in (1, 2, 4)]
    assert left[0] >= left[1] > left[2]


def test_renamed_owner_keeps_the_address(busy: Path) -> None:
    """The name on the line follows the directory, the address stays what it was."""
    first, last = (_mailboxes(busy / day, "PER").unique("address") for day in ("day-1", "day-4"))
    both = first.join(last, on=["address", "national_id"], suffix="_after")
    renamed = both.filter(pl.col("family_name") != pl.col("family_name_after"))
    assert renamed.height > 3
    names = dict(read(busy / "day-4").select("national_id", "family_name").iter_rows())
    known = renamed.select("national_id", "family_name_after").iter_rows()
    assert all(names.get(key, name) == name for key, name in known)
