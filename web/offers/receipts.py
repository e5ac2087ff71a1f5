"""Commands on money that comes in: accounts, cards, loans, receipts, statements, and whom they are offered to (each use case checks the actor again)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from auction.fund.channels import (
    attribute_receipt,
    bring_statement,
    confirm_court_payment,
    confirm_statement,
    open_case_account,
    take_line_as_receipt,
)
from auction.fund.deposits import open_virtual_account, start_card_payment
from auction.fund.deposits.deposits import DepositView
from auction.fund.loans import (
    apply_for_loan,
    commit_loan,
    draw_loan,
    loans,
    offer_product,
    retract_commitment,
    set_spending_limit,
)
from auction.fund.refunds import name_refund_account, retry_refund
from web.case_of import by_bank_line, by_case_on_file, by_deposit, by_receipt, by_refund, by_refund_account, by_subject
from web.command_route import CommandRoute
from web.offers.offering import R, offer


def _accounts() -> list[CommandRoute[Any, Any]]:
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
        offer(
            "fund/retract-commitment",
            retract_commitment.RetractCommitment,
            retract_commitment.retract_commitment,
            view,
            borrowers,
        ),
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
        offer(
            "fund/take-line-as-receipt",
            take_line_as_receipt.TakeLineAsReceipt,
            take_line_as_receipt.take_line_as_receipt,
            UUID,
            (R.FINANCE,),
            "bank",
            case_of=by_bank_line,
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


def _refunds() -> list[CommandRoute[Any, Any]]:
    account = name_refund_account.RefundAccountView
    return [
        offer(
            "fund/retry-refund",
            retry_refund.RetryRefund,
            retry_refund.retry_refund,
            retry_refund.RefundAgain,
            (R.FINANCE,),
            case_of=by_refund,
        ),
        offer(
            "fund/record-refund-account",
            name_refund_account.RecordRefundAccount,
            name_refund_account.record_refund_account,
            account,
            name_refund_account.RECORDERS,
            case_of=by_refund,
        ),
        offer(
            "fund/confirm-refund-account",
            name_refund_account.ConfirmRefundAccount,
            name_refund_account.confirm_refund_account,
            account,
            (R.FINANCE,),
            case_of=by_refund_account,
        ),
        offer(
            "fund/withdraw-refund-account",
            name_refund_account.WithdrawRefundAccount,
            name_refund_account.withdraw_refund_account,
            account,
            name_refund_account.RECORDERS,
            case_of=by_refund_account,
        ),
    ]


def receipt_commands() -> list[CommandRoute[Any, Any]]:
    """Give the commands on money that comes in: accounts, cards, loans, receipts, statements."""
    return [*_accounts(), *_loans(), *_attributions(), *_refunds(), *_statements()]
