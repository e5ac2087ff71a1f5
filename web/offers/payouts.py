"""Commands on payouts beside the chain of four: clocks, delays, escrow, unclaimed money, and whom they are offered to."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from auction.fund.channels import monthly_report
from auction.fund.payouts import delay_payout, publish_unclaimed, put_in_escrow, set_payout_days
from auction.fund.payouts.clocks import APPROVERS
from auction.fund.settlement import reopen_case_account
from web.case_of import by_disbursement, by_line
from web.command_route import CommandRoute
from web.offers.offering import R, offer

HANDLER = (R.CASE_HANDLER,)


def _clocks() -> list[CommandRoute[Any, Any]]:
    view = delay_payout.DelayView
    return [
        offer(
            "fund/set-payout-days",
            set_payout_days.SetPayoutDays,
            set_payout_days.set_payout_days,
            set_payout_days.PayoutDaysView,
            (R.VICE_PRESIDENT,),
        ),
        offer("fund/ask-payout-delay", delay_payout.AskPayoutDelay, delay_payout.ask_payout_delay, view, HANDLER),
        offer(
            "fund/decide-payout-delay",
            delay_payout.DecidePayoutDelay,
            delay_payout.decide_payout_delay,
            view,
            APPROVERS,
        ),
        offer("fund/end-payout-delay", delay_payout.EndPayoutDelay, delay_payout.end_payout_delay, view, HANDLER),
    ]


def _kept_shares() -> list[CommandRoute[Any, Any]]:
    escrow, unclaimed = put_in_escrow.EscrowView, publish_unclaimed.UnclaimedView
    return [
        offer(
            "fund/put-in-escrow",
            put_in_escrow.PutInEscrow,
            put_in_escrow.put_in_escrow,
            escrow,
            HANDLER,
            case_of=by_line,
        ),
        offer("fund/claim-escrow", put_in_escrow.ClaimEscrow, put_in_escrow.claim_escrow, escrow, APPROVERS),
        offer(
            "fund/publish-unclaimed",
            publish_unclaimed.PublishUnclaimed,
            publish_unclaimed.publish_unclaimed,
            unclaimed,
            HANDLER,
            case_of=by_line,
        ),
        offer(
            "fund/approve-unclaimed",
            publish_unclaimed.ApproveUnclaimed,
            publish_unclaimed.approve_unclaimed,
            unclaimed,
            APPROVERS,
        ),
        offer(
            "fund/reopen-case-account",
            reopen_case_account.ReopenCaseAccount,
            reopen_case_account.reopen_case_account,
            UUID,
            APPROVERS,
            case_of=by_disbursement,
        ),
    ]


def payout_commands() -> list[CommandRoute[Any, Any]]:
    """Give the commands on payouts beside the chain of four."""
    return [
        *_clocks(),
        *_kept_shares(),
        offer(
            "fund/sign-monthly-report",
            monthly_report.SignMonthlyReport,
            monthly_report.sign_monthly_report,
            monthly_report.MonthlyView,
            monthly_report.SIGNERS,
            no_case="It is signed for all cases of the house.",
        ),
    ]
