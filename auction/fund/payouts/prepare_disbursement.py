"""Prepare a disbursement: the handler's step. What is to be paid is set aside at once (执行款发放审批表)."""

from __future__ import annotations

from uuid import UUID

from auction.fund.claims import store as claim_store
from auction.fund.claims.tables import ClaimRow
from auction.fund.claims.taxes import ReserveWaits
from auction.fund.deposits.store import add
from auction.fund.ledger.accounts import Account
from auction.fund.ledger.post_entry import place_hold
from auction.fund.ledger.store import available_in
from auction.fund.orders_in_doubt import require_no_doubt_of_line
from auction.fund.payouts import store as payout_store
from auction.fund.payouts.disbursements import (
    STEP_ROLES,
    PayeeAccountMissing,
    ShareExceeded,
    Step,
    require_other_person,
    require_panel,
    require_usable,
    shown_fingerprint,
)
from auction.fund.payouts.escrow import EscrowUnknown
from auction.fund.payouts.publish_unclaimed import require_claimed
from auction.fund.payouts.put_in_escrow import escrow_cost_account, escrow_view
from auction.fund.payouts.sign_step import record_step
from auction.fund.payouts.store import DisbursementView, disbursement_view
from auction.fund.payouts.tables import DisbursementRow, PayeeAccountRow
from auction.fund.plans import store as plan_store
from auction.fund.plans.grounds import SURPLUS
from auction.fund.plans.payables import payable_account
from auction.fund.plans.planned import surplus_payable
from auction.fund.plans.tables import PlanLineRow, PlanRow
from auction.fund.stays.stays import require_moving
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.money import Money


class PrepareDisbursement(Command, frozen=True, kw_only=True):
    """Pay this much of a settled line to its payee's confirmed account; with ``escrow_id``: of the cost of its escrow."""

    disbursement_id: UUID
    line_id: UUID
    amount_fen: int
    escrow_id: UUID | None = None


async def prepare_disbursement(db: Database, actor: Actor, command: PrepareDisbursement) -> DisbursementView:
    """Prepare a disbursement and show it; the money is set aside until it is ordered or voided.

    Raises `PlanUnknown`, `EscrowUnknown`, `PanelDecisionMissing`, `UnclaimedNotApproved`, `PayeeAccountMissing`,
    `PayeeInChain`, `ReserveWaits`, `SurplusWaits`, `ShareExceeded`, `CaseStayed`, `OrderInDoubt`.
    """
    require_role(actor, *STEP_ROLES[Step.PREPARE])

    async def work(tx: Transaction) -> DisbursementView:
        line, plan = await plan_store.settled_line(tx, command.line_id)
        await tx.about_case(plan.case_id)
        await _require_moving(tx, command, line, plan)
        await require_no_doubt_of_line(tx, line.line_id)
        payable, payee = await _owed(tx, command, line, plan)
        require_other_person(person_id=actor.person_id, payee=payee, earlier=())
        account = await _usable_account(tx, plan.case_id, payee)
        amount = Money(command.amount_fen)
        left = await available_in(tx, payable)
        if line.kind == SURPLUS:
            left = surplus_payable(
                left, still_open=await plan_store.still_open(tx, plan.case_id, debtor=line.payee_person_id)
            )
        if not 0 < amount.fen <= left.fen:
            raise ShareExceeded(left=left)
        hold_id = await place_hold(tx, payable, amount, cause="disbursement", subject_id=command.disbursement_id)
        row = DisbursementRow(
            disbursement_id=command.disbursement_id,
            case_id=plan.case_id,
            line_id=line.line_id,
            account_code=payable.code,
            payee_person_id=payee,
            payee_account_id=account.payee_account_id,
            amount_fen=amount.fen,
            hold_id=hold_id,
            bank_key=f"payout:{command.disbursement_id}",
            state="prepared",
            prepared_at=tx.now,
        )
        await add(tx, row)
        signed = shown_fingerprint(
            disbursement_id=row.disbursement_id,
            amount=amount,
            payee_person_id=row.payee_person_id,
            account_commitment=account.number_commitment,
            plan_sha256=plan.content_sha256,
        )
        await record_step(tx, actor, row, Step.PREPARE, signed)
        return await disbursement_view(tx, row, signed)

    return await db.carry_out(actor, command, work, DisbursementView)


async def _require_moving(tx: Transaction, command: PrepareDisbursement, line: PlanLineRow, plan: PlanRow) -> None:
    """Refuse what stands still (`CaseStayed`), but for what was deposited: to deposit is to have paid, that much and no more (民法典 571)."""
    deposited = await payout_store.deposited_left(tx, command.line_id)
    if command.escrow_id is None and not 0 < command.amount_fen <= deposited.fen:
        await require_moving(tx, plan.case_id, plan_id=plan.plan_id, kind=line.kind)


async def _owed(
    tx: Transaction, command: PrepareDisbursement, line: PlanLineRow, plan: PlanRow
) -> tuple[Account, UUID]:
    """Give what is paid from, and to whom: the line's payee, or who is owed the cost of its escrow by a sealed decision."""
    if command.escrow_id is None:
        await _require_panel(tx, line, plan)
        await _require_assessed(tx, line)
        await require_claimed(tx, line.line_id)
        return payable_account(plan.case_id, line), line.payee_person_id
    escrow = await escrow_view(tx, command.escrow_id)
    if escrow.line_id != line.line_id or escrow.cost_payee_person_id is None:
        raise EscrowUnknown(escrow_id=command.escrow_id)
    return escrow_cost_account(plan.case_id, escrow.escrow_id), escrow.cost_payee_person_id


async def _require_assessed(tx: Transaction, line: PlanLineRow) -> None:
    """Refuse to pay a reserve: what of it the office is owed is not known yet (`ReserveWaits`). Source: 网拍 30."""
    if line.claim_id is not None and await claim_store.is_open_reserve(tx, line.claim_id):
        raise ReserveWaits


async def _require_panel(tx: Transaction, line: PlanLineRow, plan: PlanRow) -> None:
    claim = None if line.claim_id is None else await tx.session.get(ClaimRow, line.claim_id)
    to_applicant = claim is not None and claim.by_applicant
    require_panel(line.line_id, to_applicant=to_applicant, panel_decided=plan.panel_document_id is not None)


async def _usable_account(tx: Transaction, case_id: UUID, person_id: UUID) -> PayeeAccountRow:
    account = await payout_store.confirmed_account(tx, case_id, person_id)
    if account is None:
        raise PayeeAccountMissing
    require_usable(account.usable_from, now=tx.now)
    return account
