"""Of which case a command is: so that whoever has no part in that case is told that there is none (`require_part`)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from auction.fund.acts import store as acts
from auction.fund.bills.store import bill_row
from auction.fund.channels.attribute_receipt import case_of_proposal, case_of_subject
from auction.fund.channels.take_line_as_receipt import case_of_line
from auction.fund.deposits.purchases import PurchaseUnknown
from auction.fund.deposits.store import case_of_deposit, purchase_row
from auction.fund.payouts import store as payout_store
from auction.fund.plans import store as plan_store
from auction.fund.plans.plan import PlanUnknown
from auction.fund.refunds.name_refund_account import case_of_refund_account
from auction.fund.refunds.retry_refund import case_of_refund
from auction.fund.set_offs import store as set_offs
from auction.kernel.db import Transaction
from auction.sale.cases import store as cases
from auction.sale.cases.cases import CaseUnknown
from auction.sale.guards import store as guards
from auction.sale.joining import store as joining
from auction.sale.links import store as links
from auction.sale.lots import store as lots
from auction.sale.lots.show_question import case_of_question
from auction.sale.objections import store as objections
from auction.sale.rounds import store as rounds
from valuation.appraisals import store as appraisals
from valuation.inquiries import store as inquiries
from valuation.methods import step_store
from valuation.selections import store_of_draws

Asked = Any
"""A command that has the field after which the function is named; the routes are checked against their commands."""


async def by_case(tx: Transaction, command: Asked) -> UUID:
    """Give the case that the command names."""
    case_id: UUID = command.case_id
    return case_id


async def by_case_on_file(tx: Transaction, command: Asked) -> UUID | None:
    """Give the case that the command names once it is on file: an account's number is got before the case is opened."""
    try:
        return (await cases.case_row(tx, command.case_id)).case_id
    except CaseUnknown:
        return None


async def by_asset(tx: Transaction, command: Asked) -> UUID:
    """Give the case that the command names, after comparing the asset with it (`AssetUnknown`, `OtherCase`)."""
    return (await cases.asset_row(tx, command.case_id, command.asset_id)).case_id


async def by_lot(tx: Transaction, command: Asked) -> UUID:
    """Give the lot's case."""
    return await lots.lot_case(tx, command.lot_id)


async def by_proposal(tx: Transaction, command: Asked) -> UUID:
    """Give the case of the lot that a proposal is about."""
    return await lots.lot_case(tx, command.proposal.lot_id)


async def by_question(tx: Transaction, command: Asked) -> UUID:
    """Give the case of a question before the panel."""
    return await case_of_question(tx, command.question_id)


async def by_round(tx: Transaction, command: Asked) -> UUID:
    """Give the case of a round."""
    return await rounds.case_of_round(tx, command.round_id)


async def by_registration(tx: Transaction, command: Asked) -> UUID:
    """Give the case of a registration."""
    return (await rounds.registration_row(tx, command.registration_id)).case_id


async def by_decided_link(tx: Transaction, command: Asked) -> UUID:
    """Give the case in which a link was decided."""
    return await links.case_of_link(tx, command.link_id)


async def by_bill(tx: Transaction, command: Asked) -> UUID:
    """Give the case of a bill to the treasury."""
    return (await bill_row(tx, command.bill_id)).case_id


async def by_purchase(tx: Transaction, command: Asked) -> UUID:
    """Give the case of a purchase, named by its round."""
    row = await purchase_row(tx, command.round_id)
    if row is None:
        raise PurchaseUnknown(round_id=command.round_id)
    return row.case_id


async def by_set_off_proposal(tx: Transaction, command: Asked) -> UUID:
    """Give the case of a set-off that waits for its second person."""
    return (await set_offs.proposal_row(tx, command.proposal_id)).case_id


async def by_act(tx: Transaction, command: Asked) -> UUID:
    """Give the case of an act that waits for its second person."""
    return (await acts.act_row(tx, command.act_id)).case_id


async def by_join_application(tx: Transaction, command: Asked) -> UUID:
    """Give the case of an application to join its distribution."""
    return (await joining.application_row(tx, command.application_id)).case_id


async def by_guard_objection(tx: Transaction, command: Asked) -> UUID:
    """Give the case of an objection to a guard's refusal."""
    return (await guards.objection_row(tx, command.objection_id)).case_id


async def by_enforcement_objection(tx: Transaction, command: Asked) -> UUID:
    """Give the case of an objection in enforcement."""
    return await objections.case_of_objection(tx, command.objection_id)


async def by_plan(tx: Transaction, command: Asked) -> UUID:
    """Give the case of a distribution plan."""
    return (await plan_store.plan_row(tx, command.plan_id)).case_id


async def by_line(tx: Transaction, command: Asked) -> UUID:
    """Give the case of a plan's line."""
    line = await plan_store.line_row(tx, command.line_id)
    if line is None:
        raise PlanUnknown(line_id=command.line_id)
    return (await plan_store.plan_row(tx, line.plan_id)).case_id


async def by_disbursement(tx: Transaction, command: Asked) -> UUID:
    """Give the case of a disbursement."""
    return await payout_store.case_of_disbursement(tx, command.disbursement_id)


async def by_subject(tx: Transaction, command: Asked) -> UUID | None:
    """Give the case to which a receipt is said to belong; ``None``: it goes back to its payer."""
    return await case_of_subject(tx, command.belongs, command.subject_id)


async def by_deposit(tx: Transaction, command: Asked) -> UUID:
    """Give the case of a deposit."""
    return await case_of_deposit(tx, command.deposit_id)


async def by_receipt(tx: Transaction, command: Asked) -> UUID | None:
    """Give the case to which a receipt was proposed to belong; ``None``: to none."""
    return await case_of_proposal(tx, command.receipt_id)


async def by_refund(tx: Transaction, command: Asked) -> UUID | None:
    """Give the case of a refund; ``None``: money that belonged to none goes back."""
    return await case_of_refund(tx, command.refund_id)


async def by_refund_account(tx: Transaction, command: Asked) -> UUID | None:
    """Give the case of the refund for which another account is on record."""
    return await case_of_refund_account(tx, command.refund_account_id)


async def by_bank_line(tx: Transaction, command: Asked) -> UUID | None:
    """Give the case of the order whose key a line of the statement carries; ``None``: of none."""
    return await case_of_line(tx, command.line_id)


async def by_price_step(tx: Transaction, command: Asked) -> UUID:
    """Give the case of a step on the way to a price."""
    return (await step_store.step(tx, command.step_id)).case_id


async def by_inquiry(tx: Transaction, command: Asked) -> UUID:
    """Give the case of an online inquiry."""
    return (await inquiries.inquiry(tx, command.inquiry_id)).case_id


async def by_appraisal(tx: Transaction, command: Asked) -> UUID:
    """Give the case of an entrusted appraisal."""
    return await appraisals.case_of(tx, command.appraisal_id)


async def by_draw(tx: Transaction, command: Asked) -> UUID:
    """Give the case of a draw."""
    return (await store_of_draws.draw(tx, command.draw_id)).case_id
