"""Settle a case: book the plan in one entry, when everybody had his time to object.

1. Refused until the plan was served on every addressee, every window has ended and no objection is open, and while what was drawn is
   not what is owed and held now: a claim that came, went or changed since (somebody who joined in time, a third party who won, a cost), a
   share whose costs changed, a price that went back. It is drawn and served anew.
2. What is paid and what is set aside while suits run is what `plan_outcome` says (Interp. 510).
3. One entry moves proceeds and forfeited money to costs, taxes, claims, surplus and escrow; it happens once.
4. A buyer's share pays back what he set off against his price, before anything is paid out to him (`settle_set_offs`).
5. Nothing is settled, and nothing of it set aside instead, while somebody who applied to join in time is undecided (`case_joins`).
6. Forfeited money of a lot whose resale fell since the plan was drawn stays where it is: the plan is drawn anew.

Source: Interp. 509, 510.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from auction.fund.case_joins import require_joins_decided
from auction.fund.claims import store as claim_store
from auction.fund.claims.claims import OFFICERS, OrdinaryOrder
from auction.fund.deposits.tables import PurchaseRow
from auction.fund.forfeits.forfeited import Taken, require_still_free
from auction.fund.forfeits.forfeited_of_case import forfeited_of_case, holding_account
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.entries import Cause, Posting, book
from auction.fund.ledger.post_entry import post_entry
from auction.fund.plans import store as plan_store
from auction.fund.plans.assets import claims_of_plan, is_owner, require_one_pot, sale_of_plan, waiting
from auction.fund.plans.payables import escrow_account, payable_account
from auction.fund.plans.plan import PlanOutdated
from auction.fund.plans.plan_outcome import Dispute, Outcome, Standing, plan_outcome
from auction.fund.plans.planned import to_plan
from auction.fund.plans.store import PlanView, plan_view
from auction.fund.plans.tables import PlanLineRow, PlanObjectionRow, PlanRow
from auction.fund.set_offs.other_prices import require_others_covered
from auction.fund.set_offs.settle_set_offs import require_set_offs_undisputed, settle_set_offs
from auction.fund.settlement.idle_surplus import bring_back_surplus
from auction.fund.settlement.net_of_sale import require_shares_current
from auction.fund.settlement.object_to_plan import PlanClosed
from auction.fund.settlement.propose_plan import undistributed
from auction.fund.stays.stays import require_moving
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


async def settle_case(db: Database, actor: Actor, command: SettleCase) -> PlanView:
    """Book a plan and show it.

    Raises `PlanUnknown`, `PlanClosed`, `WindowStillOpen`, `JoinUndecided`, `ObjectionsOpen`, `PlanOutdated`, `ReserveExceeded`, `CoOwnerShareOutdated`,
    `SetOffDisputed`, `SetOffFirst`, `ForfeitedWaits`, `CaseStayed`, `Overdrawn`.
    """
    require_role(actor, *OFFICERS, Role.SYSTEM)

    async def work(tx: Transaction) -> PlanView:
        plan = await plan_store.plan_row(tx, command.plan_id)
        await tx.about_case(plan.case_id)
        await require_moving(tx, plan.case_id, sale=await sale_of_plan(tx, plan.plan_id))
        plan = await plan_store.plan_row(tx, command.plan_id)
        if plan.state != "drawn":
            raise PlanClosed(plan_id=plan.plan_id)
        await _require_windows_over(tx, plan)
        await require_joins_decided(tx, plan.case_id)
        suits = await _suits(tx, plan)
        lines = await plan_store.lines_of(tx, plan.plan_id)
        await _require_claims_standing(tx, plan, lines)
        sale = await sale_of_plan(tx, plan.plan_id)
        round_id = None if sale is None else sale.round_id
        await _require_current(tx, plan, lines, sale)
        outcome = pending_outcome(lines, suits)
        await require_set_offs_undisputed(tx, plan.case_id, _undisputed(lines, outcome), round_id=round_id)
        missing = Money(plan.proceeds_fen) - await waiting(tx, plan.case_id, sale)
        await bring_back_surplus(tx, plan.case_id, plan_id=plan.plan_id, sale=sale, missing=missing)
        await _book(tx, plan, lines, suits, outcome)
        await settle_set_offs(tx, plan.case_id, lines, cause_id=plan.plan_id, round_id=round_id)
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


async def _require_current(
    tx: Transaction, plan: PlanRow, lines: Sequence[PlanLineRow], sale: PurchaseRow | None
) -> None:
    """Refuse a plan that is not over all claims as they are owed now, or over more than is still held (`PlanOutdated`; rule 1), or taking what stands for another price (`SetOffFirst`)."""
    order = cast("OrdinaryOrder", plan.ordinary_order)
    claims = await claims_of_plan(tx, plan.case_id, sale, ordinary_order=order)
    drawn = {line.claim_id: line.owed_fen for line in lines if line.claim_id is not None}
    if drawn != {row.claim_id: claim.amount.fen for row, claim in claims}:
        raise PlanOutdated(plan_id=plan.plan_id)
    if sale is None:
        paid = [(line.kind, line.share_fen >= line.owed_fen) for line in lines]
        await require_one_pot(tx, plan.case_id, paid, ordinary_order=order)
    elif not await is_owner(tx, sale, plan.debtor_person_id) or sale.state != "paid":
        raise PlanOutdated(plan_id=plan.plan_id)
    await require_shares_current(tx, [row for row, _ in claims])
    if Money(plan.proceeds_fen) > await undistributed(tx, plan.case_id, sale):
        raise PlanOutdated(plan_id=plan.plan_id)
    await require_others_covered(tx, plan.case_id, sale, ordinary_order=order)


async def _suits(tx: Transaction, plan: PlanRow) -> list[PlanObjectionRow]:
    objections = await plan_store.objections_of(tx, plan.plan_id)
    if any(objection.state in ("raised", "accepted") for objection in objections):
        raise ObjectionsOpen(plan_id=plan.plan_id)
    return [objection for objection in objections if objection.state == "suit"]


def pending_outcome(lines: Sequence[PlanLineRow], suits: Sequence[PlanObjectionRow]) -> Outcome[UUID]:
    """Give what the lines are paid while these suits run, and what is set aside for each."""
    disputes = [Dispute(suit.line_id, Money(suit.disputed_fen), Standing.PENDING) for suit in suits]
    return plan_outcome({line.line_id: Money(line.share_fen) for line in lines}, disputes)


def _undisputed(lines: Sequence[PlanLineRow], outcome: Outcome[UUID]) -> list[tuple[UUID, Money]]:
    """Give what each claim's line is paid, by payee."""
    return [(line.payee_person_id, outcome.pay[line.line_id]) for line in lines if line.claim_id is not None]


async def _book(
    tx: Transaction,
    plan: PlanRow,
    lines: Sequence[PlanLineRow],
    suits: Sequence[PlanObjectionRow],
    outcome: Outcome[UUID],
) -> None:
    postings = await debit_forfeited(tx, plan)
    if plan.proceeds_fen:
        postings.append(Posting(Account(AccountKind.PROCEEDS, plan.case_id), Money(plan.proceeds_fen)))
    postings += [
        Posting(escrow_account(plan.case_id, suit.objection_id), -amount)
        for suit, amount in zip(suits, outcome.set_aside, strict=True)
        if amount
    ]
    postings += [
        Posting(payable_account(plan.case_id, line), -outcome.pay[line.line_id])
        for line in lines
        if outcome.pay[line.line_id]
    ]
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
