"""Keys of the API: stored as digests, and how much each was used, day by day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None


def _text(length: int | None = None) -> sa.types.TypeEngine[str]:
    """Text that sorts by code point on every server, as on SQLite."""
    if length is None:
        return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "api_keys",
        sa.Column("id", _text(16), primary_key=True),
        sa.Column("name", _text(), nullable=False),
        sa.Column("digest", _text(64), nullable=False),
        sa.Column("scopes", _text(64), nullable=False),
        sa.Column("source", _text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("rate_per_minute", sa.Integer()),
        sa.Column("daily_quota", sa.Integer()),
    )
    op.create_table(
        "api_usage",
        sa.Column("key_id", _text(16), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.Column("last_used", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Drop them: whoever had a key needs a new one."""
    op.drop_table("api_usage")
    op.drop_table("api_keys")
