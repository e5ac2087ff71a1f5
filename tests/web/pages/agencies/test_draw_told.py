"""A draw's time is told beforehand, its end is published, and its transcript is a paper: what the pages show of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import msgspec

from auction.kernel.actors import Role
from auction.kernel.clock import local
from auction.kernel.ids import new_id
from auction.sale.cases.issue_draw_notice import ISSUE_DRAW_NOTICE, handle_draw_announced
from auction.sale.cases.serve import NOTE_SERVICE_VALUATION
from tests.auction.sale.world import FIRST_DAY
from tests.web.pages.agencies.draw_world import DRAW_DAY, MANDATE, DrawWorld, Hand, moment
from valuation.draw_v1.draw import commitment
from valuation.draws.beacon_relay import NoRound, RoundGiven
from valuation.draws.fail_draw import DRAW_DUE, handle_draw_due
from valuation.draws.fetch_round import keep_outcome
from valuation.draws.notices import handle_note_notice, notice_id
from valuation.facts.facts import Fact
from valuation.facts.store import add_facts
from valuation.selections.set_rules_of_court import SetRulesOfCourt, set_rules_of_court

AS_DATA = {"accept": "application/json"}


async def tell(court: DrawWorld) -> None:
    """Let the worker make the notice, as often as it likes."""
    for _ in range(2):
        for job in await court.jobs(ISSUE_DRAW_NOTICE):
            await handle_draw_announced(court.db, job)


async def test_parties_are_told_by_publication_desk_and_notice(court: DrawWorld, desk: httpx.AsyncClient) -> None:
    """The notice is on file once, with time and place; its service shows on the party's desk, the flaw on the draw's page."""
    await court.appraised()
    hand = Hand(desk, court)
    draw_id = await hand.frozen()
    await tell(court)
    papers = await court.rows("SELECT document_id, kind FROM sale.document WHERE kind = 'draw_notice'")
    assert [row.document_id for row in papers] == [notice_id(draw_id)]
    await hand.sign_in("party1")
    cases = (await desk.get("/party")).text
    before = (await desk.get(f"/party/cases/{court.case_id}")).text
    [mine] = await court.rows(
        "SELECT party_id FROM sale.party p JOIN web.account a USING (person_id) WHERE a.username = 'party1'"
    )
    await court.serve(notice_id(draw_id), mine.party_id, local(FIRST_DAY, 9))
    for job in await court.jobs(NOTE_SERVICE_VALUATION):
        await handle_note_notice(court.db, job)
    after = (await desk.get(f"/party/cases/{court.case_id}")).text
    page = (await desk.get(f"/draws/{draw_id}")).text

    assert f'href="/draws/{draw_id}"' in cases
    assert f"{DRAW_DAY.year}年{DRAW_DAY.month}月{DRAW_DAY.day}日" in cases
    assert "尚无送达记录" in before
    assert "尚无送达记录" not in after
    assert "摇号通知书送达" in after
    assert "1/2名在摇号前送达" in page
    assert "尚未全部送达" in page
    await court.at_draw()
    await hand.drawn_now()
    assert "瑕疵：摇号前未全部送达" in (await desk.get(f"/draws/{draw_id}")).text


async def test_notice_says_time_place_and_how_to_take_part(court: DrawWorld, desk: httpx.AsyncClient) -> None:
    """The text of the notice names the hour in Beijing, the public page, the office and the pool's fingerprint."""
    await court.appraised()
    draw_id = await Hand(desk, court).frozen()
    await tell(court)
    [row] = await court.rows("SELECT body_sealed, needs_seal FROM sale.document WHERE kind = 'draw_notice'")
    async with court.db.reading() as tx:
        body = tx.sealer.open(bytes(row.body_sealed))
    [pool] = await court.rows("SELECT sha256 FROM valuation.draw_pool")

    assert f"{DRAW_DAY.year}年{DRAW_DAY.month}月{DRAW_DAY.day}日10:00:00" in body
    assert f"/draws/{draw_id}" in body
    assert pool.sha256 in body
    assert "司法技术部门" in body
    assert not row.needs_seal


async def test_lapsed_draw_is_published_with_its_office(court: DrawWorld, desk: httpx.AsyncClient) -> None:
    """The page says until when a pool must be frozen; after it the failure, its office and its record are public."""
    await court.appraised()
    hand = Hand(desk, court)
    draw_id = await hand.requested()
    before = (await desk.get(f"/draws/{draw_id}")).text
    await court.at(local(FIRST_DAY + timedelta(days=40), 9))
    for job in await court.jobs(DRAW_DUE):
        await handle_draw_due(court.db, job)
    desk.cookies.clear()
    after = (await desk.get(f"/draws/{draw_id}")).text
    records = (await desk.get(f"/api/draws/{draw_id}/records", headers=AS_DATA)).json()
    english = (await desk.get(f"/draws/{draw_id}", headers={"accept-language": "en"})).text

    assert "冻结名单期限" in before
    assert "摇号部门未按时提交承诺" in after
    assert "冻结名单期限" not in after
    assert [one["entry"]["kind"] for one in records] == ["failure"]
    assert records[0]["record"]["missing"] == "court_commitment"
    assert "The drawing office did not commit in time" in english
    assert "/court/cases" not in after


