"""A sell-off after two failed auctions: sixty days, the whole price paid in first, the deposit lost on default."""

from __future__ import annotations

from datetime import timedelta

import pytest

from auction.contracts import BiddingTerms
from auction.fund.deposits.apply_deposit import handle_apply_deposit
from auction.kernel.actors import Role
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from auction.sale.lots import store as lots
from auction.sale.lots.lint import ListingUnlawful
from auction.sale.lots.lots import LotState
from auction.sale.lots.panel import DefaultProposal
from auction.sale.lots.put_question import PutQuestion, put_question
from auction.sale.rounds.register_bidder import Registered
from auction.sale.title.declare_default import DeclareDefault, declare_default
from auction.sale.title.note_full_payment import handle_receipts_complete
from auction.sale.title.rule_on_sale import RuleOnSale, rule_on_sale
from auction.sale.views import public_lot
from tests.auction.sale.sell_off import ALL, DEPOSIT, OPENS, PERIOD, PRICE, choose, offer, sell_off, twice_failed
from tests.auction.sale.world import World, actor


async def sold_to_the_first(world: World, *, above: Money) -> Registered:
    """Sell at so much above the price, on the second day."""
    published = await sell_off(world)
    _, registered, code = await world.admitted()
    bid_at = OPENS + timedelta(hours=5)
    hammer = PRICE + above
    outcome = world.outcome(published, code, hammer_price_fen=hammer.fen, closed_at=bid_at + timedelta(hours=24))
    await world.close(outcome)
    for job in await world.jobs("fund.apply_deposit"):
        await handle_apply_deposit(world.db, job)
    for job in await world.jobs("sale.receipts_complete"):
        await handle_receipts_complete(world.db, job)
    return registered


@pytest.mark.parametrize(
    ("length", "code"),
    [
        (PERIOD, None),
        (PERIOD - timedelta(microseconds=1), "sell_off_period_differs"),
        (PERIOD + timedelta(microseconds=1), "sell_off_period_differs"),
        (timedelta(days=1), "sell_off_period_differs"),
    ],
)
async def test_sell_off_runs_sixty_days(world: World, length: timedelta, code: str | None) -> None:
    """The period is sixty whole days, to the microsecond (变卖衔接 3)."""
    await twice_failed(world)
    terms = offer("sell_off", OPENS, OPENS + length)
    if code is None:
        assert (await world.list(**terms)).version == 3
        return
    with pytest.raises(ListingUnlawful) as refused:
        await world.list(**terms)
    assert refused.value.facts["codes"] == code


async def test_room_gets_the_rules_of_a_sell_off(world: World) -> None:
    """The session's rule set is the sell-off's; the notice says prepayment, competition and what is lost."""
    published = await sell_off(world)
    (*_, job) = await world.jobs("bidding.open_session")
    handed = job.decode(BiddingTerms)
    shown = await world.read(lambda tx: public_lot(tx, world.lot_id))
    texts = {head.article: head.text_zh for head in shown.notice.disclosures}

    assert (handed.session_id, handed.rule_set) == (published.session_id, "spc-2017-sell-off")
    assert handed.closes_at - handed.opens_at == PERIOD
    assert f"变卖价款 {PRICE}" in texts["网拍 13(4)"]
    assert "24 小时竞价程序" in texts["网拍 13(4)"]
    assert f"相当于保证金 {DEPOSIT} 的部分不予退还" in texts["网拍 13(8)"]
    assert f"变卖预缴款 {PRICE}" in texts["网拍 13(8)"]


async def test_whole_price_is_paid_before_bidding(world: World) -> None:
    """Who takes part owes the sell-off price, not the deposit (变卖衔接 5)."""
    await sell_off(world)
    registered = await world.register(await world.bidder())

    (row,) = await world.rows("SELECT amount_fen, closes_at FROM fund.deposit")
    assert (registered.deposit_fen, row.amount_fen) == (PRICE.fen, PRICE.fen)
    assert row.closes_at == OPENS + PERIOD + timedelta(hours=24), (
        "a card has to outlive a competition of the last instant"
    )


async def test_applicant_prepays_what_his_claim_falls_short(world: World) -> None:
    """An applicant whose claim covers the price pays nothing in advance (网拍 17)."""
    await sell_off(world)
    (party,) = await world.rows("SELECT person_id FROM sale.party WHERE role = 'applicant'")

    registered = await world.register(actor(Role.BIDDER, person_id=party.person_id))

    assert registered.deposit_fen == 0


async def test_sale_at_the_price_is_paid_at_once(world: World) -> None:
    """The first bidder, alone for 24 hours, has paid all: the ruling may follow with the application of his money."""
    await sold_to_the_first(world, above=Money(0))
    command = RuleOnSale(command_id=new_id(), lot_id=world.lot_id, document_id=new_id(), body="裁定示例正文")

    await rule_on_sale(world.db, world.presiding, command)

    (row,) = await world.rows("SELECT applied_fen FROM sale.sale_ruling")
    assert row.applied_fen == PRICE.fen


async def test_default_keeps_the_named_deposit_only(world: World) -> None:
    """Who does not pay what he bid above his prepayment loses the deposit of the notice; the rest goes back (变卖衔接 7)."""
    await sold_to_the_first(world, above=Money.yuan(20_000))
    (due,) = await world.rows("SELECT balance_due_at FROM sale.confirmation ORDER BY round_id DESC LIMIT 1")
    await world.at(due.balance_due_at)
    question_id = new_id()
    proposal = DefaultProposal(lot_id=world.lot_id, round_id=world.round_id, outcome="declare")
    question = PutQuestion(command_id=new_id(), question_id=question_id, proposal=proposal)
    await put_question(world.db, world.handler, question)
    await world.vote(question_id, *ALL)
    command = DeclareDefault(command_id=new_id(), lot_id=world.lot_id, question_id=question_id)

    declared = await declare_default(world.db, world.presiding, command)

    (back,) = await world.rows("SELECT coalesce(sum(amount_fen), 0)::bigint AS fen FROM fund.refund")
    assert declared.forfeited_fen == DEPOSIT.fen
    assert back.fen == (PRICE - DEPOSIT).fen


async def test_sell_off_that_nobody_wants_is_not_repeated(world: World) -> None:
    """After sixty days without a bid creditors may take the asset, or it is returned; no fourth round (变卖衔接 8)."""
    published = await sell_off(world)
    await world.close(world.outcome(published, None, closed_at=OPENS + PERIOD))
    await choose(world, "lift_and_return")

    assert (await world.read(lambda tx: lots.open_lot(tx, world.lot_id))).state == LotState.RETURNED
