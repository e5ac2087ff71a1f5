"""What every undoing has in common, within the caller's transaction: its record, what fell, and who owes it back.

1. It rests on a sealed document of its own kind, used once; a case whose account is closed takes none.
2. What is still held of a fallen share, or stands in escrow for its payee, leaves its account at once; what was paid out becomes a recovery, one for each payee.
3. Interest that a ruling names is owed with it by whom it concerns, in one sum.
4. A recovery has a reference of its own, which its payer writes into the remark.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from auction.fund.case_file import require_document
from auction.fund.deposits.store import add
from auction.fund.deposits.tables import RouteRow
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.entries import Posting
from auction.fund.ledger.post_entry import CaseAccountClosed
from auction.fund.ledger.store import case_fund
from auction.fund.ledger.subjects import require_new_subject
from auction.fund.plans import store as plan_store
from auction.fund.plans.payables import payable_account
from auction.fund.plans.tables import FallenShareRow
from auction.fund.references import make_reference
from auction.fund.undoings import store
from auction.fund.undoings.tables import RecoveryRow, UndoingRow
from auction.fund.undoings.undoings import Fallen, UndoingKind, owed_by_payee
from auction.kernel.db import Transaction
from auction.kernel.ids import named_id
from auction.kernel.money import ZERO, Money

PAPERS: dict[UndoingKind, str] = {
    UndoingKind.TOP_UP: "top_up_ruling",
    UndoingKind.SETTING_ASIDE: "setting_aside_ruling",
    UndoingKind.REVERSAL: "reversal_ruling",
    UndoingKind.THIRD_PARTY: "third_party_judgment",
}
"""Kind of the sealed document on which each undoing rests."""


async def record_undoing(
    tx: Transaction,
    undoing_id: UUID,
    kind: UndoingKind,
    *,
    case_id: UUID,
    ground: str,
    person_id: UUID,
    amount: Money,
    document_id: UUID,
    round_id: UUID | None = None,
    claim_id: UUID | None = None,
    in_escrow: bool = False,
) -> UndoingRow:
    """Put an undoing on record. Raises `DocumentNotSealed`, `CaseAccountClosed`, `SubjectTaken` (rule 1)."""
    await require_new_subject(tx, undoing_id)
    await require_document(tx, case_id=case_id, document_id=document_id, kind=PAPERS[kind])
    fund = await case_fund(tx, case_id)
    if fund is not None and fund.closed_at is not None:
        raise CaseAccountClosed
    row = UndoingRow(
        undoing_id=undoing_id,
        case_id=case_id,
        kind=kind.value,
        ground=ground,
        round_id=round_id,
        claim_id=claim_id,
        person_id=person_id,
        amount_fen=amount.fen,
        in_escrow=in_escrow,
        document_id=document_id,
        ordered_at=tx.now,
    )
    await add(tx, row)
    return row


async def let_fall(
    tx: Transaction, undoing: UndoingRow, fallen: Iterable[Fallen], *, interest: Money = ZERO
) -> list[Posting]:
    """Record what fell and who owes it back, with his interest; give the debits of what was still held (rules 2 and 3)."""
    falls = list(fallen)
    debits: list[Posting] = []
    for one in falls:
        row = FallenShareRow(
            undoing_id=undoing.undoing_id,
            line_id=one.line.line_id,
            held_fen=(one.held + one.in_escrow).fen,
            paid_fen=one.paid.fen,
            set_off_fen=one.set_off.fen,
        )
        await add(tx, row)
        if one.held:
            line = await plan_store.line_row(tx, one.line.line_id)
            assert line is not None, "a share that falls is of a line"
            debits.append(Posting(payable_account(undoing.case_id, line), one.held))
        debits += await _out_of_escrow(tx, undoing.case_id, one)
    for person_id, amount in owed_by_payee(falls).items():
        with_it = interest if person_id == undoing.person_id else ZERO
        await owe(tx, undoing, person_id=person_id, amount=amount + with_it)
    return debits


async def _out_of_escrow(tx: Transaction, case_id: UUID, one: Fallen) -> list[Posting]:
    """Give the debits of what stood in escrow, the oldest first."""
    left = one.in_escrow
    debits: list[Posting] = []
    for account, held in await store.escrows_of_line(tx, case_id, one.line.line_id) if left else []:
        part = min(left, held)
        left -= part
        if part:
            debits.append(Posting(account, part))
    return debits


async def owe(tx: Transaction, undoing: UndoingRow, *, person_id: UUID, amount: Money) -> RecoveryRow:
    """Put on record that somebody owes the case this (rule 4)."""
    recovery_id = named_id("recovery", str(undoing.undoing_id), str(person_id))
    row = RecoveryRow(
        recovery_id=recovery_id,
        undoing_id=undoing.undoing_id,
        case_id=undoing.case_id,
        person_id=person_id,
        amount_fen=amount.fen,
        reference=make_reference("recovery", recovery_id),
        ordered_at=tx.now,
    )
    await add(tx, row)
    route = RouteRow(
        route=row.reference, kind="recovery", subject_id=recovery_id, case_id=row.case_id, opened_at=tx.now
    )
    await add(tx, route)
    return row


def waits_in(undoing: UndoingRow) -> Account:
    """The account to which money of an undoing goes: to be distributed, or in escrow for a third party who refuses it."""
    if undoing.in_escrow:
        return Account(AccountKind.ESCROW, undoing.case_id, undoing.undoing_id)
    return Account(AccountKind.PROCEEDS, undoing.case_id)
