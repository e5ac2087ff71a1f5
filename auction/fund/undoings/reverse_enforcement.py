"""Reverse enforcement (执行回转): a creditor whose title was set aside or reduced returns what he got. Source: CPL 244.

1. The court's ruling names the claim, what its creditor keeps and his interest; what falls is worked out, not typed. The operative part of the
   sealed ruling is compared with what these terms give (`reversal_text`).
2. What is still held for him goes back among the proceeds at once; what he got stands as his debt until he returns it, with the interest
   that the ruling names.
3. Of a title that was set aside the claim leaves the record. Reduced to an amount (``keeps_fen``), it goes on at that amount: what he got up to it
   he keeps, what is missing of it he is owed still, and the ruling is the evidence. A title may be reduced again, and set aside after that.
4. The money is distributed by a plan like any other: creditors who are still open first, the rest to the judgment debtor. Each price has back
   what its own plan gave (`plans.assets`).
5. One officer proposes, another compares with the ruling and agrees (`acts.second_person`).
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from auction.fund.acts.propose_act import Effect, propose_act
from auction.fund.acts.second_person import ActKind
from auction.fund.acts.store import ActShown
from auction.fund.case_file import require_ruling
from auction.fund.claims import store as claim_store
from auction.fund.claims.claims import OFFICERS
from auction.fund.claims.tables import ClaimReductionRow, ClaimRow
from auction.fund.deposits.store import add
from auction.fund.ledger.entries import Cause, Posting, book
from auction.fund.ledger.post_entry import post_entry
from auction.fund.undoings.order_undoing import PAPERS, let_fall, record_undoing, waits_in
from auction.fund.undoings.reversal_interest import ReversalInterest
from auction.fund.undoings.tables import ReversalInterestRow, UndoingRow
from auction.fund.undoings.undoings import TitleNotReduced, UndoingKind
from auction.fund.undoings.work_out_reversal import ReversalWorked, goes_on, work_out_reversal
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.money import ZERO, Money, total


class ReverseEnforcement(Command, frozen=True, kw_only=True):
    """Reverse what was paid on this claim by this sealed ruling.

    ``keeps_fen``: the amount to which his title was reduced, zero: set aside. ``interest_percent`` of a year of ``interest_year_days``, from
    ``interest_from`` to ``interest_to``, both counted: the interest that the ruling names; empty: none.
    """

    undoing_id: UUID
    case_id: UUID
    claim_id: UUID
    document_id: UUID
    keeps_fen: int = 0
    interest_percent: str = ""
    interest_year_days: int = 365
    interest_from: date | None = None
    interest_to: date | None = None


async def reverse_enforcement(db: Database, actor: Actor, command: ReverseEnforcement) -> ActShown:
    """Propose the return and show what it would do; it waits for its second person (`auction.fund.agree_to_act`).

    Raises what `work_out_reversal` raises, `RulingTextDiffers`, `TitleNotReduced`, `DocumentNotSealed`, `CaseAccountClosed`, `AmountMalformed`,
    `ConcernedPersonActs`, `ActWaits`. Source: CPL 244.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> ActShown:
        await tx.about_case(command.case_id)
        return await propose_act(tx, actor, ActKind.REVERSAL, command, lambda: carry_out_reversal(tx, command))

    return await db.carry_out(actor, command, work, ActShown)


async def carry_out_reversal(tx: Transaction, command: ReverseEnforcement) -> Effect:
    """Order the return, as two persons agreed, and say what it does. Raises as `reverse_enforcement`."""
    worked = await work_out_reversal(tx, command)
    claim, stays = worked.claim, goes_on(worked.claim, command)
    paper = await require_ruling(
        tx,
        case_id=command.case_id,
        document_id=command.document_id,
        kind=PAPERS[UndoingKind.REVERSAL],
        operative=worked.operative,
    )
    undoing = await record_undoing(
        tx,
        command.undoing_id,
        UndoingKind.REVERSAL,
        case_id=command.case_id,
        ground=_ground(command, goes_on=stays),
        person_id=claim.person_id,
        amount=total([one.amount for one in worked.fallen]),
        document_id=command.document_id,
        claim_id=command.claim_id,
    )
    await _book(tx, undoing, worked)
    if stays:
        await _reduce(tx, claim, command, evidence_sha256=paper.body_sha256)
    else:
        claim.state = "withdrawn"
        await tx.session.flush()
    return Effect(command.claim_id, paper.body_sha256, (claim.person_id,), _amounts(command, worked))


def _amounts(command: ReverseEnforcement, worked: ReversalWorked) -> dict[str, int]:
    amounts = {
        "held_fen": total([one.amount - one.paid for one in worked.fallen]).fen,
        "owed_back_fen": total([one.paid for one in worked.fallen]).fen,
        "keeps_fen": command.keeps_fen,
    }
    return amounts if worked.interest is None else {**amounts, "interest_fen": worked.interest.amount.fen}


async def _book(tx: Transaction, undoing: UndoingRow, worked: ReversalWorked) -> None:
    """Record what falls and what is owed, and move what is held back among the proceeds."""
    owed = ZERO
    if worked.interest is not None:
        owed = worked.interest.amount
        await add(tx, _interest_row(undoing.undoing_id, worked.interest))
    debits = await let_fall(tx, undoing, worked.fallen, interest=owed)
    if not debits:
        return
    back = Posting(waits_in(undoing), -total([debit.amount for debit in debits]))
    key = f"undone:{undoing.undoing_id}"
    entry = book(key, Cause.SHARE_FALLEN, [*debits, back], case_id=undoing.case_id, subject_id=undoing.undoing_id)
    await post_entry(tx, entry)


def _interest_row(undoing_id: UUID, found: ReversalInterest) -> ReversalInterestRow:
    return ReversalInterestRow(
        undoing_id=undoing_id,
        annual_percent=found.terms.annual_percent,
        year_days=found.terms.year_days,
        from_day=found.terms.from_day,
        to_day=found.terms.to_day,
        stretches=[
            {"principal_fen": one.principal.fen, "from_day": one.from_day.isoformat(), "days": one.days}
            for one in found.stretches
        ],
        amount_fen=found.amount.fen,
    )


def _ground(command: ReverseEnforcement, *, goes_on: bool) -> str:
    if goes_on:
        return "reduced_to_amount"
    return "title_reduced" if command.keeps_fen else "title_set_aside"


async def _require_less(tx: Transaction, claim: ClaimRow, command: ReverseEnforcement) -> int:
    """Give what the claim stands at, or refuse a reduction to what is not less (`TitleNotReduced`)."""
    earlier = await claim_store.reductions_of_claim(tx, claim.claim_id)
    stands = earlier[-1].to_fen if earlier else claim.amount_fen
    if not 0 < command.keeps_fen < stands:
        raise TitleNotReduced(amount=Money(stands))
    return stands


async def _reduce(tx: Transaction, claim: ClaimRow, command: ReverseEnforcement, *, evidence_sha256: str) -> None:
    """Let the claim go on at the smaller amount. Raises `TitleNotReduced`."""
    row = ClaimReductionRow(
        claim_id=claim.claim_id,
        number=len(await claim_store.reductions_of_claim(tx, claim.claim_id)) + 1,
        case_id=claim.case_id,
        from_fen=await _require_less(tx, claim, command),
        to_fen=command.keeps_fen,
        basis=f"CPL 244: {command.document_id}",
        evidence_sha256=evidence_sha256,
        undoing_id=command.undoing_id,
        recorded_by=None,
        recorded_at=tx.now,
    )
    await add(tx, row)
