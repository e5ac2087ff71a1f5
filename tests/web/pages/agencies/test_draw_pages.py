"""A draw by hand, from the choice of institutions to a transcript that the public downloads and verifies."""

from __future__ import annotations

from uuid import UUID

import httpx
import msgspec

from auction.kernel.db import Transaction
from auction.kernel.ids import new_id
from tests.web.pages.agencies.draw_world import DRAW_DAY, MANDATE, DrawWorld, Hand, secret
from valuation.agencies.decide_change import DecideChange, decide_change
from valuation.agencies.propose_recusal import ProposeRecusal, propose_recusal
from valuation.draw_v1.draw import commitment
from valuation.draw_v1.draw_chain import read_keys
from valuation.draw_v1.transcript_check import check_transcript
from valuation.draws.look_at_draws import look_at_draws
from valuation.selections.selection_store import add_sub_list_decision
from web.pages.draw_words import PROFESSIONS

AS_DATA = {"accept": "application/json"}


async def test_draw_by_hand_is_verified_from_what_was_downloaded(court: DrawWorld, desk: httpx.AsyncClient) -> None:
    """Forms lead from the choice to the draw; keys and head kept before verify the transcript downloaded after."""
    await court.appraised()
    hand = Hand(desk, court)
    draw_id = await hand.frozen()
    desk.cookies.clear()
    keys = read_keys((await desk.get("/api/draw-keys", headers=AS_DATA)).content)
    head = (await desk.get("/api/draw-head", headers=AS_DATA)).content
    early = await desk.get(f"/api/draws/{draw_id}", headers=AS_DATA)
    page = await desk.get(f"/draws/{draw_id}")
    await hand.sign_in("party1")
    party = page.text
    shown = await desk.get(f"/draws/{draw_id}/take-part")
    assert shown.status_code == 200
    name = shown.text.split('data-draw-secret="')[1].split('"')[0]
    made = commitment(str(draw_id), name, secret("party"))
    answer = await hand.send(f"/draws/{draw_id}/take-part", commitment=made)
    assert answer.status_code == 303
    await court.at_draw()
    due = (await desk.get(f"/draws/{draw_id}")).text
    await hand.sign_in("technology1")
    refused = await hand.take("execute-draw", draw_id=str(draw_id), court_secret=secret("court"))
    await hand.sign_in("supervisor1")
    await hand.done("open-second-secret", draw_id=str(draw_id), secret=secret("second"))
    await hand.sign_in("technology1")
    wrong = await hand.take("execute-draw", draw_id=str(draw_id), court_secret=secret("other"))
    await hand.done("execute-draw", draw_id=str(draw_id), court_secret=secret("court"))
    desk.cookies.clear()
    transcript = (await desk.get(f"/api/draws/{draw_id}", headers=AS_DATA)).content
    [asset] = await court.rows("SELECT title FROM sale.asset")

    verdict = check_transcript(transcript, keys, head)

    assert verdict.why is None
    assert verdict.is_frozen_before
    assert verdict.transcript is not None
    records = (await desk.get(f"/api/draws/{draw_id}/records", headers=AS_DATA)).json()
    assert [one["entry"]["kind"] for one in records] == ["pool", "entropy", "draw"]
    assert verdict.transcript.pool.asset == "北京市住宅"
    assert asset.title not in transcript.decode()
    assert [one.party for one in verdict.transcript.openings.entropy] == [name]
    assert (early.status_code, early.json()["code"]) == (409, "draw_not_drawn")
    assert ["已到摇号时间，等待揭示" in text for text in (party, due)] == [False, True]
    assert "house:" not in refused.text
    assert "draw_second_not_opened" in refused.text
    assert "draw_commitment_wrong" in wrong.text
    assert "示例甲房地产土地评估有限公司（样本1）" in party
    after = (await desk.get(f"/draws/{draw_id}")).text
    assert verdict.transcript.seed in after
    assert secret("court") in after


async def test_public_lists_say_what_happened(court: DrawWorld, desk: httpx.AsyncClient) -> None:
    """Everybody reads the draws, the register and each institution's history and mandates, in both languages."""
    await court.appraised()
    draw_id = await Hand(desk, court).drawn()
    desk.cookies.clear()
    empty = await desk.get("/draws/monitor")
    assert "尚未监测" in empty.text
    await look_at_draws(court.db)
    draws = (await desk.get("/api/draws", headers=AS_DATA)).json()
    listed = (await desk.get("/api/agencies", headers=AS_DATA)).json()

    assert [(one["draw_id"], one["drawn_at"] is not None) for one in draws] == [(str(draw_id), True)]
    assert len(listed) == 27
    for language, word in (("zh", "机构名册"), ("en", "Register of institutions")):
        for profession in PROFESSIONS:
            page = await desk.get(f"/agencies?profession={profession}", headers={"accept-language": language})
            assert page.status_code == 200
            assert word in page.text
        for path in (
            "/draws",
            "/draws/monitor",
            "/draws?page=2",
            f"/draws/{draw_id}",
            f"/agencies/{listed[0]['agency']['agency_id']}",
        ):
            assert (await desk.get(path, headers={"accept-language": language})).status_code == 200, path


async def test_strangers_find_no_way_in(court: DrawWorld, desk: httpx.AsyncClient) -> None:
    """Whoever is no party of the case neither proposes nor commits; an officer without the office takes no step."""
    await court.appraised()
    hand = Hand(desk, court)
    draw_id = await hand.frozen()
    await hand.sign_in("party3")
    stranger = [await desk.get(path) for path in (f"/draws/{draw_id}/take-part", f"/selections/{MANDATE}")]
    await hand.sign_in("judge1")
    handler = await desk.get(f"/court/cases/{court.case_id}/steps/execute-draw")
    desk.cookies.clear()
    nobody = await desk.get(f"/draws/{draw_id}/take-part")

    assert [page.status_code for page in stranger] == [403, 403]
    assert handler.status_code == 403
    assert nobody.status_code in (302, 303, 401)


