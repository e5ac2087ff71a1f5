"""SQL of published heads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Row, text

from auction.fund.ledger.heads import BooksHead, BooksProof, BooksRoot, prove_books
from auction.kernel.clock import from_us, to_us
from auction.kernel.db import Transaction
from auction.kernel.house_key import HouseKey

ROOTS_SHOWN = 48
"""Most roots on a page, the newest first: two days of hours."""


class BooksKeyShown(msgspec.Struct, frozen=True, kw_only=True):
    """A key that signed roots of the books, in hexadecimal."""

    key_id: str
    public_key: str


async def keep_key(tx: Transaction, key: HouseKey) -> None:
    """Keep the public half of a key, once."""
    await tx.session.execute(
        text("INSERT INTO fund.books_key VALUES (:key_id, :public_key, :now) ON CONFLICT DO NOTHING"),
        {"key_id": key.key_id, "public_key": key.public, "now": tx.now},
    )


async def keep_root(tx: Transaction, root: BooksRoot, cover: bytes, heads: Sequence[BooksHead]) -> None:
    """Store a publication with the heads behind it, in the order of its leaves."""
    await tx.session.execute(
        text(
            "INSERT INTO fund.published_books (number, at, cover, previous, root, key_id, signature) "
            "VALUES (:number, :at, :cover, :previous, :root, :key_id, :signature)"
        ),
        msgspec.structs.asdict(root) | {"at": from_us(root.at_us), "cover": cover},
    )
    if heads:
        await tx.session.execute(
            text("INSERT INTO fund.published_books_head VALUES (:number, :place, :chain, :entry, :digest, :nonce)"),
            [
                {
                    "number": root.number,
                    "place": place,
                    "chain": head.chain,
                    "entry": head.number,
                    "digest": head.digest,
                    "nonce": bytes.fromhex(head.nonce),
                }
                for place, head in enumerate(heads, start=1)
            ],
        )


async def last_root(tx: Transaction) -> BooksRoot | None:
    """Give the newest publication."""
    found = await newest_roots(tx, limit=1)
    return found[0] if found else None


async def newest_roots(tx: Transaction, *, limit: int = ROOTS_SHOWN) -> tuple[BooksRoot, ...]:
    """Give the newest publications first."""
    rows = await tx.session.execute(
        text("SELECT * FROM fund.published_books ORDER BY number DESC LIMIT :limit"), {"limit": limit}
    )
    return tuple(_root(row) for row in rows)


async def all_roots(tx: Transaction) -> list[tuple[BooksRoot, bytes]]:
    """Give every publication in order, with the random bytes of its cover."""
    rows = await tx.session.execute(text("SELECT * FROM fund.published_books ORDER BY number"))
    return [(_root(row), bytes(row.cover)) for row in rows]


async def roots_from(tx: Transaction, number: int, *, limit: int) -> tuple[BooksRoot, ...]:
    """Give publications from a number on, in order."""
    rows = await tx.session.execute(
        text("SELECT * FROM fund.published_books WHERE number >= :number ORDER BY number LIMIT :limit"),
        {"number": number, "limit": limit},
    )
    return tuple(_root(row) for row in rows)


async def books_keys(tx: Transaction) -> tuple[BooksKeyShown, ...]:
    """Give every key that signed a root, the first one first."""
    rows = await tx.session.execute(text("SELECT key_id, public_key FROM fund.books_key ORDER BY valid_from"))
    return tuple(BooksKeyShown(key_id=row.key_id, public_key=bytes(row.public_key).hex()) for row in rows)


async def proof_of(tx: Transaction, chain: str) -> BooksProof | None:
    """Lead from a chain's newest published head to its root; ``None`` before the first publication that holds it."""
    number = await tx.session.scalar(
        text("SELECT max(number) FROM fund.published_books_head WHERE chain = :chain"), {"chain": chain}
    )
    if number is None:
        return None
    rows = await tx.session.execute(
        text("SELECT * FROM fund.published_books WHERE number = :number"), {"number": number}
    )
    row = rows.one()
    return prove_books(bytes(row.cover), await heads_of(tx, number), chain, _root(row))


async def all_heads(tx: Transaction) -> dict[int, list[BooksHead]]:
    """Give the heads behind every root, by the publication's number."""
    rows = await tx.session.execute(text("SELECT * FROM fund.published_books_head ORDER BY number, place"))
    found: dict[int, list[BooksHead]] = {}
    for row in rows:
        found.setdefault(row.number, []).append(_head(row))
    return found


async def heads_of(tx: Transaction, number: int) -> list[BooksHead]:
    """Give the heads behind a root, in the order of its leaves."""
    rows = await tx.session.execute(
        text("SELECT * FROM fund.published_books_head WHERE number = :number ORDER BY place"), {"number": number}
    )
    return [_head(row) for row in rows]


def _head(row: Row[Any]) -> BooksHead:
    return BooksHead(chain=row.chain, number=row.entry_number, digest=row.digest, nonce=bytes(row.nonce).hex())


def _root(row: Row[Any]) -> BooksRoot:
    return BooksRoot(
        number=row.number,
        at_us=to_us(row.at),
        previous=row.previous,
        root=row.root,
        key_id=row.key_id,
        signature=row.signature,
    )
