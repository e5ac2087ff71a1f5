"""Queries of panel and lots, and the one way to move a lot."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

import msgspec
from sqlalchemy import func, select, text

from auction.fund.claims import store as claims
from auction.fund.deposits.deposits import CardPolicy
from auction.kernel.actors import Actor
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.money import Money, total
from auction.law.calendar import COURT_CALENDAR
from auction.sale.cases import store as cases
from auction.sale.cases.assets import AssetClass
from auction.sale.cases.bans import holds_for
from auction.sale.cases.parties import PartyRole
from auction.sale.cases.tables import PartyRow, ReferencePriceRow
from auction.sale.columns import add
from auction.sale.lots.lint import OtherLots, Past, Price, Subject
from auction.sale.lots.lots import LotState, LotUnknown, RoundKind, Terms, check_move
from auction.sale.lots.notices import Notified
from auction.sale.lots.panel import (
    BarredBuyerProposal,
    PanelDisapproved,
    PanelUnknown,
    Proposal,
    ProposalDiffers,
    QuestionUnknown,
    Vote,
    decide,
    fingerprint_of,
)
from auction.sale.lots.tables import (
    BallotRow,
    ChoiceAfterFailureRow,
    FirstRefusalRow,
    ListingRow,
    LotEventRow,
    LotRow,
    NoticeRow,
    NotificationRow,
    OutcomeRow,
    PanelDecisionRow,
    PanelMemberRow,
    PanelRow,
    QuestionRow,
    RoundRow,
)
from auction.sale.registers.check_lists import standing_bans
from auction.sale.registers.declared_store import declared_since
from auction.sale.registers.store import BuyerSubject, buyers_of_round, listed_since


class Ballot(msgspec.Struct, frozen=True, kw_only=True):
    """What a ballot holds, sealed: the vote and the opinion in the member's words."""

    vote: Vote
    opinion: str


async def lot_case(tx: Transaction, lot_id: UUID) -> UUID:
    """Give the case of a lot, or refuse (`LotUnknown`)."""
    case_id = await tx.session.scalar(select(LotRow.case_id).where(LotRow.lot_id == lot_id))
    if case_id is None:
        raise LotUnknown(lot_id=lot_id)
    return case_id


async def asset_of_lot(tx: Transaction, lot_id: UUID) -> UUID:
    """Give the lot's asset, or refuse (`LotUnknown`)."""
    asset_id = await tx.session.scalar(select(LotRow.asset_id).where(LotRow.lot_id == lot_id))
    if asset_id is None:
        raise LotUnknown(lot_id=lot_id)
    return asset_id


async def open_lot(tx: Transaction, lot_id: UUID) -> LotRow:
    """Lock the lot's case and give the lot as it stands, or refuse (`LotUnknown`)."""
    await tx.about_case(await lot_case(tx, lot_id))
    row = await tx.session.get(LotRow, lot_id, populate_existing=True)
    assert row is not None, "a lot is never deleted"
    return row


async def move_lot(tx: Transaction, lot: LotRow, to: LotState, actor: Actor, *, reason: str = "") -> None:
    """Move a lot and store the event. Raises: `MoveNotAllowed`."""
    move = check_move(lot.state, to)
    counted = select(func.count()).select_from(LotEventRow).where(LotEventRow.lot_id == lot.lot_id)
    number = int((await tx.session.scalar(counted)) or 0) + 1
    event = LotEventRow(
        lot_id=lot.lot_id,
        number=number,
        move=move.value,
        from_state=lot.state,
        to_state=to.value,
        account_id=actor.account_id,
        reason=reason,
        at=tx.now,
    )
    lot.state = to.value
    await tx.session.flush()
    await add(tx, event)


async def lot_of_asset(tx: Transaction, asset_id: UUID) -> LotRow | None:
    """Give the asset's lot that is neither withdrawn nor returned, ``None`` if there is none."""
    ended = (LotState.WITHDRAWN.value, LotState.RETURNED.value)
    return await tx.session.scalar(select(LotRow).where(LotRow.asset_id == asset_id, LotRow.state.not_in(ended)))


