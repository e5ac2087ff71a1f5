"""The letter of a mandate as a paper (PDF/A), for the people of the agency that was mandated."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from auction.kernel.actors import Role
from auction.sale.cases import store as cases
from valuation.appraisals.views import own_mandate_view
from web.auth.guards import roles
from web.injected import TheActor, TheDb
from web.papers.mandate_paper import mandate_paper
from web.papers.typeset import typeset


@get(
    "/api/mandates/{mandate_id:uuid}/paper",
    opt=dict(roles(Role.AGENCY)),
    tags=["valuation"],
    operation_id="api_mandate_paper",
    summary="The letter of a mandate as PDF",
)
async def show_mandate_paper(mandate_id: FromPath[UUID], db: TheDb, actor: TheActor) -> Response[bytes]:
    """Give the letter to an officer of its agency with a part in it; to others there is no such mandate."""
    async with db.reading() as tx:
        view = await own_mandate_view(tx, actor, mandate_id)
        case = await cases.case_view(tx, view.case_id)
    paper = mandate_paper(view.mandate, view.terms, court=case.court, case_number=case.case_number)
    headers = {"Content-Disposition": f'attachment; filename="fapai-mandate-{mandate_id}.pdf"'}
    return Response(await typeset(paper), media_type="application/pdf", headers=headers)


MANDATE_QUERIES = (show_mandate_paper,)
