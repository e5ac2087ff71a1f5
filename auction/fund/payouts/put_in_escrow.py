"""Put a share that nobody can be given into escrow (提存), and let it be claimed within five years.

1. The court's sealed decision orders it, whose text the system wrote from these terms (`escrow_order_text`); what is left of the share moves,
   less the cost, in one entry.
2. The cost is owed to whom the decision names, out of the share (执行款物 17); it is paid by the chain of four like everything.
3. A claim is approved by bureau head or vice-president; the money is then owed to the payee as before, and a new chain of four pays it.
4. What stands in escrow is made public until it is claimed.
5. While the case stands still before a bankruptcy court nothing new is set aside: to deposit is to have paid, and nothing is paid then
   (`stays`; auction/DECISIONS F32). What stood in escrow before may be claimed.

Source: 执行款物 16, 17; 民法典 574.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.fund.case_file import CasePartyRow, PartyNotOfCase, require_document
from auction.fund.deposits.store import add
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.entries import Cause, Posting, book, move
from auction.fund.ledger.post_entry import post_entry
from auction.fund.ledger.store import available_in, available_in_all
from auction.fund.ledger.subjects import require_new_subject
from auction.fund.payouts.clocks import APPROVERS
from auction.fund.payouts.escrow import (
    EscrowCostPayeeMissing,
    EscrowDecisionUsed,
    EscrowGround,
    EscrowParts,
    EscrowUnknown,
    NothingLeftOfShare,
    OwnRequest,
    claim_until,
    require_claim_in_time,
    require_escrow_ground,
    split_escrow,
)
from auction.fund.payouts.escrow_order_text import EscrowOrderDiffers, EscrowOrdered, escrow_order_text
from auction.fund.payouts.note_payout import clear_returned
from auction.fund.payouts.tables import EscrowClaimRow, ShareEscrowRow
from auction.fund.plans import store as plan_store
from auction.fund.plans.grounds import SURPLUS
from auction.fund.plans.payables import escrow_account, payable_account
from auction.fund.plans.plan_text import fingerprint_of_text
from auction.fund.plans.planned import surplus_payable
from auction.fund.plans.tables import PlanLineRow, PlanRow
from auction.fund.stays.stays import require_moving
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.money import Money
from auction.kernel.persons import masked_of_all, name_of
from auction.law.calendar import COURT_CALENDAR

ESCROW_DECISION = "escrow_decision"
"""Kind of the sealed document that orders it."""
MAX_ESCROWS = 500
"""Most escrows on one list."""


class EscrowOrderTerms(Protocol):
    """On what a share is put into escrow: its decision is written and the share set aside on the same."""

    @property
    def line_id(self) -> UUID:
        """The share's line."""

    @property
    def ground(self) -> str:
        """Why."""

    @property
    def cost_fen(self) -> int:
        """The cost in fen, zero if there is none."""

    @property
    def cost_party_id(self) -> UUID | None:
        """Who is paid the cost."""


@dataclass(frozen=True, slots=True)
class EscrowWorked:
    """What terms come to now: the parts of what is left of the share, who is paid the cost, and the decision's text."""

    parts: EscrowParts
    cost_payee_person_id: UUID | None
    text: str


class PutInEscrow(Command, frozen=True, kw_only=True):
    """Set what is left of this share aside; ``cost_party_id`` names who is paid the cost, if there is one."""

    escrow_id: UUID
    line_id: UUID
    ground: str
    document_id: UUID
    cost_fen: int = 0
    cost_party_id: UUID | None = None


class ClaimEscrow(Command, frozen=True, kw_only=True):
    """Approve that money in escrow is paid to its payee, on this evidence."""

    escrow_id: UUID
    case_id: UUID
    evidence_sha256: str


class EscrowView(msgspec.Struct, frozen=True, kw_only=True):
    """A share in escrow; ``claimed_on`` is ``None`` until it is claimed, ``left_fen`` what still stands there."""

    escrow_id: UUID
    case_id: UUID
    line_id: UUID
    payee_person_id: UUID
    payee_masked: str
    ground: EscrowGround
    share_fen: int
    cost_fen: int
    net_fen: int
    left_fen: int
    cost_left_fen: int
    cost_payee_person_id: UUID | None
    deposited_on: date
    claim_until: date
    deposited_at: datetime
    claimed_on: date | None


