"""Pages of money that stands, of figures, of the monthly reconciliation, and of unclaimed money, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import httpx
import msgspec
import pytest

from auction.fund.channels.monthly_report import CaseOfMonth, draw_month, month_drawn, parts_of
from auction.fund.gateway import BankOrderSeen
from auction.fund.payouts.delay_payout import (
    AskPayoutDelay,
    DecidePayoutDelay,
    ask_payout_delay,
    decide_payout_delay,
)
from auction.fund.payouts.disbursements import Step
from auction.fund.payouts.note_payout import note_payout_seen
from auction.fund.payouts.payout_clock import payout_clock
from auction.fund.payouts.publish_unclaimed import PublishUnclaimed, publish_unclaimed
from auction.fund.payouts.put_in_escrow import PutInEscrow, put_in_escrow
from auction.fund.payouts.standing import ring_for_standing
from auction.kernel.clock import day_start
from auction.kernel.ids import PersonId, new_id
from auction.sale.case_access import cases_among
from auction.sale.cases.issue_escrow_order import IssueEscrowOrder, issue_escrow_order
from tests.web.conftest import ClientMaker, form_token, sign_in
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_panel_page import hidden, leave
from web.csv_cells import csv_table, plain_cell
from web.pages.public.unclaimed_page import show_unclaimed
from web.wiring import Wiring


@pytest.fixture
async def site(desks: Wiring, client_of: ClientMaker) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in front of the desks and of the public page of unclaimed money."""
    async with client_of(replace(desks, routes=(*desks.routes, show_unclaimed))) as client:
        yield client


async def paid_by_bank(court: CourtWorld, kind: str = "ordinary") -> UUID:
    """Pay a line whole, the bank's confirmation included."""
    payout = await court.prepared(kind)
    await court.signed(payout, Step.APPROVE, Step.CHECK, Step.PAY)
    seen = BankOrderSeen(key=str(payout.disbursement_id), state="confirmed")
    await court.db.transact(lambda tx: note_payout_seen(tx, payout.disbursement_id, seen))
    return payout.disbursement_id


async def alarms(court: CourtWorld) -> list[str]:
    """Kinds of alarms that ring."""
    return [row.kind for row in await court.rows("SELECT kind FROM fund.alarm WHERE cleared_at IS NULL")]


async def test_money_that_stands_too_long_says_why(court: CourtWorld, site: httpx.AsyncClient) -> None:
    """After the last day the case stands on the list with its days; an approved delay says reason and approver and stops the bell."""
    await court.settled()
    clock = await court.read(lambda tx: payout_clock(tx, court.case_id))
    assert clock is not None
    assert clock.due is not None
    await court.at(day_start(clock.due + timedelta(days=90)))
    await sign_in(site, "finance1")
    late = await site.get("/finance/standing")
    await ring_for_standing(court.db)
    rang = await alarms(court)
    ask = AskPayoutDelay(
        command_id=new_id(), delay_id=new_id(), case_id=court.case_id, ground="money_frozen", explanation="另案裁定冻结"
    )
    await ask_payout_delay(court.db, court.handler, ask)
    asked = await site.get("/finance/standing")
    decide = DecidePayoutDelay(command_id=new_id(), delay_id=ask.delay_id, case_id=court.case_id, decision="approved")
    await decide_payout_delay(court.db, court.actors["head1"], decide)
    delayed = await site.get("/finance/standing")
    await ring_for_standing(court.db)

    assert "超期" in late.text
    assert "没有延缓发放的申请" in late.text
    assert "十个工作日发出指令、五个工作日付款" in late.text
    assert "payout_late" in rang
    assert "待批" in asked.text
    assert "没有超期未发放的案款" not in asked.text
    assert "案款因另案被冻结" in delayed.text
    assert "示例庚局长" in delayed.text
    assert "没有超期未发放的案款" in delayed.text
    assert "payout_late" not in await alarms(court)


