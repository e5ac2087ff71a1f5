from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from auction.fund.references import make_reference, references_in
from auction.kernel.clock import local, local_day
from auction.kernel.db import Transaction
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from auction.sale.cases.assets import AssetClass
from auction.sale.cases.documents import DocumentIsDraft, DocumentKind, WrongDocumentKind
from auction.sale.cases.parties import PartyRole
from auction.sale.cases.record_seizure import LiftSeizure, lift_seizure
from auction.sale.cases.seizures import NoFirstSeizure
from auction.sale.cases.views import document_file
from auction.sale.desk import case_page, open_clocks
from auction.sale.disclosure.public_lots import card_of
from auction.sale.lots import store as lots
from auction.sale.lots.lots import LotState, MoveNotAllowed
from auction.sale.lots.panel import (
    AlreadyDecided,
    BarredBuyerProposal,
    BuyerNotBarred,
    DefaultProposal,
    PanelDisapproved,
    QuestionUnknown,
    Vote,
    VotesOutstanding,
)
from auction.sale.lots.put_question import PutQuestion, put_question
from auction.sale.registers.record_eligibility import RecordEligibility, record_eligibility
from auction.sale.registers.refusals import BarredFromBidding
from auction.sale.rounds.bidders import DefaulterBarred
from auction.sale.title.declare_default import DeclareDefault, GrantMoreTime, declare_default, grant_more_time
from auction.sale.title.note_full_payment import handle_receipts_complete
from auction.sale.title.pass_title import handle_title_service
from auction.sale.title.record_delivery import RecordDelivery, record_delivery
from auction.sale.title.record_transfer import RecordTransfer, record_transfer
from auction.sale.title.rule_on_sale import Ruled, RuleOnSale, rule_on_sale
from auction.sale.title.set_sale_aside import SetSaleAside, set_sale_aside
from auction.sale.title.title import (
    BalanceNotOverdue,
    BuyerBarredSince,
    DateOutOfOrder,
    EligibilityNotProven,
    ExtensionNotLonger,
    LateReasonMissing,
    PriceNotPaid,
    SaleNotUpheld,
    SaleUpheld,
    StepAlreadyRecorded,
    TitleNotPassed,
)
from auction.sale.views import public_lot
from tests.auction.sale.world import ANNOUNCED_ON, CLOSES_AT, DEPOSIT, RESERVE, World, actor
from tests.stages import staged

BALANCE = RESERVE - DEPOSIT
PAID_AT = local(date(2027, 4, 12), 10)
DUE = local(date(2027, 4, 24), 0)
"""First instant after the fifteen days from 8 April."""


async def rule(world: World, **changes: str) -> Ruled:
    """Make the ruling."""
    command = RuleOnSale(command_id=new_id(), lot_id=world.lot_id, document_id=new_id(), body="裁定示例正文", **changes)
    return await rule_on_sale(world.db, world.presiding, command)


@staged
async def paid(world: World, amount: Money = BALANCE) -> None:
    """Sell, then let an amount arrive for the balance."""
    _, registered = await world.sold()
    await world.at(PAID_AT)
    await world.pay_balance(registered, amount)
    for job in await world.jobs("sale.receipts_complete"):
        await handle_receipts_complete(world.db, job)


@staged
async def passed(world: World) -> Ruled:
    """Go on to the service of the ruling on 13 April: title has passed."""
    await paid(world)
    ruled = await rule(world)
    await world.sealed(ruled.document_id)
    await world.at(local(date(2027, 4, 13), 9))
    await world.serve(ruled.document_id, ruled.buyer_party_id, local(date(2027, 4, 13), 8))
    for job in await world.jobs("sale.note_title_service"):
        await handle_title_service(world.db, job)
    return ruled


async def test_ruling_needs_the_price_to_the_fen(world: World) -> None:
    """A fen short, no ruling; the exact price, the ruling, to be served in ten days (拍变 20)."""
    await paid(world, BALANCE - Money(1))
    with pytest.raises(PriceNotPaid):
        await rule(world)

    (registered,) = await world.rows("SELECT * FROM sale.registration WHERE state = 'won'")
    await world.pay_balance(registered, Money(1))
    for job in await world.jobs("sale.receipts_complete"):
        await handle_receipts_complete(world.db, job)
    ruled = await rule(world)

    assert ruled.serve_by == date(2027, 4, 22)
    assert (await world.read(lambda tx: lots.open_lot(tx, world.lot_id))).state == LotState.RULED


