from __future__ import annotations

from uuid import UUID, uuid4

import httpx
import pytest

from auction.fund.gateway import BankOrderSeen
from auction.fund.ledger.trace import trace_disbursement
from auction.fund.payouts.disbursements import Step
from auction.fund.payouts.note_payout import note_payout_seen
from auction.kernel.actors import Role
from tests.web.conftest import form_token, sign_in
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_panel_page import hidden, leave
from web.auth.open_account import add_grant
from web.display import figures


async def confirmation(desk: httpx.AsyncClient, payout_id: UUID, step: str) -> dict[str, str]:
    """Open the confirmation page of a step and give the form as it stands there."""
    page = await desk.get(f"/finance/payouts/{payout_id}/{step}")
    assert page.status_code == 200, page.text
    return {
        "csrf_token": form_token(page),
        "command_id": hidden(page, "command_id"),
        "signed_sha256": hidden(page, "signed_sha256"),
    }


async def sign(desk: httpx.AsyncClient, username: str, payout_id: UUID, step: str) -> httpx.Response:
    """Take a step by hand as a sample officer."""
    await leave(desk)
    await sign_in(desk, username)
    form = await confirmation(desk, payout_id, step)
    return await desk.post(f"/finance/payouts/{payout_id}/{step}", data=form)


