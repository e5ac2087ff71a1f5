from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from auction.contracts import BiddingTerms
from auction.kernel.clock import local
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from auction.law.service import NoticeGround, SaleNoticePublication, WrittenWaiver
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.parties import PartyRole
from auction.sale.lots import store
from auction.sale.lots.confirm_first_refusal import (
    ConfirmFirstRefusal,
    FirstRefusalAlreadyConfirmed,
    confirm_first_refusal,
)
from auction.sale.lots.lint import ListingUnlawful
from auction.sale.lots.lots import MOVES, AssetAlreadyListed, LotState, LotUnknown, MoveNotAllowed, TermsMalformed
from auction.sale.lots.notices import (
    AlreadyNotified,
    AuctionRulingNotServed,
    NotifiedTooLate,
    PartyNotNotified,
)
from auction.sale.lots.notify import ToldBeforeListing
from auction.sale.lots.panel import FirstRefusalProposal, PanelDisapproved, ProposalDiffers
from auction.sale.lots.publish_notice import PublishNotice, publish_notice
from auction.sale.lots.put_question import PutQuestion, put_question
from auction.sale.lots.venue import OPEN_SESSION, VenueUnknown
from auction.sale.rounds import rounds
from auction.sale.views import public_lot, public_lots
from tests.auction.sale.world import (
    ANNOUNCED_ON,
    CLOSES_AT,
    FIRST_DAY,
    OPENS_AT,
    RESERVE,
    World,
    handed_over,
)

NINE = local(FIRST_DAY, 9)
DAY = timedelta(days=1)


async def decided(world: World, **changes: object) -> None:
    """Go from nothing to a decided listing."""
    await world.open()
    await world.price()
    listed = await world.list(**changes)
    await world.vote(listed.question_id, "approve", "approve", "approve")
    await world.decide()


async def test_database_allows_the_same_moves(world: World) -> None:
    """The table of moves in the database and the one beside the noun are one."""
    lot_moves = {(row.from_state, row.to_state) for row in await world.rows("SELECT * FROM sale.lot_move")}
    round_moves = {(row.from_state, row.to_state) for row in await world.rows("SELECT * FROM sale.round_move")}

    assert lot_moves == {(before.value, after.value) for before, after in MOVES}
    assert round_moves == {(before.value, after.value) for before, after in rounds.MOVES}


async def test_database_refuses_a_move_outside_the_table(world: World) -> None:
    """Whoever writes past the code cannot sell a draft."""
    await decided(world)

    with pytest.raises(DBAPIError, match="lot_move_unlawful"):
        await world.rows("UPDATE sale.lot SET state = 'sold' RETURNING 1")


async def test_listing_needs_a_panel_and_a_price(world: World) -> None:
    """Without a reference price nothing is listed, and the refusal names the finding."""
    await world.open()

    with pytest.raises(ListingUnlawful) as refused:
        await world.list()
    assert "listing_without_reference_price" in str(refused.value.facts["codes"])


async def test_listing_below_the_floor_leaves_nothing_behind(world: World) -> None:
    """A listing at 69.99 % is refused whole: no lot, no question (网拍 10)."""
    await world.open()
    await world.price()

    with pytest.raises(ListingUnlawful):
        await world.list(reserve_fen=Money.yuan(2_099_700).fen)
    assert not await world.rows("SELECT 1 FROM sale.lot UNION ALL SELECT 1 FROM sale.question")


@pytest.mark.parametrize("change", [{"title_zh": " "}, {"balance_days": 0}, {"deposit_channels": ()}])
async def test_malformed_terms_are_refused(world: World, change: dict[str, object]) -> None:
    """Empty texts and unreasonable days are no terms."""
    await world.open()
    await world.price()

    with pytest.raises(TermsMalformed):
        await world.list(**change)


async def test_asset_has_one_lot(world: World) -> None:
    """A second lot of the same asset is refused."""
    await decided(world)
    world.lot_id = new_id()

    with pytest.raises(AssetAlreadyListed):
        await world.list()


async def test_listing_is_not_listed_twice(world: World) -> None:
    """A decided listing cannot be proposed again over the panel's head."""
    await decided(world)

    with pytest.raises(MoveNotAllowed):
        await world.list()


