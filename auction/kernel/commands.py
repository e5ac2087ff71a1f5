"""Commands that were carried out, with their stored results (SQL of ``kernel.command``)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from auction.kernel.errors import IdempotencyKeyReused


@dataclass(frozen=True)
class Carried:
    """One carried-out command: by whom, which, and its encoded result."""

    account_id: UUID
    command_id: UUID
    kind: str
    content_hash: str
    result: bytes
    at: datetime


async def stored_result(
    session: AsyncSession, *, account_id: UUID, command_id: UUID, kind: str, content_hash: str
) -> bytes | None:
    """Give the stored result of a command, ``None`` if it was never carried out.

    Raises `IdempotencyKeyReused` if this id was carried out with other content.
    """
    found = (
        await session.execute(
            text(
                "SELECT kind, content_hash, result FROM kernel.command "
                "WHERE account_id = :account_id AND command_id = :command_id"
            ),
            {"account_id": account_id, "command_id": command_id},
        )
    ).one_or_none()
    if found is None:
        return None
    if (found.kind, found.content_hash) != (kind, content_hash):
        raise IdempotencyKeyReused(command_id=command_id)
    return bytes(found.result)


async def store_result(session: AsyncSession, carried: Carried) -> None:
    """Store that a command was carried out."""
    await session.execute(
        text(
            "INSERT INTO kernel.command (account_id, command_id, kind, content_hash, result, at) "
            "VALUES (:account_id, :command_id, :kind, :content_hash, :result, :at)"
        ),
        carried.__dict__,
    )
