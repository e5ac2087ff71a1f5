from __future__ import annotations

from uuid import uuid4

import httpx
import pytest

from auction.kernel.clock import local
from auction.kernel.errors import OutcomeUnknown
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.parties import PartyRole
from auction.sale.cases.seal import SealAnswer, SealMarkWrong
from auction.sale.cases.seal_document import ASK_SEAL, handle_ask_seal
from tests.auction.sale.world import ANNOUNCED_ON, FIRST_DAY
from tests.web.conftest import form_token, sign_in
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_panel_page import hidden


async def send(desk: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    """Fill in the form of a page and send it, as a browser does; keeps the command id for a second sending."""
    page = await desk.get(path)
    assert page.status_code == 200, page.text
    form = {"csrf_token": form_token(page), "command_id": hidden(page, "command_id"), **fields}
    first = await desk.post(path, data=form)
    second = await desk.post(path, data=form)
    assert (first.status_code, first.headers.get("location")) == (second.status_code, second.headers.get("location"))
    return first


async def test_work_list_shows_clocks_votes_and_drafts(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A judge finds the question before her panel; the handler his case with its dated clocks and the unsealed draft."""
    await court.listed()
    await court.document(DocumentKind.AUCTION_RULING, sealed=False)
    await sign_in(desk, "presiding1")
    judge = await desk.get("/court")
    desk.cookies.clear()
    await sign_in(desk, "judge1")
    handler = await desk.get("/court")

    assert "待您表决1项" in judge.text
    assert f"/court/questions/{court.question_id}" in judge.text
    assert "(2026)京0105执1234号" in handler.text
    assert "启动拍卖程序" in handler.text
    assert "剩余" in handler.text
    assert "示例auction_ruling" in handler.text


async def test_overdue_clock_says_so(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """When a period is over, the list says 逾期 in words."""
    await court.listed()
    await court.at(local(FIRST_DAY.replace(month=5), 9))
    await sign_in(desk, "judge1")
    page = await desk.get("/court")

    assert "逾期事项" in page.text
    assert "已逾期" in page.text


async def test_case_page_tells_everything_of_a_sold_case(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Facts with source and day, seizures, lint, decision without votes, services with their day, price against receipts."""
    await court.paid()
    await sign_in(desk, "judge1")
    page = await desk.get(f"/court/cases/{court.case_id}")

    assert page.status_code == 200, page.text
    for text in (
        "现场调查",
        "首封",
        "合议通过",
        "直接送达",
        "成交",
        "¥2,100,000",
        "已付清",
        "时间轴",
        "民诉法 88",
        "网拍 22",
    ):
        assert text in page.text, text
    assert "不同意" not in page.text
    assert "王**" in page.text
    assert "王示例" not in page.text


async def test_case_page_does_not_tell_how_many_bid(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Before the close neither single deposits nor their receipts stand in the timeline or the money."""
    await court.announced()
    await court.admitted()
    await court.admitted("赵示例")
    await sign_in(desk, "judge1")
    page = await desk.get(f"/court/cases/{court.case_id}")

    assert "收到保证金" not in page.text
    assert "张示例" not in page.text
    for row in await court.rows("SELECT code FROM sale.bidder_code"):
        assert row.code not in page.text


@pytest.mark.parametrize(
    ("path", "denied"),
    [
        ("/court", ("bidder1", "finance1", "cashier1", "party1", "admin1")),
        ("/court/cases/{case}", ("bidder1", "finance1", "party1", "lender1")),
        ("/supervision/cases/{case}/audit", ("judge1", "clerk1", "finance1", "bidder1")),
        ("/supervision/law", ("bidder1", "party1", "lender1")),
        ("/supervision/calendar", ("bidder1", "party1")),
        ("/court/lots/{lot}/publish", ("panel1", "finance1", "bidder1", "supervisor1")),
    ],
)
async def test_court_pages_are_denied_to_others(
    court: CourtWorld, desk: httpx.AsyncClient, path: str, denied: tuple[str, ...]
) -> None:
    """Each page is for its roles only."""
    await court.listed()
    for username in denied:
        desk.cookies.clear()
        await sign_in(desk, username)

        assert (await desk.get(path.format(case=court.case_id, lot=court.lot_id))).status_code == 403, username


async def test_case_of_others_does_not_exist(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A handler sees his own cases only; the clerk sees all."""
    await court.open()
    handlers = await court.rows("SELECT case_id FROM sale.case_file")
    await sign_in(desk, "panel1")
    own = await desk.get(f"/court/cases/{handlers[0].case_id}")
    unknown = await desk.get(f"/court/cases/{uuid4()}")

    assert (own.status_code, unknown.status_code) == (200, 404)


async def test_document_is_sealed_and_served_by_hand(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A draft is sealed once, then served; the page gives the day of service and its article."""
    await court.open()
    document = await court.document(DocumentKind.AUCTION_RULING, sealed=False)
    path = f"/court/cases/{court.case_id}/documents/{document}"
    await sign_in(desk, "clerk1")
    page = await desk.get(path)
    form = {"csrf_token": form_token(page), "command_id": hidden(page, "command_id")}
    sealed = [await desk.post(f"{path}/seal", data=form) for _ in range(2)]
    served = await send(
        desk,
        f"{path}/serve",
        party_id=str(court.parties[PartyRole.JUDGMENT_DEBTOR]),
        method="direct",
        sent_on=FIRST_DAY.isoformat(),
        sent_time="08:30",
        arrived_on=FIRST_DAY.isoformat(),
        arrived_time="08:45",
        receiver="addressee",
        evidence_ref="回证1号",
    )
    shown = await desk.get(path)

    assert "草稿" in page.text
    assert [answer.status_code for answer in sealed] == [303, 303]
    assert served.status_code == 303
    assert "已用印" in shown.text
    assert "民诉法 88" in shown.text
    assert len(await court.rows("SELECT 1 FROM sale.service")) == 1


async def click_seal(desk: httpx.AsyncClient, path: str) -> httpx.Response:
    """Click once on the seal of a document's page."""
    page = await desk.get(path)
    form = {"csrf_token": form_token(page), "command_id": hidden(page, "command_id")}
    return await desk.post(f"{path}/seal", data=form)


async def test_document_is_shown_as_being_sealed_until_the_service_answers(
    court: CourtWorld, desk: httpx.AsyncClient
) -> None:
    """Silence leads to *being sealed*, on page and desk; the job's answer, or another click, to *sealed* with a mark that holds."""
    await court.open()
    document = await court.document(DocumentKind.AUCTION_RULING, sealed=False)
    path = f"/court/cases/{court.case_id}/documents/{document}"
    court.seal.answers = [OutcomeUnknown("timeout")]
    await sign_in(desk, "clerk1")
    clicked = await click_seal(desk, path)
    waiting, work_list = await desk.get(clicked.headers["location"]), await desk.get("/court")
    (job,) = await court.jobs(ASK_SEAL)
    await handle_ask_seal(court.db, court.seal, job)
    sealed = await desk.get(path)

    assert clicked.status_code == 303
    for text in ("用印中", "印章服务尚未答复", "再次查询用印结果"):
        assert text in waiting.text
    assert "用印中" in work_list.text
    assert "已用印" in sealed.text
    assert "核验通过" in sealed.text
    assert "用印中" not in sealed.text


async def test_page_tells_why_the_service_refused(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A refusal comes with code and reason, stays on the page, and the button is for a new attempt."""
    await court.open()
    document = await court.document(DocumentKind.AUCTION_RULING, sealed=False)
    path = f"/court/cases/{court.case_id}/documents/{document}"
    court.seal.answers = [SealAnswer(state="refused", reason="custodian <declined>")]
    await sign_in(desk, "clerk1")
    refused = await click_seal(desk, path)
    shown = await desk.get(path)
    again = await click_seal(desk, path)

    assert refused.status_code == 409
    assert "seal_refused" in refused.text
    for page in (refused, shown):
        assert "custodian &lt;declined&gt;" in page.text
        assert "加盖院印" in page.text
    assert again.headers["location"].endswith("done=sealed")


async def test_page_refuses_a_wrong_mark(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A wrong mark is refused by code; the document stays as it was."""
    await court.open()
    document = await court.document(DocumentKind.AUCTION_RULING, sealed=False)
    path = f"/court/cases/{court.case_id}/documents/{document}"
    court.seal.answers = [SealMarkWrong(why="x")]
    await sign_in(desk, "clerk1")
    refused = await click_seal(desk, path)

    assert refused.status_code == 409
    assert "seal_mark_wrong" in refused.text
    assert await court.rows("SELECT 1 FROM sale.document_seal") == []


async def test_page_warns_of_a_mark_that_does_not_verify(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A mark that its key did not sign, however it came into the file, is shown as not verified."""
    await court.open()
    document = await court.document(DocumentKind.AUCTION_RULING, sealed=False)
    await court.rows(
        "WITH asked AS (INSERT INTO sale.seal_request (document_id, requested_at) VALUES (:id, kernel.now_at()) RETURNING 1)"
        " INSERT INTO sale.document_seal (document_id, seal_ref, signature, sealed_at)"
        " SELECT :id, 'made up', 'made up', kernel.now_at() FROM asked RETURNING 1",
        id=document,
    )
    await sign_in(desk, "clerk1")
    shown = await desk.get(f"/court/cases/{court.case_id}/documents/{document}")

    assert "核验未通过" in shown.text


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"method": "direct"}, "form_field_needed"),
        ({"method": "direct", "sent_on": "tomorrow"}, "form_day_malformed"),
        ({"method": "direct", "sent_on": "2027-03-01"}, "service_not_complete"),
        ({"method": "left", "sent_on": "2027-03-01", "refused": "yes"}, "leaving_without_refusal"),
        (
            {"method": "left", "sent_on": "2027-03-01", "refused": "yes", "at_residence": "yes"},
            "leaving_without_witness",
        ),
        (
            {
                "method": "electronic",
                "sent_on": "2027-03-01",
                "arrived_on": "2027-03-01",
                "address_basis": "confirmed",
            },
            "electronic_service_without_consent",
        ),
        ({"method": "mail", "sent_on": "2027-03-01", "arrived_on": "2027-03-01"}, "service_address_missing"),
        (
            {
                "method": "mail",
                "sent_on": "2027-02-20",
                "arrived_on": "2027-03-01",
                "address_basis": "confirmed",
                "returned": "not_his_doing",
            },
            "mail_return_not_deemed",
        ),
    ],
)
async def test_what_is_no_service_is_refused_on_the_page(
    court: CourtWorld, desk: httpx.AsyncClient, fields: dict[str, str], code: str
) -> None:
    """The law judges the record; a refusal names code and article, and what was typed is kept."""
    await court.open()
    document = await court.document(DocumentKind.AUCTION_RULING)
    await sign_in(desk, "clerk1")
    party = str(court.parties[PartyRole.JUDGMENT_DEBTOR])
    answer = await send(
        desk,
        f"/court/cases/{court.case_id}/documents/{document}/serve",
        party_id=party,
        evidence_ref="回证1号",
        **fields,
    )

    assert "govuk-error-summary" in answer.text
    assert code in answer.text
    assert "回证1号" in answer.text
    assert await court.rows("SELECT 1 FROM sale.service") == []


async def test_notice_is_published_by_hand(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Too early the publication is refused with its article; in time it is published once."""
    await court.listed()
    await court.vote(court.question_id, "approve", "approve", "approve")
    await court.decide()
    await court.rule_and_notify(local(FIRST_DAY, 9))
    await sign_in(desk, "clerk1")
    early = await send(desk, f"/court/lots/{court.lot_id}/publish")
    await court.at(local(ANNOUNCED_ON, 9))
    done = await send(desk, f"/court/lots/{court.lot_id}/publish")

    assert "notified_too_late" in early.text
    assert "网拍 16" in early.text
    assert done.headers["location"].endswith("?done=published")
    assert len(await court.rows("SELECT 1 FROM sale.notice")) == 1


async def test_ruling_waits_for_the_last_fen(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Before full payment the ruling is refused; after it the draft is issued once."""
    await court.sold()
    await sign_in(desk, "judge1")
    early = await send(desk, f"/court/lots/{court.lot_id}/rule", body="裁定如下")
    assert "price_not_paid_exactly" in early.text
    assert "裁定如下" in early.text


async def test_ruling_transfer_and_delivery_by_hand(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """After full payment the judge rules; transfer and delivery wait until title has passed."""
    await court.paid()
    await sign_in(desk, "judge1")
    ruled = await send(desk, f"/court/lots/{court.lot_id}/rule", body="裁定如下")
    transfer = await send(
        desk, f"/court/lots/{court.lot_id}/transfer", day="2027-04-20", registry="示例登记中心", receipt_number="1"
    )
    delivery = await send(desk, f"/court/lots/{court.lot_id}/delivery", day="2027-04-20", record_ref="笔录1")

    assert ruled.headers["location"].endswith("?done=ruled")
    assert len(await court.rows("SELECT 1 FROM sale.sale_ruling")) == 1
    assert "title_not_passed" in transfer.text
    assert "title_not_passed" in delivery.text


async def test_first_refusal_goes_through_the_panel(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """The handler asks, the panel votes, the clerk confirms: the right stands with its rank."""
    await court.listed()
    await court.party(PartyRole.TENANT, "陈示例")
    await sign_in(desk, "judge1")
    person = (await court.rows("SELECT person_id FROM sale.party WHERE role = 'tenant'"))[0].person_id
    asked = await send(
        desk, f"/court/lots/{court.lot_id}/first-refusal", person_id=str(person), basis="tenant", rank="1"
    )
    question = (await court.rows("SELECT question_id FROM sale.question WHERE subject = 'first_refusal'"))[
        0
    ].question_id
    await court.vote(question, "approve", "approve", "approve")
    desk.cookies.clear()
    await sign_in(desk, "clerk1")
    page = await desk.get(f"/court/questions/{question}")
    form = {"csrf_token": form_token(page), "command_id": hidden(page, "command_id")}
    closed = await desk.post(f"/court/questions/{question}/close", data=form)

    assert asked.headers["location"].endswith("?done=asked")
    assert "陈*" in page.text
    assert closed.headers["location"].endswith("?done=confirmed")
    assert [row.rank for row in await court.rows("SELECT rank FROM sale.first_refusal")] == [1]


async def test_audit_chain_is_verified(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """The supervisor sees every action of the case, recomputed; a forged entry is found."""
    await court.listed()
    await sign_in(desk, "supervisor1")
    path = f"/supervision/cases/{court.case_id}/audit"
    whole = await desk.get(path)
    forged = await forge(court)
    broken = await desk.get(path)

    assert "链完整" in whole.text
    assert "提交上拍方案" in whole.text
    assert "ListLot" not in whole.text
    assert "judge1" in whole.text
    assert f"自第{forged}条起断裂" in broken.text


async def forge(court: CourtWorld) -> int:
    """Change an entry behind the database's back; gives its number."""
    async with court.db.engine.begin() as connection:
        await connection.exec_driver_sql("SET session_replication_role = replica")
        await connection.exec_driver_sql(
            f"UPDATE kernel.audit_entry SET action = 'Forged' WHERE chain = 'case:{court.case_id}' AND number = 3"
        )
    return 3


async def test_law_and_calendar_are_read_only(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Parameters stand with article and value, days off with their reason; there is no form on either page."""
    await sign_in(desk, "supervisor1")
    law = await desk.get("/supervision/law")
    calendar = await desk.get("/supervision/calendar", params={"year": "2026"})

    assert "7/10" in law.text
    assert ("24小时" in law.text, "24 h" in law.text, "00分" in law.text) == (True, False, False)
    assert "网拍" in law.text
    assert "春节" in calendar.text
    for page in (law, calendar):
        assert "<form" not in page.text.split('id="main-content"')[1].split("</main>")[0]
