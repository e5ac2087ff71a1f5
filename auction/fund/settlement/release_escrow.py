"""Release what was set aside for an objection to the line that the final judgment names, once.

1. The judgment is a sealed document of the case, younger than the objection; the decision on it names the objection, and is compared with
   its text (`escrow_text`).
2. What moves is what `plan_outcome` gives the lines once the suit is decided; it is all that stands in the escrow. An objection upheld in part
   sends that part to the line named and leaves the rest with the line that was disputed.
3. A claim gets no more than it is still owed. The debtor's line may get what nobody else is judged to have: it is paid out only once every claim is
   settled, and a later plan takes it for a claim that is not (`idle_surplus`).
4. A buyer's share pays back what he set off against his price first (`settle_set_offs`).

Source: Interp. 510.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol
from uuid import UUID

from auction.fund.case_file import CaseDocumentRow, require_document
from auction.fund.claims.claims import OFFICERS
from auction.fund.deposits.store import add
from auction.fund.ledger.entries import Cause, Posting, book
from auction.fund.ledger.post_entry import post_entry
from auction.fund.ledger.store import balance_of
from auction.fund.plans import store as plan_store
from auction.fund.plans.assets import sale_of_plan
from auction.fund.plans.payables import escrow_account, payable_account
from auction.fund.plans.plan import PlanUnknown
from auction.fund.plans.plan_outcome import Dispute, Standing, part_of, plan_outcome, require_owed
from auction.fund.plans.plan_text import fingerprint_of_text
from auction.fund.plans.tables import ObjectionJudgmentRow, PlanLineRow, PlanObjectionRow, PlanRow
from auction.fund.set_offs.settle_set_offs import settle_set_offs
from auction.fund.settlement.escrow_text import EscrowDecided, EscrowTextDiffers, LineNamed, escrow_text
from auction.fund.settlement.object_to_plan import JUDGMENT, ObjectionUnknown, require_proof
from auction.fund.stays.stays import require_moving
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import InvariantViolated
from auction.kernel.money import ZERO, Money, total
from auction.kernel.persons import name_of

DECISION: Final = "escrow_release"
"""Kind of the sealed document that releases an escrow."""


class EscrowTerms(Protocol):
    """On what an escrow is released."""

    @property
    def objection_id(self) -> UUID:
        """The objection."""

    @property
    def plan_id(self) -> UUID:
        """Its plan."""

    @property
    def to_line_id(self) -> UUID:
        """The line that the judgment names."""

    @property
    def amount_fen(self) -> int | None:
        """What goes to it; ``None``: all that is set aside."""

    @property
    def judgment_number(self) -> str:
        """The number of the judgment."""

    @property
    def judgment_document_id(self) -> UUID:
        """The judgment."""


class ReleaseEscrow(Command, frozen=True, kw_only=True):
    """Release what was set aside for an objection; ``document_id`` is the sealed decision that the system wrote on these terms."""

    objection_id: UUID
    plan_id: UUID
    to_line_id: UUID
    judgment_number: str
    judgment_document_id: UUID
    document_id: UUID
    amount_fen: int | None = None


async def release_escrow(db: Database, actor: Actor, command: ReleaseEscrow) -> UUID:
    """Release an escrow to a line of its plan and give the entry.

    Raises `PlanUnknown`, `ObjectionUnknown`, `DocumentNotSealed`, `ProofOlderThanObjection`, `JudgmentNumberMalformed`, `EscrowPartWrong`,
    `EscrowAboveClaim`, `EscrowTextDiffers`, `CaseStayed`.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> UUID:
        plan = await plan_store.plan_row(tx, command.plan_id)
        await tx.about_case(plan.case_id)
        kind = await _disputed_kind(tx, plan, command.objection_id)
        await require_moving(tx, plan.case_id, kind=kind, sale=await sale_of_plan(tx, plan.plan_id))
        text = await escrow_decision(tx, plan, command)
        sealed = await require_document(tx, case_id=plan.case_id, document_id=command.document_id, kind=DECISION)
        if sealed.body_sha256 != fingerprint_of_text(text):
            raise EscrowTextDiffers(document_id=command.document_id)
        return await _release(tx, plan, command)

    return await db.carry_out(actor, command, work, UUID)


async def _disputed_kind(tx: Transaction, plan: PlanRow, objection_id: UUID) -> str | None:
    """Give the kind of the line that an objection disputes: of what was never the debtor's it is released also in his bankruptcy."""
    objections = {one.objection_id: one.line_id for one in await plan_store.objections_of(tx, plan.plan_id)}
    line = await plan_store.line_row(tx, objections[objection_id]) if objection_id in objections else None
    return None if line is None else line.kind


async def escrow_decision(tx: Transaction, plan: PlanRow, terms: EscrowTerms) -> str:
    """Write the decision that would be sealed on these terms.

    Raises `PlanUnknown`, `ObjectionUnknown`, `DocumentNotSealed`, `ProofOlderThanObjection`, `JudgmentNumberMalformed`, `EscrowPartWrong`,
    `EscrowAboveClaim`.
    """
    to_line = await _line_of(tx, plan, terms.to_line_id)
    objections = list(await plan_store.objections_of(tx, plan.plan_id))
    objection = next((one for one in objections if one.objection_id == terms.objection_id), None)
    if objection is None or objection.state != "suit":
        raise ObjectionUnknown(objection_id=terms.objection_id)
    held = await balance_of(tx, escrow_account(plan.case_id, objection.objection_id))
    if not held:
        raise ObjectionUnknown(objection_id=terms.objection_id)
    part = await _part(tx, plan, objection, terms)
    judgment = await _judgment(tx, plan, objection, terms)
    return escrow_text(
        EscrowDecided(
            plan_number=plan.number,
            objection_number=objections.index(objection) + 1,
            objector=await _objector(tx, objection),
            disputed=await _named(tx, await _line_of(tx, plan, objection.line_id)),
            amount=held,
            goes_to=await _named(tx, to_line),
            part=part,
            judgment_number=terms.judgment_number,
            judgment_sha256=judgment.body_sha256,
        )
    )


