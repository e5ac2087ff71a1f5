"""Issue a bill to the treasury: the enforcement fee by bands, a fee without an amount, or a fine (`bills`)."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.fund.bills import store
from auction.fund.bills.bills import BillIncomplete, BillKind, FeeNotTheDebtors, FineBilled, fee_left, place_of
from auction.fund.bills.store import BillShown, bill_shown
from auction.fund.bills.tables import TreasuryBillRow
from auction.fund.case_file import JUDGMENT_DEBTOR, require_document, require_party
from auction.fund.claims.claims import OFFICERS
from auction.fund.deposits.store import add
from auction.kernel.actors import Actor, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.money import ZERO, Money
from auction.law.fees import BandPart, bands_of_fee, check_fee_without_amount


class IssueTreasuryBill(Command, frozen=True, kw_only=True):
    """Bill this party. ``paid_outside_fen``: what of the applicants' claims was enforced outside the court's plans.

    ``amount_fen``: a fine, or the fee that the court fixes for a case without an amount; the fee by bands is computed.
    ``document_id``: the sealed decision; a fine has one.
    """

    bill_id: UUID
    case_id: UUID
    kind: BillKind
    party_id: UUID
    person_id: UUID
    basis: str
    paid_outside_fen: int = 0
    amount_fen: int | None = None
    document_id: UUID | None = None


async def issue_treasury_bill(db: Database, actor: Actor, command: IssueTreasuryBill) -> BillShown:
    """Issue a bill under the next number of the case and show it; no money moves.

    Raises `BillIncomplete`, `PartyNotOfCase`, `FeeNotTheDebtors`, `NoFeeDue`, `FeeOutsideBounds`, `DocumentNotSealed`,
    `FineBilled`, `AmountNotPositive`. Source: 诉讼费用办法 14(1), 20, 38.
    """
    require_role(actor, *OFFICERS)
    _require_whole(command)

    async def work(tx: Transaction) -> BillShown:
        await tx.about_case(command.case_id)
        await _require_bearer(tx, command)
        await _require_decision(tx, command)
        enforced, amount = await _amount(tx, command)
        bands = () if enforced is None else bands_of_fee(enforced, on=local_day(tx.now))
        row = TreasuryBillRow(
            bill_id=command.bill_id,
            case_id=command.case_id,
            number=await store.next_bill_number(tx, command.case_id),
            kind=command.kind.value,
            payer_person_id=command.person_id,
            enforced_fen=None if enforced is None else enforced.fen,
            amount_fen=amount.fen,
            basis=command.basis,
            document_id=command.document_id,
            working=_working(bands, command.paid_outside_fen),
            issued_at=tx.now,
        )
        await add(tx, row)
        return await bill_shown(tx, row)

    return await db.carry_out(actor, command, work, BillShown)


def _require_whole(command: IssueTreasuryBill) -> None:
    is_computed = command.kind is BillKind.ENFORCEMENT_FEE
    if is_computed != (command.amount_fen is None):
        raise BillIncomplete(field="amount_fen")
    if command.kind is BillKind.FINE and command.document_id is None:
        raise BillIncomplete(field="document_id")
    if command.paid_outside_fen < 0 or (command.paid_outside_fen and not is_computed):
        raise BillIncomplete(field="paid_outside_fen")


async def _require_bearer(tx: Transaction, command: IssueTreasuryBill) -> None:
    party = await require_party(tx, case_id=command.case_id, party_id=command.party_id, person_id=command.person_id)
    if place_of(command.kind).bearer == "debtor" and party.role != JUDGMENT_DEBTOR:
        raise FeeNotTheDebtors(field="party_id")


async def _require_decision(tx: Transaction, command: IssueTreasuryBill) -> None:
    if command.document_id is None:
        return
    await require_document(tx, case_id=command.case_id, document_id=command.document_id)
    if command.kind is BillKind.FINE and await store.is_fine_billed(tx, command.document_id):
        raise FineBilled(field="document_id")


async def _amount(tx: Transaction, command: IssueTreasuryBill) -> tuple[Money | None, Money]:
    """Give what was enforced, where the fee follows from it, and what is billed."""
    today = local_day(tx.now)
    if command.amount_fen is not None:
        amount = Money.positive(command.amount_fen)
        if command.kind is BillKind.FEE_WITHOUT_AMOUNT:
            check_fee_without_amount(amount, on=today)
        return None, amount
    outside = Money(command.paid_outside_fen) if command.paid_outside_fen else ZERO
    enforced = await store.enforced_in_plans(tx, command.case_id) + outside
    return enforced, fee_left(enforced, billed=await store.fee_billed(tx, command.case_id), on=today)


def _working(bands: tuple[BandPart, ...], outside_fen: int) -> dict[str, object]:
    return {"bands": msgspec.to_builtins(bands), "paid_outside_fen": outside_fen}
