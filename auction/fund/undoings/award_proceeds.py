"""Give the proceeds to a third party who wins after the sale (案外人胜诉). Source: 法释〔2025〕10号 6.

1. The sale stands; what the thing brought is his. The judgment names how much, at most the price.
2. What is held of it becomes his first claim on the proceeds of that lot (`auction.fund.plans.awarded`), or stands in escrow when he refuses it.
3. What was paid out of it falls by rank, the last first; the payees return it, and it goes the same way as it comes.
4. He may take what stands in escrow for five years; then it is his claim as in rule 2.
5. The judgment may be another court's, in words of its own. The court's sealed decision on it is the system's (`award_text`) and compared with
   these terms; one officer proposes, another compares with the judgment and agrees (`acts.second_person`).
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from auction.fund.acts.propose_act import Effect, propose_act
from auction.fund.acts.second_person import ActKind
from auction.fund.acts.store import ActShown
from auction.fund.case_file import require_document, require_party
from auction.fund.claims.claims import OFFICERS, ClaimKind
from auction.fund.claims.tables import ClaimRow
from auction.fund.deposits import store as deposits
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.entries import Cause, Posting, book, move
from auction.fund.ledger.post_entry import post_entry
from auction.fund.ledger.store import balance_of
from auction.fund.plans.plan_text import fingerprint_of_text
from auction.fund.undoings import store
from auction.fund.undoings.award_text import AwardTextDiffers
from auction.fund.undoings.order_undoing import let_fall, record_undoing, waits_in
from auction.fund.undoings.tables import UndoingRow
from auction.fund.undoings.undoings import (
    EscrowExpired,
    Fallen,
    NothingInEscrow,
    UndoingKind,
    owed_by_payee,
    third_party_gets,
)
from auction.fund.undoings.work_out_award import work_out_award
from auction.kernel.actors import Actor, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import named_id
from auction.kernel.money import ZERO, Money, total
from auction.law.calendar import COURT_CALENDAR
from auction.law.parameters import LAW
from auction.law.periods import deadline_at, is_in_time, legal_period

AWARD_DECISION = "award_decision"
"""Kind of the sealed document that the system writes on a judgment's terms."""


class AwardProceeds(Command, frozen=True, kw_only=True):
    """Give the third party (``party_id``) this much of what the round brought, by this final judgment; ``refuses``: he does not take it.

    ``decision_document_id``: the sealed decision that the system wrote on these terms.
    """

    undoing_id: UUID
    case_id: UUID
    round_id: UUID
    party_id: UUID
    person_id: UUID
    amount_fen: int
    document_id: UUID
    refuses: bool = False
    judgment_number: str = ""
    decision_document_id: UUID | None = None


class TakeFromEscrow(Command, frozen=True, kw_only=True):
    """The third party takes what stands in escrow for him after all."""

    undoing_id: UUID
    case_id: UUID
    party_id: UUID


