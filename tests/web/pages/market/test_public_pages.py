"""The public pages: list, lot, journal and keys, in every state of a lot."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
from click.testing import CliRunner

from auction.kernel.clock import to_us
from auction.kernel.ids import new_id
from auction.sale.cases.documents import DocumentKind
from auction.sale.rounds.stop_round import StopRound, stop_round
from tests.auction.sale.world import INCREMENT, OPENS_AT, RESERVE
from tests.bidding.availability.measured import KEY, measure
from tests.valuation.test_online_inquiry import FEATURES
from tests.web.pages.market.market import Market
from web.cli import main
from web.wiring import Wiring


async def test_list_is_empty_at_first(visitor: httpx.AsyncClient) -> None:
    """Without lots the list says so and offers the way back to all."""
    answer = await visitor.get("/lots?q=nothing")

    assert answer.status_code == 200
    assert "没有符合条件的拍品" in answer.text


async def test_unannounced_lot_is_unknown(visitor: httpx.AsyncClient, market: Market) -> None:
    """Nothing of a lot is public before its notice."""
    await market.sale.open()
    await market.sale.price()
    await market.sale.list()

    assert (await visitor.get(market.lot_url)).status_code == 404
    assert str(market.sale.lot_id) not in (await visitor.get("/lots")).text
    assert (await visitor.get(f"/lots/{new_id()}")).status_code == 404


async def test_announced_lot_is_listed_and_found(visitor: httpx.AsyncClient, market: Market) -> None:
    """The list shows price, deposit and hours; filters and words find the lot or not."""
    await market.announce()
    found = {
        query: str(market.sale.lot_id) in (await visitor.get(f"/lots?{query}")).text
        for query in (
            "",
            "state=upcoming",
            "state=open",
            "class=home",
            "class=vehicle",
            "q=示例路",
            "q=1234",
            "q=%25",
            "q=天津",
        )
    }
    page = (await visitor.get("/lots")).text

    assert found == {
        "": True, "state=upcoming": True, "state=open": False, "class=home": True, "class=vehicle": False,
        "q=示例路": True, "q=1234": True, "q=%25": False, "q=天津": False,
    }  # fmt: skip
    assert "¥2,100,000" in page
    assert "即将开始" in page
    assert "2027年4月7日" in page


async def test_lot_page_has_all_heads_and_facts(visitor: httpx.AsyncClient, market: Market) -> None:
    """The five tabs hold the eleven heads, the seven warnings, the facts with source and day, and who is responsible."""
    await market.announce()
    page = (await visitor.get(market.lot_url)).text

    assert [f"13({n})" for n in range(1, 12) if f"网拍 13({n})" not in page] == []
    assert [f"14({n})" for n in range(1, 8) if f"网拍 14({n})" not in page] == []
    for text in (
        "竞买公告",
        "竞买须知",
        "标的物介绍",
        "竞买记录",
        "优先购买权人",
        "现场调查",
        "010-87654321",
        "登录后报名",
    ):
        assert text in page


async def test_open_lot_shows_bids_by_code_only(visitor: httpx.AsyncClient, market: Market) -> None:
    """While bids come the page names codes, never people; the list shows the price and the number of bids."""
    await market.announce()
    first, second = await market.admit("bidder1"), await market.admit("bidder2")
    await market.open()
    await market.bid("bidder1", RESERVE.fen)
    page = (await visitor.get(market.lot_url)).text
    listed = (await visitor.get("/lots?state=open")).text

    assert first in page
    assert second not in page, "a code is public only with its first bid"
    assert "示例巳" not in page
    assert "bidder1" not in page
    assert str(market.people["bidder1"].person_id) not in page
    assert "竞价中" in listed
    assert "当前价" in listed


async def test_closed_lot_publishes_the_confirmation(visitor: httpx.AsyncClient, market: Market) -> None:
    """After the close the buyer's real name, code and price are published, and the losers' names are not."""
    await market.announce()
    first = await market.admit("bidder1")
    await market.admit("bidder2")
    await market.open()
    await market.bid("bidder2", RESERVE.fen)
    await market.bid("bidder1", RESERVE.fen + INCREMENT.fen)
    await market.close()
    page = (await visitor.get(market.lot_url)).text

    assert "网络竞价成交确认书" in page
    assert "示例巳竞买" in page
    assert first in page
    assert "示例午" not in page
    assert "¥2,110,000" in page
    assert "已成交" in (await visitor.get("/lots?state=ended")).text


async def test_stop_is_told_with_its_ground(visitor: httpx.AsyncClient, market: Market) -> None:
    """A lot that the court stopped says so, why, since when, and that it never goes on at once."""
    await market.announce()
    document_id = await market.sale.document(DocumentKind.DEFERRAL_DECISION)
    stop = StopRound(
        command_id=new_id(),
        stop_id=new_id(),
        round_id=market.sale.round_id,
        kind="deferral",
        ground="objection_under_review",
        reason="案外人提出异议，正在审查。",
        document_id=document_id,
    )
    await stop_round(market.sale.db, market.sale.presiding, stop)
    page = (await visitor.get(market.lot_url)).text

    for text in ("已暂停拍卖", "暂缓", "利害关系人异议审查期间", "案外人提出异议", "不会随时恢复"):
        assert text in page
    assert str(market.sale.lot_id) in (await visitor.get("/lots?state=stopped")).text


async def test_price_shows_every_platform_and_marks_the_late(visitor: httpx.AsyncClient, market: Market) -> None:
    """The price's origin names each platform that was asked; late and silent ones are marked as not counting."""
    await market.announce()
    (price,) = await market.sale.rows("SELECT * FROM sale.reference_price")
    await add_inquiry(market, price)
    page = (await visitor.get(market.lot_url)).text

    for text in (
        "各询价平台的结果",
        "平台甲",
        "按期出具",
        "平台乙",
        "逾期出具",
        "平台丙",
        "未出具",
        "¥3,100,000",
        "部分平台按期出具且无误",
        "/platforms",
    ):
        assert text in page