async def put_in_escrow(db: Database, actor: Actor, command: PutInEscrow) -> EscrowView:
    """Set a share aside and show it.

    Raises `PlanUnknown`, `NoEscrowGround`, `DocumentNotSealed`, `EscrowDecisionUsed`, `EscrowOrderDiffers`, `NothingLeftOfShare`, `EscrowCostWrong`,
    `EscrowCostPayeeMissing`, `PartyNotOfCase`, `CaseStayed`, `SurplusWaits`, `SubjectTaken`. Source: 执行款物 16, 17.
    """
    require_role(actor, Role.CASE_HANDLER)
    ground = require_escrow_ground(command.ground)

    async def work(tx: Transaction) -> EscrowView:
        line, plan = await plan_store.settled_line(tx, command.line_id)
        await tx.about_case(plan.case_id)
        await require_moving(tx, plan.case_id, plan_id=plan.plan_id, kind=line.kind)
        await require_new_subject(tx, command.escrow_id)
        sealed = await require_document(tx, case_id=plan.case_id, document_id=command.document_id, kind=ESCROW_DECISION)
        await _require_own_decision(tx, command)
        worked = await escrow_order(tx, line, plan, command)
        if sealed.body_sha256 != fingerprint_of_text(worked.text):
            raise EscrowOrderDiffers(document_id=command.document_id)
        parts = worked.parts
        entry_id = await _set_aside(tx, plan.case_id, line, command.escrow_id, parts)
        today = local_day(tx.now)
        row = ShareEscrowRow(
            escrow_id=command.escrow_id,
            case_id=plan.case_id,
            line_id=line.line_id,
            ground=ground.value,
            share_fen=(parts.net + parts.cost).fen,
            cost_fen=parts.cost.fen,
            net_fen=parts.net.fen,
            cost_payee_person_id=worked.cost_payee_person_id,
            document_id=command.document_id,
            entry_id=entry_id,
            deposited_by=actor.person_id,
            deposited_on=today,
            claim_until=claim_until(today, COURT_CALENDAR),
            deposited_at=tx.now,
        )
        await add(tx, row)
        await clear_returned(tx, line.line_id)
        return await _view(tx, row)

    return await db.carry_out(actor, command, work, EscrowView)


async def escrow_order(tx: Transaction, line: PlanLineRow, plan: PlanRow, terms: EscrowOrderTerms) -> EscrowWorked:
    """Work out what would be set aside on these terms now, and write the decision that orders it.

    Raises `NoEscrowGround`, `NothingLeftOfShare`, `SurplusWaits`, `EscrowCostWrong`, `EscrowCostPayeeMissing`, `PartyNotOfCase`.
    """
    ground = require_escrow_ground(terms.ground)
    left = await available_in(tx, payable_account(plan.case_id, line))
    if not left:
        raise NothingLeftOfShare(line_id=line.line_id)
    if line.kind == SURPLUS:
        surplus_payable(left, still_open=await plan_store.still_open(tx, plan.case_id, debtor=line.payee_person_id))
    parts = split_escrow(left, Money(terms.cost_fen))
    cost_payee = await _cost_payee(tx, plan.case_id, terms)
    ordered = EscrowOrdered(
        plan_number=plan.number,
        line_number=line.number,
        kind=line.kind,
        payee=await name_of(tx, line.payee_person_id),
        ground=ground,
        parts=parts,
        cost_payee=None if cost_payee is None else await name_of(tx, cost_payee),
    )
    return EscrowWorked(parts=parts, cost_payee_person_id=cost_payee, text=escrow_order_text(ordered))


async def claim_escrow(db: Database, actor: Actor, command: ClaimEscrow) -> EscrowView:
    """Let the money be owed to its payee again, and show it; a new chain of four pays it.

    Raises `EscrowUnknown`, `EscrowClaimLate`, `OwnRequest`. Source: 民法典 574.
    """
    require_role(actor, *APPROVERS)

    async def work(tx: Transaction) -> EscrowView:
        await tx.about_case(command.case_id)
        row = await tx.session.get(ShareEscrowRow, command.escrow_id)
        claimed = await tx.session.get(EscrowClaimRow, command.escrow_id)
        if row is None or row.case_id != command.case_id or claimed is not None:
            raise EscrowUnknown(escrow_id=command.escrow_id)
        if row.deposited_by == actor.person_id:
            raise OwnRequest
        require_claim_in_time(row.claim_until, now=tx.now)
        line = await plan_store.line_row(tx, row.line_id)
        assert line is not None, "an escrow names a line"
        left = await available_in(tx, escrow_account(row.case_id, row.escrow_id))
        left = min(left, Money(row.net_fen))
        if not left:  # it fell by an undoing (`undoings`)
            raise EscrowUnknown(escrow_id=command.escrow_id)
        pairs = move(
            left,
            debit=escrow_account(row.case_id, row.escrow_id),
            credit=payable_account(row.case_id, line),
        )
        key = f"share-escrow-claimed:{row.escrow_id}"
        entry = book(key, Cause.ESCROW_RELEASED, pairs, case_id=row.case_id, subject_id=row.escrow_id)
        claim = EscrowClaimRow(
            escrow_id=row.escrow_id,
            evidence_sha256=command.evidence_sha256,
            approved_by=actor.person_id,
            entry_id=await post_entry(tx, entry),
            claimed_on=local_day(tx.now),
            at=tx.now,
        )
        await add(tx, claim)
        return await _view(tx, row)

    return await db.carry_out(actor, command, work, EscrowView)