async def test_transcript_is_a_pdf_at_once(court: DrawWorld, desk: httpx.AsyncClient) -> None:
    """The drawn page links to the PDF, which anybody gets, twice the same; before the draw there is none."""
    await court.appraised()
    hand = Hand(desk, court)
    draw_id = await hand.frozen()
    early = await desk.get(f"/api/draws/{draw_id}/paper", headers=AS_DATA)
    await court.at_draw()
    await hand.drawn_now()
    desk.cookies.clear()
    page = (await desk.get(f"/draws/{draw_id}")).text
    found = await desk.get(f"/api/draws/{draw_id}/paper")

    assert (early.status_code, early.json()["code"]) == (409, "draw_not_drawn")
    assert f'href="/api/draws/{draw_id}/paper"' in page
    assert found.headers["content-type"] == "application/pdf"
    assert found.content.startswith(b"%PDF-")
    assert (await desk.get(f"/api/draws/{draw_id}/paper")).content == found.content


async def test_list_is_chosen_by_the_place_in_the_facts(court: DrawWorld, desk: httpx.AsyncClient) -> None:
    """The form shows where the asset lies by the file; another place is refused there, and none needs typing."""
    await court.appraised()
    fact = Fact(
        subject="title",
        state="established",
        statement_zh="登记为被执行人单独所有",
        statement_en="Registered to the debtor alone",
        source="不动产登记中心",
        as_of=FIRST_DAY,
        document_sha256="a" * 64,
        province="北京市",
        city="北京市",
    )
    await court.db.transact(lambda tx: add_facts(tx, court.case_id, court.asset_id, [fact]))
    hand = Hand(desk, court)
    await hand.sign_in("judge1")
    form = (await desk.get(f"/court/cases/{court.case_id}/steps/open-selection")).text
    given: dict[str, Any] = {
        "asset_id": str(court.asset_id),
        "purpose": "valuation_agency",
        "profession": "real_estate",
        "proposals_until": (FIRST_DAY + timedelta(days=2)).isoformat(),
        "proposals_until.time": "17:00",
    }
    refused = await hand.take("open-selection", province="四川省", city="成都市", place_reason="方便", **given)
    await hand.done("open-selection", province="", city="", place_reason="", **given)
    draw_id = await hand.requested()
    page = (await desk.get(f"/draws/{draw_id}")).text
    [row] = await court.rows("SELECT province, city, place_from FROM valuation.agency_selection")

    assert "案卷查明：" in form
    assert "selection_place_differs" in refused.text
    assert (row.province, row.city, row.place_from) == ("北京市", "北京市", "facts")
    assert str(MANDATE) not in page


async def test_page_says_what_became_of_the_beacons_round(court: DrawWorld, desk: httpx.AsyncClient) -> None:
    """Gaps stand with their time and reason, the fetched round with its signature; the form then asks for none."""
    await court.appraised()
    [case] = await court.rows("SELECT court FROM sale.case_file")
    setting = SetRulesOfCourt(
        command_id=new_id(),
        court=case.court,
        drawing_office="judicial_technology",
        second="drand",
        notice_hours=24,
        reason="本院规定",
        document_sha256="d" * 64,
    )
    president = msgspec.structs.replace(court.actors["vice1"], roles=frozenset({Role.PRESIDENT}))
    await set_rules_of_court(court.db, president, setting)
    hand = Hand(desk, court)
    draw_id = await hand.requested()
    await hand.sign_in("technology1")
    await hand.done(
        "commit-court-secret", draw_id=str(draw_id), commitment=commitment(str(draw_id), "court", "ab" * 32)
    )
    await hand.done("freeze-pool", draw_id=str(draw_id), **moment("draw_at", DRAW_DAY, "10:00"))
    await court.at_draw()
    await court.db.transact(lambda tx: keep_outcome(tx, draw_id, NoRound(reason="silent")))
    await court.db.transact(lambda tx: keep_outcome(tx, draw_id, NoRound(reason="wrong_signature")))
    before = (await desk.get(f"/draws/{draw_id}")).text
    form_before = (await desk.get(f"/court/cases/{court.case_id}/steps/execute-draw")).text
    await court.db.transact(lambda tx: keep_outcome(tx, draw_id, RoundGiven(number=1, signature="ab" * 48)))
    after = (await desk.get(f"/draws/{draw_id}")).text
    form_after = (await desk.get(f"/court/cases/{court.case_id}/steps/execute-draw")).text

    assert "中继没有应答" in before
    assert "签名与保存的信标公钥不符" in before
    assert "尚未取得" in before
    assert "drand quicknet" in before
    assert "ab" * 48 in after
    assert "该轮已由系统取得" in after
    assert "，已取得" in form_after
    assert "，已取得" not in form_before
