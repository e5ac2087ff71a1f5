"""Commands on links between bidders that the court decides."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from auction.sale.links import decide_link, revoke_link
from web.case_of import by_case, by_decided_link
from web.command_route import CommandRoute
from web.offers.offering import R, offer


def link_commands() -> list[CommandRoute[Any, Any]]:
    """Give the commands on decided links."""
    judges = (R.PRESIDING_JUDGE, R.CASE_HANDLER)
    return [
        offer("sale/decide-link", decide_link.DecideLink, decide_link.decide_link, UUID, judges, case_of=by_case),
        offer(
            "sale/revoke-link", revoke_link.RevokeLink, revoke_link.revoke_link, UUID, judges, case_of=by_decided_link
        ),
    ]
