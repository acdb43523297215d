"""Organisations, and what the FHIR facade looks people and places up by.

Each index answers a question that would otherwise read a whole table: who changed since a publication, whose
mailbox or card this is, which place bears this number or this name. Places are a fifth as many as people, so that
most of the indexes are small. ``db upgrade`` fills the table (``rpps_sync.directory.organizations``).
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_practitioners_last_changed", "practitioners", ["last_changed", "national_id"]),
    ("ix_mailboxes_address", "mailboxes", ["address"]),
    ("ix_cards_number", "cards", ["number"]),
    ("ix_structures_former_id", "structures", ["former_id"]),
    ("ix_structures_finess", "structures", ["finess"]),
    ("ix_structures_finess_legal", "structures", ["finess_legal"]),
    ("ix_structures_siret", "structures", ["siret"]),
    ("ix_structures_siren", "structures", ["siren"]),
    ("ix_organizations_organization_id", "organizations", ["organization_id"]),
    ("ix_organizations_known_since", "organizations", ["known_since", "organization_id"]),
    ("ix_organizations_name", "organizations", ["name", "organization_id"]),
    ("ix_organizations_trade_name", "organizations", ["trade_name", "organization_id"]),
    ("ix_organizations_town", "organizations", ["town", "organization_id"]),
    ("ix_organizations_postal_code", "organizations", ["postal_code", "organization_id"]),
)


def _text() -> sa.types.TypeEngine[str]:
    """Text that sorts by code point on every server, as on SQLite."""
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table and the indexes."""
    op.create_table(
        "organizations",
        sa.Column("structure_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("organization_id", _text(), nullable=False),
        sa.Column("known_since", sa.Integer(), nullable=False),
        sa.Column("name", _text(), nullable=False),
        sa.Column("trade_name", _text(), nullable=False),
        sa.Column("town", _text(), nullable=False),
        sa.Column("postal_code", _text(), nullable=False),
        sa.PrimaryKeyConstraint("structure_id", name=op.f("pk_organizations")),
    )
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)


def downgrade() -> None:
    """Drop them."""
    for name, table, _ in INDEXES:
        op.drop_index(name, table)
    op.drop_table("organizations")
