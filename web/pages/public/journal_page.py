"""The public record to take away: a closed session's journal as a file, and the keys and roots to check it with.

While a session runs its journal is not given out whole: it holds admissions, and a code is public only with its first
bid (security 2). The bids themselves stand on the lot's page.
"""

from __future__ import annotations

from uuid import UUID

from litestar import get
from litestar.params import FromPath
from litestar.response import Stream, Template

from auction.kernel.errors import Conflict
from auction.kernel.ids import SessionId
from auction.sale.disclosure.public_lots import card_of
from bidding.journal.export_journal import export_journal
from bidding.journal.views import published_keys, published_roots, standings
from web.auth.guards import PUBLIC
from web.injected import TheDb
from web.rendering import page


class JournalOpen(Conflict):
    """The session is not over; its journal is published whole after the close."""

    code = "journal_still_open"
    article = "网拍 18; house: a code is public only with its first bid"
    zh = "竞价尚未结束，完整竞价日志在结束后公开；已有出价见“竞买记录”。"
    en = "The session is not over; its whole journal is published after the close. The bids so far are on the lot's page."


@get("/lots/{lot_id:uuid}/journal", opt=dict(PUBLIC), include_in_schema=False)
async def download_journal(lot_id: FromPath[UUID], db: TheDb) -> Stream:
    """Give the journal of the lot's last session, one JSON object a line; `JournalOpen` before its close."""
    async with db.reading() as tx:
        card = await card_of(tx, lot_id)
        room = (await standings(tx, [card.session_id])).get(card.session_id)
    if room is None or room.phase not in ("closed", "withdrawn"):
        raise JournalOpen
    lines = (f"{line}\n".encode() async for line in export_journal(db, SessionId(card.session_id)))
    name = f"fapai-journal-{card.session_id}.jsonl"
    return Stream(
        lines, media_type="application/jsonl", headers={"content-disposition": f'attachment; filename="{name}"'}
    )


@get("/keys", opt=dict(PUBLIC), include_in_schema=False)
async def show_keys(db: TheDb) -> Template:
    """Show the public keys of receipts and the last published roots."""
    async with db.reading() as tx:
        keys, roots = await published_keys(tx), await published_roots(tx)
    return page("public/keys.html", keys=keys, roots=roots)
