from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from auction.kernel.actors import SYSTEM
from auction.kernel.clock import local
from auction.kernel.ids import new_id
from auction.sale.cases.take_reference_price import TakeReferencePrice, take_reference_price
from auction.sale.lots.panel import DefaultProposal
from auction.sale.lots.put_question import PutQuestion, put_question
from tests.auction.sale.world import FIRST_DAY
from tests.web.auth.factors import OWN, begin, code_at, send
from tests.web.conftest import RealClock, form_token, sign_in
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.party.party_world import joined, reported
from valuation.objections.fix_reference_price import fix_reference_price
from web.auth.factors.fresh import FRESH_FOR
from web.auth.sample_accounts import SAMPLE_PASSWORD

OPINION = "房屋权属清楚，同意按方案上拍"


def hidden(page: httpx.Response, name: str) -> str:
    """Give a hidden field of the page's main part."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text.split('id="main-content"')[1])
    assert found is not None, f"the page has no field {name}"
    return found.group(1)


async def ballot(desk: httpx.AsyncClient, path: str, **fields: str) -> dict[str, str]:
    """Fill in the vote as the page gives it."""
    page = await desk.get(path)
    assert page.status_code == 200, page.text
    return {
        "csrf_token": form_token(page),
        "command_id": hidden(page, "command_id"),
        "proposal_sha256": hidden(page, "proposal_sha256"),
        **fields,
    }


async def leave(desk: httpx.AsyncClient) -> None:
    """End the session of this browser."""
    desk.cookies.clear()


def path_of(question_id: UUID) -> str:
    """Give the address of a question."""
    return f"/court/questions/{question_id}"


async def test_member_sees_the_listing_and_what_it_rests_on(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """The page shows terms, each lint finding with its article, and the reference price."""
    await court.listed(tax_burden_zh="一切税费由买受人承担。")
    await sign_in(desk, "panel1")
    page = await desk.get(path_of(court.question_id))

    assert page.status_code == 200
    assert "¥2,100,000" in page.text
    assert "70%" in page.text
    assert "taxes_all_on_buyer" in page.text
    assert "网拍 30" in page.text
    assert "¥3,000,000" in page.text


async def test_vote_is_sealed_and_only_counted(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """After voting the page says that the member has voted and how many have; neither vote nor opinion is anywhere."""
    await court.listed()
    path = path_of(court.question_id)
    await sign_in(desk, "panel1")
    answer = await desk.post(f"{path}/vote", data=await ballot(desk, path, vote="reject", opinion=OPINION))
    mine = await desk.get(answer.headers["location"])
    await leave(desk)
    await sign_in(desk, "presiding1")
    others = await desk.get(path)

    assert answer.status_code == 303
    assert "您已表决" in mine.text
    assert "合议庭3人中已有1人表决" in mine.text
    assert 'name="vote"' not in mine.text
    for page in (mine, others):
        assert OPINION not in page.text
        assert "合议未通过" not in page.text
    assert 'name="vote"' in others.text


async def test_vote_takes_the_second_factor_again(
    court: CourtWorld, desk: httpx.AsyncClient, real_clock: RealClock
) -> None:
    """Ten minutes after his code a member is sent to give another one, no ballot is cast; then the same form counts."""
    await court.listed()
    path = path_of(court.question_id)
    await sign_in(desk, "panel1")
    secret = await begin(desk, SAMPLE_PASSWORD)
    await send(desk, f"{OWN}/confirm", code=code_at(secret, real_clock.now))
    form = await ballot(desk, path, vote="approve")
    real_clock.forward(FRESH_FOR)
    refused = await desk.post(f"{path}/vote", data=form)
    before = await court.rows("SELECT 1 FROM sale.ballot")
    proven = await send(desk, f"{OWN}/prove", code=code_at(secret, real_clock.now))
    counted = await desk.post(f"{path}/vote", data=form)

    assert (refused.status_code, len(before)) == (403, 0)
    assert "第二重验证" in refused.text
    assert proven.status_code == counted.status_code == 303
    assert len(await court.rows("SELECT 1 FROM sale.ballot")) == 1


async def test_vote_sent_twice_counts_once(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A double click sends the same command: the second answer is the first one's, and one ballot lies in the file."""
    await court.listed()
    path = path_of(court.question_id)
    await sign_in(desk, "panel1")
    form = await ballot(desk, path, vote="approve")
    answers = [await desk.post(f"{path}/vote", data=form) for _ in range(2)]

    assert [answer.headers["location"] for answer in answers] == [f"{path}?done=voted"] * 2
    assert len(await court.rows("SELECT 1 FROM sale.ballot")) == 1


