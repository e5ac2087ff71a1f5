"""Commands of objections in enforcement: by objectors, by the court's clerks, by whoever forms the reviewing panel, by the panel."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from auction.sale.objections import decide_objection, docket_objection, form_review_panel, raise_objection
from web.case_of import by_enforcement_objection
from web.command_route import CommandRoute
from web.offers.offering import PANEL, R, offer


def objection_commands() -> list[CommandRoute[Any, Any]]:
    """Give the commands of objections; a reviewing panel acts by its seat, which the use case checks, and has no part in the case."""
    return [
        offer(
            "sale/raise-enforcement-objection",
            raise_objection.RaiseEnforcementObjection,
            raise_objection.raise_enforcement_objection,
            UUID,
            raise_objection.OBJECTORS,
        ),
        offer(
            "sale/withdraw-enforcement-objection",
            raise_objection.WithdrawEnforcementObjection,
            raise_objection.withdraw_enforcement_objection,
            UUID,
            raise_objection.OBJECTORS,
        ),
        offer(
            "sale/docket-objection",
            docket_objection.DocketObjection,
            docket_objection.docket_objection,
            UUID,
            docket_objection.DOCKETERS,
            case_of=by_enforcement_objection,
        ),
        offer(
            "sale/form-review-panel",
            form_review_panel.FormReviewPanel,
            form_review_panel.form_review_panel,
            UUID,
            form_review_panel.FORMERS,
            case_of=by_enforcement_objection,
        ),
        offer(
            "sale/vote-on-objection",
            decide_objection.VoteOnObjection,
            decide_objection.vote_on_objection,
            UUID,
            PANEL,
            case_of=by_enforcement_objection,
            by_office=PANEL,
        ),
        offer(
            "sale/decide-enforcement-objection",
            decide_objection.DecideEnforcementObjection,
            decide_objection.decide_enforcement_objection,
            decide_objection.ObjectionDecided,
            (R.PRESIDING_JUDGE,),
            case_of=by_enforcement_objection,
            by_office=(R.PRESIDING_JUDGE,),
        ),
    ]
