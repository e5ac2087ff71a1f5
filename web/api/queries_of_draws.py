"""What is published of draws and of the register, as JSON: keys, head, chain, lists, transcripts to the byte."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from auction.kernel.clock import local_day
from auction.kernel.errors import Conflict, NotFound
from valuation.agencies import register_store
from valuation.agencies.views import DrawLine, PublicAgency, public_agency, public_draws
from valuation.draw_v1.canonical import written
from valuation.draw_v1.draw_chain import PublishedKey, sign_head
from valuation.draw_v1.draw_pool import from_instant, instant
from valuation.draw_v1.transcript import Continuation
from valuation.draws.records_of_draw import records_of
from valuation.selections import store_of_draws
from web.auth.guards import PUBLIC
from web.injected import TheDb, TheWiring
from web.papers.draw_paper import draw_paper
from web.papers.typeset import typeset

JSON = "application/json"
PDF = "application/pdf"
LISTED = 1_000
CHAIN_MOST = 20_000


class ChainEmpty(NotFound):
    """Nothing was published in the chain yet."""

    code = "draw_chain_empty"
    article = "house: Draw v1, 6"
    zh = "尚无公布的摇号记录，没有链首。"
    en = "No record of a draw has been published yet; there is no head."


class NotDrawnYet(Conflict):
    """The draw has no transcript yet, or never will."""

    code = "draw_not_drawn"
    article = "参考价 16, 34"
    zh = "该次摇号尚无记录。"
    en = "This draw has no transcript."


class NotFrozenYet(Conflict):
    """The pool of this draw is not frozen yet."""

    code = "draw_pool_not_frozen"
    article = "参考价 16"
    zh = "该次摇号的名单尚未冻结公布。"
    en = "The pool of this draw has not been frozen and published yet."


@get("/api/draw-keys", opt=dict(PUBLIC), tags=["public"], operation_id="api_draw_keys", summary="Draw keys")
async def show_draw_keys(db: TheDb, wiring: TheWiring) -> list[PublishedKey]:
    """Give the public keys (hex) with which transcripts and heads verify: pin them before you verify."""
    async with db.reading() as tx:
        return await store_of_draws.public_keys(tx, wiring.keys.draws)


@get("/api/draw-head", opt=dict(PUBLIC), tags=["public"], operation_id="api_draw_head", summary="Head of the chain")
async def show_draw_head(db: TheDb, wiring: TheWiring) -> Response[bytes]:
    """Give the signed head of the chain of all draws, in canonical form: keep it, and nothing before it can change."""
    async with db.reading() as tx:
        last = await store_of_draws.last_entry(tx)
        now = tx.now
    if last is None:
        raise ChainEmpty
    head = sign_head(last, wiring.keys.draws, at=instant(max(now, from_instant(last.at))))
    return Response(written(head), media_type=JSON, headers={"cache-control": "no-store"})


@get("/api/draw-chain/{n:int}", opt=dict(PUBLIC), tags=["public"], operation_id="api_draw_chain", summary="Chain")
async def show_draw_chain(n: FromPath[int], db: TheDb, request: Request[Any, Any, Any]) -> Response[bytes]:
    """Give the entries from number ``n`` on, for who kept a head later than his transcript; ``?through=`` ends them."""
    through = request.query_params.get("through", "")
    async with db.reading() as tx:
        entries = await store_of_draws.chain_from(tx, max(n, 1), limit=CHAIN_MOST)
    if through.isascii() and through.isdecimal() and len(through) < 16:
        entries = [entry for entry in entries if entry.n <= int(through)]
    if not entries:
        raise ChainEmpty
    return Response(written(Continuation(entries=tuple(entries))), media_type=JSON)


@get("/api/draws", opt=dict(PUBLIC), tags=["public"], operation_id="api_draws", summary="Draws")
async def show_draws_list(db: TheDb) -> list[DrawLine]:
    """Give all draws, the newest first."""
    async with db.reading() as tx:
        return await public_draws(tx, limit=LISTED)


@get("/api/draws/{draw_id:uuid}", opt=dict(PUBLIC), tags=["public"], operation_id="api_draw", summary="Transcript")
async def show_transcript(draw_id: FromPath[UUID], db: TheDb) -> Response[bytes]:
    """Give the transcript to the byte, as `fapai verify-draw` takes it; `NotDrawnYet` before the draw."""
    async with db.reading() as tx:
        found = await store_of_draws.draw(tx, draw_id)
    if found.transcript is None:
        raise NotDrawnYet
    return _file(bytes(found.transcript), f"fapai-draw-{draw_id}.json")


@get(
    "/api/draws/{draw_id:uuid}/paper",
    opt=dict(PUBLIC),
    tags=["public"],
    operation_id="api_draw_paper",
    summary="Transcript as PDF",
)
async def show_draw_paper(draw_id: FromPath[UUID], db: TheDb) -> Response[bytes]:
    """Give the transcript as PDF/A, the same bytes each time; `NotDrawnYet` before the draw. The JSON alone is signed."""
    async with db.reading() as tx:
        found = await store_of_draws.draw(tx, draw_id)
    if found.transcript is None:
        raise NotDrawnYet
    content = await typeset(draw_paper(bytes(found.transcript)))
    return _file(content, f"fapai-draw-{draw_id}.pdf", media_type=PDF)


@get(
    "/api/draws/{draw_id:uuid}/pool", opt=dict(PUBLIC), tags=["public"], operation_id="api_pool", summary="Frozen pool"
)
async def show_pool(draw_id: FromPath[UUID], db: TheDb) -> Response[bytes]:
    """Give the frozen pool record to the byte; `NotFrozenYet` before its publication."""
    async with db.reading() as tx:
        found = await store_of_draws.draw(tx, draw_id)
    if found.pool is None:
        raise NotFrozenYet
    return _file(bytes(found.pool), f"fapai-pool-{draw_id}.json")


@get(
    "/api/draws/{draw_id:uuid}/records",
    opt=dict(PUBLIC),
    tags=["public"],
    operation_id="api_draw_records",
    summary="Records",
)
async def show_records(draw_id: FromPath[UUID], db: TheDb) -> Response[bytes]:
    """Give every published record of a draw, failed ones too, with its entry of the chain and its instant."""
    async with db.reading() as tx:
        found = await records_of(tx, draw_id)
    return _file(msgspec.json.encode(found), f"fapai-records-{draw_id}.json")


class AgencyShown(msgspec.Struct, frozen=True, kw_only=True):
    """An institution of the register, and whether it stands on it today."""

    agency: PublicAgency
    is_listed: bool


@get("/api/agencies", opt=dict(PUBLIC), tags=["public"], operation_id="api_agencies", summary="Register")
async def show_agencies(db: TheDb) -> list[AgencyShown]:
    """Give the register with whoever left it."""
    async with db.reading() as tx:
        register = await register_store.register(tx)
        today = local_day(tx.now)
    return [
        AgencyShown(agency=public_agency(agency), is_listed=agency.is_listed(today)) for agency in register.values()
    ]


def _file(content: bytes, name: str, *, media_type: str = JSON) -> Response[bytes]:
    return Response(content, media_type=media_type, headers={"content-disposition": f'inline; filename="{name}"'})


DRAW_QUERIES = (
    show_draw_keys,
    show_draw_head,
    show_draw_chain,
    show_draws_list,
    show_transcript,
    show_draw_paper,
    show_pool,
    show_records,
    show_agencies,
)