async def listing_row(tx: Transaction, lot: LotRow) -> ListingRow:
    """Give the present version of a lot's terms."""
    row = await tx.session.get(ListingRow, (lot.lot_id, lot.listing_version))
    assert row is not None, "a lot that was listed has its terms"
    return row


async def listing_rows(tx: Transaction, lot_ids: Collection[UUID]) -> Sequence[ListingRow]:
    """Give all versions of the terms of these lots; one query, however many they are."""
    return (await tx.session.scalars(select(ListingRow).where(ListingRow.lot_id.in_(lot_ids)))).all()


def terms_of(listing: ListingRow) -> Terms:
    """Read the stored terms."""
    return msgspec.convert(listing.terms, Terms)


async def panel_of(tx: Transaction, case_id: UUID) -> PanelRow:
    """Give the panel of a case that was formed last, or refuse (`PanelUnknown`)."""
    found = select(PanelRow).where(PanelRow.case_id == case_id).order_by(PanelRow.formed_at.desc()).limit(1)
    row = await tx.session.scalar(found)
    if row is None:
        raise PanelUnknown(case_id=case_id)
    return row


async def panel_on(tx: Transaction, case_id: UUID, at: datetime) -> PanelRow | None:
    """Give the panel that a case had at an instant, ``None`` if none was formed by then."""
    found = select(PanelRow).where(PanelRow.case_id == case_id, PanelRow.formed_at <= at)
    return await tx.session.scalar(found.order_by(PanelRow.formed_at.desc()).limit(1))


async def members_of(tx: Transaction, panel_id: UUID) -> Sequence[PanelMemberRow]:
    """Give the members of a panel, the presiding judge first."""
    found = (
        select(PanelMemberRow)
        .where(PanelMemberRow.panel_id == panel_id)
        .order_by(PanelMemberRow.is_presiding.desc(), PanelMemberRow.person_id)
    )
    return (await tx.session.scalars(found)).all()


async def open_question(tx: Transaction, question_id: UUID) -> QuestionRow:
    """Lock the question's case and give the question, or refuse (`QuestionUnknown`)."""
    row = await tx.session.get(QuestionRow, question_id)
    if row is None:
        raise QuestionUnknown(question_id=question_id)
    await tx.about_case(row.case_id)
    return row


async def put(tx: Transaction, *, question_id: UUID, case_id: UUID, lot_id: UUID, proposal: Proposal) -> QuestionRow:
    """Put a proposal to the case's panel. Raises: `PanelUnknown`."""
    panel = await panel_of(tx, case_id)
    row = QuestionRow(
        question_id=question_id,
        panel_id=panel.panel_id,
        case_id=case_id,
        lot_id=lot_id,
        subject=str(type(proposal).__struct_config__.tag),
        proposal=msgspec.to_builtins(proposal),
        proposal_sha256=fingerprint_of(proposal),
        put_at=tx.now,
    )
    await add(tx, row)
    return row


async def voters_of(tx: Transaction, question_id: UUID) -> list[UUID]:
    """Give who has voted on a question, not how."""
    return list(
        (await tx.session.scalars(select(BallotRow.person_id).where(BallotRow.question_id == question_id))).all()
    )


async def decision_of(tx: Transaction, question_id: UUID) -> bool | None:
    """Give whether the panel approved, ``None`` while it has not decided."""
    row = await tx.session.get(PanelDecisionRow, question_id)
    return None if row is None else row.approved


async def decide_question(tx: Transaction, question: QuestionRow) -> bool:
    """Count the sealed votes and store the decision, once; gives whether the panel approved.

    Raises: `VotesOutstanding`. Source: CPL 45.
    """
    held = await decision_of(tx, question.question_id)
    if held is not None:
        return held
    members = [member.person_id for member in await members_of(tx, question.panel_id)]
    ballots = (await tx.session.scalars(select(BallotRow).where(BallotRow.question_id == question.question_id))).all()
    votes = [msgspec.json.decode(tx.sealer.open(row.vote_sealed), type=Ballot).vote for row in ballots]
    approved = decide(members, votes)
    await add(tx, PanelDecisionRow(question_id=question.question_id, approved=approved, decided_at=tx.now))
    return approved