async def test_announcement_begins_the_round(world: World) -> None:
    """The notice creates round 1, has the 11 + 7 heads, and hands the terms to the room at once (网拍 13, 14)."""
    published = await world.announced()

    shown = await world.read(lambda tx: public_lot(tx, world.lot_id))
    assert (published.number, shown.line.state) == (1, LotState.ANNOUNCED)
    assert (len(shown.notice.disclosures), len(shown.notice.warnings)) == (11, 7)
    assert all(head.text_zh and head.text_en for head in (*shown.notice.disclosures, *shown.notice.warnings))
    (job,) = await world.jobs(OPEN_SESSION)
    terms: BiddingTerms = job.decode(BiddingTerms)
    assert (terms.session_id, terms.start_price_fen) == (published.session_id, RESERVE.fen)
    assert (terms.opens_at, terms.closes_at) == (OPENS_AT, CLOSES_AT)


async def test_nothing_is_public_before_the_notice(world: World) -> None:
    """A decided lot does not exist for the public."""
    await decided(world)

    with pytest.raises(LotUnknown):
        await world.read(lambda tx: public_lot(tx, world.lot_id))
    assert (await world.read(public_lots)).total == 0


async def test_public_list_shows_the_lot_and_no_party(world: World) -> None:
    """The list has price and times; no page names a party of the case."""
    await world.announced()

    page = await world.read(public_lots)
    shown = await world.read(lambda tx: public_lot(tx, world.lot_id))
    assert (page.total, page.lines[0].start_price_fen) == (1, RESERVE.fen)
    assert "王示例" not in repr(shown)
    assert shown.confirmation is None


async def test_auction_ruling_is_served_before_the_notice(world: World) -> None:
    """Without the served auction ruling nothing is announced (practice 14)."""
    await decided(world)
    await world.at(local(ANNOUNCED_ON, 9))

    with pytest.raises(AuctionRulingNotServed):
        await world.publish()


async def test_everybody_is_notified_before_the_notice(world: World) -> None:
    """A known tenant who was not notified blocks the announcement (网拍 16)."""
    await decided(world)
    await world.rule_and_notify(NINE)
    await world.party(PartyRole.TENANT, "孙示例")
    await world.at(local(ANNOUNCED_ON, 9))

    with pytest.raises(PartyNotNotified):
        await world.publish()


@pytest.mark.parametrize(("off", "lawful"), [(-1, False), (0, True), (1, True)])
async def test_three_clear_days_after_the_notification(world: World, off: int, lawful: bool) -> None:
    """Told on Monday, announced on Friday: three full days lie between; Thursday is too soon (网拍 16)."""
    await decided(world)
    await world.rule_and_notify(NINE)
    await world.at(local(ANNOUNCED_ON + off * DAY, 9))

    if not lawful:
        with pytest.raises(NotifiedTooLate):
            await world.publish()
        return
    assert (await world.publish()).announced_on == ANNOUNCED_ON + off * DAY


async def test_waiver_needs_no_waiting(world: World) -> None:
    """Who waived notice in writing is not waited for (网拍 16)."""
    await decided(world)
    ruling = await world.document(DocumentKind.AUCTION_RULING)
    for party_id in world.parties.values():
        await world.serve(ruling, party_id, NINE)
        await world.notify(party_id, WrittenWaiver(waived_at=NINE), reason="书面放弃")

    assert (await world.publish()).announced_on == FIRST_DAY


@pytest.mark.parametrize(
    "record",
    [
        WrittenWaiver(waived_at=NINE - timedelta(minutes=1)),
        SaleNoticePublication(
            published_at=NINE - timedelta(minutes=1), ground=NoticeGround.NO_ADDRESS, reasons_on_file=True
        ),
    ],
)
async def test_nobody_is_told_before_the_listing(world: World, record: WrittenWaiver | SaleNoticePublication) -> None:
    """A waiver or publication dated a minute before the listing is refused (网拍 16)."""
    await decided(world)
    with pytest.raises(ToldBeforeListing):
        await world.notify(world.parties[PartyRole.APPLICANT], record, reason="书面放弃")


@pytest.mark.parametrize(("on", "lawful"), [(date(2027, 3, 9), False), (date(2027, 3, 10), True)])
async def test_publication_counts_after_five_full_days_and_three_clear(world: World, on: date, lawful: bool) -> None:
    """Published on 1 March: deemed notified at the end of the 6th, announced on the 10th at the earliest (网拍 16)."""
    opens_at = local(date(2027, 4, 12), 10)
    await decided(world, opens_at=opens_at, closes_at=opens_at + DAY)
    ruling = await world.document(DocumentKind.AUCTION_RULING)
    record = SaleNoticePublication(published_at=NINE, ground=NoticeGround.NO_ADDRESS, reasons_on_file=True)
    for party_id in world.parties.values():
        await world.serve(ruling, party_id, NINE)
        await world.notify(party_id, record, reason="下落不明")
    await world.at(local(on, 9))

    if not lawful:
        with pytest.raises(NotifiedTooLate):
            await world.publish()
        return
    assert (await world.publish()).announced_on == on