async def award_proceeds(db: Database, actor: Actor, command: AwardProceeds) -> ActShown:
    """Propose it and show what it would do; it waits for its second person (`auction.fund.agree_to_act`).

    Raises what `work_out_award` raises, `AwardTextDiffers`, `CaseAccountClosed`, `ConcernedPersonActs`, `ActWaits`. Source: 法释〔2025〕10号 6.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> ActShown:
        await tx.about_case(command.case_id)
        return await propose_act(tx, actor, ActKind.AWARD, command, lambda: carry_out_award(tx, command))

    return await db.carry_out(actor, command, work, ActShown)


async def carry_out_award(tx: Transaction, command: AwardProceeds) -> Effect:
    """Order it, as two persons agreed, and say what it does. Raises as `award_proceeds`."""
    worked = await work_out_award(tx, command)
    await _require_decision(tx, command, worked.text)
    undoing = await record_undoing(
        tx,
        command.undoing_id,
        UndoingKind.THIRD_PARTY,
        case_id=command.case_id,
        ground="final_judgment",
        person_id=command.person_id,
        amount=Money(command.amount_fen),
        document_id=command.document_id,
        round_id=command.round_id,
        in_escrow=command.refuses,
    )
    await _book(tx, undoing, worked.fallen, here=worked.here, refuses=command.refuses)
    if not command.refuses:
        await _claim(tx, undoing, command.party_id, command_id=command.command_id)
    paper = await require_document(tx, case_id=command.case_id, document_id=command.document_id)
    amounts = {
        "awarded_fen": command.amount_fen,
        "held_fen": worked.held.fen,
        "owed_back_fen": total(list(worked.owed.values())).fen,
    }
    return Effect(command.round_id, paper.body_sha256, (command.person_id, *sorted(worked.owed)), amounts)


async def _require_decision(tx: Transaction, command: AwardProceeds, text: str) -> None:
    """Refuse a paper that is not the sealed decision on these terms (`DocumentNotSealed`, `AwardTextDiffers`)."""
    if command.decision_document_id is None:
        raise AwardTextDiffers(document_id=command.document_id)
    sealed = await require_document(
        tx, case_id=command.case_id, document_id=command.decision_document_id, kind=AWARD_DECISION
    )
    if sealed.body_sha256 != fingerprint_of_text(text):
        raise AwardTextDiffers(document_id=command.decision_document_id)


async def take_from_escrow(db: Database, actor: Actor, command: TakeFromEscrow) -> UUID:
    """Let the third party's claim take the place of the escrow, and give the undoing's id.

    Raises `UndoingUnknown`, `NothingInEscrow`, `EscrowExpired`, `PartyNotOfCase`. Source: 法释〔2025〕10号 6; Civil Code 574.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        undoing = await store.undoing_row(tx, command.undoing_id)
        held = await balance_of(tx, waits_in(undoing)) if undoing.in_escrow else ZERO
        if undoing.case_id != command.case_id or not held:
            raise NothingInEscrow(undoing_id=command.undoing_id)
        last = escrow_until(local_day(undoing.ordered_at))
        if not is_in_time(tx.now, deadline_at(last)):
            raise EscrowExpired(ended_on=last)
        proceeds = Account(AccountKind.PROCEEDS, undoing.case_id)
        pairs = move(held, debit=waits_in(undoing), credit=proceeds)
        key = f"escrow-taken:{undoing.undoing_id}:{command.command_id}"
        await post_entry(
            tx, book(key, Cause.ESCROW_RELEASED, pairs, case_id=undoing.case_id, subject_id=undoing.undoing_id)
        )
        await _claim(tx, undoing, command.party_id, command_id=command.command_id, amount=held)
        return undoing.undoing_id

    return await db.carry_out(actor, command, work, UUID)


def escrow_until(deposited_on: date) -> date:
    """Give the last day on which what stands in escrow may be claimed. Source: Civil Code 574."""
    return legal_period(
        LAW.parameter("money.escrow_claim_years", on=deposited_on), deposited_on, COURT_CALENDAR
    ).end_day


async def _book(
    tx: Transaction, undoing: UndoingRow, fallen: tuple[Fallen, ...], *, here: Money, refuses: bool
) -> None:
    """Move what is held of it to where it waits; what is among the proceeds (``here``) moves only into escrow."""
    debits = await let_fall(tx, undoing, fallen)
    proceeds = Account(AccountKind.PROCEEDS, undoing.case_id)
    if here and refuses:
        debits.append(Posting(proceeds, here))
    held = total([debit.amount for debit in debits])
    to_him, _, in_escrow = third_party_gets(held, owed_by_payee(fallen), refused=refuses)
    given = ((proceeds, to_him), (Account(AccountKind.ESCROW, undoing.case_id, undoing.undoing_id), in_escrow))
    postings = [*debits, *(Posting(account, -amount) for account, amount in given if amount)]
    if not held or {posting.account for posting in postings} == {proceeds}:
        return
    cause = Cause.SHARE_FALLEN if fallen else Cause.PUT_IN_ESCROW
    key = f"undone:{undoing.undoing_id}"
    await post_entry(tx, book(key, cause, postings, case_id=undoing.case_id, subject_id=undoing.undoing_id))


async def _claim(
    tx: Transaction, undoing: UndoingRow, party_id: UUID, *, command_id: UUID, amount: Money | None = None
) -> None:
    """Record what is his as the first claim on the proceeds, one for each order; ``amount`` is ``None`` for all that was awarded."""
    fen = undoing.amount_fen if amount is None else amount.fen
    party = await require_party(tx, case_id=undoing.case_id, party_id=party_id, person_id=undoing.person_id)
    row = ClaimRow(
        claim_id=named_id("third party's claim", str(undoing.undoing_id), str(command_id)),
        case_id=undoing.case_id,
        party_id=party.party_id,
        person_id=party.person_id,
        kind=ClaimKind.THIRD_PARTY.value,
        amount_fen=Money.positive(fen).fen,
        by_applicant=False,
        basis=f"法释〔2025〕10号 6: {undoing.document_id}",
        evidence_sha256=str(undoing.document_id),
        state="recorded",
        recorded_at=tx.now,
    )
    await deposits.add(tx, row)