async def require_approved(tx: Transaction, question_id: UUID, proposal: Proposal) -> QuestionRow:
    """Give the question if the panel was asked exactly this and approved it.

    Raises: `QuestionUnknown`, `ProposalDiffers`, `VotesOutstanding`, `PanelDisapproved`. Source: 网拍 27; CPL 45.
    """
    question = await open_question(tx, question_id)
    if question.proposal_sha256 != fingerprint_of(proposal):
        raise ProposalDiffers
    if not await decide_question(tx, question):
        raise PanelDisapproved
    return question


async def barred_buyer_question(tx: Transaction, *, lot_id: UUID, round_id: UUID) -> QuestionRow:
    """Give the question whether the sale to a barred buyer stands: the one that was rejected, else the newest.

    Raises: `QuestionUnknown` when the panel was not asked. Source: 网拍 34.
    """
    digest = fingerprint_of(BarredBuyerProposal(lot_id=lot_id, round_id=round_id))
    rejected_first = PanelDecisionRow.approved.is_(False).desc().nulls_last()
    found = (
        select(QuestionRow)
        .outerjoin(PanelDecisionRow, PanelDecisionRow.question_id == QuestionRow.question_id)
        .where(QuestionRow.lot_id == lot_id, QuestionRow.proposal_sha256 == digest)
        .order_by(rejected_first, QuestionRow.put_at.desc())
        .limit(1)
    )
    question = await tx.session.scalar(found)
    if question is None:
        raise QuestionUnknown
    return question


async def buyer_barred_at(tx: Transaction, lot: LotRow, round_id: UUID) -> datetime | None:
    """Give when the newest ban that holds for the asset came to be known of this sale's buyer, or of one who bought with him.

    ``None``: none holds. Bans are on the court's file, on a list of which its keeper told, or on a declared register
    (`auction.sale.registers`).

    Source: 网拍 34.
    """
    buyers = await buyers_of_round(tx, round_id)
    if not buyers:
        return None
    asset_class = AssetClass((await cases.asset_row(tx, lot.case_id, lot.asset_id)).asset_class)
    return max([at for one in buyers for at in await _barred_at(tx, lot.case_id, one, asset_class)], default=None)


async def _barred_at(tx: Transaction, case_id: UUID, buyer: BuyerSubject, asset_class: AssetClass) -> list[datetime]:
    found: list[datetime | None] = [await declared_since(tx, case_id, buyer.commitment)]
    for one in sorted(buyer.ids):
        on_file = await standing_bans(tx, case_id, one)
        found += [at for ground, at in on_file.items() if holds_for(ground, asset_class)]
        found.append(await listed_since(tx, one, asset_class))
    return [at for at in found if at is not None]


async def is_not_upheld(tx: Transaction, *, lot_id: UUID, round_id: UUID) -> bool:
    """Whether the panel decided that the sale to a barred buyer does not stand; false if it was not asked.

    Raises: `VotesOutstanding` while it was asked and has not decided.
    """
    try:
        question = await barred_buyer_question(tx, lot_id=lot_id, round_id=round_id)
    except QuestionUnknown:
        return False
    return not await decide_question(tx, question)


async def to_notify(tx: Transaction, case_id: UUID, roles: frozenset[PartyRole]) -> list[PartyRow]:
    """Give the parties of a case in one of ``roles``."""
    return [row for row in await cases.parties_of(tx, case_id) if PartyRole(row.role) in roles]