async def test_register_of_platforms_is_public(visitor: httpx.AsyncClient, market: Market) -> None:
    """Who is listed and who came late how often is everybody's to read, as a page and as JSON."""
    await market.announce()
    empty = (await visitor.get("/platforms")).text
    (price,) = await market.sale.rows("SELECT * FROM sale.reference_price")
    await add_inquiry(market, price)
    await market.sale.rows(
        "INSERT INTO valuation.platform_listing (listing_id, platform_id, platform_name, listed_on, source, recorded_at) "
        "SELECT gen_random_uuid(), platform_id, platform_name, '2027-01-04', 'connected', asked_at FROM valuation.platform_ask "
        "RETURNING 1"
    )
    await market.sale.rows("UPDATE valuation.platform_ask SET received_at = asked_at RETURNING 1")
    page = (await visitor.get("/platforms")).text

    assert "尚未登记平台" in empty
    assert "平台乙的逾期和拒绝" in page
    assert "平台丙的逾期和拒绝" in page
    assert "平台甲的逾期和拒绝" not in page
    assert "近一年 1 次" in page


async def add_inquiry(market: Market, price: Any) -> None:  # noqa: ANN401 - a row
    """Put the inquiry behind a price on record: one platform in time, one late, one silent."""
    inquiry_id, at = new_id(), price.fixed_at - timedelta(days=9)
    known = {"id": inquiry_id, "at": at, "case": price.case_id, "asset": price.asset_id, "amount": price.amount_fen}
    await market.sale.rows(
        "INSERT INTO valuation.inquiry (inquiry_id, case_id, asset_id, ground, features, addressees, state, started_at, "
        "closed_at, amount_fen, valid_until) VALUES (:id, :case, :asset, 'agreed', :features, ARRAY[CAST(:case AS uuid)], 'fixed', :at, "
        ":at, :amount, '2028-02-28') RETURNING 1",
        **known,
        features=msgspec.json.encode(FEATURES),
    )
    await market.sale.rows(
        "INSERT INTO valuation.method_step (step_id, case_id, asset_id, ordinal, method, ground, opened_at, outcome, ended_at) "
        "VALUES (:id, :case, :asset, 1, 'online_inquiry', '参考价 7(2)', :at, 'priced', :at) RETURNING 1",
        id=inquiry_id,
        case=price.case_id,
        asset=price.asset_id,
        at=at,
    )
    for platform, name, outcome, value in (
        ("platform-1", "平台甲", "in_time", 300_000_000),
        ("platform-2", "平台乙", "late", 310_000_000),
        ("platform-3", "平台丙", "silent", None),
    ):
        await market.sale.rows(
            "INSERT INTO valuation.platform_ask (inquiry_id, platform_id, platform_name, asked_at, deadline_at, outcome) "
            "VALUES (:id, :platform, :name, :at, :at, :outcome) RETURNING 1",
            id=inquiry_id,
            platform=platform,
            name=name,
            at=at,
            outcome=outcome,
        )
        if value is not None:
            await market.sale.rows(
                "INSERT INTO valuation.platform_report (inquiry_id, platform_id, arrived_at, in_time, value_fen, "
                "valid_until, price_kinds, content, sha256) VALUES (:id, :platform, :at, :in_time, :value, '2028-02-28', "
                "ARRAY['a', 'b', 'c'], '{}', :sha) RETURNING 1",
                id=inquiry_id,
                platform=platform,
                at=at,
                in_time=outcome == "in_time",
                value=value,
                sha=("a" if outcome == "late" else "b") * 64,
            )
    await market.sale.rows(
        "INSERT INTO valuation.reference_price (reference_price_id, case_id, asset_id, method, inquiry_id, step_id, "
        "amount_fen, fixed_at, valid_until, evidence_sha256) VALUES (:price, :case, :asset, 'online_inquiry', :id, :id, :amount, :at, "
        "'2028-02-28', :sha) RETURNING 1",
        **known,
        price=price.reference_price_id,
        sha=price.evidence_sha256,
    )


