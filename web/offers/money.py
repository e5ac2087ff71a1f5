"""Commands on money: deposits, loans, claims, plans, payouts, receipts, and whom they are offered to (each use case checks the actor again)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from auction.fund.bills import end_bill, issue_bill
from auction.fund.bills import store as bill_store
from auction.fund.channels import (
    attribute_receipt,
    bring_statement,
    confirm_court_payment,
    confirm_statement,
    open_case_account,
)
from auction.fund.deposits import open_virtual_account, start_card_payment
from auction.fund.deposits.deposits import DepositView
from auction.fund.loans import apply_for_loan, commit_loan, draw_loan, loans, offer_product, set_spending_limit
from auction.fund.payouts import confirm_payee_account, prepare_disbursement, sign_step, void_disbursements
from auction.fund.payouts import store as payout_store
from auction.fund.payouts.disbursements import STEP_ROLES, Step
from auction.fund.plans import store as plan_store
from auction.fund.set_offs import fix_set_off, propose_set_off
from auction.fund.settlement import (
    close_case_account,
    draw_plan,
    object_to_plan,
    record_claim,
    record_co_owner_share,
    record_replacement_rent,
    reimburse_tax_advance,
    release_escrow,
    settle_case,
    take_over_appraisal_fee,
    take_tax_assessment,
)
from web.case_of import (
    by_bill,
    by_case_on_file,
    by_deposit,
    by_disbursement,
    by_line,
    by_plan,
    by_purchase,
    by_receipt,
    by_set_off_proposal,
    by_subject,
)
from web.command_route import CommandRoute
from web.offers.offering import OFFICERS, R, offer


def _deposits_and_loans() -> list[CommandRoute[Any, Any]]:
    return [
        offer(
            "fund/open-case-account",
            open_case_account.OpenCaseAccount,
            open_case_account.open_case_account,
            open_case_account.CaseAccountOpened,
            (R.CASE_HANDLER, R.CLERK, R.FINANCE),
            "bank",
            case_of=by_case_on_file,
        ),
        offer(
            "fund/start-card-payment",
            start_card_payment.StartCardPayment,
            start_card_payment.start_card_payment,
            start_card_payment.CardPaymentView,
            (R.BIDDER,),
            "policy",
        ),
        offer(
            "fund/open-virtual-account",
            open_virtual_account.OpenVirtualAccount,
            open_virtual_account.open_virtual_account,
            open_virtual_account.VirtualAccountView,
            (R.BIDDER,),
        ),
        *_loans(),
    ]


def _loans() -> list[CommandRoute[Any, Any]]:
    borrowers, lenders = (R.BIDDER,), (R.LENDER,)
    view, product = loans.LoanView, offer_product.ProductStands
    return [
        offer(
            "fund/apply-for-loan",
            apply_for_loan.ApplyForLoan,
            apply_for_loan.apply_for_loan,
            view,
            borrowers,
            "basis_of",
        ),
        offer("fund/commit-loan", commit_loan.CommitLoan, commit_loan.commit_loan, view, borrowers),
        offer("fund/draw-loan", draw_loan.DrawLoan, draw_loan.draw_loan, view, borrowers),
        offer("fund/cancel-loan", draw_loan.CancelLoan, draw_loan.cancel_loan, view, borrowers),
        offer(
            "fund/set-spending-limit",
            set_spending_limit.SetSpendingLimit,
            set_spending_limit.set_spending_limit,
            set_spending_limit.LimitSet,
            borrowers,
        ),
        offer(
            "fund/offer-loan-product",
            offer_product.OfferLoanProduct,
            offer_product.offer_loan_product,
            product,
            lenders,
            "lender_names",
        ),
        offer(
            "fund/withdraw-loan-product",
            offer_product.WithdrawLoanProduct,
            offer_product.withdraw_loan_product,
            product,
            lenders,
        ),
    ]


def _claims() -> list[CommandRoute[Any, Any]]:
    return [
        offer("fund/record-claim", record_claim.RecordClaim, record_claim.record_claim, UUID, OFFICERS),
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


def _attributions() -> list[CommandRoute[Any, Any]]:
    return [
        offer(
            "fund/confirm-court-payment",
            confirm_court_payment.ConfirmCourtPayment,
            confirm_court_payment.confirm_court_payment,
            DepositView,
            (R.CLERK,),
            case_of=by_deposit,
        ),
        offer(
            "fund/propose-attribution",
            attribute_receipt.ProposeAttribution,
            attribute_receipt.propose_attribution,
            UUID,
            (R.CASE_HANDLER, R.CLERK),
            case_of=by_subject,
        ),
        offer(
            "fund/withdraw-attribution",
            attribute_receipt.WithdrawAttribution,
            attribute_receipt.withdraw_attribution,
            UUID,
            (R.CASE_HANDLER, R.CLERK),
            case_of=by_receipt,
        ),
        offer(
            "fund/confirm-attribution",
            attribute_receipt.ConfirmAttribution,
            attribute_receipt.confirm_attribution,
            UUID,
            (R.FINANCE,),
            case_of=by_receipt,
        ),
    ]


def _statements() -> list[CommandRoute[Any, Any]]:
    of_all = "a statement tells of the money of many cases"
    return [
        offer(
            "fund/bring-statement",
            bring_statement.BringStatement,
            bring_statement.bring_statement,
            UUID,
            (R.FINANCE, R.CASHIER),
            "bank",
            no_case=of_all,
        ),
        offer(
            "fund/confirm-statement",
            confirm_statement.ConfirmStatement,
            confirm_statement.confirm_statement,
            UUID,
            (R.FINANCE,),
            "bank",
            no_case=of_all,
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
    """Give the commands on money: deposits, loans, claims, plans, payouts, receipts."""
    return [
        *_deposits_and_loans(),
        *_claims(),
        *_worked_out(),
        *_plans(),
        *_payouts(),
        *_attributions(),
        *_statements(),
        *_bills(),
    ]
