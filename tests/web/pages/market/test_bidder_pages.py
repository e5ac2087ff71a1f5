"""A bidder's pages: registration, deposit, own codes only, bids without scripts, receipts, and after winning."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import msgspec
import pytest
from click.testing import CliRunner

from auction.contracts import IncrementLine
from auction.fund.deposits.open_virtual_account import handle_ask_virtual_account
from auction.kernel.ids import new_id
from auction.sale.lots.options import Options
from bidding.journal.receipts import Receipt, check_receipt
from bidding.journal.views import published_keys
from tests.auction.fund.world import FakeBank
from tests.auction.sale.world import CLOSES_AT, INCREMENT, RESERVE
from tests.web.conftest import form_token, sign_in
from tests.web.pages.market.market import Market
from web.cli import main
from web.demonstration.people import person

ASKS = Options(confirm_steps=3, increment_growth=(IncrementLine(after_extensions=1, times=2),))
"""More than three steps are asked about; after one extension the step is twice as high."""


def field(page: httpx.Response, name: str) -> str:
    """Find the value of a hidden field."""
    return page.text.split(f'name="{name}" value="')[1].split('"')[0]


async def confirm(client: httpx.AsyncClient, market: Market, amount_yuan: str, **changes: str) -> httpx.Response:
    """Choose an amount and press the button of the confirmation page."""
    page = await client.get(f"{market.lot_url}/bid?amount_yuan={amount_yuan}")
    assert page.status_code == 200, page.text
    form = {name: field(page, name) for name in ("bid_id", "amount_fen", "kind", "csrf_token")}
    if 'name="is_jump"' in page.text:
        form["is_jump"] = "yes"
    return await client.post(f"{market.lot_url}/bid", data=form | changes)


async def test_registration_needs_a_bidder(visitor: httpx.AsyncClient, market: Market) -> None:
    """Nobody registers without signing in, and no officer registers at all."""
    await market.announce()
    nobody = await visitor.get(f"{market.lot_url}/register")
    await sign_in(visitor, "clerk1")

    assert nobody.status_code == 401
    assert (await visitor.get(f"{market.lot_url}/register")).status_code == 403
    assert "只能围观" in (await visitor.get(market.lot_url)).text


async def test_registration_shows_what_is_missing(bidder: httpx.AsyncClient, market: Market) -> None:
    """Without accepting the warnings, or without the undertaking, the form comes back and says so; nothing is stored."""
    await market.announce(purchase_limited=True)
    await sign_in(bidder, "bidder1")
    page = await bidder.get(f"{market.lot_url}/register")
    form = {name: field(page, name) for name in ("command_id", "registration_id", "csrf_token")}
    first = await bidder.post(f"{market.lot_url}/register", data=form)
    second = await bidder.post(
        f"{market.lot_url}/register", data=form | {"command_id": field(first, "command_id"), "accepts": "yes"}
    )

    assert first.status_code == 422
    assert "特别提示" in first.text
    assert second.status_code == 422
    assert 'href="#undertakes"' in second.text
    assert not await market.sale.rows("SELECT * FROM sale.registration")


async def test_registration_leads_to_the_deposit(bidder: httpx.AsyncClient, market: Market) -> None:
    """Accepting leads to the deposit; pressing twice registers once; the form leads there from then on."""
    await market.announce()
    await sign_in(bidder, "bidder1")
    page = await bidder.get(f"{market.lot_url}/register")
    form = {name: field(page, name) for name in ("command_id", "registration_id", "csrf_token")} | {"accepts": "yes"}
    once = await bidder.post(f"{market.lot_url}/register", data=form)
    twice = await bidder.post(f"{market.lot_url}/register", data=form)
    again = await bidder.get(f"{market.lot_url}/register")

    assert once.status_code == twice.status_code == again.status_code == 303
    assert once.headers["location"] == twice.headers["location"] == again.headers["location"]
    assert "怎样缴纳" in (await bidder.get(once.headers["location"])).text
    assert len(await market.sale.rows("SELECT * FROM sale.registration")) == 1


async def test_bank_transfer_shows_number_and_exact_remark(bidder: httpx.AsyncClient, market: Market) -> None:
    """After asking, and once the bank has answered, number, name, amount and remark stand on the page."""
    await market.announce()
    registered = await market.register("bidder1")
    await sign_in(bidder, "bidder1")
    url = f"/my/registrations/{registered.registration_id}"
    page = await bidder.get(url)
    form = {"csrf_token": form_token(page), "command_id": str(new_id())}
    asked = await bidder.post(f"{url}/account", data=form)
    waiting = await bidder.get(url)
    for job in await market.sale.jobs("fund.ask_virtual_account"):
        await handle_ask_virtual_account(market.sale.db, FakeBank(), job)
    ready = await bidder.get(url)
    (row,) = await market.sale.rows("SELECT reference FROM fund.deposit")

    assert asked.status_code == 303
    assert "银行开立中" in waiting.text
    assert row.reference in ready.text
    assert "北京市示例区人民法院" in ready.text
    assert "/sandbox/transfer?to_account=" in ready.text


async def test_card_is_not_offered_above_the_limit(bidder: httpx.AsyncClient, market: Market) -> None:
    """What no card carries is listed by transfer only; the page says so, and asking for a card anyway is refused."""
    await market.announce(deposit_channels=("bank",), reserve_fen=600_000_000, deposit_fen=100_000_000)
    registered = await market.register("bidder1")
    await sign_in(bidder, "bidder1")
    url = f"/my/registrations/{registered.registration_id}"
    page = await bidder.get(url)
    form = {"csrf_token": form_token(page), "command_id": str(new_id()), "payment_id": str(new_id())}

    assert "公告未列明可用银行卡缴纳保证金" in page.text
    assert "用银行卡支付" not in page.text
    assert (await bidder.post(f"{url}/card", data=form)).status_code == 422


async def test_card_payment_can_be_started(bidder: httpx.AsyncClient, market: Market) -> None:
    """Where a card may carry the deposit a payment is asked for once, and the page waits for the provider."""
    await market.announce(deposit_channels=("bank", "card"))
    registered = await market.register("bidder1")
    await sign_in(bidder, "bidder1")
    url = f"/my/registrations/{registered.registration_id}"
    page = await bidder.get(url)
    form = {"csrf_token": form_token(page), "command_id": str(new_id()), "payment_id": str(new_id())}
    await bidder.post(f"{url}/card", data=form)
    await bidder.post(f"{url}/card", data=form)

    assert "等待支付" in (await bidder.get(url)).text
    assert len(await market.sale.rows("SELECT * FROM fund.card_payment")) == 1


async def test_nobody_sees_anothers_registration(bidder: httpx.AsyncClient, market: Market) -> None:
    """Another bidder's registration and code are not to be found, and one's own list names one's own code only."""
    await market.announce()
    own, foreign = await market.admit("bidder1"), await market.admit("bidder2")
    await sign_in(bidder, "bidder1")
    theirs = await bidder.get(f"/my/registrations/{market.registered['bidder2'].registration_id}")
    mine = await bidder.get("/my")

    assert theirs.status_code == 404
    assert foreign not in theirs.text
    assert own in mine.text
    assert foreign not in mine.text
    assert foreign not in (await bidder.get(market.lot_url)).text


