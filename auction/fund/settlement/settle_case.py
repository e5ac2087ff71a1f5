"""Settle a case: book the plan in one entry, when everybody had his time to object.

1. Refused until the plan was served on every addressee, every window has ended, no objection is open, and its claims still stand.
2. A line under suit is set aside in escrow by the disputed amount; the rest of it is payable (Interp. 510).
3. One entry moves proceeds and forfeited money to costs, taxes, claims, surplus and escrow; it happens once.
4. Escrow is released to the line that the judgment names.
5. A buyer's share pays back what he set off against his price, before anything is paid out to him (`settle_set_offs`).
6. Forfeited money of a lot whose resale fell since the plan was drawn stays where it is: the plan is drawn anew.

Source: Interp. 509, 510.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from auction.fund.claims import store as claim_store
from auction.fund.claims.claims import OFFICERS
from auction.fund.forfeits.forfeited import Taken, require_still_free
from auction.fund.forfeits.forfeited_of_case import forfeited_of_case, holding_account
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.entries import Cause, Posting, book, move
from auction.fund.ledger.post_entry import post_entry
from auction.fund.ledger.store import balance_of
from auction.fund.plans import store as plan_store
from auction.fund.plans.payables import escrow_account, payable_account
from auction.fund.plans.plan import PlanOutdated, PlanUnknown
from auction.fund.plans.planned import to_plan
from auction.fund.plans.store import PlanView, plan_view
from auction.fund.plans.tables import PlanLineRow, PlanObjectionRow, PlanRow
from auction.fund.set_offs.settle_set_offs import require_set_offs_undisputed, settle_set_offs
from auction.fund.settlement.object_to_plan import JUDGMENT, ObjectionUnknown, PlanClosed, require_proof
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict
from auction.kernel.money import Money
from auction.law.periods import deadline_at, is_in_time


class WindowStillOpen(Conflict):
    """Somebody was not served, or may still object."""

    code = "plan_window_open"
    article = "Interp. 509"
    zh = "分配方案尚未送达全部当事人，或者异议期限尚未届满。"
    en = "The plan is not served on everybody yet, or somebody may still object."


class ObjectionsOpen(Conflict):
    """An objection is neither withdrawn nor answered, or was accepted and the plan not corrected."""

    code = "plan_objections_open"
    article = "Interp. 510"
    zh = "对分配方案的异议尚未处理完毕。"
    en = "An objection to this plan is not settled yet."


class SettleCase(Command, frozen=True, kw_only=True):
    """Book this plan."""

    plan_id: UUID


class ReleaseEscrow(Command, frozen=True, kw_only=True):
    """Release what was set aside for an objection to the line that won, with the judgment's document."""

    objection_id: UUID
    plan_id: UUID
    to_line_id: UUID
    document_id: UUID


async def settle_case(db: Database, actor: Actor, command: SettleCase) -> PlanView:
    """Book a plan and show it.

    Raises `PlanUnknown`, `PlanClosed`, `WindowStillOpen`, `ObjectionsOpen`, `PlanOutdated`, `ReserveExceeded`,
    `SetOffDisputed`, `ForfeitedWaits`, `Overdrawn`.
    """
    require_role(actor, *OFFICERS, Role.SYSTEM)

    async def work(tx: Transaction) -> PlanView:
        plan = await plan_store.plan_row(tx, command.plan_id)
        await tx.about_case(plan.case_id)
        plan = await plan_store.plan_row(tx, command.plan_id)
        if plan.state != "drawn":
            raise PlanClosed(plan_id=plan.plan_id)
        await _require_windows_over(tx, plan)
        suits = await _suits(tx, plan)
        lines = await plan_store.lines_of(tx, plan.plan_id)
        await _require_claims_standing(tx, plan, lines)
        await require_set_offs_undisputed(tx, plan.case_id, _undisputed(lines, suits))
        await _book(tx, plan, lines, suits)
        await settle_set_offs(tx, plan.case_id, lines, cause_id=plan.plan_id)
        plan.state, plan.settled_at = "settled", tx.now
        await tx.session.flush()
        return await plan_view(tx, plan.plan_id)

    return await db.carry_out(actor, command, work, PlanView)


async def _require_windows_over(tx: Transaction, plan: PlanRow) -> None:
    for addressee in await plan_store.addressees_of(tx, plan.plan_id):
        ends_on = addressee.window_ends_on
        if ends_on is None or is_in_time(tx.now, deadline_at(ends_on)):
            raise WindowStillOpen(plan_id=plan.plan_id)


