"""Queries of set-offs: the proposal that waits for its second person."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from auction.fund.set_offs.second_person import SetOffProposalUnknown
from auction.fund.set_offs.tables import SetOffCheckRow, SetOffProposalRow
from auction.kernel.db import Transaction


async def waiting_proposal(tx: Transaction, round_id: UUID) -> SetOffProposalRow | None:
    """Give the proposal of a purchase that nobody has looked at yet."""
    looked_at = select(SetOffCheckRow.proposal_id)
    return await tx.session.scalar(
        select(SetOffProposalRow).where(
            SetOffProposalRow.round_id == round_id, SetOffProposalRow.proposal_id.not_in(looked_at)
        )
    )


async def proposal_row(tx: Transaction, proposal_id: UUID) -> SetOffProposalRow:
    """Give a proposal. Raises `SetOffProposalUnknown`."""
    row = await tx.session.get(SetOffProposalRow, proposal_id)
    if row is None:
        raise SetOffProposalUnknown(proposal_id=proposal_id)
    return row


async def was_looked_at(tx: Transaction, proposal_id: UUID) -> bool:
    """Whether a second person has looked at a proposal."""
    return await tx.session.get(SetOffCheckRow, proposal_id) is not None