async def test_bid_is_confirmed_then_committed(bidder: httpx.AsyncClient, market: Market) -> None:
    """The confirmation shows figures, 万 and capitals; the answer page shows the committed bid; sent twice it is one."""
    await market.announce()
    await market.admit("bidder1")
    await market.open()
    await sign_in(bidder, "bidder1")
    page = await bidder.get(f"{market.lot_url}/bid?amount_yuan=2100000")
    form = {name: field(page, name) for name in ("bid_id", "amount_fen", "kind", "csrf_token")}
    sent = await bidder.post(f"{market.lot_url}/bid", data=form)
    again = await bidder.post(f"{market.lot_url}/bid", data=form)
    answer = await bidder.get(sent.headers["location"])

    assert "贰佰壹拾万元整" in page.text
    assert "210万元" in page.text
    assert sent.status_code == again.status_code == 303
    assert "出价已落定" in answer.text
    assert "您当前领先" in answer.text
    assert (await market.room()).bid_count == 1


async def test_refused_bid_says_why_and_what_is_possible(bidder: httpx.AsyncClient, market: Market) -> None:
    """A bid that came too late gets its reason, its article, and the new floor."""
    await market.announce()
    await market.admit("bidder1")
    await market.admit("bidder2")
    await market.open()
    await market.bid("bidder2", RESERVE.fen)
    await sign_in(bidder, "bidder1")
    answer = await confirm(bidder, market, "2100000")

    assert "出价未被接受" in answer.text
    assert "网拍 20(1)" in answer.text
    assert "目前最低可出价为 ¥2,110,000" in answer.text


