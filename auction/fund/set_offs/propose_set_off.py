"""Propose a set-off: one officer types application and decision; nothing is booked before a second person fixed it (`fix_set_off`)."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.fund.claims.claims import OFFICERS, OrdinaryOrder
from auction.fund.deposits.store import add
from auction.fund.set_offs import store
from auction.fund.set_offs.decision import open_purchase, require_decision
from auction.fund.set_offs.second_person import SetOffProposalWaits, require_outsider
from auction.fund.set_offs.set_offs import Ceiling
from auction.fund.set_offs.tables import SetOffProposalRow
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.money import Money


class ProposeSetOff(Command, frozen=True, kw_only=True):
    """Propose that ``amount_fen`` of the buyer's share stand for that much of his price.

    ``application_sha256``: fingerprint of his application; ``document_id``: the sealed decision that fixes the amount.
    """

    proposal_id: UUID
    round_id: UUID
    amount_fen: int
    application_sha256: str
    document_id: UUID
    ordinary_order: OrdinaryOrder = "pro_rata"


class WorkingLine(msgspec.Struct, frozen=True, kw_only=True):
    """One claim of the working: what is owed, and what this price gives it."""

    claim_id: UUID
    kind: str
    rank: int
    owed_fen: int
    share_fen: int
    is_buyers: bool


class SetOffView(msgspec.Struct, frozen=True, kw_only=True):
    """A set-off with its working; ``is_fixed`` once a second person has vouched for it."""

    proposal_id: UUID
    round_id: UUID
    amount_fen: int
    ceiling_fen: int
    document_id: UUID
    is_fixed: bool
    working: tuple[WorkingLine, ...]


async def propose_set_off(db: Database, actor: Actor, command: ProposeSetOff) -> SetOffView:
    """Keep the proposal and show it with its working; it waits for its second person.

    Raises `AmountNotPositive`, `PurchaseUnknown`, `PurchaseNotOpen`, `SetOffFixed`, `BuyerActs`, `SetOffProposalWaits`, `TaxesNotAssessed`,
    `BuyerIsNoCreditor`, `SetOffExceedsShare`, `SetOffExceedsBalance`, `DocumentNotSealed`, `SetOffTextDiffers`. Source: 拍变 20.
    """
    require_role(actor, *OFFICERS)
    Money.positive(command.amount_fen)

    async def work(tx: Transaction) -> SetOffView:
        purchase = await open_purchase(tx, command.round_id)
        require_outsider(actor.person_id, buyer=purchase.person_id)
        if await store.waiting_proposal(tx, command.round_id) is not None:
            raise SetOffProposalWaits(round_id=command.round_id)
        ceiling = await require_decision(tx, purchase, command, ordinary_order=command.ordinary_order)
        row = SetOffProposalRow(
            proposal_id=command.proposal_id,
            round_id=command.round_id,
            case_id=purchase.case_id,
            amount_fen=command.amount_fen,
            ordinary_order=command.ordinary_order,
            application_sha256=command.application_sha256,
            document_id=command.document_id,
            proposed_by=actor.person_id,
            proposed_at=tx.now,
        )
        await add(tx, row)
        return set_off_view(row, ceiling, is_fixed=False)

    return await db.carry_out(actor, command, work, SetOffView)


def set_off_view(row: SetOffProposalRow, ceiling: Ceiling | None, *, is_fixed: bool) -> SetOffView:
    """Show a proposal with the working that stands behind it; ``None``: it was turned down."""
    return SetOffView(
        proposal_id=row.proposal_id,
        round_id=row.round_id,
        amount_fen=row.amount_fen,
        ceiling_fen=0 if ceiling is None else ceiling.amount.fen,
        document_id=row.document_id,
        is_fixed=is_fixed,
        working=tuple(
            WorkingLine(
                claim_id=share.claim.claim_id,
                kind=share.claim.kind.value,
                rank=share.rank,
                owed_fen=share.claim.amount.fen,
                share_fen=share.amount.fen,
                is_buyers=ceiling is not None and share in ceiling.own,
            )
            for share in (() if ceiling is None else ceiling.plan.shares)
        ),
    )
