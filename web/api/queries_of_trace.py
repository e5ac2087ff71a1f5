"""The trace of a case's money as JSON: for officers with a part in the case, and for everybody."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import get
from litestar.params import FromPath

from auction.fund.ledger.trace import TracedStream, trace_case
from auction.sale.cases import store as cases
from web.auth.guards import PUBLIC, roles
from web.injected import TheActor, TheDb
from web.pages.finance.flow import Stream
from web.pages.finance.money_traced import RULE, public_streams, require_trace_open
from web.pages.readers import MONEY_READERS


class CaseTrace(msgspec.Struct, frozen=True, kw_only=True):
    """Every stream of a case's money; those of one receipt sum to the receipt."""

    case_id: UUID
    rule: str
    streams: tuple[TracedStream, ...]


class PublicTrace(msgspec.Struct, frozen=True, kw_only=True):
    """The trace as everybody may read it; names are masked."""

    case_id: UUID
    case_number: str
    rule: str
    streams: tuple[Stream, ...]


@get(
    "/api/fund/cases/{case_id:uuid}/trace",
    opt=dict(roles(*MONEY_READERS)),
    tags=["fund"],
    operation_id="api_case_trace",
    summary="Trace of a case's money",
)
async def show_case_trace(case_id: FromPath[UUID], db: TheDb, actor: TheActor) -> CaseTrace:
    """Give every receipt's streams, in fen; refused while a round runs, except for finance."""
    async with db.reading() as tx:
        await require_trace_open(tx, actor, case_id)
        return CaseTrace(case_id=case_id, rule=RULE, streams=tuple(await trace_case(tx, case_id)))


@get(
    "/api/statements/{case_id:uuid}/trace",
    opt=dict(PUBLIC),
    tags=["fund"],
    operation_id="api_public_trace",
    summary="Public trace of a case's money",
)
async def show_public_trace(case_id: FromPath[UUID], db: TheDb) -> PublicTrace:
    """Give how the price became payouts, in fen; refused while a round runs."""
    async with db.reading() as tx:
        streams = await public_streams(tx, case_id)
        case = await cases.case_view(tx, case_id)
    return PublicTrace(case_id=case_id, case_number=case.case_number, rule=RULE, streams=streams)


TRACE_QUERIES = (show_case_trace, show_public_trace)