async def test_large_jump_is_asked_about_again(bidder: httpx.AsyncClient, market: Market) -> None:
    """A bid far above the floor needs a tick of its own; without it nothing is sent."""
    await market.announce()
    await market.admit("bidder1")
    await market.open()
    await sign_in(bidder, "bidder1")
    without = await confirm(bidder, market, "21000000")
    before = (await market.room()).bid_count
    ticked = await confirm(bidder, market, "21000000", sure="yes")

    assert without.status_code == 422
    assert before == 0
    assert ticked.status_code == 303
    assert (await market.room()).price_fen == 10 * RESERVE.fen


async def test_high_bid_is_confirmed_a_second_time(bidder: httpx.AsyncClient, market: Market) -> None:
    """Where the notice says so, the answer to a high bid is the question, in words; the confirmed bid is a new one."""
    await market.announce(options=ASKS)
    await market.admit("bidder1")
    await market.open()
    await sign_in(bidder, "bidder1")
    lot = await bidder.get(market.lot_url)
    asked = await confirm(bidder, market, "2140000")
    form = {name: field(asked, name) for name in ("bid_id", "amount_fen", "confirmed_fen", "kind", "csrf_token")}
    before = (await market.room()).bid_count
    wrong = await bidder.post(f"{market.lot_url}/bid", data=form | {"amount_fen": "215000000"})
    sent = await bidder.post(f"{market.lot_url}/bid", data=form)
    again = await bidder.post(f"{market.lot_url}/bid", data=form)
    answer = await bidder.get(sent.headers["location"])
    room = await market.room()

    assert '超过 <span data-room-part="confirm-above">¥2,130,000</span> 的出价须二次确认' in lot.text
    assert "高出当前价超过3个增价幅度的出价，须再次确认金额方为有效" in lot.text
    assert asked.status_code == 200
    for said in ("请二次确认出价", "贰佰壹拾肆万元整", "two million one hundred forty thousand yuan"):
        assert said in asked.text
    assert before == 0
    assert "出价请求格式不正确" in wrong.text
    assert sent.status_code == again.status_code == 303
    assert "出价已落定" in answer.text
    assert (room.bid_count, room.price_fen) == (1, 214_000_000)


async def test_question_passes_with_the_price(bidder: httpx.AsyncClient, market: Market) -> None:
    """When others have bid more in the meantime, the page of the question says what is possible instead of asking."""
    await market.announce(options=ASKS)
    await market.admit("bidder1")
    await market.admit("bidder2")
    await market.open()
    await sign_in(bidder, "bidder1")
    asked = await confirm(bidder, market, "2140000")
    bid_id = asked.text.split('<code class="fapai-hash">')[1].split("<")[0]
    for steps in (2, 4):
        name = "bidder2" if steps == 2 else "bidder1"
        await market.bid(name, RESERVE.fen + steps * INCREMENT.fen)
    later = await bidder.get(f"{market.lot_url}/bids/{bid_id}")

    assert "请二次确认出价" in asked.text
    assert "出价未被接受" in later.text
    assert "贰佰壹拾肆万元整" in later.text


async def test_form_follows_the_increment_of_now(bidder: httpx.AsyncClient, market: Market) -> None:
    """After an extension the ladder of the page without scripts rises by the grown increment, and the page says so."""
    await market.announce(options=ASKS)
    await market.admit("bidder1")
    await market.admit("bidder2")
    await market.at(CLOSES_AT - timedelta(minutes=1))
    await market.work()
    await market.bid("bidder2", RESERVE.fen)
    await sign_in(bidder, "bidder1")
    page = await bidder.get(market.lot_url)
    off = await confirm(bidder, market, "2110000")
    taken = await confirm(bidder, market, "2120000")

    assert 'value="2120000">1倍' in page.text
    assert '<dd data-room-part="extensions">1</dd>' in page.text
    assert '<dd data-room-part="increment-now">¥20,000</dd>' in page.text
    assert "增价幅度" in off.text
    assert off.status_code == 200
    assert taken.status_code == 303