async def test_register_is_changed_by_two_persons(court: DrawWorld, desk: httpx.AsyncClient) -> None:
    """A suspension waits for the second person, unseen by the public; the proposer cannot confirm it himself."""
    await court.appraised()
    hand = Hand(desk, court)
    agency = msgspec.json.decode((await desk.get("/api/agencies", headers=AS_DATA)).content)[0]["agency"]
    await hand.sign_in("technology1")
    await hand.done(
        "propose-suspension",
        of_case=False,
        agency_id=agency["agency_id"],
        from_on=DRAW_DAY.isoformat(),
        until_on=DRAW_DAY.isoformat(),
        reason="投诉核查期间",
        document_sha256="e" * 64,
    )
    [waiting] = await court.rows(
        "SELECT change_id FROM valuation.register_change c WHERE NOT EXISTS "
        "(SELECT FROM valuation.register_decision d WHERE d.change_id = c.change_id)"
    )
    own = await hand.take(
        "decide-register-change", of_case=False, change_id=str(waiting.change_id), decision="confirmed"
    )
    desk.cookies.clear()
    before = (await desk.get(f"/agencies/{agency['agency_id']}")).text
    await hand.sign_in("vice1")
    await hand.done("decide-register-change", of_case=False, change_id=str(waiting.change_id), decision="confirmed")
    desk.cookies.clear()
    after = (await desk.get(f"/agencies/{agency['agency_id']}")).text

    assert "register_second_person_needed" in own.text
    assert "投诉核查期间" not in before
    assert "投诉核查期间" in after


async def test_why_somebody_is_recused_stays_in_the_file(court: DrawWorld, desk: httpx.AsyncClient) -> None:
    """The public reads that an institution was recused and on which ground: no case, no free words, no document."""
    await court.appraised()
    agency = (await desk.get("/api/agencies", headers=AS_DATA)).json()[0]["agency"]
    keeper, second = court.actors["technology1"], court.actors["vice1"]
    change_id = new_id()
    proposal = ProposeRecusal(
        command_id=new_id(),
        change_id=change_id,
        case_id=court.case_id,
        agency_id=UUID(agency["agency_id"]),
        reason="法定代表人系王某某之夫",
        document_sha256="e" * 64,
    )
    await propose_recusal(court.db, keeper, proposal)
    await decide_change(court.db, second, DecideChange(command_id=new_id(), change_id=change_id, decision="confirmed"))
    listed = (await desk.get("/api/agencies", headers=AS_DATA)).text
    page = (await desk.get(f"/agencies/{agency['agency_id']}")).text

    assert "与本案有利害关系" in page
    for told in (listed, page):
        assert "王某某" not in told
        assert "e" * 12 not in told
        assert str(court.case_id) not in told
    assert "recusals" not in listed


async def test_forms_of_the_register_open_for_their_officers(court: DrawWorld, desk: httpx.AsyncClient) -> None:
    """Each form of the register opens with what the register has, in both languages."""
    await court.appraised()
    hand = Hand(desk, court)
    agency = (await desk.get("/api/agencies", headers=AS_DATA)).json()[0]["agency"]
    for username, form in (
        ("technology1", "propose-register-entry"),
        ("technology1", f"propose-register-amendment?agency_id={agency['agency_id']}"),
        ("technology1", "propose-suspension"),
        ("technology1", "propose-removal"),
        ("technology1", "decide-register-change"),
        ("president1", "set-draw-rules"),
    ):
        await hand.sign_in(username)
        for language in ("zh", "en"):
            page = await desk.get(f"/court/steps/{form}", headers={"accept-language": language})
            assert page.status_code == 200, form
            if "amendment" in form:
                assert agency["licence_no"] in page.text


async def test_case_pages_lead_to_choice_and_draw(court: DrawWorld, desk: httpx.AsyncClient) -> None:
    """A party finds its proposal, then the draw, from its case; the court finds the draw from the asset's way to a price."""
    await court.appraised()
    hand = Hand(desk, court)
    await hand.selected()
    await hand.sign_in("party1")
    open_now = (await desk.get(f"/party/cases/{court.case_id}")).text
    draw_id = await hand.frozen()
    await hand.sign_in("party1")
    frozen = (await desk.get(f"/party/cases/{court.case_id}")).text
    await hand.sign_in("judge1")
    price = (await desk.get(f"/court/cases/{court.case_id}/assets/{court.asset_id}/price")).text

    assert f"/selections/{MANDATE}" in open_now
    assert f"/draws/{draw_id}/take-part" in frozen
    assert f"/selections/{MANDATE}" not in frozen
    assert f"/draws/{draw_id}" in price


async def test_courts_decision_on_the_list_is_public(court: DrawWorld, desk: httpx.AsyncClient) -> None:
    """Which list, why, and on which document: everybody reads it on the draw's page, and nobody's name."""
    await court.appraised()
    draw_id = await Hand(desk, court).requested()

    async def decide(tx: Transaction) -> None:
        await add_sub_list_decision(
            tx,
            MANDATE,
            "national",
            reason="省内机构不足三家",
            document_sha256="c" * 64,
            decided_by=court.actors["judge1"].person_id,
        )

    await court.db.transact(decide)
    desk.cookies.clear()
    page = (await desk.get(f"/draws/{draw_id}")).text

    assert "省内机构不足三家" in page
    assert "全国专业名单分库" in page
    assert "c" * 64 in page
