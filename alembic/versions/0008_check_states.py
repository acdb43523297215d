"""The standing results of checks: since when each has been so, and who said that it is known."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def _text(length: int | None = None) -> sa.types.TypeEngine[str]:
    """Text that sorts by code point on every server, as on SQLite."""
    if length is None:
        return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "check_states",
        sa.Column("name", _text(96), nullable=False),
        sa.Column("file", _text(32), nullable=False),
        sa.Column("severity", _text(16), nullable=False),
        sa.Column("failing", sa.BigInteger(), nullable=False),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("first_seen", _text(10), nullable=False),
        sa.Column("last_seen", _text(10), nullable=False),
        sa.Column("acknowledged_by", _text(), nullable=True),
        sa.Column("acknowledged_because", _text(), nullable=True),
        sa.Column("acknowledged_as", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("name", "file", name=op.f("pk_check_states")),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("check_states")
