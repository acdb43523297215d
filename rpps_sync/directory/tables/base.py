"""What all tables are made of: instants in UTC, names of constraints, texts that are never NULL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    Index,
    MetaData,
    Text,
    TypeDecorator,
)


class Instant(TypeDecorator[datetime]):
    """An instant, always in UTC: SQLite forgets the zone, PostgreSQL answers in that of the session."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002 - inherited
        """Store in UTC."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002 - inherited
        """Read as UTC."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def text(name: str, *, primary_key: bool = False) -> Column[str]:
    """A text, empty when there is nothing to say."""
    return Column(name, Text, primary_key=primary_key, nullable=False)


def by_owner(column: str = "national_id") -> Index:
    """How a server finds rows whose key is the whole row: there it would be stored twice, so there is no such key.

    SQLite keeps the table in its key, and needs nothing beside.
    """
    return Index(None, column).ddl_if(dialect="postgresql")
