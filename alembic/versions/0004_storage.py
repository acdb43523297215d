"""Less room: arrivals of a first publication by the hundred, and narrow indexes on a server.

SQLite keeps a table inside its primary key. PostgreSQL keeps them apart, so a key that spans all columns stores
every row twice; there the rows of a practitioner are only found by whose they are, and folding makes them unique.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# The table, the column that says whose a row is, the rest of the key.
KEYS = (
    ("exercises", "national_id", ("profession", "category")),
    ("skills", "national_id", ("profession", "category", "type", "code")),
    (
        "activities",
        "national_id",
        (
            *("profession", "category", "mode", "sector", "role", "kind", "pharmacist_section"),
            *("registration_authority", "structure_id"),
        ),
    ),
    ("diplomas", "national_id", ("type", "code")),
    ("authorisations", "national_id", ("type", "discipline")),
    (
        "mailboxes",
        "national_id",
        ("address", "service", "paperless", "structure_id_type", "structure_identifier", "name"),
    ),
    (
        "structure_mailboxes",
        "structure_identifier",
        ("address", "service", "paperless", "structure_id_type", "name"),
    ),
    ("cards", "national_id", ("number", "type", "valid_from", "valid_until", "opposed_on", "updated_on")),
)
ONE_A_ROW = """
    SELECT x.seq AS "cursor", p.id AS "publication", {day} AS "published_on", x.national_id AS "national_id",
        x.kind AS "kind", x.field AS "field", x.element AS "element", x."before" AS "before", x."after" AS "after"
    FROM changes AS x JOIN publications AS p ON p.seq = x.publication_seq
"""
MANY_A_ROW = """
    WHERE x.national_id <> ''
    UNION ALL
    SELECT x.seq - {length} + one.{place}, p.id, {day}, one.value, x.kind, '', '', NULL, NULL
    FROM changes AS x JOIN publications AS p ON p.seq = x.publication_seq CROSS JOIN {people} AS one{columns}
    WHERE x.national_id = ''
"""
SQLITE = {
    "day": "date(p.published_at)",
    "length": 'json_array_length(x."after")',
    "place": "key + 1",
    "people": 'json_each(x."after")',
    "columns": "",
}
POSTGRESQL = {
    "day": "CAST(p.published_at AT TIME ZONE 'UTC' AS date)",
    "length": "CAST(x.element AS integer)",
    "place": "number",
    "people": 'LATERAL json_array_elements_text(CAST(x."after" AS json)) WITH ORDINALITY',
    "columns": "(value, number)",
}


def upgrade() -> None:
    """Read arrivals in groups too; on a server, find rows by their owner alone."""
    op.execute("DROP VIEW v_change")
    op.execute("CREATE VIEW v_change AS " + (ONE_A_ROW + MANY_A_ROW).format(**_words()))
    if _on_a_server():
        for table, owner, _ in KEYS:
            op.drop_constraint(f"pk_{table}", table, type_="primary")
            op.create_index(f"ix_{table}_{owner}", table, [owner])


def downgrade() -> None:
    """One row an arrival, and keys that span their tables."""
    if _on_a_server():
        for table, owner, rest in KEYS:
            op.drop_index(f"ix_{table}_{owner}", table)
            op.create_primary_key(f"pk_{table}", table, [owner, *rest])
    op.execute(
        'CREATE TEMPORARY TABLE apart AS SELECT "cursor", national_id, publication_seq FROM v_change AS v'
        " JOIN (SELECT id, seq AS publication_seq FROM publications) AS p ON p.id = v.publication"
        " WHERE v.\"cursor\" NOT IN (SELECT seq FROM changes WHERE national_id <> '')"
    )
    op.execute("DELETE FROM changes WHERE national_id = ''")
    op.execute(
        "INSERT INTO changes (seq, publication_seq, national_id, kind, field, element)"
        " SELECT \"cursor\", publication_seq, national_id, 'arrived', '', '' FROM apart"
    )
    op.execute("DROP TABLE apart")
    op.execute("DROP VIEW v_change")
    op.execute("CREATE VIEW v_change AS " + ONE_A_ROW.format(**_words()))


def _on_a_server() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")


def _words() -> dict[str, str]:
    return POSTGRESQL if _on_a_server() else SQLITE