@pytest.mark.parametrize("amount", ["", "abc", "-1", "2.1e6", "0.001"])
async def test_malformed_amount_is_asked_for_again(bidder: httpx.AsyncClient, market: Market, amount: str) -> None:
    """What is no amount comes back with the ladder and keeps the entry."""
    await market.announce()
    await market.admit("bidder1")
    await market.open()
    await sign_in(bidder, "bidder1")
    answer = await bidder.get(f"{market.lot_url}/bid", params={"amount_yuan": amount})

    assert answer.status_code == 422
    assert "选择出价" in answer.text


async def test_bid_without_form_token_is_refused(bidder: httpx.AsyncClient, market: Market) -> None:
    """A bid from elsewhere is refused before it reaches the room."""
    await market.announce()
    await market.admit("bidder1")
    await market.open()
    await sign_in(bidder, "bidder1")
    form = {"bid_id": str(new_id()), "amount_fen": str(RESERVE.fen), "kind": "bid"}

    assert (await bidder.post(f"{market.lot_url}/bid", data=form)).status_code == 403
    assert (await market.room()).bid_count == 0


async def test_unknown_bid_is_undecided(bidder: httpx.AsyncClient, market: Market) -> None:
    """While nothing is committed under a bid's id its page says undecided, and offers the same bid again."""
    await market.announce()
    await market.admit("bidder1")
    await market.open()
    await sign_in(bidder, "bidder1")
    answer = await bidder.get(f"{market.lot_url}/bids/{new_id()}?amount_fen={RESERVE.fen}&kind=bid")

    assert "出价结果尚未确定" in answer.text
    assert "再次提交同一出价" in answer.text


async def test_receipt_verifies_with_published_keys(bidder: httpx.AsyncClient, market: Market) -> None:
    """The downloaded receipt of one's own bid verifies under the published key and names nobody."""
    await market.announce()
    await market.admit("bidder1")
    await market.open()
    await sign_in(bidder, "bidder1")
    sent = await confirm(bidder, market, "2100000")
    bid_id = UUID(sent.headers["location"].split("/bids/")[1].split("?")[0])
    answer = await bidder.get(f"{market.lot_url}/bids/{bid_id}/receipt")
    keys = await market.sale.read(published_keys)

    receipt = msgspec.json.decode(answer.content, type=Receipt)
    assert check_receipt(receipt, {key.key_id: bytes.fromhex(key.public_key_hex) for key in keys}) == "good"
    assert str(market.people["bidder1"].person_id) not in answer.text


async def test_signed_refusal_is_given_on_request_and_verifies_off_line(
    bidder: httpx.AsyncClient, market: Market, tmp_path: Path
) -> None:
    """A refused bidder downloads code, time and the number it rests on, signed; the command checks it (bid-core 16)."""
    await market.announce()
    await market.admit("bidder1")
    registered = market.registered["bidder1"]
    await market.open()
    await sign_in(bidder, "bidder1")
    await confirm(bidder, market, "2100000")
    await confirm(bidder, market, "2110000")
    listed = await bidder.get(f"/my/registrations/{registered.registration_id}")
    path = listed.text.split('/receipt" download')[0].rsplit('href="', 1)[1] + "/receipt"
    refusal, keys = await bidder.get(path), await market.sale.read(published_keys)
    (tmp_path / "refusal").write_bytes(refusal.content)
    written = [{"key_id": key.key_id, "public_key": key.public_key_hex} for key in keys]
    (tmp_path / "keys").write_bytes(msgspec.json.encode(written))
    command = ["verify-receipt", str(tmp_path / "refusal"), "--keys", str(tmp_path / "keys")]
    good = CliRunner().invoke(main, [*command, "--json"])
    (tmp_path / "refusal").write_bytes(refusal.content.replace(b"own_lead", b"off_ladder"))
    altered = CliRunner().invoke(main, command)
    (tmp_path / "refusal").write_bytes(b"{")
    malformed = CliRunner().invoke(main, command)

    assert "未被接受的出价" in listed.text
    found = msgspec.json.decode(good.output)
    assert (good.exit_code, found["verified"], found["code"], found["amount_fen"]) == (0, True, "own_lead", 211000000)
    assert found["rests_on"] > 0
    assert found["at"]
    assert (altered.exit_code, "wrong_path" in altered.output) == (1, True)
    assert (malformed.exit_code, "malformed" in malformed.output) == (1, True)


