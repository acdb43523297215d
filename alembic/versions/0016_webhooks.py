"""Subscribers of the change feed: where each wants to hear of changes, and how far each has heard."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def _text(length: int | None = None) -> sa.types.TypeEngine[str]:
    """Text that sorts by code point on every server, as on SQLite."""
    if length is None:
        return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _instant(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Create the table; nobody subscribes yet."""
    op.create_table(
        "webhooks",
        sa.Column("id", _text(16), nullable=False),
        sa.Column("name", _text(), nullable=False),
        sa.Column("url", _text(), nullable=False),
        sa.Column("choice", sa.JSON(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("secret_version", sa.Integer(), nullable=False),
        sa.Column("key_check", _text(32), nullable=False),
        _instant("former_until"),
        _instant("created_at", nullable=False),
        sa.Column("created_by", _text(), nullable=False),
        sa.Column("state", _text(16), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        _instant("failing_since"),
        sa.Column("failure", _text(), nullable=False),
        _instant("next_at", nullable=False),
        _instant("delivered_at"),
        sa.Column("lease", _text(16), nullable=False),
        _instant("lease_until"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )


def downgrade() -> None:
    """Drop it: subscribers have to be entered again."""
    op.drop_table("webhooks")
