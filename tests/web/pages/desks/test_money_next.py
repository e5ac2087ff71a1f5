"""The sentence above a case's money: what it waits for at each stage, and who goes on."""

from __future__ import annotations

import re
from datetime import date

import httpx
import msgspec

from auction.fund.case_joins import note_join
from auction.fund.payouts.disbursements import Step
from auction.fund.stays.stays import ReferralShown
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.money import ZERO
from auction.sale.cases.parties import PartyRole
from tests.web.conftest import sign_in
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_panel_page import leave
from web.pages.finance.case_money import read_case_money
from web.pages.finance.money_next import Standing, money_next
from web.pages.steps.read_known import read_known


async def said(desk: httpx.AsyncClient, court: CourtWorld) -> str:
    """Read the next step on the page of the case's money."""
    page = await desk.get(f"/finance/cases/{court.case_id}")
    found = re.search(r'<div class="fapai-next">(.*?)</div>', page.text, re.DOTALL)
    assert found is not None
    return found.group(1)


async def test_paid_price_waits_for_taxes_and_then_for_service(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """The handler gets the way to the step; who does not take it reads which officers do, and no link to a closed page."""
    await court.paid()
    await sign_in(desk, "judge1")
    handler = [await said(desk, court)]
    await court.party(PartyRole.THIRD_PARTY, "吴示例")
    handler.append(await said(desk, court))
    await court.drawn()
    handler.append(await said(desk, court))
    await leave(desk)
    await sign_in(desk, "finance1")
    finance = await said(desk, court)

    assert "/steps/add-party" in handler[0]
    assert "先请税务机关核定" in handler[1]
    assert "/steps/ask-tax-assessment" in handler[1]
    assert "没有送达" in handler[2]
    assert f"/documents/{court.plan.document_id}/serve" in handler[2]
    assert "没有送达" in finance
    assert "href" not in finance


async def test_settled_plan_waits_for_one_officer_after_the_other(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Preparation with the last day of the whole case, then the officer whose turn it is."""
    await court.settled()
    await sign_in(desk, "judge1")
    payable = await said(desk, court)
    payout = await court.prepared("mortgage")
    prepared = await said(desk, court)
    await court.signed(payout, Step.APPROVE, Step.CHECK)
    checked = await said(desk, court)

    assert "可以经办发放" in payable
    assert "全案最迟" in payable
    assert "/prepare" in payable
    assert "等待执行局局长或分管副院长办理" in prepared
    assert f"/finance/payouts/{payout.disbursement_id}" in prepared
    assert "等待出纳办理" in checked


async def test_finance_reads_who_asks_the_tax_office(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A reader without the step reads its name and its officers."""
    await court.paid()
    await court.party(PartyRole.THIRD_PARTY, "吴示例")
    await sign_in(desk, "cashier1")

    paid = await said(desk, court)

    assert "办理：请税务机关核定税费" in paid
    assert "href" not in paid


async def test_money_before_a_bankruptcy_court_waits_for_its_word(court: CourtWorld) -> None:
    """A referral without an answer comes before everything else of the money; a refused one is over."""
    await court.paid()
    shown = ReferralShown(
        referral_id=court.question_id,
        bankruptcy_court="示例破产法院",
        finding="insolvent",
        sent_on=date(2027, 4, 9),
        answer_by=date(2027, 5, 9),
        accepted=None,
        answered_on=None,
        handed_over=False,
    )
    known = await court.read(lambda tx: read_known(tx, court.case_id, court.handler.person_id, {}))
    money = await court.read(lambda tx: read_case_money(tx, court.case_id, sees=True))

    def next_of(referral: ReferralShown | None) -> str:
        standing = Standing(
            money=money,
            known=msgspec.structs.replace(known, referral=referral),
            limits=None,
            now=known.now,
            may_prepare=True,
            may_record=True,
            reads_file=True,
        )
        return money_next(standing, ()).said

    assert "等待答复" in next_of(shown)
    assert "须移交管理人" in next_of(msgspec.structs.replace(shown, accepted=True))
    assert "已移交管理人" in next_of(msgspec.structs.replace(shown, accepted=True, handed_over=True))
    assert next_of(msgspec.structs.replace(shown, accepted=False)) == next_of(None)
    of_one = msgspec.structs.replace(shown, of_all=False)  # another judgment debtor's asset is sold, too
    assert next_of(of_one) == next_of(None)
    assert "须移交管理人" in next_of(msgspec.structs.replace(of_one, accepted=True))
    assert next_of(msgspec.structs.replace(of_one, accepted=True, handed_over=True)) == next_of(None)


async def test_undecided_application_comes_before_the_plan(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Once the price is paid the application is the next thing, until it is decided."""
    await court.paid()
    await sign_in(desk, "judge1")
    before = await said(desk, court)
    await note(court, is_open=True)
    undecided = await said(desk, court)
    await note(court, is_open=False)

    assert "参与分配申请尚未作出决定" in undecided
    assert await said(desk, court) == before != undecided


async def test_undecided_application_holds_up_the_surplus_only(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Creditors of a settled plan are paid all the same; when the debtor's surplus alone is left it waits for the decision."""
    await court.settled()
    await note(court, is_open=True)
    await sign_in(desk, "judge1")
    payable = await said(desk, court)
    money = await court.read(lambda tx: read_case_money(tx, court.case_id, sees=True))
    known = await court.read(lambda tx: read_known(tx, court.case_id, court.handler.person_id, {}))
    surplus = tuple(line for line in money.lines if line.line.kind == "surplus")
    standing = Standing(
        money=msgspec.structs.replace(money, lines=surplus),
        known=known,
        limits=None,
        now=known.now,
        may_prepare=True,
        may_record=True,
        reads_file=True,
    )

    assert surplus
    assert "可以经办发放" in payable
    assert "余款不得退还被执行人" in money_next(standing, ()).said


async def test_case_at_zero_waits_for_a_card_that_may_still_pay(court: CourtWorld) -> None:
    """The close is not offered while its door would refuse it (F100); once the payment ended it is."""
    await court.paid()
    money = await court.read(lambda tx: read_case_money(tx, court.case_id, sees=True))
    known = await court.read(lambda tx: read_known(tx, court.case_id, court.handler.person_id, {}))
    at_zero = msgspec.structs.replace(money, accounts=(), lines=(), plans=(), payouts=(), forfeited=(), taxes=())
    at_zero = msgspec.structs.replace(
        at_zero, purchases=tuple(msgspec.structs.replace(one, state="cancelled") for one in money.purchases)
    )

    def next_of(*, has_open_cards: bool) -> str:
        standing = Standing(
            money=msgspec.structs.replace(at_zero, has_open_cards=has_open_cards),
            known=msgspec.structs.replace(known, to_distribute=ZERO, alarms=()),
            limits=None,
            now=known.now,
            may_prepare=True,
            may_record=True,
            reads_file=True,
        )
        return money_next(standing, ()).said

    assert not money.has_open_cards
    assert "可以销户" in next_of(has_open_cards=False)
    assert "待其了结后方可销户" in next_of(has_open_cards=True)


async def note(court: CourtWorld, *, is_open: bool) -> None:
    """Let the sale tell the fund how the one application stands."""

    async def work(tx: Transaction) -> None:
        await tx.about_case(court.case_id)
        await note_join(
            tx,
            application_id=court.question_id,
            case_id=court.case_id,
            kind="ordinary",
            amount_fen=1_000_00,
            applied_on=local_day(tx.now),
            is_open=is_open,
            is_late=False,
        )

    await court.db.transact(work)