async def test_failed_lot_says_so(visitor: httpx.AsyncClient, market: Market) -> None:
    """A round without a bid is shown as failed."""
    await market.announce()
    await market.open()
    await market.close()

    assert "流拍" in (await visitor.get(market.lot_url)).text


async def test_journal_is_given_out_after_the_close_only(visitor: httpx.AsyncClient, market: Market) -> None:
    """The whole journal is refused while the session runs, because it names codes that nobody has seen yet."""
    await market.announce()
    code = await market.admit("bidder1")
    await market.open()
    early = await visitor.get(f"{market.lot_url}/journal")
    await market.bid("bidder1", RESERVE.fen)
    await market.close()
    late = await visitor.get(f"{market.lot_url}/journal")

    assert early.status_code == 409
    assert code not in early.text
    assert late.status_code == 200
    assert code in late.text
    assert [msgspec.json.decode(line) for line in late.text.splitlines()]


async def test_availability_is_given_out_after_the_close_only(
    visitor: httpx.AsyncClient, market: Market, tmp_path: Path, wiring: Wiring
) -> None:
    """After the close everybody reads what was measured, and the evidence file verifies by command (bid-core 23)."""
    await market.announce()
    await market.admit("bidder1")
    await market.open()
    early = [await visitor.get(f"{market.lot_url}/availability{end}") for end in ("", ".json")]
    (room,) = await market.sale.rows("SELECT session_id FROM bidding.session")
    await measure(market.sale.db, room.session_id, "..........xxxxx.....", from_us=to_us(OPENS_AT))
    await market.close()
    page = await visitor.get(f"{market.lot_url}/availability")
    file = await visitor.get(f"{market.lot_url}/availability.json")
    (tmp_path / "file").write_bytes(file.content)
    again = await visitor.get(f"{market.lot_url}/availability.json", headers={"if-none-match": file.headers["etag"]})
    pairs = ((KEY.key_id, KEY.public), (wiring.keys.evidence.key_id, wiring.keys.evidence.public))
    keys = [{"key_id": key_id, "public_key": public.hex()} for key_id, public in pairs]
    (tmp_path / "keys").write_bytes(msgspec.json.encode(keys))
    told = CliRunner().invoke(main, ["verify-availability", str(tmp_path / "file"), "--keys", str(tmp_path / "keys")])
    checked = CliRunner().invoke(
        main, ["verify-availability", str(tmp_path / "file"), "--keys", str(tmp_path / "keys"), "--json"]
    )
    (tmp_path / "file").write_bytes(file.content.replace(b"no_answer", b"no_answe_"))
    altered = CliRunner().invoke(
        main, ["verify-availability", str(tmp_path / "file"), "--keys", str(tmp_path / "keys")]
    )

    assert [answer.status_code for answer in early] == [409, 409]
    assert "5秒" in page.text
    assert file.headers["x-fingerprint-sha256"] in page.text
    assert f"{market.lot_url}/availability" in (await visitor.get(market.lot_url)).text
    published = (await visitor.get("/keys")).text
    assert KEY.public.hex() in published
    assert wiring.keys.evidence.public.hex() in published
    assert checked.exit_code == 0, checked.output
    found = msgspec.json.decode(checked.output)
    assert (found["verified"], len(found["outages"]), found["signed_by"]) == (True, 1, wiring.keys.evidence.key_id)
    assert (again.status_code, again.content, file.headers["cache-control"]) == (304, b"", "public, max-age=300")
    for text in ("outage 中断", "not measured 未测", "(5 s)"):
        assert text in told.output, told.output
    assert (altered.exit_code, "NOT verified" in altered.output) == (1, True)


async def test_room_can_be_polled(visitor: httpx.AsyncClient, market: Market) -> None:
    """Pages without a socket poll the committed room; the same number is answered with 304."""
    await market.announce()
    await market.admit("bidder1")
    await market.open()
    await market.bid("bidder1", RESERVE.fen)
    answer = await visitor.get(f"{market.lot_url}/room?after=0")
    again = await visitor.get(f"{market.lot_url}/room?after=0", headers={"if-none-match": answer.headers["etag"]})

    assert answer.json()["view"]["price_fen"] == RESERVE.fen
    assert answer.headers["cache-control"] == "public, max-age=1"
    assert again.status_code == 304


async def test_keys_are_published(visitor: httpx.AsyncClient, market: Market) -> None:
    """The page of keys shows the key that signs receipts, once there is one."""
    await market.announce()

    assert "journal-" in (await visitor.get("/keys")).text


async def test_pages_speak_english(visitor: httpx.AsyncClient, market: Market) -> None:
    """With English chosen no page leaves a Chinese label; only the court's own texts and names stay."""
    await market.announce()
    visitor.headers["accept-language"] = "en"

    page = (await visitor.get(market.lot_url)).text
    assert "A home at 1 Example Road, Chaoyang" in page
    assert "竞买要点" not in page
    assert "起拍价" not in page