async def _part(tx: Transaction, plan: PlanRow, objection: PlanObjectionRow, terms: EscrowTerms) -> Money:
    """Give what moves to the line named (rules 2 and 3). Raises `EscrowPartWrong`, `EscrowAboveClaim`."""
    held = await balance_of(tx, escrow_account(plan.case_id, objection.objection_id))
    is_own = terms.to_line_id == objection.line_id
    part = part_of(held, None if terms.amount_fen is None else Money(terms.amount_fen), is_own=is_own)
    line = await _line_of(tx, plan, terms.to_line_id)
    if line.claim_id is not None and not is_own:
        owed = {claim.claim_id: claim.amount for _, claim in await plan_store.open_claims(tx, plan.case_id)}
        require_owed(part, owed=owed.get(line.claim_id, ZERO))
    return part


async def _judgment(tx: Transaction, plan: PlanRow, objection: PlanObjectionRow, terms: EscrowTerms) -> CaseDocumentRow:
    document_id = terms.judgment_document_id
    await require_proof(tx, objection, case_id=plan.case_id, document_id=document_id, kind=JUDGMENT)
    return await require_document(tx, case_id=plan.case_id, document_id=document_id, kind=JUDGMENT)


async def _line_of(tx: Transaction, plan: PlanRow, line_id: UUID) -> PlanLineRow:
    line = await plan_store.line_row(tx, line_id)
    if line is None or line.plan_id != plan.plan_id:
        raise PlanUnknown(plan_id=plan.plan_id)
    return line


async def _named(tx: Transaction, line: PlanLineRow) -> LineNamed:
    return LineNamed(line.number, line.kind, await name_of(tx, line.payee_person_id))


async def _objector(tx: Transaction, objection: PlanObjectionRow) -> str:
    addressees = await plan_store.addressees_of(tx, objection.plan_id)
    return await name_of(tx, next(a.person_id for a in addressees if a.party_id == objection.party_id))


async def _release(tx: Transaction, plan: PlanRow, command: ReleaseEscrow) -> UUID:
    objection = await tx.session.get_one(PlanObjectionRow, command.objection_id)
    line, disputed = await _line_of(tx, plan, command.to_line_id), await _line_of(tx, plan, objection.line_id)
    amount, part = await _decided_amount(tx, plan, command), await _part(tx, plan, objection, command)
    escrow = escrow_account(plan.case_id, command.objection_id)
    to = [(line, part), (disputed, amount - part)]
    credits_ = [Posting(payable_account(plan.case_id, one), -fen) for one, fen in to if fen]
    key = f"escrow-released:{command.objection_id}"
    entry = book(
        key,
        Cause.ESCROW_RELEASED,
        [Posting(escrow, amount), *credits_],
        case_id=plan.case_id,
        subject_id=command.document_id,
    )
    entry_id = await post_entry(tx, entry)
    row = ObjectionJudgmentRow(
        objection_id=command.objection_id,
        plan_id=plan.plan_id,
        to_line_id=line.line_id,
        kept_fen=(amount - part).fen,
        judgment_number=command.judgment_number.strip(),
        judgment_document_id=command.judgment_document_id,
        decision_document_id=command.document_id,
        entry_id=entry_id,
        released_at=tx.now,
    )
    await add(tx, row)
    sale = await sale_of_plan(tx, plan.plan_id)
    round_id = None if sale is None else sale.round_id
    await settle_set_offs(
        tx, plan.case_id, [one for one, fen in to if fen], cause_id=command.objection_id, round_id=round_id
    )
    return entry_id


async def _decided_amount(tx: Transaction, plan: PlanRow, command: ReleaseEscrow) -> Money:
    """Give what leaves escrow once this suit is decided; it is all that was set aside for it (rule 2)."""
    lines = await plan_store.lines_of(tx, plan.plan_id)
    shares = {line.line_id: Money(line.share_fen) for line in lines}
    suits = [one for one in await plan_store.objections_of(tx, plan.plan_id) if one.state == "suit"]
    decided = {row.objection_id: row.to_line_id for row in await plan_store.judgments_of(tx, plan.plan_id)}
    before = plan_outcome(shares, _disputes(suits, decided))
    after = plan_outcome(shares, _disputes(suits, {**decided, command.objection_id: command.to_line_id}))
    amount = total(before.set_aside) - total(after.set_aside)
    held = await balance_of(tx, escrow_account(plan.case_id, command.objection_id))
    if amount != held:
        raise InvariantViolated(f"escrow of {command.objection_id}: {held} held, {amount} set aside by the plan")
    return amount


def _disputes(suits: Sequence[PlanObjectionRow], decided: dict[UUID, UUID]) -> list[Dispute[UUID]]:
    return [
        Dispute(
            suit.line_id,
            Money(suit.disputed_fen),
            Standing.DECIDED if suit.objection_id in decided else Standing.PENDING,
            decided.get(suit.objection_id),
        )
        for suit in suits
    ]