async def test_excess_is_not_part_of_the_price(world: World) -> None:
    """Who pays a fen too much has paid the price; the fen stands as refund, and the ruling is made."""
    await paid(world, BALANCE + Money(1))

    assert (await rule(world)).serve_by == date(2027, 4, 22)
    (row,) = await world.rows("SELECT applied_fen FROM sale.sale_ruling")
    assert row.applied_fen == RESERVE.fen


async def test_ruling_needs_the_seizure(world: World) -> None:
    """A lifted seizure leaves nothing to rule on (practice 1)."""
    await paid(world)
    lift = LiftSeizure(
        command_id=new_id(),
        seizure_id=world.seizure_id,
        case_id=world.case_id,
        lifted_on=date(2027, 4, 12),
        document_ref="解封裁定",
    )
    await lift_seizure(world.db, world.handler, lift)

    with pytest.raises(NoFirstSeizure):
        await rule(world)


async def eligible(world: World, from_on: date, to_on: date, *, is_eligible: bool = True) -> None:
    """Record what the city said of the buyer for these days."""
    await world.at(await world.read(_a_second_later))
    command = RecordEligibility(
        command_id=new_id(),
        proof_id=new_id(),
        case_id=world.case_id,
        round_id=world.round_id,
        source="city",
        document_ref="购房资格核验单",
        from_on=from_on,
        to_on=to_on,
        is_eligible=is_eligible,
    )
    await record_eligibility(world.db, world.handler, command)


async def _a_second_later(tx: Transaction) -> datetime:
    later: datetime = tx.now + timedelta(seconds=1)
    return later


async def test_purchase_limits_need_proof_before_the_ruling(world: World) -> None:
    """An undertaking is not enough for the ruling: the proof is (法释〔2021〕18号 3)."""
    published = await world.announced(purchase_limited=True)
    bidder = await world.bidder()
    registered = await world.register(bidder, undertakes_eligibility=True)
    await world.pay_deposit(registered)
    (row,) = await world.rows("SELECT code FROM sale.bidder_code")
    await world.close(world.outcome(published, row.code))
    await world.pay_balance(registered, BALANCE)

    with pytest.raises(EligibilityNotProven, match="not proven"):
        await rule(world, eligibility_ref="购房资格核验单")
    await eligible(world, ANNOUNCED_ON, date(2027, 4, 1))
    with pytest.raises(EligibilityNotProven, match="2027-04-02"):
        await rule(world)
    await eligible(world, date(2027, 4, 2), local_day(CLOSES_AT))
    await eligible(world, local_day(CLOSES_AT), local_day(CLOSES_AT), is_eligible=False)
    with pytest.raises(EligibilityNotProven, match="on record as not eligible"):
        await rule(world)
    await eligible(world, local_day(CLOSES_AT), local_day(CLOSES_AT))
    assert (await rule(world)).lot_id == world.lot_id


@pytest.mark.parametrize(("votes", "refusal"), [(("approve",) * 3, None), (("reject",) * 3, PanelDisapproved)])
async def test_buyer_barred_after_registering_is_for_the_panel(
    world: World, votes: tuple[Vote, ...], refusal: type[Refusal] | None
) -> None:
    """A later ban revokes nothing in silence: no ruling before the panel has decided that the sale stands (网拍 34)."""
    await paid(world)
    await bar_buyer(world)
    with pytest.raises(BuyerBarredSince):
        await rule(world)
    question_id = new_id()
    proposal = BarredBuyerProposal(lot_id=world.lot_id, round_id=world.round_id)
    await put_question(
        world.db, world.handler, PutQuestion(command_id=new_id(), question_id=question_id, proposal=proposal)
    )
    with pytest.raises(VotesOutstanding):
        await rule(world)
    await world.vote(question_id, *votes)

    if refusal is None:
        assert (await rule(world)).lot_id == world.lot_id
        return
    with pytest.raises(refusal):
        await rule(world)


async def bar_buyer(world: World, ground: str = "near_relative") -> None:
    """Bar the buyer after his registration."""
    await world.rows(
        "INSERT INTO sale.barred_person SELECT case_id, person_id, :ground, '名单', kernel.now_at() "
        "FROM sale.registration WHERE state = 'won' ON CONFLICT DO NOTHING RETURNING 1",
        ground=ground,
    )