async def test_figures_count_what_was_paid(court: CourtWorld, site: httpx.AsyncClient) -> None:
    """Court and handler have a row each with share in time, median and standing money; the table leaves as CSV."""
    await court.settled()
    await paid_by_bank(court)
    handler = (await court.rows("SELECT handler_name FROM sale.case_file"))[0].handler_name
    await sign_in(site, "supervisor1")
    page = await site.get("/finance/figures")
    table = await site.get("/finance/figures.csv")

    assert page.status_code == 200
    assert handler in page.text
    assert table.headers["content-type"].startswith("text/csv")
    assert table.text.startswith("﻿")
    rows = table.text.split("\r\n")
    assert len(rows) == 4
    assert handler in rows[2]


async def test_handler_sees_his_own_cases_only(court: CourtWorld) -> None:
    """Lists and figures are of the cases in which the reader has a part."""
    await court.settled()
    other = msgspec.structs.replace(court.handler, person_id=PersonId(new_id()))

    assert list(await court.read(lambda tx: cases_among(tx, court.handler, [court.case_id]))) == [court.case_id]
    assert await court.read(lambda tx: cases_among(tx, other, [court.case_id])) == {}


async def test_month_is_drawn_once_and_signed_by_two_sides(court: CourtWorld, site: httpx.AsyncClient) -> None:
    """The report of a month that is over sums to its cases; both sides sign it, once each, and not what was not shown."""
    await court.settled()
    await paid_by_bank(court)
    month = await draw_month(court.db)
    await court.at(day_start((month + timedelta(days=70)).replace(day=1)))
    second = await draw_month(court.db)
    again = await draw_month(court.db)
    await sign_in(site, "head1")
    page = await site.get("/finance/reconciliations")
    form = {
        "csrf_token": form_token(page),
        "command_id": hidden(page, "command_id"),
        "month": second.isoformat(),
        "side": "enforcement",
        "signed_sha256": hidden(page, "signed_sha256"),
    }
    wrong = await site.post(
        "/finance/reconciliations", data={**form, "command_id": str(new_id()), "signed_sha256": "0" * 64}
    )
    done = await site.post("/finance/reconciliations", data=form)
    twice = await site.post("/finance/reconciliations", data={**form, "command_id": str(new_id())})
    other = await site.post("/finance/reconciliations", data={**form, "command_id": str(new_id()), "side": "finance"})
    await leave(site)
    await sign_in(site, "finance1")
    page = await site.get("/finance/reconciliations")
    both = await site.post(
        "/finance/reconciliations",
        data={**form, "csrf_token": form_token(page), "command_id": str(new_id()), "side": "finance"},
    )

    rows = await court.rows("SELECT content FROM fund.monthly_report WHERE month = :month", month=second)
    content = rows[0].content
    assert again == second
    assert second > month
    assert content["opening_fen"] + content["received_fen"] - content["paid_fen"] == content["closing_fen"]
    assert content["closing_fen"] == sum(case["closing_fen"] for case in content["cases"])
    assert ("month_content_differs" in wrong.text, done.status_code) == (True, 303)
    assert "month_side_signed" in twice.text
    assert other.status_code in (403, 422)
    assert both.status_code == 303
    assert 'id="nights"' in page.text
    signed = await court.rows("SELECT side FROM fund.monthly_signature ORDER BY side")
    assert [row.side for row in signed] == ["enforcement", "finance"]


async def escrow_order_sealed(court: CourtWorld, terms: PutInEscrow) -> UUID:
    """Have the system write the decision that puts a share into escrow, and seal it."""
    document_id = new_id()
    command = IssueEscrowOrder(command_id=new_id(), document_id=document_id, line_id=terms.line_id, ground=terms.ground)
    await issue_escrow_order(court.db, court.handler, command)
    await court.sealed(document_id)
    return document_id