async def test_second_vote_is_refused_on_the_page(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Another vote of the same member is refused in an error summary with code and article."""
    await court.listed()
    path = path_of(court.question_id)
    await sign_in(desk, "panel1")
    form = await ballot(desk, path, vote="approve")
    await desk.post(f"{path}/vote", data=form)
    other = {**form, "command_id": "00000000-0000-4000-8000-000000000001", "vote": "reject"}
    answer = await desk.post(f"{path}/vote", data=other)

    assert answer.status_code == 409
    assert "govuk-error-summary" in answer.text
    assert "already_voted" in answer.text
    assert "民诉法 45" in answer.text


async def test_vote_without_a_choice_comes_back_with_the_opinion(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """An empty choice is refused beside the field, and what was typed is kept."""
    await court.listed()
    path = path_of(court.question_id)
    await sign_in(desk, "panel1")
    answer = await desk.post(f"{path}/vote", data=await ballot(desk, path, opinion=OPINION))

    assert answer.status_code == 422
    assert 'href="#vote"' in answer.text
    assert OPINION in answer.text


async def test_listing_that_changed_meanwhile_is_not_voted_on(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A vote is bound to what was shown; another fingerprint is refused."""
    await court.listed()
    path = path_of(court.question_id)
    await sign_in(desk, "panel1")
    form = {**await ballot(desk, path, vote="approve"), "proposal_sha256": "0" * 64}
    answer = await desk.post(f"{path}/vote", data=form)

    assert (answer.status_code, "proposal_differs" in answer.text) == (409, True)


async def test_vote_is_closed_when_all_have_voted(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """The clerk's early closing is refused; after three votes it records the decision, which alone is shown."""
    await court.listed()
    path = path_of(court.question_id)
    await sign_in(desk, "clerk1")
    page = await desk.get(path)
    early = await desk.post(
        f"{path}/close", data={"csrf_token": form_token(page), "command_id": hidden(page, "command_id")}
    )
    await court.vote(court.question_id, "approve", "reject", "approve")
    page = await desk.get(path)
    form = {"csrf_token": form_token(page), "command_id": hidden(page, "command_id")}
    answers = [await desk.post(f"{path}/close", data=form) for _ in range(2)]
    decided = await desk.get(path)

    assert (early.status_code, "votes_outstanding" in early.text) == (409, True)
    assert [answer.status_code for answer in answers] == [303, 303]
    assert "合议通过" in decided.text
    assert "不同意" not in decided.text
    assert len(await court.rows("SELECT 1 FROM sale.panel_decision")) == 1


@pytest.mark.parametrize("username", ["bidder1", "finance1", "cashier1", "party1", "supervisor1", "admin1", "lender1"])
async def test_panel_page_is_denied_to_others(court: CourtWorld, desk: httpx.AsyncClient, username: str) -> None:
    """Nobody outside the court's file sees a question before the panel."""
    await court.listed()
    await sign_in(desk, username)

    assert (await desk.get(path_of(court.question_id))).status_code == 403


async def test_question_of_another_panel_does_not_exist(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A judge who sits on another panel, and the handler of other cases, are told that there is none."""
    court.judge_names = ("presiding1", "panel1", "president1")
    await court.listed()
    await sign_in(desk, "panel2")

    assert (await desk.get(path_of(court.question_id))).status_code == 404


async def test_handler_sees_the_question_and_cannot_vote(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """The case's handler reads what he proposed; the ballot is not on his page and not open to him."""
    await court.listed()
    await sign_in(desk, "judge1")
    page = await desk.get(path_of(court.question_id))
    answer = await desk.post(f"{path_of(court.question_id)}/vote", data={"csrf_token": form_token(page)})

    assert page.status_code == 200
    assert 'name="vote"' not in page.text
    assert answer.status_code == 403


async def test_question_of_a_default_leads_to_the_step_that_counts_it(
    court: CourtWorld, desk: httpx.AsyncClient
) -> None:
    """Votes on a default are counted by the step that carries the decision out: officers are led there, others are not."""
    await court.sold()
    question_id = new_id()
    proposal = DefaultProposal(lot_id=court.lot_id, round_id=court.round_id, outcome="declare")
    await put_question(
        court.db, court.handler, PutQuestion(command_id=new_id(), question_id=question_id, proposal=proposal)
    )
    step = f"/court/cases/{court.case_id}/steps/declare-default"
    await sign_in(desk, "judge1")
    officer = await desk.get(path_of(question_id))
    await leave(desk)
    await sign_in(desk, "panel1")
    member = await desk.get(path_of(question_id))

    assert step in officer.text
    assert (await desk.get(step)).status_code == 403
    assert step not in member.text
    assert f"{path_of(question_id)}/close" not in officer.text


@pytest.mark.parametrize(("who", "sees"), [("panel1", True), ("presiding1", True), ("judge1", True), ("clerk1", False)])
async def test_judges_see_whether_the_price_is_plausible(
    court: CourtWorld, desk: httpx.AsyncClient, who: str, sees: bool
) -> None:
    """Beside the price stands what speaks for and against it, for judges only, with the remark that it decides nothing."""
    await court.listed()
    await sign_in(desk, who)
    page = await desk.get(path_of(court.question_id))

    assert page.status_code == 200
    assert ("合理性提示" in page.text, "不足3件" in page.text, "不影响任何程序" in page.text) == (sees, sees, sees)


async def test_signal_changes_no_vote(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """The results of the platforms behind the listed price lie far apart: that is pointed at, and the vote goes on."""
    own = await joined(court)
    inquiry_id = await reported(court, own, fen=(200_000_000, 300_000_000))
    await court.at(local(FIRST_DAY + timedelta(days=10), 9))
    fixed = await fix_reference_price(court.db, inquiry_id)
    await take_reference_price(court.db, SYSTEM, TakeReferencePrice(command_id=new_id(), price=fixed))
    opens_at = local(FIRST_DAY + timedelta(days=60), 10)
    listed = await court.list(opens_at=opens_at, closes_at=opens_at + timedelta(days=1))
    await sign_in(desk, "panel1")
    path = path_of(listed.question_id)
    page = await desk.get(path)
    answer = await desk.post(f"{path}/vote", data=await ballot(desk, path, vote="approve"))

    assert "相差50.0%" in page.text
    assert answer.status_code == 303


async def test_older_inquiry_says_nothing_of_a_later_price(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A listed price that is not the inquiry's is not judged by the platforms' results."""
    own = await joined(court)
    await reported(court, own, fen=(200_000_000, 300_000_000))
    await court.price()
    listed = await court.list()
    await sign_in(desk, "panel1")
    page = await desk.get(path_of(listed.question_id))

    assert "不足3件" in page.text
    assert "相差50.0%" not in page.text
