from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text as sql

from auction.fund.case_joins import note_join
from auction.fund.deposits.release_deposit import handle_release_deposit
from auction.fund.payouts.disbursements import Step
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.ids import new_id
from auction.kernel.persons import name_of
from auction.sale import case_access
from tests.web.conftest import form_token, sign_in
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_panel_page import hidden, leave
from web.pages.finance import money_pages


async def test_each_officer_finds_what_awaits_his_step(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A payout stands on the desk of whoever has to take its next step, with amount, masked account, earlier steps."""
    await court.settled()
    payout = await court.prepared()
    found = {}
    for name in ("judge1", "head1", "vice1", "finance1", "cashier1"):
        await leave(desk)
        await sign_in(desk, name)
        found[name] = (await desk.get("/finance")).text

    awaiting = {name for name, page in found.items() if f"/finance/payouts/{payout.disbursement_id}/" in page}
    assert awaiting == {"head1", "vice1"}
    assert "¥500,000.01" in found["head1"]
    assert payout.account_masked in found["head1"]
    assert "经办 示例甲承办" in found["head1"]
    assert "/prepare" in found["judge1"]


async def test_old_case_is_named_and_payable_beyond_the_newest(
    court: CourtWorld, desk: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A desk lists the newest cases; what awaits a step in an older one names it all the same, and its lines are payable."""
    await court.settled()
    monkeypatch.setattr(case_access, "CASES_LIMIT", 0)
    await sign_in(desk, "judge1")
    handler = await desk.get("/finance")
    await court.prepared()
    await leave(desk)
    await sign_in(desk, "head1")
    head = await desk.get("/finance")

    assert "/prepare" in handler.text
    assert "(2026)京0105执1234号" in handler.text
    assert "(2026)京0105执1234号" in head.text


async def test_case_money_shows_plan_ranks_and_shares_to_the_fen(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Accounts, receipts, tax, plan with ranks and shares that sum, windows, accounts, payouts: on one page."""
    await court.settled()
    payout = await court.prepared()
    await court.signed(payout, Step.APPROVE)
    await sign_in(desk, "finance1")
    page = await desk.get(f"/finance/cases/{court.case_id}")

    assert page.status_code == 200, page.text
    for text in (
        "¥1,200,000",
        "¥500,000.01",
        "¥378,999.99",
        "¥21,000",
        "余款退还被执行人",
        "已入账",
        "待审核",
        "应付债权",
    ):
        assert text in page.text, text
    assert "¥2,100,000" in page.text


async def test_case_money_says_which_applications_hold_it_up(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """An undecided application to join stands beside the plan, with what waits for it; decided, it is gone."""
    await court.settled()
    application_id = new_id()
    await sign_in(desk, "finance1")
    for is_open in (True, False):

        async def work(tx: Transaction, is_open: bool = is_open) -> None:
            await tx.about_case(court.case_id)
            await note_join(
                tx,
                application_id=application_id,
                case_id=court.case_id,
                kind="ordinary",
                amount_fen=123_456_00,
                applied_on=local_day(tx.now),
                is_open=is_open,
                is_late=False,
            )

        await court.db.transact(work)
        page = await desk.get(f"/finance/cases/{court.case_id}")
        assert ("有1件参与分配申请尚未作出决定" in page.text) is is_open
        assert ("¥123,456" in page.text) is is_open


async def test_finance_sees_no_code_and_no_bidder(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Before the close finance sees deposits by their references; neither code nor name of any bidder is on its pages."""
    await court.announced()
    await court.admitted("张示例")
    await court.admitted("赵示例")
    codes = [row.code for row in await court.rows("SELECT code FROM sale.bidder_code")]
    references = [row.reference for row in await court.rows("SELECT reference FROM fund.deposit")]
    for name in ("finance1", "cashier1"):
        await leave(desk)
        await sign_in(desk, name)
        pages = [await desk.get(path) for path in ("/finance", f"/finance/cases/{court.case_id}")]
        pages.append(await desk.get(f"/finance/cases/{court.case_id}/statement"))
        for page in pages:
            assert page.status_code == 200, page.text
            for secret in (*codes, "张示例", "张**", "赵示例", "赵**"):
                assert secret not in page.text
        assert all(reference in pages[1].text for reference in references)


async def test_others_do_not_see_how_many_deposits_there_are(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Before the close the case's handler sees no deposit, no receipt and no balance that would tell their number."""
    await court.announced()
    await court.admitted()
    references = [row.reference for row in await court.rows("SELECT reference FROM fund.deposit")]
    for name in ("judge1", "head1", "clerk1"):
        await leave(desk)
        await sign_in(desk, name)
        for path in (f"/finance/cases/{court.case_id}", f"/finance/cases/{court.case_id}/statement"):
            page = await desk.get(path)
            assert page.status_code == 200
            assert "¥210,000" not in page.text
            assert all(reference not in page.text for reference in references)


async def test_public_statement_is_masked_and_tells_no_deposit(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Everybody reads price, shares and payouts of masked payees; no deposit, no account, no name of a natural person."""
    await court.settled()
    payout = await court.prepared("surplus")
    await court.signed(payout, Step.APPROVE, Step.CHECK, Step.PAY)
    page = await desk.get(f"/statements/{court.case_id}")

    assert page.status_code == 200, page.text
    for text in ("¥2,100,000", "¥378,999.99", "王**", "已发银行", "本案分录链核对无误"):
        assert text in page.text, text
    for secret in ("王示例", payout.account_masked, "收到保证金"):
        assert secret not in page.text, secret


async def test_statement_of_a_case_before_its_notice_does_not_exist(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Nothing of a case is public before the notice of a lot."""
    await court.listed()

    assert (await desk.get(f"/statements/{court.case_id}")).status_code == 404


async def test_release_clock_of_losers_is_on_the_desk(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """After the close the losers' deposits stand with their 24 hour clock, overdue in words when it is over."""
    await court.sold()
    for job in await court.jobs("fund.release_deposit"):
        await handle_release_deposit(court.db, job)
    await sign_in(desk, "finance1")
    soon = await desk.get("/finance")
    due = (await court.rows("SELECT max(release_due_at) AS at FROM fund.deposit"))[0].at
    await court.at(due + timedelta(seconds=1))
    late = await desk.get("/finance")

    assert "剩余" in soon.text
    assert "已逾期" in late.text


async def test_payee_account_is_recorded_and_changed_by_two(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A second account waits for the notice to the old contact and for another officer, who confirms it; the recorder gets no button."""
    plan = await court.settled()
    line = next(line for line in plan.lines if line.kind == "ordinary")
    path = f"/finance/cases/{court.case_id}"
    await sign_in(desk, "judge1")
    page = await desk.get(path)
    form = {
        "csrf_token": form_token(page),
        "command_id": hidden(page, "command_id"),
        "person_id": str(line.payee_person_id),
        "account_number": "6222 0000 9999 8888",
        "account_name": await court.read(lambda tx: name_of(tx, line.payee_person_id)),
        "evidence_sha256": "c" * 64,
        "signed_by": "agent",
        "authority": "special",
        "authority_sha256": "d" * 64,
    }
    empty = await desk.post(f"{path}/payee-account", data={**form, "account_number": ""})
    other = await desk.post(f"{path}/payee-account", data={**form, "account_name": "别人"})
    first = [await desk.post(f"{path}/payee-account", data=form) for _ in range(2)]
    mine = await desk.get(path)
    await leave(desk)
    await sign_in(desk, "finance1")
    early = await desk.get(path)
    await court.told_of_change(line.payee_person_id)
    page = await desk.get(path)
    confirm = {
        "csrf_token": form_token(page),
        "command_id": hidden(page, "command_id"),
        "payee_account_id": hidden(page, "payee_account_id"),
    }
    done = await desk.post(f"{path}/payee-account/confirm", data=confirm)

    assert (empty.status_code, "form_field_needed" in empty.text) == (422, True)
    assert (other.status_code, "account_name_differs" in other.text) == (422, True)
    for kept in ('value="别人"', 'value="6222 0000 9999 8888"', f'value="{"c" * 64}"', f'value="{"d" * 64}"'):
        assert kept in other.text
    for chosen in (str(line.payee_person_id), "agent", "special"):
        assert re.search(rf'<option value="{chosen}"\s+selected', other.text), chosen
    assert [answer.status_code for answer in first] == [303, 303]
    assert 'name="payee_account_id"' not in mine.text
    assert 'name="payee_account_id"' not in early.text
    assert "待送达在案联系方式" in early.text
    assert done.status_code == 303
    states = await court.rows(
        "SELECT state FROM fund.payee_account WHERE person_id = :id ORDER BY recorded_at", id=line.payee_person_id
    )
    assert [row.state for row in states] == ["replaced", "confirmed"]


async def test_statement_checks_its_own_case_only(
    court: CourtWorld, desk: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who reads one case does not have the books of all cases read; its own are checked all the same."""

    async def whole_books(db: object) -> None:
        raise AssertionError("the whole books were read")

    await court.paid()
    monkeypatch.setattr(money_pages, "check_books", whole_books)
    await sign_in(desk, "finance1")
    path = f"/finance/cases/{court.case_id}/statement"
    straight = await desk.get(path)
    async with court.db.transaction() as tx:
        await tx.session.execute(sql("SET LOCAL session_replication_role = replica"))
        await tx.session.execute(sql("UPDATE fund.posting SET amount_fen = amount_fen * 2"))
    crooked = await desk.get(path)

    assert "本案账簿核对无误" in straight.text
    assert "本案账簿有差异" in crooked.text


async def test_books_are_checked_on_request(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Every invariant is named with its result."""
    await court.paid()
    await sign_in(desk, "supervisor1")
    page = await desk.get("/finance/books")

    assert "账簿核对无误" in page.text
    assert page.text.count("成立") >= 15
    assert re.search(r"\d笔分录", page.text)


async def test_vice_president_reads_no_count_of_the_books(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Each deposit is an account and an entry: their number would tell how many bid in a running round (security 2)."""
    await court.paid()
    await sign_in(desk, "vice1")
    page = await desk.get("/finance/books")

    assert "账簿核对无误" in page.text
    assert not re.search(r"\d笔分录", page.text)


@pytest.mark.parametrize(
    ("path", "denied"),
    [
        ("/finance", ("bidder1", "party1", "panel1", "lender1", "admin1")),
        ("/finance/cases/{case}", ("bidder1", "party1", "panel1", "agency1")),
        ("/finance/cases/{case}/statement", ("bidder1", "party1", "panel1")),
        ("/finance/books", ("bidder1", "party1", "judge1", "clerk1", "panel1")),
    ],
)
async def test_finance_pages_are_denied_to_others(
    court: CourtWorld, desk: httpx.AsyncClient, path: str, denied: tuple[str, ...]
) -> None:
    """Each page is for its roles only."""
    await court.open()
    for username in denied:
        await leave(desk)
        await sign_in(desk, username)

        assert (await desk.get(path.format(case=court.case_id))).status_code == 403, username
