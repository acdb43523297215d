"""The views for those who query the database directly, documented column by column in docs/sql-views.md.

A view is a promise: its columns keep their names, meanings and order. A later revision that changes a table they
read takes them away first (``downgrade`` of this one) and puts them back after.
"""

from collections.abc import Mapping

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STRUCTURE = (
    "technical_id",
    "former_id",
    "finess",
    "finess_legal",
    "siret",
    "siren",
    "name",
    "trade_name",
    "recipient",
    "location",
    "street_number",
    "street_repetition",
    "street_type",
    "street_type_label",
    "street",
    "distribution",
    "cedex",
    "postal_code",
    "commune",
    "commune_label",
    "country",
    "country_label",
    "department",
    "department_label",
    "phone",
    "phone2",
    "fax",
    "email",
)
FINDING = (
    "source",
    "field",
    "element",
    "verdict",
    "stale_side",
    "claim_value",
    "directory_value",
    "since",
    "first_seen",
    "last_seen",
    "occurrences",
    "status",
    "resolved_by",
    "lag_days",
    "severity",
    "confidence",
    "registration_authority",
)
WHO = {name: f"p.{name}" for name in ("national_id", "rpps", "family_name", "given_name")}
PERSON = "JOIN practitioners AS p ON p.national_id = x.national_id"
VIEWS = (
    "v_practitioner",
    "v_exercise",
    "v_activity",
    "v_skill",
    "v_diploma",
    "v_authorisation",
    "v_mailbox",
    "v_structure_mailbox",
    "v_card",
    "v_change",
    "v_finding",
    "v_freshness",
)


def upgrade() -> None:
    """Create every view."""
    for name, text in _definitions().items():
        op.execute(f"CREATE VIEW {name} AS {text}")


def downgrade() -> None:
    """Remove every view."""
    for name in VIEWS:
        op.execute(f"DROP VIEW {name}")


def _definitions() -> dict[str, str]:
    exercise = {"profession": "profession", "category": "category"}
    bodies = (
        _practitioner(),
        _of_person("exercises", exercise | {"exercise_civility": "exercise_civility"}),
        _activity(),
        _of_person("skills", exercise | {"skill_type": "type", "skill": "code"}),
        _of_person("diplomas", {"diploma_type": "type", "diploma": "code"}),
        _of_person("authorisations", {"authorisation_type": "type", "authorisation_discipline": "discipline"}),
        _mailbox(),
        _structure_mailbox(),
        _card(),
        _change(),
        _finding(),
        _freshness(),
    )
    return dict(zip(VIEWS, bodies, strict=True))


def _practitioner() -> str:
    columns = {
        "national_id": "x.national_id",
        "id_type": "x.id_type",
        "rpps": "x.rpps",
        "civility": "x.civility",
        "civility_label": _label("civility"),
        "family_name": "x.family_name",
        "given_name": "x.given_name",
        "known_since": _day("known"),
        "last_changed": _day("changed"),
        "held_since": _day("held"),
    }
    joins = (
        _label_join("civility", "civility"),
        "JOIN publications AS known ON known.seq = x.known_since",
        "JOIN publications AS changed ON changed.seq = x.last_changed",
        "LEFT JOIN publications AS held ON held.seq = x.held_since",
    )
    return _select(columns, "practitioners AS x", *joins)


def _of_person(table: str, coded: Mapping[str, str]) -> str:
    """A table of coded columns, with the person and the labels; ``coded``: system, also the name, to column."""
    columns = WHO | {
        name: text
        for system, column in coded.items()
        for name, text in ((system, f"x.{column}"), (f"{system}_label", _label(system)))
    }
    joins = (_label_join(system, column) for system, column in coded.items())
    return _select(columns, f"{table} AS x", PERSON, *joins)


def _activity() -> str:
    systems = ("profession", "category", "mode", "sector", "role", "kind", "pharmacist_section")
    columns = WHO | {
        name: text
        for system in systems
        for name, text in ((system, f"x.{system}"), (f"{system}_label", _label(system)))
    }
    columns["registration_authority"] = "x.registration_authority"
    columns |= {f"structure_{name}": f"coalesce(s.{name}, '')" for name in STRUCTURE}
    joins = (_label_join(system, system) for system in systems)
    place = "LEFT JOIN structures AS s ON s.structure_id = x.structure_id"
    return _select(columns, "activities AS x", PERSON, place, *joins)


def _mailbox() -> str:
    names = ("address", "service", "paperless", "structure_id_type", "structure_identifier")
    columns = WHO | {name: f"x.{name}" for name in names} | {"structure_name": "x.name"}
    return _select(columns, "mailboxes AS x", PERSON)


def _structure_mailbox() -> str:
    names = ("structure_identifier", "structure_id_type", "address", "service", "paperless")
    return _select(
        {name: f"x.{name}" for name in names} | {"structure_name": "x.name"}, "structure_mailboxes AS x"
    )


def _card() -> str:
    columns = WHO | {"number": "x.number", "card_type": "x.type", "card_type_label": _label("card_type")}
    columns |= {name: f"x.{name}" for name in ("valid_from", "valid_until", "opposed_on", "updated_on")}
    return _select(columns, "cards AS x", PERSON, _label_join("card_type", "type"))


def _change() -> str:
    names = ("national_id", "kind", "field", "element", "before", "after")
    columns = {"cursor": "x.seq", "publication": "p.id", "published_on": _day("p")}
    columns |= {name: f'x."{name}"' for name in names}
    return _select(columns, "changes AS x", "JOIN publications AS p ON p.seq = x.publication_seq")


def _finding() -> str:
    rpps = "CASE WHEN x.national_id LIKE '8___________' THEN substr(x.national_id, 2) ELSE '' END"
    columns = {"id": "x.id", "national_id": "x.national_id", "rpps": rpps} | {
        name: f"x.{name}" for name in FINDING
    }
    return _select(columns, "findings AS x")


def _freshness() -> str:
    columns = {"objective": "x.objective", "state": "x.state", "observed": "x.observed"}
    columns |= {"limit_value": 'x."limit"', "assessed_at": 'x."at"', "run_id": "x.run_id"}
    last = (
        "SELECT y.run_id FROM freshness AS y WHERE y.objective = x.objective"
        ' ORDER BY y."at" DESC, y.run_id DESC LIMIT 1'
    )
    return _select(columns, "freshness AS x", f"WHERE x.run_id = ({last})")


def _select(columns: Mapping[str, str], source: str, *rest: str) -> str:
    named = ", ".join(f'{text} AS "{name}"' for name, text in columns.items())
    return f"SELECT {named} FROM {' '.join((source, *rest))}"


def _label(system: str) -> str:
    return f"coalesce(l_{system}.label, '')"


def _label_join(system: str, column: str) -> str:
    alias = f"l_{system}"
    return (
        f"LEFT JOIN labels AS {alias}"
        f" ON {alias}.system = '{system}' AND {alias}.code = x.{column} AND {alias}.until_seq IS NULL"
    )


def _day(publication: str) -> str:
    """The day of a publication, in UTC."""
    if op.get_bind().dialect.name == "postgresql":
        return f"CAST({publication}.published_at AT TIME ZONE 'UTC' AS date)"
    return f"date({publication}.published_at)"
