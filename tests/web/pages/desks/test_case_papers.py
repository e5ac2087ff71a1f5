"""Papers that officers file of a case: proof of service, approval of a payout, deposits returned."""

from __future__ import annotations

import os
from pathlib import Path

import httpx

from auction.fund.deposits.release_deposit import handle_release_deposit
from auction.fund.deposits.send_refund import note_refund_seen
from auction.fund.gateway import BankOrderSeen
from auction.fund.payouts.disbursements import Step
from auction.kernel.ids import new_id
from tests.web.conftest import sign_in
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_panel_page import leave
from tests.web.papers.test_papers import text_of

SHOTS = os.environ.get("FAPAI_SCREENSHOTS", "")


def plain(answer: httpx.Response) -> str:
    """Give all text of an answered paper without its spaces."""
    assert answer.status_code == 200, answer.text
    if SHOTS:
        name = answer.headers["content-disposition"].split('"')[1]
        Path(SHOTS, name).write_bytes(answer.content)
    return "".join(text_of(answer.content).split())


async def test_proof_of_service_names_addressee_and_document(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Who, what with its fingerprint, how, when, by which article; nobody without a part in the case gets it."""
    await court.settled()
    services = await court.rows(
        "SELECT s.service_id, s.effective_on, d.body_sha256 FROM sale.service s JOIN sale.document d USING (document_id)"
    )
    path = f"/api/cases/{court.case_id}/services/{{}}/paper"
    assert (await desk.get(path.format(services[0].service_id))).status_code == 401
    await sign_in(desk, "clerk1")

    for service in services:
        proof = plain(await desk.get(path.format(service.service_id)))
        for text in ("送达回证", "示例", service.body_sha256, service.effective_on.isoformat(), "受送达人签名"):
            assert text in proof, text
    unknown = await desk.get(path.format(new_id()))
    assert (unknown.status_code, unknown.json()["code"]) == (404, "service_unknown")
    await leave(desk)
    await sign_in(desk, "bidder1")
    assert (await desk.get(path.format(services[0].service_id))).status_code == 403


async def test_approval_form_grows_with_its_steps(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Amount in figures and capitals, payee and account masked; each signed step by name with its fingerprint, the others empty."""
    await court.settled()
    payout = await court.prepared()
    await sign_in(desk, "finance1")
    path = f"/api/fund/payouts/{payout.disbursement_id}/paper"
    before = plain(await desk.get(path))
    await court.signed(payout, Step.APPROVE, Step.CHECK, Step.PAY)
    after = plain(await desk.get(path))

    for text in ("执行款发放审批表", "¥500,000.01", "伍拾万元零壹分", payout.payee_masked, payout.account_masked):
        assert "".join(text.split()) in before, text
    assert before.count(payout.signed_sha256[:16]) == 1
    assert after.count(payout.signed_sha256[:16]) == 4


async def test_list_of_deposits_is_sealed_before_the_close(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """While a round runs only finance is given it; afterwards each refund stands there with its time, summed to the fen."""
    await court.announced()
    await court.admitted()
    path = f"/api/fund/cases/{court.case_id}/returned-deposits/paper"
    await sign_in(desk, "judge1")
    sealed = await desk.get(path)
    await leave(desk)
    await sign_in(desk, "finance1")

    assert (sealed.status_code, sealed.json()["code"]) == (409, "deposits_sealed_until_close")
    assert "保证金退还清单" in plain(await desk.get(path))


async def test_list_of_deposits_tells_what_went_back(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Every refund of the case is a row with its due time; the sum is that of the books; what is not confirmed waits."""
    await court.paid()
    for job in await court.jobs("fund.release_deposit"):
        await handle_release_deposit(court.db, job)
    refunds = await court.rows(
        "SELECT d.reference, r.amount_fen FROM fund.refund r JOIN fund.deposit d USING (deposit_id)"
    )
    await sign_in(desk, "finance1")
    listed = plain(await desk.get(f"/api/fund/cases/{court.case_id}/returned-deposits/paper"))

    assert refunds
    for refund in refunds:
        assert refund.reference in listed
    back = sum(refund.amount_fen for refund in refunds)
    assert f"{len(refunds)}笔¥{back // 100:,}.{back % 100:02d}" in listed
    assert listed.count("待退还") == len(refunds)
    assert "Ofitreturned0笔¥0.00" in listed
    for row in await court.rows("SELECT refund_id FROM fund.refund"):
        sent = BankOrderSeen(key=f"refund:{row.refund_id}", state="confirmed")
        await court.db.transact(lambda tx, row=row, sent=sent: note_refund_seen(tx, row.refund_id, sent))  # type: ignore[misc]  # bound now
    done = plain(await desk.get(f"/api/fund/cases/{court.case_id}/returned-deposits/paper"))
    assert "待退还" not in done
    assert f"Ofitreturned{len(refunds)}笔" in done
