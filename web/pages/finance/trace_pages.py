"""The trace of a case's money as pages: every receipt to where it lies or went; and the books to take away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath
from litestar.response import Template

from auction.fund.ledger import published
from auction.fund.ledger.books_file import books_file
from auction.fund.ledger.entries import chain_of
from auction.fund.ledger.export_books import export_case_books
from auction.fund.ledger.store import read_chain
from auction.sale.case_access import require_part
from auction.sale.cases import store as cases
from auction.sale.cases.cases import CaseUnknown, CaseView
from auction.sale.lots.case_lots import has_public_lot
from web.auth.guards import PUBLIC, roles
from web.injected import TheActor, TheDb
from web.pages.desk import desk_page
from web.pages.finance.flow import Stream, draw
from web.pages.finance.money_traced import TraceSealed, named_streams, public_streams, require_trace_open
from web.pages.readers import MONEY_READERS


@get("/finance/cases/{case_id:uuid}/trace", opt=dict(roles(*MONEY_READERS)), include_in_schema=False)
async def show_trace(case_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor) -> Template:
    """Show where the money of each receipt lies or went, as a picture and as a table."""
    async with db.reading() as tx:
        await require_part(tx, actor, case_id)
        case = await cases.case_view(tx, case_id)
        try:
            await require_trace_open(tx, actor, case_id)
            streams: Sequence[Stream] | None = await named_streams(tx, case_id)
        except TraceSealed:
            streams = None
    return _page(request, case, streams, is_public=False)


@get("/statements/{case_id:uuid}/trace", opt=dict(PUBLIC), include_in_schema=False)
async def show_public_trace(case_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb) -> Template:
    """Show everybody how the price became payouts; no receipt and no name."""
    async with db.reading() as tx:
        if not await has_public_lot(tx, case_id):
            raise CaseUnknown(case_id=case_id)
        case = await cases.case_view(tx, case_id)
        try:
            streams: Sequence[Stream] | None = await public_streams(tx, case_id)
        except TraceSealed:
            streams = None
    return _page(request, case, streams, is_public=True)


@get("/finance/cases/{case_id:uuid}/books.beancount", opt=dict(roles(*MONEY_READERS)), include_in_schema=False)
async def download_books(case_id: FromPath[UUID], db: TheDb, actor: TheActor) -> Response[str]:
    """Give the case's books as a Beancount file. Raises `TraceSealed` while a round runs, except for finance."""
    async with db.reading() as tx:
        await require_trace_open(tx, actor, case_id)
        books = await export_case_books(tx, case_id)
    headers = {"Content-Disposition": f'attachment; filename="{case_id}.beancount"'}
    return Response(books, media_type="text/plain; charset=utf-8", headers=headers)


@get("/finance/cases/{case_id:uuid}/books.json", opt=dict(roles(*MONEY_READERS)), include_in_schema=False)
async def download_proven_books(case_id: FromPath[UUID], db: TheDb, actor: TheActor) -> Response[bytes]:
    """Give the case's books with the proof of their publication, as `fapai verify-books` takes them."""
    async with db.reading() as tx:
        await require_trace_open(tx, actor, case_id)
        chain = chain_of(case_id)
        file = books_file(case_id, await read_chain(tx, chain), await published.proof_of(tx, chain))
    headers = {"Content-Disposition": f'attachment; filename="{case_id}.books.json"'}
    return Response(msgspec.json.encode(file), media_type="application/json", headers=headers)


def _page(
    request: Request[Any, Any, Any], case: CaseView, streams: Sequence[Stream] | None, *, is_public: bool
) -> Template:
    """Render the page; ``streams`` is ``None`` while a round keeps them sealed."""
    return desk_page(
        request,
        "finance/trace.html",
        case=case,
        streams=streams or (),
        picture=draw(streams or ()),
        is_public=is_public,
        is_sealed=streams is None,
    )
