"""Commands on who takes part in a distribution: joining it, and handing the case to a bankruptcy court."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from auction.fund.acts.store import ActShown
from auction.fund.bankruptcy import hand_over, refer_to_bankruptcy
from auction.sale.joining import apply_to_join, decide_join, object_to_refusal, set_join_cut_off
from web.case_of import by_join_application
from web.command_route import CommandRoute
from web.offers.offering import OFFICERS, R, offer
from web.referral_door import require_lots_stopped

COURT = (R.CASE_HANDLER, R.PRESIDING_JUDGE)


def _joining() -> list[CommandRoute[Any, Any]]:
    return [
        offer("sale/apply-to-join", apply_to_join.ApplyToJoin, apply_to_join.apply_to_join, UUID, (R.PARTY,)),
        offer(
            "sale/object-to-join-refusal",
            object_to_refusal.ObjectToJoinRefusal,
            object_to_refusal.object_to_join_refusal,
            UUID,
            (R.PARTY,),
        ),
        offer(
            "sale/record-join-application",
            apply_to_join.RecordJoinApplication,
            apply_to_join.record_join_application,
            UUID,
            OFFICERS,
        ),
        offer(
            "sale/decide-join",
            decide_join.DecideJoin,
            decide_join.decide_join,
            decide_join.JoinDecided,
            COURT,
            case_of=by_join_application,
        ),
        offer(
            "sale/set-join-cut-off",
            set_join_cut_off.SetJoinCutOff,
            set_join_cut_off.set_join_cut_off,
            UUID,
            (R.VICE_PRESIDENT, R.PRESIDENT),
        ),
    ]


def _bankruptcy() -> list[CommandRoute[Any, Any]]:
    return [
        offer(
            "fund/refer-to-bankruptcy",
            refer_to_bankruptcy.ReferToBankruptcy,
            refer_to_bankruptcy.refer_to_bankruptcy,
            refer_to_bankruptcy.Referred,
            COURT,
            door_check=require_lots_stopped,
        ),
        offer(
            "fund/record-bankruptcy-answer",
            refer_to_bankruptcy.RecordBankruptcyAnswer,
            refer_to_bankruptcy.record_bankruptcy_answer,
            ActShown,
            COURT,
        ),
        offer("fund/hand-over-to-bankruptcy", hand_over.HandOver, hand_over.hand_over, ActShown, COURT),
    ]


def distribution_commands() -> list[CommandRoute[Any, Any]]:
    """Give the commands on who takes part in a distribution."""
    return [*_joining(), *_bankruptcy()]
