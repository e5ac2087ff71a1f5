"""Fix the set-off of a creditor who buys: the court's sealed decision puts his share in place of money (`set_offs`).

In the ledger the set-off is an account of its own beside the bank: the case holds a share that is used up, not cash. The plan's settlement
brings it back to zero out of the buyer's own lines (`settle_set_offs`); when the purchase falls, it falls with it.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

import msgspec

from auction.fund.case_file import require_document
from auction.fund.claims import store as claim_store
from auction.fund.claims.claims import OFFICERS, OrdinaryOrder
from auction.fund.deposits.purchases import PurchaseNotOpen, PurchaseUnknown, balance_due, note_if_complete
from auction.fund.deposits.store import add, purchase_row
from auction.fund.deposits.tables import PurchaseRow
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.entries import Cause, book, move
from auction.fund.ledger.post_entry import post_entry
from auction.fund.plans import store as plan_store
from auction.fund.plans.payables import set_off_account
from auction.fund.plans.plan import TaxesNotAssessed
from auction.fund.plans.plan_text import fingerprint_of_text
from auction.fund.set_offs.set_off_text import SetOffTextDiffers, set_off_text
from auction.fund.set_offs.set_offs import Ceiling, SetOffFixed, ceiling_of, require_within
from auction.fund.set_offs.settle_set_offs import open_set_offs
from auction.fund.set_offs.tables import SetOffRow
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.money import ZERO, Money
from auction.kernel.persons import name_of

DECISION: Final = "set_off_decision"
"""Kind of the sealed document that fixes the amount."""


class FixSetOff(Command, frozen=True, kw_only=True):
    """Let ``amount_fen`` of the buyer's share stand for that much of his price.

    ``application_sha256``: fingerprint of his application; ``document_id``: the sealed decision that fixes the amount.
    """

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
    """A set-off with its working."""

    round_id: UUID
    amount_fen: int
    ceiling_fen: int
    document_id: UUID
    working: tuple[WorkingLine, ...]


async def fix_set_off(db: Database, actor: Actor, command: FixSetOff) -> SetOffView:
    """Fix a set-off and show it with its working; when nothing is missing any more, the purchase is paid.

    Raises `AmountNotPositive`, `PurchaseUnknown`, `PurchaseNotOpen`, `SetOffFixed`, `TaxesNotAssessed`, `BuyerIsNoCreditor`,
    `SetOffExceedsShare`, `SetOffExceedsBalance`, `DocumentNotSealed`, `SetOffTextDiffers`.
    """
    require_role(actor, *OFFICERS)
    amount = Money.positive(command.amount_fen)

    async def work(tx: Transaction) -> SetOffView:
        purchase = await _open_purchase(tx, command.round_id)
        ceiling = await set_off_ceiling(tx, purchase, ordinary_order=command.ordinary_order)
        require_within(amount, ceiling=ceiling.amount, missing=await balance_due(tx, command.round_id))
        await _require_decision(tx, purchase, command, ceiling)
        view = _view(command, ceiling)
        await _book(tx, purchase, command, view)
        await note_if_complete(tx, purchase)
        return view

    return await db.carry_out(actor, command, work, SetOffView)


async def set_off_ceiling(tx: Transaction, purchase: PurchaseRow, *, ordinary_order: OrdinaryOrder) -> Ceiling:
    """Give what the buyer of a purchase may set off now. Raises `TaxesNotAssessed`, `BuyerIsNoCreditor`, `ClaimIncomplete`."""
    tax = await claim_store.tax_of_round(tx, purchase.round_id)
    if tax is None or tax.state != "assessed":
        raise TaxesNotAssessed(round_id=purchase.round_id)
    claims = await plan_store.open_claims(tx, purchase.case_id)
    own = {row.claim_id for row, _ in claims if row.person_id == purchase.person_id}
    price = Money(purchase.hammer_price_fen)
    used = (await open_set_offs(tx, purchase.case_id, paid_only=False)).get(purchase.person_id, ZERO)
    return ceiling_of(price, [claim for _, claim in claims], own, ordinary_order=ordinary_order, used=used)


async def set_off_decision(
    tx: Transaction, purchase: PurchaseRow, amount: Money, *, ordinary_order: OrdinaryOrder
) -> str:
    """Write the decision that would be sealed now. Raises what `set_off_ceiling` and `require_within` raise."""
    ceiling = await set_off_ceiling(tx, purchase, ordinary_order=ordinary_order)
    require_within(amount, ceiling=ceiling.amount, missing=await balance_due(tx, purchase.round_id))
    return await _text(tx, purchase, ceiling, amount, ordinary_order)


async def _text(
    tx: Transaction, purchase: PurchaseRow, ceiling: Ceiling, amount: Money, ordinary_order: OrdinaryOrder
) -> str:
    person_of = {row.claim_id: row.person_id for row in await claim_store.claim_rows(tx, purchase.case_id)}
    creditors = [await name_of(tx, person_of[share.claim.claim_id]) for share in ceiling.plan.shares]
    return set_off_text(
        ceiling,
        amount,
        buyer=await name_of(tx, purchase.person_id),
        reference=purchase.reference,
        creditors=creditors,
        ordinary_order=ordinary_order,
    )


async def _require_decision(tx: Transaction, purchase: PurchaseRow, command: FixSetOff, ceiling: Ceiling) -> None:
    """Refuse a document that is not sealed, not of the kind, or not this decision (`DocumentNotSealed`, `SetOffTextDiffers`)."""
    sealed = await require_document(tx, case_id=purchase.case_id, document_id=command.document_id, kind=DECISION)
    text = await _text(tx, purchase, ceiling, Money(command.amount_fen), command.ordinary_order)
    if sealed.body_sha256 != fingerprint_of_text(text):
        raise SetOffTextDiffers(document_id=command.document_id)


async def _open_purchase(tx: Transaction, round_id: UUID) -> PurchaseRow:
    purchase = await purchase_row(tx, round_id)
    if purchase is None:
        raise PurchaseUnknown(round_id=round_id)
    await tx.about_case(purchase.case_id)
    await tx.session.refresh(purchase)
    if purchase.state != "open":
        raise PurchaseNotOpen(round_id=round_id)
    if await tx.session.get(SetOffRow, round_id) is not None:
        raise SetOffFixed(round_id=round_id)
    return purchase


def _view(command: FixSetOff, ceiling: Ceiling) -> SetOffView:
    return SetOffView(
        round_id=command.round_id,
        amount_fen=command.amount_fen,
        ceiling_fen=ceiling.amount.fen,
        document_id=command.document_id,
        working=tuple(
            WorkingLine(
                claim_id=share.claim.claim_id,
                kind=share.claim.kind.value,
                rank=share.rank,
                owed_fen=share.claim.amount.fen,
                share_fen=share.amount.fen,
                is_buyers=share in ceiling.own,
            )
            for share in ceiling.plan.shares
        ),
    )


async def _book(tx: Transaction, purchase: PurchaseRow, command: FixSetOff, view: SetOffView) -> None:
    account = set_off_account(purchase.case_id, purchase.round_id)
    proceeds = Account(AccountKind.PROCEEDS, purchase.case_id)
    entry = book(
        f"set-off:{purchase.round_id}",
        Cause.SET_OFF_APPLIED,
        move(Money(command.amount_fen), debit=account, credit=proceeds),
        case_id=purchase.case_id,
        subject_id=purchase.round_id,
    )
    await add(
        tx,
        SetOffRow(
            round_id=purchase.round_id,
            case_id=purchase.case_id,
            person_id=purchase.person_id,
            amount_fen=command.amount_fen,
            ceiling_fen=view.ceiling_fen,
            working=msgspec.to_builtins(view.working),
            ordinary_order=command.ordinary_order,
            application_sha256=command.application_sha256,
            document_id=command.document_id,
            entry_id=await post_entry(tx, entry),
            fixed_at=tx.now,
        ),
    )