async def _require_claims_standing(tx: Transaction, plan: PlanRow, lines: Sequence[PlanLineRow]) -> None:
    standing = {claim.claim_id for claim in await claim_store.claim_rows(tx, plan.case_id)}
    gone = [line for line in lines if line.claim_id is not None and line.claim_id not in standing]
    for line in gone:
        tax = await claim_store.tax_of_reserve(tx, plan.case_id, line.claim_id)
        if tax is not None and tax.seller_fen is not None:
            to_plan(Money(plan.proceeds_fen), reserve=Money(line.owed_fen), assessed=Money(tax.seller_fen))
    if gone:
        raise PlanOutdated(plan_id=plan.plan_id)


async def _suits(tx: Transaction, plan: PlanRow) -> list[PlanObjectionRow]:
    objections = await plan_store.objections_of(tx, plan.plan_id)
    if any(objection.state in ("raised", "accepted") for objection in objections):
        raise ObjectionsOpen(plan_id=plan.plan_id)
    return [objection for objection in objections if objection.state == "suit"]


def _undisputed(lines: Sequence[PlanLineRow], suits: Sequence[PlanObjectionRow]) -> list[tuple[UUID, Money]]:
    """Give what each claim's line has beyond what is under suit, by payee."""
    disputed: dict[UUID, int] = {}
    for suit in suits:
        disputed[suit.line_id] = disputed.get(suit.line_id, 0) + suit.disputed_fen
    return [
        (line.payee_person_id, Money(max(0, line.share_fen - disputed.get(line.line_id, 0))))
        for line in lines
        if line.claim_id is not None
    ]


async def _book(
    tx: Transaction, plan: PlanRow, lines: Sequence[PlanLineRow], suits: Sequence[PlanObjectionRow]
) -> None:
    postings = await debit_forfeited(tx, plan)
    if plan.proceeds_fen:
        postings.append(Posting(Account(AccountKind.PROCEEDS, plan.case_id), Money(plan.proceeds_fen)))
    for line in lines:
        left = line.share_fen
        for suit in suits:
            disputed = min(suit.disputed_fen, left) if suit.line_id == line.line_id else 0
            if disputed:
                postings.append(Posting(escrow_account(plan.case_id, suit.objection_id), Money(-disputed)))
                left -= disputed
        if left:
            postings.append(Posting(payable_account(plan.case_id, line), Money(-left)))
    entry = book(f"settle:{plan.plan_id}", Cause.PLAN_SETTLED, postings, case_id=plan.case_id, subject_id=plan.plan_id)
    await post_entry(tx, entry)


async def debit_forfeited(tx: Transaction, plan: PlanRow) -> list[Posting]:
    """Debit the deposits that a plan uses, each out of its own account.

    Raises `ForfeitedWaits` where a resale does not stand any more, `PlanOutdated` for a plan that names no deposits (rule 6).
    """
    parts = await plan_store.forfeited_parts(tx, plan.plan_id)
    if sum(part.amount_fen for part in parts) != plan.forfeited_fen:  # drawn before plans named their deposits
        raise PlanOutdated(plan_id=plan.plan_id)
    taken = [Taken(part.round_id, Money(part.amount_fen), part.decision_document_id is not None) for part in parts]
    require_still_free(taken, await forfeited_of_case(tx, plan.case_id))
    return [Posting(await holding_account(tx, plan.case_id, part.round_id), part.amount) for part in taken]


async def release_escrow(db: Database, actor: Actor, command: ReleaseEscrow) -> UUID:
    """Release an escrow to a line of its plan and give the entry.

    Raises `PlanUnknown`, `ObjectionUnknown`, `DocumentNotSealed`, `ProofOlderThanObjection`.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> UUID:
        plan = await plan_store.plan_row(tx, command.plan_id)
        await tx.about_case(plan.case_id)
        line = await plan_store.line_row(tx, command.to_line_id)
        if line is None or line.plan_id != plan.plan_id:
            raise PlanUnknown(plan_id=command.plan_id)
        objection = await tx.session.get(PlanObjectionRow, command.objection_id)
        if objection is None or objection.plan_id != plan.plan_id:
            raise ObjectionUnknown(objection_id=command.objection_id)
        await require_proof(tx, objection, case_id=plan.case_id, document_id=command.document_id, kind=JUDGMENT)
        escrow = escrow_account(plan.case_id, command.objection_id)
        held = await balance_of(tx, escrow)
        if not held:
            raise ObjectionUnknown(objection_id=command.objection_id)
        pairs = move(held, debit=escrow, credit=payable_account(plan.case_id, line))
        key = f"escrow-released:{command.objection_id}"
        entry = book(key, Cause.ESCROW_RELEASED, pairs, case_id=plan.case_id, subject_id=command.document_id)
        entry_id = await post_entry(tx, entry)
        await settle_set_offs(tx, plan.case_id, [line], cause_id=command.objection_id)
        return entry_id

    return await db.carry_out(actor, command, work, UUID)
