"""Whether the identifiers that tokens told are kept as pseudonyms, and which key made them."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; without a row, identifiers are in clear."""
    check = sa.String(32).with_variant(sa.String(32, collation="C"), "postgresql")
    op.create_table(
        "privacy",
        sa.Column("key_check", check, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_check", name=op.f("pk_privacy")),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("privacy")
