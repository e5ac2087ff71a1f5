"""Publish the notice of a round: from here the sale is public."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from auction.contracts import BiddingTerms
from auction.fund.deposits.deposits import CardPolicy
from auction.fund.stays.stays import require_lot_moving
from auction.kernel.actors import Actor, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import named_id
from auction.kernel.jobs import enqueue
from auction.kernel.money import Money
from auction.kernel.signing import fingerprint
from auction.sale.cases import store as cases
from auction.sale.cases.cases import OFFICERS
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.parties import NOTIFIED, PARTIES_PROPER
from auction.sale.cases.tables import ReferencePriceRow
from auction.sale.columns import add
from auction.sale.lots import store
from auction.sale.lots.keep_applications import keep_listing, keep_refused_listing
from auction.sale.lots.lint import ListingUnlawful, ReferencePriceSetAside, lint, refuse_blocking
from auction.sale.lots.lots import LotState, Terms, check_move
from auction.sale.lots.notices import (
    AuctionRulingNotServed,
    Notice,
    NoticeFacts,
    check_notified,
    rule_set_of,
    write_notice,
)
from auction.sale.lots.options import bidding_options
from auction.sale.lots.tables import ListingRow, LotRow, NoticeRow, RoundRow
from auction.sale.lots.third_party_claims import require_no_claim_pending
from auction.sale.lots.venue import OPEN_ROUND, OpenRound, OwnRoom, Venue, require_venue


class PublishNotice(Command, frozen=True, kw_only=True):
    """Publish the notice of the decided listing; ``round_id`` names the round that it begins."""

    lot_id: UUID
    round_id: UUID


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """The round that was announced."""

    lot_id: UUID
    round_id: UUID
    session_id: UUID
    number: int
    announced_on: date
    notice_sha256: str


async def publish_notice(
    db: Database, actor: Actor, command: PublishNotice, *, venue: Venue | None = None, policy: CardPolicy | None = None
) -> Published:
    """Create the round, publish its notice, and hand the bidding terms to the venue (our own room by default).

    Raises: `MoveNotAllowed`, `ReferencePriceSetAside`, `ThirdPartyClaimPending`, `VenueUnknown`, `AuctionRulingNotServed`, `PartyNotNotified`, `NotifiedTooLate`,
    `ListingUnlawful` (notice lead, seizure, validity of the price, judged as of today). Source: 网拍 12, 13, 14, 16, 26, 36.
    """
    require_role(actor, *OFFICERS)
    chosen = venue if venue is not None else OwnRoom()

    async def work(tx: Transaction) -> Published:
        lot = await store.open_lot(tx, command.lot_id)
        check_move(lot.state, LotState.ANNOUNCED)
        listing = await store.listing_row(tx, lot)
        terms = store.terms_of(listing)
        await _check_price(tx, listing)
        await require_no_claim_pending(tx, lot.asset_id)
        await require_lot_moving(tx, lot.case_id, lot.lot_id)
        require_venue(chosen, await cases.platform_of(tx, lot.case_id))
        await _check_told(tx, lot)
        subject = await store.lint_subject(
            tx, case_id=lot.case_id, asset_id=lot.asset_id, lot_id=lot.lot_id, terms=terms, policy=policy
        )
        findings = lint(subject)
        refuse_blocking(findings)
        await keep_listing(tx, actor, findings, command_id=command.command_id, case_id=lot.case_id, lot_id=lot.lot_id)
        published = await _publish(tx, lot, listing, command.round_id)
        await store.move_lot(tx, lot, LotState.ANNOUNCED, actor)
        reference = Money((await _price_row(tx, listing)).amount_fen)
        await chosen.announce(tx, _bidding_terms(published, terms, reference))
        await enqueue(tx, OPEN_ROUND, OpenRound(round_id=published.round_id), due_at=terms.opens_at)
        return published

    try:
        return await db.carry_out(actor, command, work, Published)
    except ListingUnlawful as refusal:
        case_id = await db.transact(lambda tx: store.lot_case(tx, command.lot_id))
        await keep_refused_listing(
            db, actor, refusal, command_id=command.command_id, case_id=case_id, lot_id=command.lot_id
        )
        raise


async def _check_price(tx: Transaction, listing: ListingRow) -> None:
    """Refuse what was listed on a price that was set aside since, even where a newer one stands. Source: 参考价 25."""
    if await cases.is_set_aside(tx, listing.reference_price_id):
        raise ReferencePriceSetAside


async def _check_told(tx: Transaction, lot: LotRow) -> None:
    """Refuse while the auction ruling is unserved, or somebody was not notified in time."""
    today = local_day(tx.now)
    served = await cases.services_of_kind(tx, lot.case_id, DocumentKind.AUCTION_RULING, lot_id=lot.lot_id)
    reached = {service.party_id for service in served if service.effective_on <= today}
    unserved = [
        party for party in await store.to_notify(tx, lot.case_id, PARTIES_PROPER) if party.party_id not in reached
    ]
    if unserved:
        raise AuctionRulingNotServed(count=len(unserved))
    needed = [party.party_id for party in await store.to_notify(tx, lot.case_id, NOTIFIED)]
    check_notified(needed, await store.notified_of(tx, lot), announce_on=today)


async def _publish(tx: Transaction, lot: LotRow, listing: ListingRow, round_id: UUID) -> Published:
    notice = await _notice(tx, lot, listing, round_id)
    content = msgspec.to_builtins(notice)
    row = RoundRow(
        round_id=round_id,
        lot_id=lot.lot_id,
        case_id=lot.case_id,
        number=await store.next_number(tx, lot.lot_id),
        kind=listing.kind,
        version=listing.version,
        session_id=named_id("session", str(round_id)),
        state="announced",
        opens_at=listing.opens_at,
        closes_at=listing.closes_at,
        announced_at=tx.now,
    )
    sha256 = fingerprint(content)
    notice_row = NoticeRow(round_id=round_id, lot_id=lot.lot_id, content=content, sha256=sha256, published_at=tx.now)
    await add(tx, row, notice_row)
    return Published(
        lot_id=lot.lot_id,
        round_id=round_id,
        session_id=row.session_id,
        number=row.number,
        announced_on=local_day(tx.now),
        notice_sha256=sha256,
    )


async def _notice(tx: Transaction, lot: LotRow, listing: ListingRow, round_id: UUID) -> Notice:
    asset = await cases.asset_row(tx, lot.case_id, lot.asset_id)
    price = await _price_row(tx, listing)
    return write_notice(
        NoticeFacts(
            lot_id=lot.lot_id,
            round_id=round_id,
            announced_on=local_day(tx.now),
            case=await cases.case_view(tx, lot.case_id),
            terms=store.terms_of(listing),
            asset_title=asset.title,
            address=asset.address,
            facts=await cases.facts_of(tx, lot.asset_id),
            reference_price=Money(price.amount_fen),
            price_method=price.method,
            notified=await store.notified_of(tx, lot),
            first_refusals=[row.basis for row in await store.first_refusals_of(tx, lot.lot_id)],
        )
    )


async def _price_row(tx: Transaction, listing: ListingRow) -> ReferencePriceRow:
    price = await tx.session.get(ReferencePriceRow, listing.reference_price_id)
    assert price is not None, "a listing names its reference price"
    return price


def _bidding_terms(published: Published, terms: Terms, reference: Money) -> BiddingTerms:
    options = terms.options
    return BiddingTerms(
        session_id=published.session_id,
        lot_id=published.lot_id,
        round_id=published.round_id,
        rule_set=rule_set_of(terms.kind),
        start_price_fen=terms.reserve_fen,
        increment_fen=terms.increment_fen,
        opens_at=terms.opens_at,
        closes_at=terms.closes_at,
        options=options if options is msgspec.UNSET else bidding_options(options, reference=reference),
    )