async def test_nobody_gets_anothers_receipt(bidder: httpx.AsyncClient, market: Market) -> None:
    """A bid id of somebody else's is unknown to another bidder."""
    await market.announce()
    await market.admit("bidder1")
    await market.admit("bidder2")
    await market.open()
    await sign_in(bidder, "bidder1")
    sent = await confirm(bidder, market, "2100000")
    path = sent.headers["location"].split("?")[0]
    await sign_in(bidder, "bidder2")

    assert (await bidder.get(f"{path}/receipt")).status_code == 404
    assert "尚未确定" in (await bidder.get(path)).text


async def test_winner_gets_a_dated_check_list(bidder: httpx.AsyncClient, market: Market) -> None:
    """The buyer sees the balance with its exact remark and last day, less the deposit; the loser sees his refund."""
    await market.announce()
    await market.admit("bidder1")
    await market.admit("bidder2")
    await market.open()
    await market.bid("bidder2", RESERVE.fen)
    await market.bid("bidder1", RESERVE.fen + INCREMENT.fen)
    await market.close()
    (purchase,) = await market.sale.rows("SELECT reference FROM fund.purchase")
    await sign_in(bidder, "bidder1")
    won = (await bidder.get(f"/my/registrations/{market.registered['bidder1'].registration_id}")).text
    await sign_in(bidder, "bidder2")
    lost = (await bidder.get(f"/my/registrations/{market.registered['bidder2'].registration_id}")).text

    assert purchase.reference in won
    assert "2027年4月23日" in won
    assert "1900000" in won
    assert "竞得之后" not in lost
    assert purchase.reference not in lost


async def test_pages_without_rooms_say_so(
    bidder: httpx.AsyncClient, market: Market, market_wiring: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A site without a line to the rooms refuses the bid instead of guessing."""
    await market.announce()
    await market.admit("bidder1")
    await market.open()
    await sign_in(bidder, "bidder1")
    monkeypatch.delitem(market_wiring.ports, "live")  # type: ignore[attr-defined] # the wiring of this test

    answer = await confirm(bidder, market, "2100000")
    assert answer.status_code == 409
    assert "出价未提交" in answer.text


async def test_holder_of_a_right_matches_the_price(bidder: httpx.AsyncClient, market: Market) -> None:
    """A confirmed holder is offered to match the leading price, and then leads at that price (网拍 21)."""
    await market.announce()
    await market.sale.rows(
        "INSERT INTO sale.first_refusal (lot_id, person_id, basis, rank, question_id, confirmed_at) "
        "SELECT :lot, :person, 'tenant', 1, question_id, put_at FROM sale.question LIMIT 1 RETURNING 1",
        lot=market.sale.lot_id,
        person=market.people["bidder1"].person_id,
    )
    holder = await market.admit("bidder1")
    await market.admit("bidder2")
    await market.open()
    await market.bid("bidder2", RESERVE.fen)
    await sign_in(bidder, "bidder1")
    lot = (await bidder.get(market.lot_url)).text
    page = await bidder.get(f"{market.lot_url}/bid?kind=match&amount_yuan=2100000")
    form = {name: field(page, name) for name in ("bid_id", "amount_fen", "kind", "csrf_token")}
    sent = await bidder.post(f"{market.lot_url}/bid", data=form)
    room = await market.room()

    assert "data-first-refusal" in lot
    assert "以当前价应价（优先购买权）" in lot
    assert sent.status_code == 303
    assert (room.leader, room.price_fen) == (holder, RESERVE.fen)


async def test_joint_bidders_are_declared_by_the_form(bidder: httpx.AsyncClient, market: Market) -> None:
    """The form's rows become the declaration with its shares; what is wrong comes back with what was typed."""
    await market.announce()
    registered = await market.register("bidder1")
    await sign_in(bidder, "bidder1")
    path = f"/my/registrations/{registered.registration_id}/joint"
    rows: dict[str, str] = {}
    for number, username in enumerate(("bidder1", "bidder5"), start=1):
        one = person(username)
        rows |= {f"name-{number}": one.name, f"number-{number}": one.identity_number, f"share-{number}": "50"}
    page = await bidder.get(path)
    form = {name: field(page, name) for name in ("command_id", "csrf_token")}
    wrong = await bidder.post(path, data=form | rows | {"share-2": "40", "document_ref": "协议 1"})
    again = {**form, "command_id": field(wrong, "command_id"), **rows, "document_ref": "协议 1"}
    right = await bidder.post(path, data=again)

    assert (wrong.status_code, person("bidder5").identity_number in wrong.text) == (422, True)
    assert right.status_code == 303, right.text
    assert person("bidder5").name in (await bidder.get(path)).text
