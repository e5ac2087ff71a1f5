"""Reimburse a buyer who advanced the seller's taxes of his purchase: a claim of his own beside the tax office's (`taxes`).

What goes back to him was paid to the office already, so the office's own claim is withdrawn and recorded anew with what is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from auction.fund.case_file import BUYER, party_of_person
from auction.fund.claims import store as claim_store
from auction.fund.claims.claims import OFFICERS, ClaimKind
from auction.fund.claims.tables import TaxAdvanceRow, TaxAssessmentRow
from auction.fund.claims.taxes import (
    MAX_TAX_LINES,
    Advanced,
    Bearer,
    LawSays,
    TaxLinesMalformed,
    TaxPaid,
    advanced_of,
)
from auction.fund.deposits.purchases import PurchaseUnknown
from auction.fund.deposits.store import add, purchase_row
from auction.fund.deposits.tables import PurchaseRow
from auction.fund.plans import store as plan_store
from auction.fund.plans.plan import TaxesNotAssessed
from auction.fund.settlement.net_of_sale import STANDING
from auction.fund.settlement.record_claim import ClaimTakenAlready, Origin, RecordClaim, add_claim
from auction.fund.settlement.take_tax_assessment import claim_for_office, withdraw_office_claim
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Malformed
from auction.kernel.ids import named_id
from auction.kernel.money import ZERO, Money


class TaxLine(msgspec.Struct, frozen=True, kw_only=True):
    """One tax or fee that the buyer paid: what was assessed, what he paid, and who bears it by law or by the court."""

    name: str
    law_says: LawSays
    assessed_fen: int
    paid_fen: int
    court_says: Bearer | None = None


class ReimburseTaxAdvance(Command, frozen=True, kw_only=True):
    """All taxes and fees that the buyer of this round proved that he paid; ``receipts_sha256``: his receipts."""

    round_id: UUID
    lines: tuple[TaxLine, ...]
    receipts_sha256: str


async def reimburse_tax_advance(db: Database, actor: Actor, command: ReimburseTaxAdvance) -> UUID:
    """Record what goes back to the buyer as a claim, once for a purchase, and give the claim's id.

    Raises `TaxLinesMalformed`, `PurchaseUnknown`, `TaxesNotAssessed`, `LawDecidesTax`, `TaxBearerUndecided`,
    `NothingAdvanced`, `TaxPaidFromProceeds`, `ClaimTakenAlready`, `PartyNotOfCase`. Source: 网拍 30.
    """
    require_role(actor, *OFFICERS)
    lines = _paid(command.lines)

    async def work(tx: Transaction) -> UUID:
        purchase = await _purchase(tx, command.round_id)
        tax = await claim_store.tax_of_round(tx, command.round_id)
        if tax is None or tax.state != "assessed" or tax.seller_fen is None:
            raise TaxesNotAssessed(round_id=command.round_id)
        if await claim_store.tax_advance_of(tx, command.round_id) is not None:
            raise ClaimTakenAlready(round_id=command.round_id)
        settled = ZERO if tax.claim_id is None else await plan_store.paid_on_claim(tx, tax.claim_id)
        owed = await _owed_to_office(tx, tax)
        advanced = advanced_of(lines, office_assessed=Money(tax.seller_fen), office_left=owed - settled)
        await _shrink_office_claim(tx, tax, left=owed - settled - advanced.of_office, changed=bool(advanced.of_office))
        claim_id = await _claim_of_buyer(tx, purchase, command, advanced)
        await _note(tx, purchase, command, advanced, claim_id)
        return claim_id

    return await db.carry_out(actor, command, work, UUID)


def _paid(lines: Sequence[TaxLine]) -> list[TaxPaid]:
    """Read the lines; a figure below nothing, or no line with a payment, is `TaxLinesMalformed`."""
    if not 0 < len(lines) <= MAX_TAX_LINES or any(not line.name.strip() for line in lines):
        raise TaxLinesMalformed(field="lines", limit=MAX_TAX_LINES)
    if any(min(line.assessed_fen, line.paid_fen) < 0 for line in lines) or not any(line.paid_fen for line in lines):
        raise TaxLinesMalformed(field="lines", limit=MAX_TAX_LINES)
    try:
        return [
            TaxPaid(line.law_says, line.court_says, Money(line.assessed_fen), Money(line.paid_fen)) for line in lines
        ]
    except Malformed as refusal:
        raise TaxLinesMalformed(field="lines", limit=MAX_TAX_LINES) from refusal


async def _purchase(tx: Transaction, round_id: UUID) -> PurchaseRow:
    purchase = await purchase_row(tx, round_id)
    if purchase is None or purchase.state not in STANDING:
        raise PurchaseUnknown(round_id=round_id)
    await tx.about_case(purchase.case_id)
    return purchase


async def _owed_to_office(tx: Transaction, tax: TaxAssessmentRow) -> Money:
    """Give what the office's standing claim is over; nothing where the proceeds settled all before it was assessed."""
    rows = await claim_store.claim_rows(tx, tax.case_id)
    return next((Money(row.amount_fen) for row in rows if row.claim_id == tax.claim_id), ZERO)


async def _shrink_office_claim(tx: Transaction, tax: TaxAssessmentRow, *, left: Money, changed: bool) -> None:
    if not changed:
        return
    await withdraw_office_claim(tx, tax)
    tax.claim_id = await claim_for_office(
        tx,
        tax,
        left.fen,
        state="after advance",
        basis="税费核定，扣除买受人垫付部分",
        sha256=tax.document_sha256 or "-",
    )
    await tx.session.flush()


async def _claim_of_buyer(
    tx: Transaction, purchase: PurchaseRow, command: ReimburseTaxAdvance, advanced: Advanced
) -> UUID:
    buyer = await party_of_person(tx, case_id=purchase.case_id, person_id=purchase.person_id, role=BUYER)
    claim = RecordClaim(
        command_id=command.command_id,
        claim_id=named_id("tax advance", str(purchase.round_id)),
        case_id=purchase.case_id,
        party_id=buyer.party_id,
        person_id=buyer.person_id,
        kind=ClaimKind.TAX_REIMBURSEMENT,
        amount_fen=advanced.back.fen,
        basis="买受人垫付应由被执行人负担的税费",
        evidence_sha256=command.receipts_sha256,
    )
    figures = {
        "sellers_assessed_fen": advanced.sellers_assessed.fen,
        "buyers_assessed_fen": advanced.buyers_assessed.fen,
        "paid_fen": advanced.paid.fen,
    }
    await add_claim(tx, claim, origin=Origin(source_ref=f"tax-advance:{purchase.round_id}", working=figures))
    return claim.claim_id


async def _note(
    tx: Transaction, purchase: PurchaseRow, command: ReimburseTaxAdvance, advanced: Advanced, claim_id: UUID
) -> None:
    row = TaxAdvanceRow(
        round_id=purchase.round_id,
        case_id=purchase.case_id,
        person_id=purchase.person_id,
        lines=msgspec.to_builtins(command.lines),
        sellers_assessed_fen=advanced.sellers_assessed.fen,
        buyers_assessed_fen=advanced.buyers_assessed.fen,
        paid_fen=advanced.paid.fen,
        reimbursed_fen=advanced.back.fen,
        receipts_sha256=command.receipts_sha256,
        claim_id=claim_id,
        recorded_at=tx.now,
    )
    await add(tx, row)