def escrow_cost_account(case_id: UUID, escrow_id: UUID) -> Account:
    """The account in which the cost of an escrow is owed."""
    return Account(AccountKind.COSTS_PAYABLE, case_id, escrow_id)


async def escrow_view(tx: Transaction, escrow_id: UUID) -> EscrowView:
    """Show one escrow. Raises `EscrowUnknown`."""
    row = await tx.session.get(ShareEscrowRow, escrow_id)
    if row is None:
        raise EscrowUnknown(escrow_id=escrow_id)
    return await _view(tx, row)


async def escrows(
    tx: Transaction, case_id: UUID | None = None, *, standing_only: bool = False
) -> tuple[EscrowView, ...]:
    """Give the escrows of a case, or of all, the oldest first."""
    found = select(ShareEscrowRow).order_by(ShareEscrowRow.deposited_at, ShareEscrowRow.escrow_id).limit(MAX_ESCROWS)
    if case_id is not None:
        found = found.where(ShareEscrowRow.case_id == case_id)
    if standing_only:
        found = found.where(ShareEscrowRow.escrow_id.not_in(select(EscrowClaimRow.escrow_id)))
    rows: Sequence[ShareEscrowRow] = (await tx.session.scalars(found)).all()
    shown = await _views(tx, rows)
    return tuple(one for one in shown if one.left_fen) if standing_only else shown


async def _require_own_decision(tx: Transaction, command: PutInEscrow) -> None:
    """Refuse a decision on which another share was set aside (`EscrowDecisionUsed`)."""
    other = select(ShareEscrowRow.escrow_id).where(
        ShareEscrowRow.document_id == command.document_id, ShareEscrowRow.line_id != command.line_id
    )
    if (await tx.session.execute(other.limit(1))).first() is not None:
        raise EscrowDecisionUsed(document_id=command.document_id)


async def _cost_payee(tx: Transaction, case_id: UUID, command: EscrowOrderTerms) -> UUID | None:
    """Give who is paid the cost: a party of the case, named exactly when there is a cost."""
    if (command.cost_fen == 0) != (command.cost_party_id is None):
        raise EscrowCostPayeeMissing
    if command.cost_party_id is None:
        return None
    party = await tx.session.get(CasePartyRow, command.cost_party_id)
    if party is None or party.case_id != case_id:
        raise PartyNotOfCase(party_id=command.cost_party_id)
    return party.person_id


async def _set_aside(tx: Transaction, case_id: UUID, line: PlanLineRow, escrow_id: UUID, parts: EscrowParts) -> UUID:
    postings = [
        Posting(payable_account(case_id, line), parts.net + parts.cost),
        Posting(escrow_account(case_id, escrow_id), -parts.net),
    ]
    if parts.cost:
        postings.append(Posting(escrow_cost_account(case_id, escrow_id), -parts.cost))
    key = f"share-escrow:{escrow_id}"
    return await post_entry(tx, book(key, Cause.SHARE_IN_ESCROW, postings, case_id=case_id, subject_id=escrow_id))


async def _view(tx: Transaction, row: ShareEscrowRow) -> EscrowView:
    return (await _views(tx, [row]))[0]


async def _views(tx: Transaction, rows: Sequence[ShareEscrowRow]) -> tuple[EscrowView, ...]:
    """Show escrows with four queries, however many they are: the list is everybody's to ask for."""
    ids = [row.escrow_id for row in rows]
    claims = await tx.session.scalars(select(EscrowClaimRow).where(EscrowClaimRow.escrow_id.in_(ids)))
    claimed_on = {claim.escrow_id: claim.claimed_on for claim in claims}
    lines = await plan_store.lines_by_id(tx, {row.line_id for row in rows})
    masked = await masked_of_all(tx, {line.payee_person_id for line in lines.values()})
    costs = {row.escrow_id: escrow_cost_account(row.case_id, row.escrow_id) for row in rows}
    standing = {row.escrow_id: escrow_account(row.case_id, row.escrow_id) for row in rows}
    left = await available_in_all(tx, [*costs.values(), *standing.values()])
    return tuple(
        EscrowView(
            escrow_id=row.escrow_id,
            case_id=row.case_id,
            line_id=row.line_id,
            payee_person_id=lines[row.line_id].payee_person_id,
            payee_masked=masked[lines[row.line_id].payee_person_id],
            ground=EscrowGround(row.ground),
            share_fen=row.share_fen,
            cost_fen=row.cost_fen,
            net_fen=row.net_fen,
            left_fen=left[standing[row.escrow_id]].fen,
            cost_left_fen=left[costs[row.escrow_id]].fen,
            cost_payee_person_id=row.cost_payee_person_id,
            deposited_on=row.deposited_on,
            claim_until=row.claim_until,
            deposited_at=row.deposited_at,
            claimed_on=claimed_on.get(row.escrow_id),
        )
        for row in rows
    )
