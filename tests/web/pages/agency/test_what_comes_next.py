"""What the court's page of a price says next while an appraisal goes its way, and what a party reads meanwhile."""

from __future__ import annotations

import re

import httpx

from auction.sale.cases.documents import DocumentKind
from tests.valuation.methods.ground import PAPER
from tests.web.pages.agency.test_agency_desk import ACCEPTING
from tests.web.pages.agency.test_court_steps import (
    as_agency,
    desk,
    desks,
    mandated,
    parties,
    price_page,
    reported,
    take,
    the_file,
)
from tests.web.pages.desks.conftest import court
from tests.web.pages.desks.court_world import CourtWorld

__all__ = ["court", "desk", "desks"]
_NEXT = re.compile(r"<strong>下一步</strong>\s*(.*?)\s*(?:<span|</p>)", re.DOTALL)


async def said(court: CourtWorld, desk: httpx.AsyncClient) -> str:
    """Give the sentence of the court's page."""
    found = _NEXT.search(await price_page(court, desk))
    assert found is not None
    return found[1]


async def test_page_says_at_every_step_what_it_waits_for(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """From the acceptance to the explanation of an objection the sentence moves with the file."""
    page = await mandated(court, desk)
    await as_agency(desk, f"{page}/accept", **ACCEPTING)
    heard = [await said(court, desk)]
    await as_agency(desk, f"{page}/extend", days="10", reason="标的复杂", document_sha256=PAPER)
    heard.append(await said(court, desk))
    mandate = (await the_file(court)).mandate
    assert mandate is not None
    assert mandate.pending is not None
    await take(court, desk, "decide-extension", request_id=str(mandate.pending.request_id), granted_days="10")
    appraisal_id = await reported(court, desk, page)
    heard.append(await said(court, desk))
    objection = {"appraisal_id": str(appraisal_id), "party_id": parties(court)[1], "against": "report"}
    await take(court, desk, "object-to-report", "clerk1", grounds=["result"], document_sha256=PAPER, **objection)
    heard.append(await said(court, desk))
    objection_id = str((await the_file(court)).objections[0].objection_id)
    await take(court, desk, "forward-objection", "clerk1", objection_id=objection_id)
    heard.append(await said(court, desk))
    explained = {"objection_id": objection_id, "text": "案例可比", "document_sha256": PAPER}
    await as_agency(desk, f"{page}/explain-objection", **explained)
    heard.append(await said(court, desk))
    document = await court.document(DocumentKind.EXPLANATION, sealed=False)
    await take(court, desk, "link-explanation", "clerk1", objection_id=objection_id, document_id=str(document))
    heard.append(await said(court, desk))

    assert heard == [
        "评估机构已接受委托；须现场勘验的，先通知当事人到场。",
        "评估机构申请延长期限，待法院决定。",
        "异议期至 2027年3月8日；期满且异议处理完毕后自动确定参考价。",
        "异议须在三日内转交评估机构。",
        "等待评估机构在五日内对异议作出说明。",
        "评估机构已作说明，须先指明送达所用的文书，再送达异议人。",
        "评估机构已作说明，须送达异议人；异议人收到后五日内可以再提异议。",
    ]
