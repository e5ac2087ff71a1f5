"""Statements of a case's money as papers (PDF/A): the court's, and everybody's."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from auction.fund.ledger import published
from auction.sale.case_access import require_part
from web.auth.guards import PUBLIC, roles
from web.injected import TheActor, TheDb
from web.money_shown import sees_single
from web.pages.finance.case_money import public_case_money, read_case_money
from web.pages.finance.money_traced import named_streams, public_streams
from web.pages.readers import MONEY_READERS
from web.papers.statement_paper import statement_paper
from web.papers.typeset import typeset
from web.texts import speaking


@get(
    "/api/fund/cases/{case_id:uuid}/paper",
    opt=dict(roles(*MONEY_READERS)),
    tags=["fund"],
    operation_id="api_statement_paper",
    summary="The court's statement as PDF",
)
async def show_statement_paper(case_id: FromPath[UUID], db: TheDb, actor: TheActor) -> Response[bytes]:
    """Give the court's statement as PDF/A; what tells of single deposits is left out while a round runs, except for finance."""
    async with db.reading() as tx:
        await require_part(tx, actor, case_id)
        money = await read_case_money(tx, case_id, sees=sees_single(actor))
        with speaking("zh"):
            streams = () if money.deposits is None else await named_streams(tx, case_id)
        root, now = await published.last_root(tx), tx.now
    return _pdf(await typeset(statement_paper(money, streams, at=now, published=root, is_public=False)), case_id)


@get(
    "/api/statements/{case_id:uuid}/paper",
    opt=dict(PUBLIC),
    tags=["fund"],
    operation_id="api_public_statement_paper",
    summary="The public statement as PDF",
)
async def show_public_statement_paper(case_id: FromPath[UUID], db: TheDb) -> Response[bytes]:
    """Give everybody the public statement as PDF/A, dated by the full hour: no receipt, no account, no natural person's name."""
    async with db.reading() as tx:
        money = await public_case_money(tx, case_id)
        with speaking("zh"):
            streams = () if money.is_running else await public_streams(tx, case_id)
        hour = tx.now.replace(minute=0, second=0, microsecond=0)
    return _pdf(await typeset(statement_paper(money, streams, at=hour, published=None, is_public=True)), case_id)


def _pdf(content: bytes, case_id: UUID) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="fapai-statement-{case_id}.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)


STATEMENT_QUERIES = (show_statement_paper, show_public_statement_paper)
