"""What the panel's page reads of one question: the proposal, what it rests on, and how many have voted; never how.

Only whether the reader himself has voted is told, not what he voted (practice 12).
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.kernel.db import Transaction
from auction.kernel.persons import masked_of
from auction.sale.cases import store as cases
from auction.sale.cases.assets import AssetClass
from auction.sale.cases.tables import AssetRow, ReferencePriceRow
from auction.sale.lots import store
from auction.sale.lots.lint import Finding
from auction.sale.lots.lots import LotState
from auction.sale.lots.panel import (
    AfterFailureProposal,
    BarredBuyerProposal,
    DefaultProposal,
    FirstRefusalProposal,
    ListingProposal,
    Proposal,
    QuestionUnknown,
)
from auction.sale.lots.tables import FirstRefusalRow, ListingRow, LotRow, PanelDecisionRow, QuestionRow


class MemberShown(msgspec.Struct, frozen=True, kw_only=True):
    """A member of the panel, as rulings name him."""

    name: str
    is_presiding: bool


class ListingShown(msgspec.Struct, frozen=True, kw_only=True):
    """The listing as it was proposed, with its findings of that day and its price."""

    version: int
    findings: tuple[Finding, ...]
    reference_price_fen: int
    price_method: str
    price_valid_until: date
    price_evidence_sha256: str
    listed_at: datetime


class QuestionFile(msgspec.Struct, frozen=True, kw_only=True):
    """One question before the panel, as one reader sees it."""

    question_id: UUID
    case_id: UUID
    case_number: str
    court: str
    lot_id: UUID
    lot_state: LotState
    asset_id: UUID
    asset_class: AssetClass
    asset_title: str
    address: str
    subject: str
    proposal: Proposal
    proposal_sha256: str
    put_at: datetime
    members: tuple[MemberShown, ...]
    voted: int
    i_am_member: bool
    i_voted: bool
    approved: bool | None
    decided_at: datetime | None
    listing: ListingShown | None
    is_present: bool
    """False for a listing that was replaced by a later version; nothing is decided on it any more."""
    person_masked: str
    """Of whom the question is, for a right of first refusal; else empty."""
    is_confirmed: bool
    """Whether the right of first refusal that was asked about stands confirmed."""

    @property
    def is_open(self) -> bool:
        """Whether the panel has still to decide."""
        return self.approved is None

    @property
    def all_voted(self) -> bool:
        """Whether the vote can be closed."""
        return self.voted == len(self.members)


async def question_file(tx: Transaction, question_id: UUID, person_id: UUID) -> QuestionFile:
    """Give a question as this person sees it. Raises: `QuestionUnknown`."""
    row = await tx.session.get(QuestionRow, question_id)
    if row is None:
        raise QuestionUnknown(question_id=question_id)
    proposal = proposal_of(row)
    (case, (lot, asset), listing), (members, voters, decision), (person_masked, is_confirmed) = await tx.together(
        tx.together(cases.case_row(tx, row.case_id), _lot_with_asset(tx, row), _listing(tx, question_id)),
        tx.together(
            store.members_of(tx, row.panel_id),
            store.voters_of(tx, question_id),
            tx.session.get(PanelDecisionRow, question_id),
        ),
        tx.together(_person_masked(tx, proposal), _is_confirmed(tx, question_id)),
    )
    return QuestionFile(
        question_id=question_id,
        case_id=row.case_id,
        case_number=case.case_number,
        court=case.court,
        lot_id=row.lot_id,
        lot_state=LotState(lot.state),
        asset_id=asset.asset_id,
        asset_class=AssetClass(asset.asset_class),
        asset_title=asset.title,
        address=asset.address,
        subject=row.subject,
        proposal=proposal,
        proposal_sha256=row.proposal_sha256,
        put_at=row.put_at,
        members=tuple(MemberShown(name=member.name, is_presiding=member.is_presiding) for member in members),
        voted=len(voters),
        i_am_member=person_id in {member.person_id for member in members},
        i_voted=person_id in voters,
        approved=None if decision is None else decision.approved,
        decided_at=None if decision is None else decision.decided_at,
        listing=listing,
        is_present=listing is None or listing.version == lot.listing_version,
        person_masked=person_masked,
        is_confirmed=is_confirmed,
    )


async def _lot_with_asset(tx: Transaction, row: QuestionRow) -> tuple[LotRow, AssetRow]:
    lot = await tx.session.get_one(LotRow, row.lot_id)
    return lot, await cases.asset_row(tx, row.case_id, lot.asset_id)


async def _person_masked(tx: Transaction, proposal: Proposal) -> str:
    return await masked_of(tx, proposal.person_id) if isinstance(proposal, FirstRefusalProposal) else ""


def proposal_of(row: QuestionRow) -> Proposal:
    """Read the stored proposal."""
    return msgspec.convert(
        row.proposal,
        ListingProposal | FirstRefusalProposal | DefaultProposal | AfterFailureProposal | BarredBuyerProposal,
    )


async def _listing(tx: Transaction, question_id: UUID) -> ListingShown | None:
    row = await tx.session.scalar(select(ListingRow).where(ListingRow.question_id == question_id))
    if row is None:
        return None
    price = await tx.session.get_one(ReferencePriceRow, row.reference_price_id)
    return ListingShown(
        version=row.version,
        findings=msgspec.convert(row.findings, tuple[Finding, ...]),
        reference_price_fen=price.amount_fen,
        price_method=price.method,
        price_valid_until=price.valid_until,
        price_evidence_sha256=price.evidence_sha256,
        listed_at=row.listed_at,
    )


async def _is_confirmed(tx: Transaction, question_id: UUID) -> bool:
    found = select(FirstRefusalRow.lot_id).where(FirstRefusalRow.question_id == question_id)
    return await tx.session.scalar(found) is not None