async def notified_of(tx: Transaction, lot: LotRow) -> list[Notified]:
    """Give who was told of the present listing, and how."""
    joined = (
        select(NotificationRow, PartyRow.role)
        .join(PartyRow, PartyRow.party_id == NotificationRow.party_id)
        .where(NotificationRow.lot_id == lot.lot_id, NotificationRow.version == lot.listing_version)
        .order_by(PartyRow.added_at, PartyRow.party_id)
    )
    return [
        msgspec.convert(
            {"party_id": row.party_id, "role": role, "how": row.how, "effective_on": row.effective_on}, Notified
        )
        for row, role in (await tx.session.execute(joined)).all()
    ]


async def first_refusals_of(tx: Transaction, lot_id: UUID) -> Sequence[FirstRefusalRow]:
    """Give the confirmed rights of first refusal of a lot by rank."""
    found = select(FirstRefusalRow).where(FirstRefusalRow.lot_id == lot_id).order_by(FirstRefusalRow.rank)
    return (await tx.session.scalars(found)).all()


async def rank_of(tx: Transaction, lot_id: UUID, person_id: UUID) -> int | None:
    """Give a person's rank of first refusal, ``None`` if the court confirmed none."""
    row = await tx.session.get(FirstRefusalRow, (lot_id, person_id))
    return None if row is None else row.rank


async def ranks_of(tx: Transaction, lot_ids: Collection[UUID], person_id: UUID) -> dict[UUID, int]:
    """Give a person's rank of first refusal by lot; a lot without one is left out."""
    found = select(FirstRefusalRow).where(FirstRefusalRow.lot_id.in_(lot_ids), FirstRefusalRow.person_id == person_id)
    return {row.lot_id: row.rank for row in await tx.session.scalars(found)}


async def notice_of(tx: Transaction, round_id: UUID) -> NoticeRow | None:
    """Give the notice of a round, ``None`` before it is published."""
    return await tx.session.get(NoticeRow, round_id)


async def first_announced_at(tx: Transaction, asset_id: UUID, *, since: datetime) -> datetime | None:
    """Give when a sale of this asset was announced first from ``since`` on, ``None`` if none was. Source: 参考价 25."""
    return await tx.session.scalar(
        select(func.min(NoticeRow.published_at))
        .join(RoundRow, RoundRow.round_id == NoticeRow.round_id)
        .join(LotRow, LotRow.lot_id == RoundRow.lot_id)
        .where(LotRow.asset_id == asset_id, NoticeRow.published_at >= since)
    )


async def next_number(tx: Transaction, lot_id: UUID) -> int:
    """Give the number of the lot's next round."""
    counted = select(func.count()).select_from(RoundRow).where(RoundRow.lot_id == lot_id)
    return int((await tx.session.scalar(counted)) or 0) + 1


async def is_admitted(tx: Transaction, lot_id: UUID, person_id: UUID) -> bool:
    """Whether a person is admitted to a round of this lot that has not ended."""
    found = await tx.session.execute(
        text(
            "SELECT 1 FROM sale.registration WHERE lot_id = :lot_id AND person_id = :person_id AND state = 'admitted'"
        ),
        {"lot_id": lot_id, "person_id": person_id},
    )
    return found.first() is not None


async def past_of(tx: Transaction, lot_id: UUID) -> Past:
    """Give what the lot's earlier rounds leave to the next."""
    joined = (
        select(
            RoundRow.kind,
            ListingRow.reserve_fen,
            OutcomeRow.result,
            OutcomeRow.closed_at,
            ChoiceAfterFailureRow.choice,
        )
        .select_from(RoundRow)
        .join(ListingRow, (ListingRow.lot_id == RoundRow.lot_id) & (ListingRow.version == RoundRow.version))
        .outerjoin(OutcomeRow, OutcomeRow.round_id == RoundRow.round_id)
        .outerjoin(ChoiceAfterFailureRow, ChoiceAfterFailureRow.round_id == RoundRow.round_id)
        .where(RoundRow.lot_id == lot_id)
        .order_by(RoundRow.number)
    )
    past = Past()
    for kind, reserve_fen, result, closed_at, choice in (await tx.session.execute(joined)).all():
        reserve = Money(reserve_fen)
        begins = kind in ("first", "re_auction")
        past = Past(
            first_reserve=reserve if begins else past.first_reserve,
            second_reserve=reserve if kind == "second" else None if begins else past.second_reserve,
            failed_on=local_day(closed_at) if result == "failed" else None,
            choice=choice,
            was_sold=result == "sold",
            last_kind=cast("RoundKind", kind),
        )
    return past