async def asked_about_buyer(world: World, vote: Vote) -> None:
    """Bar the buyer after his registration, and let the panel decide whether the sale stands."""
    await bar_buyer(world)
    question_id = new_id()
    command = PutQuestion(
        command_id=new_id(),
        question_id=question_id,
        proposal=BarredBuyerProposal(lot_id=world.lot_id, round_id=world.round_id),
    )
    await put_question(world.db, world.handler, command)
    await world.vote(question_id, vote, vote, vote)


@pytest.mark.parametrize("ground", ["listed_dishonest", "consumption_restricted"])
async def test_ban_that_does_not_hold_for_the_asset_stops_no_ruling(world: World, ground: str) -> None:
    """Who is listed as dishonest or restricted in his consumption may buy goods: nothing is put to the panel."""
    world.asset_class = AssetClass.MOVABLE
    await paid(world)
    await bar_buyer(world, ground)

    assert (await rule(world)).lot_id == world.lot_id


async def set_aside(
    world: World, kind: DocumentKind = DocumentKind.SETTING_ASIDE_RULING, *, sealed: bool = True
) -> None:
    """Set the sale aside by a document of this kind."""
    is_own = kind is DocumentKind.SETTING_ASIDE_RULING
    document_id = await (world.setting_aside_ruling(sealed=sealed) if is_own else world.document(kind, sealed=sealed))
    command = SetSaleAside(command_id=new_id(), lot_id=world.lot_id, document_id=document_id)
    await set_sale_aside(world.db, world.presiding, command)


async def test_sale_that_the_panel_does_not_uphold_is_set_aside(world: World) -> None:
    """What was paid goes back whole, nothing is kept, and the lot stands as set aside (网拍 31(4), 34)."""
    await paid(world)
    await asked_about_buyer(world, "reject")

    await set_aside(world)

    assert (await world.read(lambda tx: lots.open_lot(tx, world.lot_id))).state == LotState.SET_ASIDE
    (deposit,) = await world.rows(
        "SELECT d.state FROM fund.deposit d JOIN sale.registration r USING (registration_id) WHERE r.state = 'won'"
    )
    assert deposit.state == "released"
    (owed,) = await world.rows("SELECT sum(amount_fen) AS fen FROM fund.refund")
    assert owed.fen == RESERVE.fen
    with pytest.raises(MoveNotAllowed):
        await set_aside(world)
    with pytest.raises(MoveNotAllowed):
        await rule(world)


async def test_barred_buyer_is_kept_out_when_the_lot_is_listed_again(world: World) -> None:
    """After the setting aside comes a re-auction like a first auction, without him; meanwhile the page says what became."""
    await paid(world)
    await asked_about_buyer(world, "reject")
    await set_aside(world)
    (row,) = await world.rows("SELECT buyer_person_id FROM sale.setting_aside")
    opens_at = local(date(2027, 6, 2), 10)
    listed = await world.list(kind="re_auction", opens_at=opens_at, closes_at=opens_at + timedelta(days=1))
    assert (await world.read(lambda tx: card_of(tx, world.lot_id))).state is LotState.SET_ASIDE
    await world.at(DUE)
    await world.vote(listed.question_id, "approve", "approve", "approve")
    await world.decide()
    await world.rule_and_notify(DUE)
    await world.at(local(date(2027, 4, 28), 9))
    assert (await world.publish(new_id())).number == 2

    barred = actor(*(await world.bidder("甲示例")).roles, person_id=row.buyer_person_id)
    with pytest.raises(BarredFromBidding):
        await world.register(barred)
    assert (await world.register(await world.bidder("乙示例"))).deposit_fen == DEPOSIT.fen


async def test_sale_is_set_aside_on_the_panels_word_only(world: World) -> None:
    """Not before the panel was asked, not against its word, and not on a draft or another document."""
    await paid(world)
    await bar_buyer(world)
    with pytest.raises(QuestionUnknown):
        await set_aside(world)
    await asked_about_buyer(world, "approve")
    with pytest.raises(SaleUpheld):
        await set_aside(world)
    assert (await rule(world)).lot_id == world.lot_id


