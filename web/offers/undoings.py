"""Commands on what undoes a sale, and the second word to acts that move a case's money."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from auction.fund import agree_to_act
from auction.fund.acts.store import ActShown
from auction.fund.alarms import close_missing_deposit, close_order_in_doubt, explain_loan_receipt
from auction.fund.undoings import award_proceeds, end_recovery, reverse_enforcement
from auction.sale.cases import issue_award_decision, issue_reversal_ruling
from auction.sale.title import (
    issue_setting_aside_ruling,
    issue_top_up_ruling,
    order_top_up,
    set_aside_on_objection,
)
from auction.sale.title.set_sale_aside import SetAside
from web.case_of import by_act, by_lot
from web.command_route import CommandRoute
from web.offers.offering import OFFICERS, R, offer


def undoing_commands() -> list[CommandRoute[Any, Any]]:
    """Give the commands on what undoes a sale."""
    judges = (R.PRESIDING_JUDGE, R.CASE_HANDLER)
    return [
        *_rulings(),
        offer(
            "sale/order-top-up",
            order_top_up.OrderTopUp,
            order_top_up.order_top_up,
            UUID,
            judges,
            case_of=by_lot,
        ),
        offer(
            "sale/set-aside-on-objection",
            set_aside_on_objection.SetAsideOnObjection,
            set_aside_on_objection.set_aside_on_objection,
            SetAside,
            judges,
            case_of=by_lot,
        ),
        offer(
            "fund/reverse-enforcement",
            reverse_enforcement.ReverseEnforcement,
            reverse_enforcement.reverse_enforcement,
            ActShown,
            OFFICERS,
        ),
        offer("fund/award-proceeds", award_proceeds.AwardProceeds, award_proceeds.award_proceeds, ActShown, OFFICERS),
        offer("fund/take-from-escrow", award_proceeds.TakeFromEscrow, award_proceeds.take_from_escrow, UUID, OFFICERS),
        offer("fund/end-recovery", end_recovery.EndRecovery, end_recovery.end_recovery, ActShown, OFFICERS),
        *_closings_of_alarms(),
        offer(
            "fund/agree-to-act",
            agree_to_act.AgreeToAct,
            agree_to_act.agree_to_act,
            ActShown,
            agree_to_act.WORDS,
            case_of=by_act,
        ),
        offer(
            "fund/withdraw-act",
            agree_to_act.WithdrawAct,
            agree_to_act.withdraw_act,
            ActShown,
            agree_to_act.WORDS,
            case_of=by_act,
        ),
    ]


def _rulings() -> list[CommandRoute[Any, Any]]:
    """Give the commands that write the rulings of a sale from their terms."""
    judges = (R.PRESIDING_JUDGE, R.CASE_HANDLER)
    return [
        offer(
            "sale/issue-top-up-ruling",
            issue_top_up_ruling.IssueTopUpRuling,
            issue_top_up_ruling.issue_top_up_ruling,
            UUID,
            judges,
            case_of=by_lot,
        ),
        offer(
            "sale/issue-setting-aside-ruling",
            issue_setting_aside_ruling.IssueSettingAsideRuling,
            issue_setting_aside_ruling.issue_setting_aside_ruling,
            UUID,
            judges,
            case_of=by_lot,
        ),
        offer(
            "sale/issue-reversal-ruling",
            issue_reversal_ruling.IssueReversalRuling,
            issue_reversal_ruling.issue_reversal_ruling,
            UUID,
            judges,
        ),
        offer(
            "sale/issue-award-decision",
            issue_award_decision.IssueAwardDecision,
            issue_award_decision.issue_award_decision,
            UUID,
            OFFICERS,
        ),
    ]


def _closings_of_alarms() -> list[CommandRoute[Any, Any]]:
    return [
        offer(
            "fund/close-missing-deposit",
            close_missing_deposit.CloseMissingDeposit,
            close_missing_deposit.close_missing_deposit,
            ActShown,
            OFFICERS,
        ),
        offer(
            "fund/close-order-in-doubt",
            close_order_in_doubt.CloseOrderInDoubt,
            close_order_in_doubt.close_order_in_doubt,
            ActShown,
            OFFICERS,
        ),
        offer(
            "fund/explain-loan-receipt",
            explain_loan_receipt.ExplainLoanReceipt,
            explain_loan_receipt.explain_loan_receipt,
            UUID,
            OFFICERS,
        ),
    ]