async def lint_subject(
    tx: Transaction, *, case_id: UUID, asset_id: UUID, lot_id: UUID, terms: Terms, policy: CardPolicy | None
) -> Subject:
    """Gather what the lint of these terms looks at, for an announcement today; ``policy`` says whether cards are arranged."""
    case = await cases.case_row(tx, case_id)
    asset = await cases.asset_row(tx, case_id, asset_id)
    price, last = await cases.newest_price(tx, asset_id), await cases.last_price(tx, asset_id)
    return Subject(
        terms=terms,
        announce_on=local_day(tx.now),
        asset_class=AssetClass(asset.asset_class),
        in_custody=asset.in_custody,
        facts=await cases.facts_of(tx, asset_id),
        court=case.court,
        seizures=await cases.seizures_of(tx, asset_id),
        price=None if price is None else _price(price),
        platform=await cases.platform_of(tx, case_id),
        past=await past_of(tx, lot_id),
        calendar=COURT_CALENDAR,
        card_policy=policy,
        price_set_aside=price is None and last is not None,
        others=await other_lots_of(tx, case_id, lot_id),
    )


_ON_SALE = (LotState.LISTED, LotState.DECIDED, LotState.ANNOUNCED, LotState.OPEN, LotState.STOPPED, LotState.SOLD)
_SOLD = (LotState.RULED, LotState.TITLE_PASSED, LotState.COMPLETED)
"""States in which a price may still fail to come, and in which it is paid and ruled on (拍变 14)."""


async def other_lots_of(tx: Transaction, case_id: UUID, lot_id: UUID) -> OtherLots:
    """Give the claims on file and what the case's other lots promise or brought."""
    hammer = (
        select(OutcomeRow.hammer_price_fen)
        .where(OutcomeRow.lot_id == LotRow.lot_id, OutcomeRow.result == "sold")
        .order_by(OutcomeRow.taken_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    found = (
        select(LotRow.state, ListingRow.reserve_fen, hammer)
        .join(ListingRow, (ListingRow.lot_id == LotRow.lot_id) & (ListingRow.version == LotRow.listing_version))
        .where(LotRow.case_id == case_id, LotRow.lot_id != lot_id)
    )
    rows = (await tx.session.execute(found)).all()
    return OtherLots(
        claims=await _claims_on_file(tx, case_id),
        reserves=total([_promised(state, reserve, sold) for state, reserve, sold in rows if state in _ON_SALE]),
        sold=total([Money(sold or reserve) for state, reserve, sold in rows if state in _SOLD]),
    )


def _promised(state: str, reserve_fen: int, hammer_fen: int | None) -> Money:
    """What a lot on sale promises: its price once it is knocked down, its reserve before."""
    return Money(hammer_fen if state == LotState.SOLD and hammer_fen is not None else reserve_fen)


async def _claims_on_file(tx: Transaction, case_id: UUID) -> Money:
    """Give what is claimed: as the parties have it or as the fund recorded it, whichever is more; zero if neither says."""
    parties = total([Money(row.claim_fen) for row in await cases.parties_of(tx, case_id) if row.claim_fen])
    reduced = await claims.reduced_amounts(tx, case_id)
    recorded = [reduced.get(row.claim_id, Money(row.amount_fen)) for row in await claims.claim_rows(tx, case_id)]
    return max(parties, total(recorded))


def _price(row: ReferencePriceRow) -> Price:
    return Price(amount=Money(row.amount_fen), valid_until=row.valid_until, fixed_on=local_day(row.fixed_at))
