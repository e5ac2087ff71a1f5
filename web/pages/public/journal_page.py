"""The public record to take away: a closed session's journal as a file, and the keys and roots to check it with.

While a session runs its journal is not given out whole: it holds admissions, and a code is public only with its first
bid (security 2). The bids themselves stand on the lot's page.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath
from litestar.response import Stream, Template

from auction.fund.ledger import published
from auction.kernel.clock import from_us
from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict
from auction.kernel.ids import SessionId
from auction.sale.disclosure.public_lots import card_of
from bidding.availability.store import probe_keys
from bidding.journal.export_journal import export_journal
from bidding.journal.views import published_keys, published_roots, standings
from web.auth.guards import PUBLIC
from web.injected import TheDb, TheWiring
from web.pages.availability_shown import PUBLIC_CACHE, evidence_answer, evidence_fingerprint, measured_shown
from web.pages.public import words
from web.rendering import page


class JournalOpen(Conflict):
    """The session is not over; its journal is published whole after the close."""

    code = "journal_still_open"
    article = "网拍 18; house: a code is public only with its first bid"
    zh = "竞价尚未结束，完整竞价日志在结束后公开；已有出价见“竞买记录”。"
    en = "The session is not over; its whole journal is published after the close. The bids so far are on the lot's page."


class AvailabilityOpen(Conflict):
    """The session is not over; what was measured of its room is published after the close."""

    code = "availability_still_open"
    article = "house: evidence is whole or it is none"
    zh = "竞价尚未结束，现场可用性的测量结果在结束后公开。"
    en = "The session is not over; what was measured of its room is published after the close."


@get("/lots/{lot_id:uuid}/journal", opt=dict(PUBLIC), include_in_schema=False)
async def download_journal(lot_id: FromPath[UUID], db: TheDb) -> Stream:
    """Give the journal of the lot's last session, one JSON object a line; `JournalOpen` before its close."""
    async with db.reading() as tx:
        card = await card_of(tx, lot_id)
        is_over = await _is_over(tx, card.session_id)
    if not is_over:
        raise JournalOpen
    lines = (f"{line}\n".encode() async for line in export_journal(db, SessionId(card.session_id)))
    name = f"fapai-journal-{card.session_id}.jsonl"
    return Stream(
        lines, media_type="application/jsonl", headers={"content-disposition": f'attachment; filename="{name}"'}
    )


@get("/lots/{lot_id:uuid}/availability", opt=dict(PUBLIC), include_in_schema=False)
async def show_availability(lot_id: FromPath[UUID], db: TheDb, wiring: TheWiring) -> Template:
    """Show how available the room of the lot's last session was; `AvailabilityOpen` before its close."""
    async with db.reading() as tx:
        card = await card_of(tx, lot_id)
        measured = await measured_shown(tx, card.session_id) if await _is_over(tx, card.session_id) else None
    if measured is None:
        raise AvailabilityOpen
    return page(
        "public/availability.html",
        lot_id=lot_id,
        title=words.own_language(card.title_zh, card.title_en),
        measured=measured,
        fingerprint=await evidence_fingerprint(db, measured, wiring.keys.evidence),
    )


@get("/lots/{lot_id:uuid}/availability.json", opt=dict(PUBLIC), include_in_schema=False)
async def download_evidence(
    lot_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, wiring: TheWiring
) -> Response[bytes]:
    """Give the evidence file of the lot's last session; `AvailabilityOpen` before its close."""
    async with db.reading() as tx:
        card = await card_of(tx, lot_id)
        is_over = await _is_over(tx, card.session_id)
    if not is_over:
        raise AvailabilityOpen
    known = request.headers.get("if-none-match", "")
    return await evidence_answer(db, card.session_id, wiring.keys.evidence, if_none_match=known, cache=PUBLIC_CACHE)


async def _is_over(tx: Transaction, session_id: UUID) -> bool:
    room = (await standings(tx, [session_id])).get(session_id)
    return room is not None and room.phase in ("closed", "withdrawn")


@get("/keys", opt=dict(PUBLIC), include_in_schema=False)
async def show_keys(db: TheDb) -> Template:
    """Show the public keys of receipts, probes and books, and the last published roots."""
    async with db.reading() as tx:
        keys, roots, probes = await published_keys(tx), await published_roots(tx), await probe_keys(tx)
        books_keys, books_roots = await published.books_keys(tx), await published.newest_roots(tx)
    return page(
        "public/keys.html",
        keys=keys,
        roots=roots,
        probes=probes,
        books_keys=books_keys,
        books_roots=[(root, from_us(root.at_us)) for root in books_roots],
    )
