"""Audit logs: append-only, chained per case, and per day for what belongs to no case.

1. Entry n of a chain holds the digest of entry n-1; the first holds 64 zeros.
2. An entry names the account, the action and a keyed commitment of its content, never the content (security 8).
3. Entries of one chain are appended under a lock of that chain, so numbers have no gap.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from auction.kernel.clock import local_day, to_us

NO_PREDECESSOR = "0" * 64


@dataclass(frozen=True)
class Fact:
    """What an entry records."""

    at: datetime
    account_id: UUID
    action: str
    command_id: UUID | None
    content_hash: str


@dataclass(frozen=True)
class Entry:
    """One stored entry of a chain."""

    chain: str
    number: int
    fact: Fact
    previous: str
    digest: str


def chain_of(case_id: UUID | None, at: datetime) -> str:
    """Name the chain: the case's, or the court day's."""
    return f"case:{case_id}" if case_id is not None else f"day:{local_day(at).isoformat()}"


def digest_of(chain: str, number: int, fact: Fact, previous: str) -> str:
    """Compute the digest (hex SHA-256) of an entry from its fields, one per line."""
    command = "-" if fact.command_id is None else str(fact.command_id)
    fields = (chain, str(number), str(to_us(fact.at)), str(fact.account_id), fact.action, command, fact.content_hash)
    return hashlib.sha256("\n".join((*fields, previous)).encode()).hexdigest()


def first_broken(entries: Sequence[Entry]) -> int | None:
    """Give the number of the first entry of one chain that does not continue its predecessor; ``None`` if all do."""
    previous = NO_PREDECESSOR
    for expected, entry in enumerate(entries, start=1):
        digest = digest_of(entry.chain, entry.number, entry.fact, previous)
        if entry.number != expected or entry.previous != previous or entry.digest != digest:
            return entry.number
        previous = entry.digest
    return None


async def append(session: AsyncSession, *, chain: str, fact: Fact) -> None:
    """Append one entry to a chain; waits for others that append to the same chain."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"audit:{chain}"})
    head = (
        await session.execute(
            text("SELECT number, digest FROM kernel.audit_entry WHERE chain = :chain ORDER BY number DESC LIMIT 1"),
            {"chain": chain},
        )
    ).one_or_none()
    number, previous = (1, NO_PREDECESSOR) if head is None else (head.number + 1, head.digest)
    await session.execute(
        text(
            "INSERT INTO kernel.audit_entry "
            "(chain, number, at, account_id, action, command_id, content_hash, previous, digest) VALUES "
            "(:chain, :number, :at, :account_id, :action, :command_id, :content_hash, :previous, :digest)"
        ),
        {
            **fact.__dict__,
            "chain": chain,
            "number": number,
            "previous": previous,
            "digest": digest_of(chain, number, fact, previous),
        },
    )


async def read_chain(session: AsyncSession, chain: str) -> list[Entry]:
    """Read a whole chain in order."""
    rows = await session.execute(
        text("SELECT * FROM kernel.audit_entry WHERE chain = :chain ORDER BY number"), {"chain": chain}
    )
    return [
        Entry(r.chain, r.number, Fact(r.at, r.account_id, r.action, r.command_id, r.content_hash), r.previous, r.digest)
        for r in rows
    ]
