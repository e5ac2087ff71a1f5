"""Fix the set-off of a creditor who buys, as the second person: his share stands in place of money (`set_offs`, `second_person`).

In the ledger the set-off is an account of its own beside the bank: the case holds a share that is used up, not cash. The plan's settlement
brings it back to zero out of the buyer's own lines (`settle_set_offs`); when the purchase falls, it falls with it.
"""

from __future__ import annotations

from typing import cast
from uuid import UUID

import msgspec

from auction.fund.claims.claims import OFFICERS, OrdinaryOrder
from auction.fund.deposits.purchases import note_if_complete
from auction.fund.deposits.store import add
from auction.fund.deposits.tables import PurchaseRow
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.entries import Cause, book, move
from auction.fund.ledger.post_entry import post_entry
from auction.fund.plans.payables import set_off_account
from auction.fund.set_offs import store
from auction.fund.set_offs.decision import open_purchase, require_decision
from auction.fund.set_offs.propose_set_off import SetOffView, set_off_view
from auction.fund.set_offs.second_person import SetOffProposalUnknown, require_same_paper, require_second
from auction.fund.set_offs.tables import SetOffCheckRow, SetOffProposalRow, SetOffRow
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.money import Money


class FixSetOff(Command, frozen=True, kw_only=True):
    """The second person compared the proposal with the application of this fingerprint; ``agrees`` false: it never counts."""

    proposal_id: UUID
    application_sha256: str
    agrees: bool = True


async def fix_set_off(db: Database, actor: Actor, command: FixSetOff) -> SetOffView:
    """Fix a set-off and show it with its working; when nothing is missing any more, the purchase is paid.

    Everything is computed anew: a decision that no longer follows from the claims fixes nothing, and its proposal is turned down.
    Raises `SetOffProposalUnknown`, `SetOffSecondPerson`, `BuyerActs`, `SetOffOtherPaper`, and what `propose_set_off` raises.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> SetOffView:
        proposal = await store.proposal_row(tx, command.proposal_id)
        purchase = await open_purchase(tx, proposal.round_id)
        if await store.was_looked_at(tx, command.proposal_id):
            raise SetOffProposalUnknown(proposal_id=command.proposal_id)
        require_second(actor.person_id, proposed_by=proposal.proposed_by, buyer=purchase.person_id)
        require_same_paper(command.application_sha256, typed_sha256=proposal.application_sha256)
        await _note_check(tx, proposal, actor.person_id, agrees=command.agrees)
        if not command.agrees:
            return set_off_view(proposal, None, is_fixed=False)
        order = cast("OrdinaryOrder", proposal.ordinary_order)
        ceiling = await require_decision(tx, purchase, proposal, ordinary_order=order)
        view = set_off_view(proposal, ceiling, is_fixed=True)
        await _book(tx, purchase, proposal, view)
        await note_if_complete(tx, purchase)
        return view

    return await db.carry_out(actor, command, work, SetOffView)


async def _note_check(tx: Transaction, proposal: SetOffProposalRow, person_id: UUID, *, agrees: bool) -> None:
    row = SetOffCheckRow(
        proposal_id=proposal.proposal_id,
        proposed_by=proposal.proposed_by,
        checked_by=person_id,
        agrees=agrees,
        checked_at=tx.now,
    )
    await add(tx, row)


async def _book(tx: Transaction, purchase: PurchaseRow, proposal: SetOffProposalRow, view: SetOffView) -> None:
    account = set_off_account(purchase.case_id, purchase.round_id)
    proceeds = Account(AccountKind.PROCEEDS, purchase.case_id)
    entry = book(
        f"set-off:{purchase.round_id}",
        Cause.SET_OFF_APPLIED,
        move(Money(proposal.amount_fen), debit=account, credit=proceeds),
        case_id=purchase.case_id,
        subject_id=purchase.round_id,
    )
    await add(
        tx,
        SetOffRow(
            round_id=purchase.round_id,
            proposal_id=proposal.proposal_id,
            case_id=purchase.case_id,
            person_id=purchase.person_id,
            amount_fen=proposal.amount_fen,
            ceiling_fen=view.ceiling_fen,
            working=msgspec.to_builtins(view.working),
            ordinary_order=proposal.ordinary_order,
            application_sha256=proposal.application_sha256,
            document_id=proposal.document_id,
            entry_id=await post_entry(tx, entry),
            fixed_at=tx.now,
        ),
    )
