"""Commands on what a case owes: claims, plans, payouts, bills, and whom they are offered to (each use case checks the actor again)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from auction.fund.bills import end_bill, issue_bill
from auction.fund.bills import store as bill_store
from auction.fund.payouts import confirm_payee_account, prepare_disbursement, sign_step, void_disbursements
from auction.fund.payouts import store as payout_store
from auction.fund.payouts.disbursements import STEP_ROLES, Step
from auction.fund.plans import store as plan_store
from auction.fund.set_offs import fix_set_off, propose_set_off
from auction.fund.settlement import (
    close_case_account,
    draw_plan,
    name_assets,
    object_to_plan,
    record_claim,
    record_co_owner_share,
    record_late_interest,
    record_replacement_rent,
    record_title_interest,
    reimburse_tax_advance,
    release_escrow,
    settle_case,
    take_over_appraisal_fee,
    take_tax_assessment,
)
from web.case_of import (
    by_bill,
    by_disbursement,
    by_line,
    by_plan,
    by_purchase,
    by_set_off_proposal,
)
from web.closing_door import require_no_lot_under_way
from web.command_route import CommandRoute
from web.offers.offering import OFFICERS, R, offer


def _claims() -> list[CommandRoute[Any, Any]]:
    return [
        offer("fund/record-claim", record_claim.RecordClaim, record_claim.record_claim, UUID, OFFICERS),
        offer("fund/name-claim-asset", name_assets.NameClaimAsset, name_assets.name_claim_asset, UUID, OFFICERS),
        offer("fund/record-lot-owner", name_assets.RecordLotOwner, name_assets.record_lot_owner, UUID, OFFICERS),
        offer("fund/withdraw-claim", record_claim.WithdrawClaim, record_claim.withdraw_claim, UUID, OFFICERS),
        offer(
            "fund/ask-tax-assessment",
            take_tax_assessment.AskTaxAssessment,
            take_tax_assessment.ask_tax_assessment,
            UUID,
            OFFICERS,
            case_of=by_purchase,
        ),
        offer(
            "fund/reserve-taxes",
            take_tax_assessment.ReserveTaxes,
            take_tax_assessment.reserve_taxes,
            UUID,
            OFFICERS,
            case_of=by_purchase,
        ),
        offer(
            "fund/propose-set-off",
            propose_set_off.ProposeSetOff,
            propose_set_off.propose_set_off,
            propose_set_off.SetOffView,
            OFFICERS,
            case_of=by_purchase,
        ),
        offer(
            "fund/fix-set-off",
            fix_set_off.FixSetOff,
            fix_set_off.fix_set_off,
            propose_set_off.SetOffView,
            OFFICERS,
            case_of=by_set_off_proposal,
        ),
    ]


def _worked_out() -> list[CommandRoute[Any, Any]]:
    """Give the commands whose amounts the system works out (F29)."""
    return [
        offer(
            "fund/record-co-owner-share",
            record_co_owner_share.RecordCoOwnerShare,
            record_co_owner_share.record_co_owner_share,
            UUID,
            OFFICERS,
            case_of=by_purchase,
        ),
        offer(
            "fund/record-late-interest",
            record_late_interest.RecordLateInterest,
            record_late_interest.record_late_interest,
            UUID,
            OFFICERS,
        ),
        offer(
            "fund/record-title-interest",
            record_title_interest.RecordTitleInterest,
            record_title_interest.record_title_interest,
            UUID,
            OFFICERS,
        ),
        offer(
            "fund/record-replacement-rent",
            record_replacement_rent.RecordReplacementRent,
            record_replacement_rent.record_replacement_rent,
            UUID,
            OFFICERS,
            case_of=by_purchase,
        ),
        offer(
            "fund/reimburse-tax-advance",
            reimburse_tax_advance.ReimburseTaxAdvance,
            reimburse_tax_advance.reimburse_tax_advance,
            UUID,
            OFFICERS,
            case_of=by_purchase,
        ),
        offer(
            "fund/take-over-appraisal-fee",
            take_over_appraisal_fee.TakeOverAppraisalFee,
            take_over_appraisal_fee.take_over_appraisal_fee,
            take_over_appraisal_fee.FeeTakenOver,
            OFFICERS,
            "appraisal_dues",
        ),
    ]


def _plans() -> list[CommandRoute[Any, Any]]:
    plan, account = plan_store.PlanView, confirm_payee_account.PayeeAccountView
    return [
        offer("fund/draw-plan", draw_plan.DrawPlan, draw_plan.draw_plan, plan, OFFICERS),
        offer(
            "fund/decide-objection",
            object_to_plan.DecideObjection,
            object_to_plan.decide_objection,
            UUID,
            OFFICERS,
            case_of=by_plan,
        ),
        offer("fund/settle-case", settle_case.SettleCase, settle_case.settle_case, plan, OFFICERS, case_of=by_plan),
        offer(
            "fund/record-payee-account",
            confirm_payee_account.RecordPayeeAccount,
            confirm_payee_account.record_payee_account,
            account,
            OFFICERS,
        ),
        offer(
            "fund/confirm-payee-account",
            confirm_payee_account.ConfirmPayeeAccount,
            confirm_payee_account.confirm_payee_account,
            account,
            OFFICERS,
        ),
        offer(
            "fund/release-escrow",
            release_escrow.ReleaseEscrow,
            release_escrow.release_escrow,
            UUID,
            OFFICERS,
            case_of=by_plan,
        ),
        offer("fund/object-to-plan", object_to_plan.ObjectToPlan, object_to_plan.object_to_plan, UUID, (R.PARTY,)),
    ]


def _payouts() -> list[CommandRoute[Any, Any]]:
    payout = payout_store.DisbursementView
    return [
        offer(
            "fund/prepare-disbursement",
            prepare_disbursement.PrepareDisbursement,
            prepare_disbursement.prepare_disbursement,
            payout,
            tuple(STEP_ROLES[Step.PREPARE]),
            case_of=by_line,
        ),
        offer(
            "fund/approve-disbursement",
            sign_step.ApproveDisbursement,
            sign_step.approve_disbursement,
            payout,
            tuple(STEP_ROLES[Step.APPROVE]),
            case_of=by_disbursement,
        ),
        offer(
            "fund/check-disbursement",
            sign_step.CheckDisbursement,
            sign_step.check_disbursement,
            payout,
            tuple(STEP_ROLES[Step.CHECK]),
            case_of=by_disbursement,
        ),
        offer(
            "fund/pay-disbursement",
            sign_step.PayDisbursement,
            sign_step.pay_disbursement,
            payout,
            tuple(STEP_ROLES[Step.PAY]),
            case_of=by_disbursement,
        ),
        offer(
            "fund/close-case-account",
            close_case_account.CloseCaseAccount,
            close_case_account.close_case_account,
            datetime,
            (R.CASE_HANDLER, R.FINANCE),
            door_check=require_no_lot_under_way,
        ),
        offer(
            "fund/void-disbursement",
            void_disbursements.VoidDisbursement,
            void_disbursements.void_disbursement,
            UUID,
            (R.CASE_HANDLER, R.BUREAU_HEAD, R.VICE_PRESIDENT, R.FINANCE, R.CASHIER),
            case_of=by_disbursement,
        ),
    ]


def _bills() -> list[CommandRoute[Any, Any]]:
    bill = bill_store.BillShown
    return [
        offer("fund/issue-treasury-bill", issue_bill.IssueTreasuryBill, issue_bill.issue_treasury_bill, bill, OFFICERS),
        offer(
            "fund/record-bill-payment",
            end_bill.RecordBillPayment,
            end_bill.record_bill_payment,
            bill,
            (R.FINANCE,),
            case_of=by_bill,
        ),
        offer(
            "fund/cancel-treasury-bill",
            end_bill.CancelTreasuryBill,
            end_bill.cancel_treasury_bill,
            bill,
            (R.CASE_HANDLER,),
            case_of=by_bill,
        ),
    ]


def money_commands() -> list[CommandRoute[Any, Any]]:
    """Give the commands on what a case owes: claims, plans, payouts, bills."""
    return [
        *_claims(),
        *_worked_out(),
        *_plans(),
        *_payouts(),
        *_bills(),
    ]
