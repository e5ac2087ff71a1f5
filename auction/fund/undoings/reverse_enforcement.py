"""Reverse enforcement (执行回转): a creditor whose title was set aside or reduced returns what he got. Source: CPL 244.

1. The court's ruling names the claim and what its creditor keeps; what falls is worked out, not typed.
2. What is still held for him goes back among the proceeds at once; what he got stands as his debt until he returns it.
3. Of a title that was set aside the claim leaves the record. Reduced to an amount (``keeps_fen``), it goes on at that amount: what he got up to it
   he keeps, what is missing of it he is owed still, and the ruling is the evidence. A title may be reduced again, and set aside after that.
4. The money is distributed by a plan like any other: creditors who are still open first, the rest to the judgment debtor.
5. One officer proposes, another compares with the ruling and agrees (`acts.second_person`).
"""

from __future__ import annotations

from uuid import UUID

from auction.fund.acts.propose_act import Effect, propose_act
from auction.fund.acts.second_person import ActKind
from auction.fund.acts.store import ActShown
from auction.fund.case_file import require_document
from auction.fund.claims import store as claim_store
from auction.fund.claims.claims import OFFICERS, ON_A_TITLE, ClaimUnknown
from auction.fund.claims.tables import ClaimReductionRow, ClaimRow
from auction.fund.deposits.store import add
from auction.fund.ledger.entries import Cause, Posting, book
from auction.fund.ledger.post_entry import post_entry
from auction.fund.plans import store as plan_store
from auction.fund.set_offs.set_offs import ClaimSetOff
from auction.fund.set_offs.settle_set_offs import open_set_offs
from auction.fund.undoings import store
from auction.fund.undoings.order_undoing import let_fall, record_undoing, waits_in
from auction.fund.undoings.undoings import AlreadyUndone, TitleNotReduced, UndoingKind, fall_of_claim
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.money import Money, total


class ReverseEnforcement(Command, frozen=True, kw_only=True):
    """Reverse what was paid on this claim by this sealed ruling; ``keeps_fen``: the amount to which his title was reduced, zero: set aside."""

    undoing_id: UUID
    case_id: UUID
    claim_id: UUID
    document_id: UUID
    keeps_fen: int = 0


async def reverse_enforcement(db: Database, actor: Actor, command: ReverseEnforcement) -> ActShown:
    """Propose the return and show what it would do; it waits for its second person (`auction.fund.agree_to_act`).

    Raises `ClaimUnknown`, `AlreadyUndone`, `TitleNotReduced`, `ClaimSetOff`, `PayoutUnderWay`, `DocumentNotSealed`, `CaseAccountClosed`, `AmountMalformed`,
    `ConcernedPersonActs`, `ActWaits`. Source: CPL 244.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> ActShown:
        await tx.about_case(command.case_id)
        return await propose_act(tx, actor, ActKind.REVERSAL, command, lambda: carry_out_reversal(tx, command))

    return await db.carry_out(actor, command, work, ActShown)


async def carry_out_reversal(tx: Transaction, command: ReverseEnforcement) -> Effect:
    """Order the return, as two persons agreed, and say what it does. Raises as `reverse_enforcement`."""
    claim = await _claim(tx, command)
    shares = await store.shares_of_lines(
        tx, command.case_id, await plan_store.settled_lines_of_claim(tx, command.claim_id)
    )
    fallen = fall_of_claim(shares, keeps=Money(command.keeps_fen))
    undoing = await record_undoing(
        tx,
        command.undoing_id,
        UndoingKind.REVERSAL,
        case_id=command.case_id,
        ground=_ground(claim, command),
        person_id=claim.person_id,
        amount=total([one.amount for one in fallen]),
        document_id=command.document_id,
        claim_id=command.claim_id,
    )
    debits = await let_fall(tx, undoing, fallen)
    if debits:
        back = Posting(waits_in(undoing), -total([debit.amount for debit in debits]))
        entry = book(
            f"undone:{undoing.undoing_id}",
            Cause.SHARE_FALLEN,
            [*debits, back],
            case_id=command.case_id,
            subject_id=undoing.undoing_id,
        )
        await post_entry(tx, entry)
    paper = await require_document(tx, case_id=command.case_id, document_id=command.document_id)
    if _goes_on(claim, command):
        await _reduce(tx, claim, command, evidence_sha256=paper.body_sha256)
    else:
        claim.state = "withdrawn"
        await tx.session.flush()
    amounts = {
        "held_fen": total([one.amount - one.paid for one in fallen]).fen,
        "owed_back_fen": total([one.paid for one in fallen]).fen,
        "keeps_fen": command.keeps_fen,
    }
    return Effect(command.claim_id, paper.body_sha256, (claim.person_id,), amounts)


async def _claim(tx: Transaction, command: ReverseEnforcement) -> ClaimRow:
    """Give the claim, or refuse one that is unknown, reversed before, or stands for a price."""
    claim = await tx.session.get(ClaimRow, command.claim_id, populate_existing=True)
    if claim is None or claim.case_id != command.case_id:
        raise ClaimUnknown(claim_id=command.claim_id)
    if claim.state == "withdrawn" and await store.undoing_of_claim(tx, command.claim_id) is not None:
        raise AlreadyUndone(claim_id=command.claim_id)
    if claim.person_id in await open_set_offs(tx, command.case_id, paid_only=False):
        raise ClaimSetOff(claim_id=command.claim_id)
    return claim


def _goes_on(claim: ClaimRow, command: ReverseEnforcement) -> bool:
    """Whether the claim stays on record at the smaller amount (rule 3)."""
    return bool(command.keeps_fen) and claim.state == "recorded" and claim.kind in ON_A_TITLE


def _ground(claim: ClaimRow, command: ReverseEnforcement) -> str:
    if _goes_on(claim, command):
        return "reduced_to_amount"
    return "title_reduced" if command.keeps_fen else "title_set_aside"


async def _reduce(tx: Transaction, claim: ClaimRow, command: ReverseEnforcement, *, evidence_sha256: str) -> None:
    """Let the claim go on at the smaller amount. Raises `TitleNotReduced`."""
    earlier = await claim_store.reductions_of_claim(tx, claim.claim_id)
    stands = earlier[-1].to_fen if earlier else claim.amount_fen
    if not 0 < command.keeps_fen < stands:
        raise TitleNotReduced(amount=Money(stands))
    row = ClaimReductionRow(
        claim_id=claim.claim_id,
        number=len(earlier) + 1,
        case_id=claim.case_id,
        from_fen=stands,
        to_fen=command.keeps_fen,
        basis=f"CPL 244: {command.document_id}",
        evidence_sha256=evidence_sha256,
        undoing_id=command.undoing_id,
        recorded_by=None,
        recorded_at=tx.now,
    )
    await add(tx, row)