async def test_sale_to_a_buyer_whom_nothing_bars_is_neither_put_to_the_panel_nor_set_aside(world: World) -> None:
    """A panel's no alone ends no lawful sale: without a ban that holds for the asset nobody is asked (网拍 31)."""
    await paid(world)
    proposal = BarredBuyerProposal(lot_id=world.lot_id, round_id=world.round_id)
    with pytest.raises(BuyerNotBarred):
        await put_question(
            world.db, world.handler, PutQuestion(command_id=new_id(), question_id=new_id(), proposal=proposal)
        )
    (lot,) = await world.rows("SELECT case_id FROM sale.lot")
    earlier = new_id()  # put before questions were checked
    await world.db.transact(
        lambda tx: lots.put(tx, question_id=earlier, case_id=lot.case_id, lot_id=world.lot_id, proposal=proposal)
    )
    await world.vote(earlier, "reject", "reject", "reject")
    with pytest.raises(BuyerNotBarred):
        await set_aside(world)
    assert (await rule(world)).lot_id == world.lot_id


async def test_ban_after_the_panels_word_goes_before_the_panel_again(world: World) -> None:
    """What the panel upheld it upheld knowing the bans of that day; a later one needs its word anew (网拍 34)."""
    await paid(world)
    await asked_about_buyer(world, "approve")
    await world.at(PAID_AT + timedelta(hours=1))
    await bar_buyer(world, "enforcing_court")
    with pytest.raises(BuyerBarredSince):
        await rule(world)
    question_id = new_id()
    proposal = BarredBuyerProposal(lot_id=world.lot_id, round_id=world.round_id)
    await put_question(
        world.db, world.handler, PutQuestion(command_id=new_id(), question_id=question_id, proposal=proposal)
    )
    await world.vote(question_id, "approve", "approve", "approve")

    assert (await rule(world)).lot_id == world.lot_id


@pytest.mark.parametrize(
    ("kind", "sealed", "refusal"),
    [
        (DocumentKind.SETTING_ASIDE_RULING, False, DocumentIsDraft),
        (DocumentKind.DEFAULT_RULING, True, WrongDocumentKind),
    ],
)
async def test_setting_aside_needs_its_sealed_ruling(
    world: World, kind: DocumentKind, sealed: bool, refusal: type[Refusal]
) -> None:
    """A sale is set aside by a sealed ruling of that kind, and nothing moves before."""
    await paid(world)
    await asked_about_buyer(world, "reject")

    with pytest.raises(refusal):
        await set_aside(world, kind, sealed=sealed)
    assert (await world.read(lambda tx: lots.open_lot(tx, world.lot_id))).state == LotState.SOLD


async def test_sale_not_upheld_is_no_default_and_not_asked_again(world: World) -> None:
    """A buyer whom the panel does not uphold loses no deposit by waiting, and nobody asks until the answer is another."""
    await unpaid(world, DUE)
    await asked_about_buyer(world, "reject")
    again = PutQuestion(
        command_id=new_id(),
        question_id=new_id(),
        proposal=BarredBuyerProposal(lot_id=world.lot_id, round_id=world.round_id),
    )
    with pytest.raises(SaleNotUpheld):
        await declare(world)
    with pytest.raises(AlreadyDecided):
        await put_question(world.db, world.handler, again)


async def test_nothing_is_ruled_twice(world: World) -> None:
    """One lot, one ruling."""
    await paid(world)
    await rule(world)

    with pytest.raises(MoveNotAllowed):
        await rule(world)


async def test_title_passes_by_service_on_the_buyer_only(world: World) -> None:
    """Not payment, not the ruling, not service on a party: service on the buyer passes title (网拍 22)."""
    await paid(world)
    ruled = await rule(world)
    await world.sealed(ruled.document_id)
    await world.serve(ruled.document_id, world.parties[PartyRole.APPLICANT], PAID_AT)
    for job in await world.jobs("sale.note_title_service"):
        await handle_title_service(world.db, job)
    assert (await world.read(lambda tx: lots.open_lot(tx, world.lot_id))).state == LotState.RULED
    with pytest.raises(TitleNotPassed):
        await deliver(world, date(2027, 4, 12))

    await world.serve(ruled.document_id, ruled.buyer_party_id, PAID_AT)
    for _ in range(2):
        for job in await world.jobs("sale.note_title_service"):
            await handle_title_service(world.db, job)

    (row,) = await world.rows("SELECT passed_on, deliver_by FROM sale.title_passage")
    assert (row.passed_on, row.deliver_by) == (date(2027, 4, 12), date(2027, 4, 27))


