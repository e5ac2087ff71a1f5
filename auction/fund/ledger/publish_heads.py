"""Publish the heads of the books, hourly: one signed root over the chains that moved since the last one.

What was published can be checked for ever: an entry behind a head cannot be changed without the head no longer standing
(`check_books`), and whoever kept the root can prove it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import text

from auction.fund.ledger import published
from auction.fund.ledger.heads import NO_ROOT, BooksHead, BooksRoot, books_root, sign_books
from auction.kernel.clock import to_us
from auction.kernel.db import Database, Transaction
from auction.kernel.house_key import HouseKey
from auction.kernel.ids import named_id
from auction.kernel.jobs import Job, enqueue

PUBLISH_HEADS: Final = "fund.publish_heads"
PERIOD: Final = timedelta(hours=1)
NONCE_BYTES: Final = 32


class HeadsDue(msgspec.Struct, frozen=True, kw_only=True):
    """Payload: the hour for which heads are published."""

    hour: datetime


async def plan_publication(tx: Transaction) -> None:
    """Plan the publication of the next full hour, once."""
    hour = tx.now.replace(minute=0, second=0, microsecond=0) + PERIOD
    only_once_as = named_id("published books", hour.isoformat())
    await enqueue(tx, PUBLISH_HEADS, HeadsDue(hour=hour), due_at=hour, only_once_as=only_once_as)


async def handle_publish_heads(db: Database, key: HouseKey, _job: Job) -> None:
    """Publish and plan the next hour, in one transaction; a repetition within the hour publishes nothing."""

    async def work(tx: Transaction) -> None:
        last = await published.last_root(tx)
        if last is None or to_us(tx.now) >= last.at_us + to_us_span(PERIOD) // 2:
            await publish_heads(tx, key)
        await plan_publication(tx)

    await db.transact(work)


async def publish_heads(tx: Transaction, key: HouseKey) -> BooksRoot:
    """Sign a root over every chain that moved since the last publication, and store it with its heads."""
    await tx.lock("published books")
    last = await published.last_root(tx)
    cover, heads = secrets.token_bytes(NONCE_BYTES), await _moved(tx)
    number, previous = (1, NO_ROOT) if last is None else (last.number + 1, last.root)
    root = sign_books(key, books_root(cover, heads), number=number, at_us=to_us(tx.now), previous=previous)
    await published.keep_key(tx, key)
    await published.keep_root(tx, root, cover, heads)
    return root


def to_us_span(span: timedelta) -> int:
    """Give a span in whole microseconds."""
    return span // timedelta(microseconds=1)


async def _moved(tx: Transaction) -> Sequence[BooksHead]:
    """Give the last entry of each chain that has one behind its last published head, in an order of chance."""
    rows = await tx.session.execute(
        text(
            "SELECT e.chain, e.number, e.digest FROM ("
            " SELECT DISTINCT ON (chain) chain, number, digest FROM fund.entry ORDER BY chain, number DESC) e "
            "LEFT JOIN (SELECT chain, max(entry_number) AS number FROM fund.published_books_head GROUP BY chain) p "
            "USING (chain) WHERE e.number > coalesce(p.number, 0)"
        )
    )
    heads = [
        BooksHead(chain=row.chain, number=row.number, digest=row.digest, nonce=secrets.token_hex(NONCE_BYTES))
        for row in rows
    ]
    return sorted(heads, key=lambda head: head.nonce)
