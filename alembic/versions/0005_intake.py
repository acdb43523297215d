"""How many lines each application sent, by day and by what became of them: the table behind ``claims stats``."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _sorted(text: type[sa.String], *length: int) -> sa.types.TypeEngine[str]:
    """A text that sorts by code point on a server too, as the first revision has it."""
    return text(*length).with_variant(text(*length, collation="C"), "postgresql")


def upgrade() -> None:
    """Add the table; what was taken in before is not counted."""
    op.create_table(
        "intake_counts",
        sa.Column("source", _sorted(sa.Text), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("fate", _sorted(sa.String, 16), nullable=False),
        sa.Column("reason", _sorted(sa.String, 32), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("last_seen", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("source", "day", "fate", "reason", name=op.f("pk_intake_counts")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take the table away, and with it the counts."""
    op.drop_table("intake_counts")
