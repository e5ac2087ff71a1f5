"""Commands at the doors of a sale: objections to a guard's refusal, the court's decision, joint bidders."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from auction.sale.guards import decide_guard_objection, object_to_refusal
from auction.sale.rounds import declare_joint_bidders
from web.case_of import by_guard_objection
from web.command_route import CommandRoute
from web.offers.offering import R, offer


def door_commands() -> list[CommandRoute[Any, Any]]:
    """Give the commands of objections at the doors and of joint bidders."""
    return [
        offer(
            "sale/object-to-refusal",
            object_to_refusal.ObjectToRefusal,
            object_to_refusal.object_to_refusal,
            UUID,
            (R.BIDDER,),
        ),
        offer(
            "sale/decide-guard-objection",
            decide_guard_objection.DecideGuardObjection,
            decide_guard_objection.decide_guard_objection,
            decide_guard_objection.GuardDecided,
            decide_guard_objection.DECIDERS,
            case_of=by_guard_objection,
        ),
        offer(
            "sale/declare-joint-bidders",
            declare_joint_bidders.DeclareJointBidders,
            declare_joint_bidders.declare_joint_bidders,
            UUID,
            (R.BIDDER,),
            "lists",
        ),
    ]