async def test_party_is_notified_once_per_listing(world: World) -> None:
    """A second notification of the same listing is refused."""
    await decided(world)
    await world.rule_and_notify(NINE)
    notification = await world.document(DocumentKind.SALE_NOTIFICATION)

    with pytest.raises(AlreadyNotified):
        await world.notify(world.parties[PartyRole.APPLICANT], handed_over(NINE), document_id=notification)


@pytest.mark.parametrize(("on", "lawful"), [(date(2027, 3, 7), True), (date(2027, 3, 8), False)])
async def test_notice_is_judged_on_its_own_day(world: World, on: date, lawful: bool) -> None:
    """Opening on 7 April: a notice on 7 March leaves thirty clear days, one on the 8th does not (网拍 12)."""
    await decided(world)
    await world.rule_and_notify(NINE)
    await world.at(local(on, 9))

    if lawful:
        assert (await world.publish()).announced_on == on
        return
    with pytest.raises(ListingUnlawful) as refused:
        await world.publish()
    assert refused.value.facts["codes"] == "notice_too_short"


async def test_foreign_platform_is_not_our_room(world: World) -> None:
    """The chosen platform decides where the bidding takes place; ours does not run another's sale."""

    class Elsewhere:
        platform = "another-platform"

        async def announce(self, *_: object) -> None:
            raise AssertionError("never asked")

    await decided(world)
    await world.rule_and_notify(NINE)
    await world.at(local(ANNOUNCED_ON, 9))
    command = PublishNotice(command_id=new_id(), lot_id=world.lot_id, round_id=new_id())

    with pytest.raises(VenueUnknown):
        await publish_notice(world.db, world.clerk, command, venue=Elsewhere())


async def test_panel_confirms_rank_of_first_refusal(world: World) -> None:
    """A tenant's right counts when the panel approved exactly this person and rank (网拍 19, 27)."""
    await decided(world)
    tenant = await world.party(PartyRole.TENANT, "孙示例")
    (row,) = await world.rows("SELECT person_id FROM sale.party WHERE party_id = :id", id=tenant)
    proposal = FirstRefusalProposal(lot_id=world.lot_id, person_id=row.person_id, basis="tenant", rank=1)
    question_id = new_id()
    await put_question(
        world.db, world.handler, PutQuestion(command_id=new_id(), question_id=question_id, proposal=proposal)
    )
    await world.vote(question_id, "approve", "approve", "approve")

    def command(rank: int) -> ConfirmFirstRefusal:
        return ConfirmFirstRefusal(
            command_id=new_id(),
            lot_id=world.lot_id,
            person_id=row.person_id,
            basis="tenant",
            rank=rank,
            question_id=question_id,
        )

    with pytest.raises(ProposalDiffers):
        await confirm_first_refusal(world.db, world.handler, command(2))
    await confirm_first_refusal(world.db, world.handler, command(1))
    assert await world.read(lambda tx: store.rank_of(tx, world.lot_id, row.person_id)) == 1
    with pytest.raises(FirstRefusalAlreadyConfirmed):
        await confirm_first_refusal(world.db, world.handler, command(1))


async def test_right_that_the_panel_rejected_is_not_confirmed(world: World) -> None:
    """Against the panel's majority nothing is confirmed."""
    await decided(world)
    tenant = await world.party(PartyRole.TENANT, "孙示例")
    (row,) = await world.rows("SELECT person_id FROM sale.party WHERE party_id = :id", id=tenant)
    proposal = FirstRefusalProposal(lot_id=world.lot_id, person_id=row.person_id, basis="tenant", rank=1)
    question_id = new_id()
    await put_question(
        world.db, world.handler, PutQuestion(command_id=new_id(), question_id=question_id, proposal=proposal)
    )
    await world.vote(question_id, "approve", "reject", "reject")
    command = ConfirmFirstRefusal(
        command_id=new_id(),
        lot_id=world.lot_id,
        person_id=row.person_id,
        basis="tenant",
        rank=1,
        question_id=question_id,
    )

    with pytest.raises(PanelDisapproved):
        await confirm_first_refusal(world.db, world.handler, command)