async def deliver(world: World, on: date, **changes: str) -> bool:
    """Record the delivery."""
    command = RecordDelivery(
        command_id=new_id(), lot_id=world.lot_id, delivered_on=on, record_ref="交付笔录", **changes
    )
    return await record_delivery(world.db, world.clerk, command)


@pytest.mark.parametrize(
    ("on", "reason", "refusal"),
    [
        (date(2027, 4, 27), "", None),
        (date(2027, 4, 28), "", None),
        (date(2027, 4, 29), "", LateReasonMissing),
        (date(2027, 4, 29), "家属腾退宽限", None),
        (date(2027, 4, 12), "", DateOutOfOrder),
        (date(2027, 5, 4), "x", DateOutOfOrder),
    ],
)
async def test_delivery_within_fifteen_days(world: World, on: date, reason: str, refusal: type[Refusal] | None) -> None:
    """Served on 13 April: delivered by the 28th, or with a reason; never before, never in the future (拍变 27)."""
    await passed(world)
    await world.at(local(date(2027, 5, 3), 9))
    if refusal is None:
        assert await deliver(world, on, late_reason=reason) is (on <= date(2027, 4, 28))
        return
    with pytest.raises(refusal):
        await deliver(world, on, late_reason=reason)


async def test_transfer_and_delivery_complete_the_lot(world: World) -> None:
    """The registry's receipt and the delivery, in whatever order, end the lot (practice 24)."""
    await passed(world)
    transfer = RecordTransfer(
        command_id=new_id(),
        lot_id=world.lot_id,
        registry="示例区不动产登记中心",
        receipt_number="R-1",
        transferred_on=date(2027, 4, 13),
    )
    await record_transfer(world.db, world.clerk, transfer)
    await deliver(world, date(2027, 4, 13))

    assert (await world.read(lambda tx: lots.open_lot(tx, world.lot_id))).state == LotState.COMPLETED
    with pytest.raises(StepAlreadyRecorded):
        await deliver(world, date(2027, 4, 13))


async def ask(world: World, proposal: DefaultProposal, *, votes: int = 3) -> UUID:
    """Put a question on the default to the panel, and let it vote."""
    question_id = new_id()
    await put_question(
        world.db, world.handler, PutQuestion(command_id=new_id(), question_id=question_id, proposal=proposal)
    )
    given: list[Vote] = ["approve"] * votes
    await world.vote(question_id, *given)
    return question_id


async def declare(world: World, *, votes: int = 3) -> int:
    """Let the panel decide on the default, and declare it; gives what is kept."""
    proposal = DefaultProposal(lot_id=world.lot_id, round_id=world.round_id, outcome="declare")
    question_id = await ask(world, proposal, votes=votes)
    command = DeclareDefault(command_id=new_id(), lot_id=world.lot_id, question_id=question_id)
    return (await declare_default(world.db, world.presiding, command)).forfeited_fen


async def unpaid(world: World, at: datetime) -> None:
    """Sell; the deposit is applied, the balance does not come; it is now ``at``."""
    _, registered = await world.sold()
    await world.pay_balance(registered, Money(1))
    await world.at(at)


@pytest.mark.parametrize(("seconds", "lawful"), [(-1, False), (0, True), (1, True)])
async def test_default_is_declared_after_the_time_only(world: World, seconds: int, lawful: bool) -> None:
    """Until 24:00 of the last day the buyer may pay; then the panel may declare the default (网拍 24)."""
    await unpaid(world, DUE + timedelta(seconds=seconds))
    if not lawful:
        with pytest.raises(BalanceNotOverdue):
            await declare(world)
        return
    assert await declare(world) == DEPOSIT.fen


async def test_missed_date_alone_is_no_default(world: World) -> None:
    """Without the panel's votes nothing is forfeited (practice 23)."""
    await unpaid(world, DUE)

    with pytest.raises(VotesOutstanding):
        await declare(world, votes=2)
    (row,) = await world.rows("SELECT state FROM fund.deposit WHERE state IN ('applied', 'forfeited')")
    assert row.state == "applied"


async def test_paid_price_is_no_default(world: World) -> None:
    """A price that came, even late, leaves no default to declare."""
    await paid(world)
    await world.at(DUE)

    with pytest.raises(BalanceNotOverdue):
        await declare(world)


