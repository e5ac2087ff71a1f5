"""Commands on lists and declared registers, and on the proof of eligibility."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from auction.sale.guards import ask_again
from auction.sale.registers import (
    decide_register,
    declare_register,
    record_eligibility,
    view_register,
)
from auction.sale.silence import bring_paper_answer, decide_paper_answer
from web.command_route import CommandRoute
from web.offers.offering import OFFICERS, R, offer


def register_commands() -> list[CommandRoute[Any, Any]]:
    """Give all use cases of registers."""
    return [
        offer(
            "sale/ask-lists",
            ask_again.AskListsAgain,
            ask_again.ask_lists_again,
            UUID,
            (R.CASE_HANDLER, R.CLERK, R.PRESIDING_JUDGE),
        ),
        offer(
            "sale/declare-register",
            declare_register.DeclareRegister,
            declare_register.declare_register,
            int,
            OFFICERS,
        ),
        offer("sale/decide-register", decide_register.DecideRegister, decide_register.decide_register, int, OFFICERS),
        offer(
            "sale/view-register",
            view_register.ViewRegister,
            view_register.view_register,
            view_register.RegisterShown,
            OFFICERS,
        ),
        offer(
            "sale/record-eligibility",
            record_eligibility.RecordEligibility,
            record_eligibility.record_eligibility,
            UUID,
            (R.CASE_HANDLER, R.CLERK),
        ),
        offer(
            "sale/bring-paper-answer",
            bring_paper_answer.BringPaperAnswer,
            bring_paper_answer.bring_paper_answer,
            UUID,
            (R.CASE_HANDLER, R.CLERK),
        ),
        offer(
            "sale/decide-paper-answer",
            decide_paper_answer.DecidePaperAnswer,
            decide_paper_answer.decide_paper_answer,
            UUID,
            OFFICERS,
        ),
    ]
