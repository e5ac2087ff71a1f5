"""What proves that a case's books were not rewritten: keys, published roots, and the way from a case's head to a root."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from litestar import get
from litestar.params import FromPath, FromQuery

from auction.fund.ledger import published
from auction.fund.ledger.entries import chain_of
from auction.fund.ledger.heads import BooksProof, BooksRoot
from auction.fund.ledger.published import BooksKeyShown
from auction.kernel.errors import Conflict
from auction.sale.cases.cases import CaseUnknown
from auction.sale.lots.case_lots import has_public_lot, has_running_round
from web.auth.guards import PUBLIC
from web.injected import TheDb
from web.pages.finance.money_traced import TraceSealed

ROOTS_MOST: Final = 5_000
"""Most roots in one answer: more than half a year of hours; who needs more asks again from the last one."""
NUMBER_MOST: Final = 2**62


class NotPublishedYet(Conflict):
    """No publication holds a head of this case yet."""

    code = "books_not_published_yet"
    article = "house: heads of the books are published hourly"
    zh = "本案账簿尚未进入任何一次公布，公布每小时一次。"
    en = "No publication holds these books yet; heads are published hourly."


@get("/api/books-keys", opt=dict(PUBLIC), tags=["public"], operation_id="api_books_keys", summary="Keys of the books")
async def show_books_keys(db: TheDb) -> tuple[BooksKeyShown, ...]:
    """Give the public keys (hex) under which roots of the books were signed: pin them before you verify."""
    async with db.reading() as tx:
        return await published.books_keys(tx)


@get(
    "/api/books-roots", opt=dict(PUBLIC), tags=["public"], operation_id="api_books_roots", summary="Roots of the books"
)
async def show_books_roots(db: TheDb, since: FromQuery[int] = 0) -> tuple[BooksRoot, ...]:
    """Give published roots: keep one, and nothing behind it can change unseen.

    The newest ones, the newest first; with ``since`` those from that number on, in order, as `fapai verify-books --roots` takes them.
    """
    async with db.reading() as tx:
        if since > 0:
            return await published.roots_from(tx, min(since, NUMBER_MOST), limit=ROOTS_MOST)
        return await published.newest_roots(tx)


@get(
    "/api/statements/{case_id:uuid}/proof",
    opt=dict(PUBLIC),
    tags=["public"],
    operation_id="api_books_proof",
    summary="Proof of a case's books",
)
async def show_proof(case_id: FromPath[UUID], db: TheDb) -> BooksProof:
    """Lead from the newest published head of a case's books to its root; refused while a round runs (security 2)."""
    async with db.reading() as tx:
        if not await has_public_lot(tx, case_id):
            raise CaseUnknown(case_id=case_id)
        if await has_running_round(tx, case_id):
            raise TraceSealed
        proof = await published.proof_of(tx, chain_of(case_id))
    if proof is None:
        raise NotPublishedYet
    return proof


BOOKS_QUERIES = (show_books_keys, show_books_roots, show_proof)