async def test_four_officers_pay_by_hand(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Handler, bureau head, finance and cashier each confirm on a page that shows amount and payee; the order goes out."""
    plan = await court.settled()
    line = next(line for line in plan.lines if line.kind == "ordinary")
    await sign_in(desk, "judge1")
    asked = await desk.get(f"/finance/lines/{line.line_id}/prepare")
    shown = await desk.get(f"/finance/lines/{line.line_id}/prepare", params={"amount": "500000.01"})
    form = {name: hidden(shown, name) for name in ("command_id", "disbursement_id", "amount")}
    done = await desk.post(f"/finance/lines/{line.line_id}/prepare", data={**form, "csrf_token": form_token(shown)})
    payout_id = UUID(form["disbursement_id"])
    answers = [
        await sign(desk, name, payout_id, step)
        for name, step in (("head1", "approve"), ("finance1", "check"), ("cashier1", "pay"))
    ]
    page = await desk.get(answers[-1].headers["location"])

    assert 'name="amount"' in asked.text
    assert "¥500,000.01" in shown.text
    assert "伍拾万元零壹分" in shown.text
    assert "****" in shown.text
    assert [done.status_code, *(answer.status_code for answer in answers)] == [303] * 4
    for officer in ("示例甲承办", "示例庚局长", "示例子财务", "示例丑出纳"):
        assert officer in page.text
    states = await court.rows("SELECT state, amount_fen FROM fund.disbursement")
    assert [tuple(row) for row in states] == [("ordered", 500_000_01)]
    assert len(await court.jobs("fund.order_payout")) == 1


async def test_paid_money_leads_back_to_its_receipts(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Once the bank has confirmed, the page shows the receipts that the payout was paid from; they sum to it."""
    await court.settled()
    payout = await court.prepared()
    await court.signed(payout, Step.APPROVE, Step.CHECK, Step.PAY)
    path = f"/finance/payouts/{payout.disbursement_id}"
    await sign_in(desk, "finance1")
    before = await desk.get(path)
    seen = BankOrderSeen(key=str(payout.disbursement_id), state="confirmed")

    await court.db.transact(lambda tx: note_payout_seen(tx, payout.disbursement_id, seen))

    after = await desk.get(path)
    async with court.db.reading() as tx:
        parts = await trace_disbursement(tx, case_id=court.case_id, disbursement_id=payout.disbursement_id)
    assert 'id="sources"' not in before.text
    assert sum(part.amount_fen for part in parts) == payout.amount_fen
    for part in parts:
        assert f"第{part.number}号分录" in after.text
        assert figures(part.amount_fen) in after.text


async def test_confirmation_shows_amount_payee_and_earlier_steps(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Before signing, the officer sees the amount in figures and capitals, the masked account, and who signed before."""
    await court.settled()
    payout = await court.prepared("mortgage")
    await sign_in(desk, "vice1")
    page = await desk.get(f"/finance/payouts/{payout.disbursement_id}/approve")

    assert "¥1,200,000" in page.text
    assert "壹佰贰拾万元整" in page.text
    assert "示例商业银行" in page.text
    assert payout.account_masked in page.text
    assert "示例甲承办" in page.text
    assert "确认签署：审批" in page.text


async def test_step_sent_twice_is_taken_once(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """The cashier's double click orders one payment."""
    await court.settled()
    payout = await court.prepared()
    await court.signed(payout, Step.APPROVE, Step.CHECK)
    await sign_in(desk, "cashier1")
    form = await confirmation(desk, payout.disbursement_id, "pay")
    answers = [await desk.post(f"/finance/payouts/{payout.disbursement_id}/pay", data=form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(await court.jobs("fund.order_payout")) == 1


async def test_handler_prepares_once_by_double_click(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Preparing twice with one command sets the money aside once."""
    plan = await court.settled()
    line = next(line for line in plan.lines if line.kind == "ordinary")
    await sign_in(desk, "judge1")
    path = f"/finance/lines/{line.line_id}/prepare"
    shown = await desk.get(path, params={"amount": "1"})
    form = {name: hidden(shown, name) for name in ("command_id", "disbursement_id", "amount")}
    for _ in range(2):
        await desk.post(path, data={**form, "csrf_token": form_token(shown)})

    assert [row.amount_fen for row in await court.rows("SELECT amount_fen FROM fund.disbursement")] == [100]


async def test_same_person_twice_is_refused_on_the_page(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Who prepared and is bureau head too is warned, gets no button, and is refused with code and article."""
    await court.settled()
    payout = await court.prepared()
    await _also(court, "judge1", Role.BUREAU_HEAD)
    await sign_in(desk, "judge1")
    path = f"/finance/payouts/{payout.disbursement_id}/approve"
    page = await desk.get(path)
    form = {
        "csrf_token": form_token(page),
        "command_id": str(uuid4()),
        "signed_sha256": payout.signed_sha256,
    }
    answer = await desk.post(path, data=form)

    assert "同一自然人不得再办理其他步骤" in page.text
    assert 'name="signed_sha256"' not in page.text
    assert answer.status_code == 403
    assert "govuk-error-summary" in answer.text
    assert "same_person_twice" in answer.text
    assert "执行款物 12-14" in answer.text


async def _also(court: CourtWorld, username: str, role: Role) -> None:
    """Give a sample account one more role."""
    account_id = court.actors[username].account_id
    await court.db.transact(lambda tx: add_grant(tx, account_id, role, basis="sample"))


async def test_signature_of_something_else_is_refused(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A fingerprint of another amount or payee is refused, and nothing is signed."""
    await court.settled()
    payout = await court.prepared()
    await sign_in(desk, "head1")
    form = {**await confirmation(desk, payout.disbursement_id, "approve"), "signed_sha256": "0" * 64}
    answer = await desk.post(f"/finance/payouts/{payout.disbursement_id}/approve", data=form)

    assert (answer.status_code, "shown_content_differs" in answer.text) == (409, True)
    assert len(await court.rows("SELECT 1 FROM fund.disbursement_step")) == 1


async def test_step_of_another_office_is_refused(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Finance can open the approval's page, sees no button, and is refused when it sends the form all the same."""
    await court.settled()
    payout = await court.prepared()
    await sign_in(desk, "finance1")
    path = f"/finance/payouts/{payout.disbursement_id}/approve"
    page = await desk.get(path)
    form = {"csrf_token": form_token(page), "command_id": str(uuid4()), "signed_sha256": payout.signed_sha256}
    answer = await desk.post(path, data=form)

    assert 'name="signed_sha256"' not in page.text
    assert (answer.status_code, "role_lacking" in answer.text) == (403, True)


async def test_amount_that_cannot_be_paid_is_refused(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """An amount that is malformed, nothing, or a fen above what is left is refused on the page."""
    plan = await court.settled()
    line = next(line for line in plan.lines if line.kind == "ordinary")
    await sign_in(desk, "judge1")
    path = f"/finance/lines/{line.line_id}/prepare"
    page = await desk.get(path, params={"amount": "500000.01"})
    form = {name: hidden(page, name) for name in ("command_id", "disbursement_id")}
    for amount in ("", "0", "-1", "1.5", "1e3", "500000.02", "¥5"):
        answer = await desk.post(path, data={**form, "amount": amount, "csrf_token": form_token(page)})

        assert answer.status_code in (409, 422), amount
        assert "govuk-error-summary" in answer.text
    assert await court.rows("SELECT 1 FROM fund.disbursement") == []


async def test_payout_is_voided_with_a_reason(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Voiding needs a reason, frees what was set aside, and stays on the page."""
    await court.settled()
    payout = await court.prepared()
    await sign_in(desk, "judge1")
    path = f"/finance/payouts/{payout.disbursement_id}"
    token = form_token(await desk.get(path))
    empty = await desk.post(f"{path}/void", data={"csrf_token": token, "command_id": str(uuid4())})
    form = {"csrf_token": token, "command_id": str(uuid4()), "reason": "金额有误"}
    answer = await desk.post(f"{path}/void", data=form)
    page = await desk.get(path)

    assert (empty.status_code, "form_field_needed" in empty.text) == (422, True)
    assert answer.status_code == 303
    assert "金额有误" in page.text
    assert await court.rows("SELECT 1 FROM fund.balance WHERE held_fen <> 0") == []


@pytest.mark.parametrize("username", ["bidder1", "party1", "panel1", "clerk1", "lender1", "admin1"])
async def test_payout_is_denied_to_others(court: CourtWorld, desk: httpx.AsyncClient, username: str) -> None:
    """Only the chain and the supervisors see a payout."""
    await court.settled()
    payout = await court.prepared()
    await sign_in(desk, username)

    assert (await desk.get(f"/finance/payouts/{payout.disbursement_id}")).status_code == 403
    assert (await desk.get(f"/finance/payouts/{payout.disbursement_id}/approve")).status_code == 403