async def test_unclaimed_money_is_public_and_names_nobody(court: CourtWorld, site: httpx.AsyncClient) -> None:
    """Everybody reads case number, masked names and amount of shares made public and of shares in escrow; no full name, no explanation."""
    plan = await court.settled()
    ordinary = next(line for line in plan.lines if line.kind == "ordinary")
    mortgage = next(line for line in plan.lines if line.kind == "mortgage")
    empty = await site.get("/unclaimed")
    publish = PublishUnclaimed(
        command_id=new_id(), unclaimed_id=new_id(), line_id=ordinary.line_id, explanation="多次电话通知未接"
    )
    await publish_unclaimed(court.db, court.handler, publish)
    keep = PutInEscrow(
        command_id=new_id(),
        escrow_id=new_id(),
        line_id=mortgage.line_id,
        ground="refuses",
        document_id=new_id(),
    )
    keep = msgspec.structs.replace(keep, document_id=await escrow_order_sealed(court, keep))
    await put_in_escrow(court.db, court.handler, keep)
    page = await site.get("/unclaimed")
    await sign_in(site, "judge1")
    desk = await site.get(f"/finance/cases/{court.case_id}")

    assert "目前没有无人认领的案款" in empty.text
    for shown in (ordinary.payee_masked, mortgage.payee_masked, "500,000.01", "1,200,000"):
        assert shown in page.text
    for hidden_text in ("多次电话通知未接", "示例商业银行股份", "周示例"):
        assert hidden_text not in page.text
    assert "公示中，须批准后发放" in desk.text
    assert "提存中" in desk.text


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "　=1", "＝1", "\n=1"])
def test_cell_that_a_spreadsheet_would_compute_is_text(cell: str) -> None:
    """Whatever begins like a formula, in both widths and after blanks, leaves with an apostrophe before it."""
    assert plain_cell(cell) == f"'{cell}"
    assert plain_cell("示例法院 · 张=示范") == "示例法院 · 张=示范"


def test_quotes_and_lines_stay_in_their_cell() -> None:
    """A cell with quotes and line breaks is one cell."""
    assert csv_table(["a"], [['b"c\nd']]) == '﻿"a"\r\n"b""c\nd"\r\n'


async def test_each_court_has_a_part_of_the_month_that_stands_alone(court: CourtWorld, site: httpx.AsyncClient) -> None:
    """One report holds a part for each court: its cases, its sums, and a fingerprint of that part; the table names the court."""
    await court.settled()
    now = (await court.rows("SELECT kernel.now_at() AS at"))[0].at
    await court.at(day_start((now.date() + timedelta(days=40)).replace(day=1)))
    month = await draw_month(court.db)
    view = await court.read(lambda tx: month_drawn(tx, month))
    await sign_in(site, "finance1")
    page = await site.get("/finance/reconciliations")
    table = await site.get(f"/finance/reconciliations/{month}/cases.csv")
    missing = await site.get("/finance/reconciliations/1999-01-01/cases.csv")

    (part,) = view.content.courts
    (name,) = await court.rows("SELECT court FROM sale.case_file WHERE case_id = :case", case=court.case_id)
    assert (part.court, part.closing_fen) == (name.court, view.content.closing_fen)
    assert part.court in page.text
    assert part.part_sha256 in page.text
    assert part.court in table.text
    assert missing.status_code == 404


def test_cases_of_two_courts_are_split_and_nothing_is_left() -> None:
    """Parts follow by the court's name, cases that are not on file last; their sums are the whole; a changed fen changes one fingerprint."""
    month = date(2027, 3, 1)
    cases = [
        CaseOfMonth(case_id=new_id(), opening_fen=1, received_fen=fen, paid_fen=0, closing_fen=fen + 1)
        for fen in (100, 20, 3)
    ]
    courts = {cases[0].case_id: "示例二法院", cases[1].case_id: "示例一法院"}

    parts = parts_of(month, cases, courts)
    changed = [msgspec.structs.replace(cases[0], closing_fen=100), *cases[1:]]
    other = parts_of(month, changed, courts)

    assert [part.court for part in parts] == ["示例一法院", "示例二法院", ""]
    assert sum(part.closing_fen for part in parts) == sum(case.closing_fen for case in cases)
    same = [one.part_sha256 == two.part_sha256 for one, two in zip(parts, other, strict=True)]
    assert same == [True, False, True]