async def test_more_time_moves_the_day(world: World) -> None:
    """The panel may give more time; until its end there is no default (practice 23)."""
    await unpaid(world, DUE)
    until = date(2027, 4, 30)
    proposal = DefaultProposal(
        lot_id=world.lot_id, round_id=world.round_id, outcome="more_time", balance_due_on=until.isoformat()
    )
    question_id = await ask(world, proposal)
    command = GrantMoreTime(command_id=new_id(), lot_id=world.lot_id, question_id=question_id, balance_due_on=until)
    assert await grant_more_time(world.db, world.presiding, command) == local(date(2027, 5, 1), 0)

    with pytest.raises(BalanceNotOverdue):
        await declare(world)
    shorter = GrantMoreTime(
        command_id=new_id(), lot_id=world.lot_id, question_id=question_id, balance_due_on=date(2027, 4, 29)
    )
    with pytest.raises(ExtensionNotLonger):
        await grant_more_time(world.db, world.presiding, shorter)


async def test_defaulter_is_kept_out_of_the_re_auction(world: World) -> None:
    """After a declared default the lot is listed again, and the defaulter may not register (网拍 24)."""
    await unpaid(world, DUE)
    await declare(world)
    (row,) = await world.rows("SELECT buyer_person_id FROM sale.default_declaration")
    opens_at = local(date(2027, 6, 2), 10)
    listed = await world.list(kind="re_auction", opens_at=opens_at, closes_at=opens_at + timedelta(days=1))
    await world.vote(listed.question_id, "approve", "approve", "approve")
    await world.decide()
    buyers = await world.rows("SELECT party_id FROM sale.party WHERE role = 'buyer'")
    assert len(buyers) == 1
    await world.rule_and_notify(DUE)
    await world.at(local(date(2027, 4, 28), 9))
    assert (await world.publish(new_id())).number == 2

    defaulter = actor(*(await world.bidder("甲示例")).roles, person_id=row.buyer_person_id)
    with pytest.raises(DefaulterBarred):
        await world.register(defaulter)
    assert (await world.register(await world.bidder("乙示例"))).deposit_fen == DEPOSIT.fen


async def test_buyers_real_name_is_published(world: World) -> None:
    """After the close the lot's page names the buyer (网拍 22)."""
    await world.sold()

    shown = await world.read(lambda tx: public_lot(tx, world.lot_id))
    assert shown.confirmation is not None
    assert shown.confirmation.buyer_name == "张示例"
    assert shown.confirmation.hammer_price_fen == RESERVE.fen


async def test_confirmation_says_until_when_where_and_how_the_rest_is_paid(world: World) -> None:
    """The buyer pays from this paper: the last day, the case's own account and the reference by which his money is matched."""
    await world.sold()
    (bought,) = await world.rows("SELECT round_id, document_id FROM sale.confirmation")
    body = (await world.read(lambda tx: document_file(tx, world.case_id, bought.document_id))).body

    assert "2027-04-23" in body
    assert "6222 0000 0000 1234" in body
    assert make_reference("purchase", bought.round_id) in references_in(body.splitlines()[-1])


async def test_desk_shows_the_timeline_and_the_running_clocks(world: World) -> None:
    """The court's desk has the case's events in order and the periods that run, by their articles."""
    await world.sold()
    page = await world.read(lambda tx: case_page(tx, world.case_id))

    days = [entry.on for entry in page.timeline]
    assert days == sorted(days)
    assert {clock.kind: clock.due_on for clock in page.clocks} == {"balance": date(2027, 4, 23)}
    assert "张示例" not in repr(page)
    (lot,) = page.lots
    assert (lot.state, lot.rounds[0].result) == (LotState.SOLD, "sold")


async def test_clocks_follow_the_sale(world: World) -> None:
    """Paid: the ruling's ten days; served: the fifteen days of delivery; a late one is overdue."""
    await paid(world)
    assert [clock.kind for clock in await world.read(lambda tx: open_clocks(tx, world.case_id))] == ["make_ruling"]
    ruled = await rule(world)
    await world.sealed(ruled.document_id)
    await world.serve(ruled.document_id, ruled.buyer_party_id, PAID_AT)
    for job in await world.jobs("sale.note_title_service"):
        await handle_title_service(world.db, job)
    await world.at(local(date(2027, 4, 28), 9))

    clocks = await world.read(lambda tx: open_clocks(tx, world.case_id))
    assert {(clock.kind, clock.due_on, clock.is_overdue) for clock in clocks} == {
        ("delivery", date(2027, 4, 27), True),
        ("transfer", date(2027, 4, 27), True),
    }
