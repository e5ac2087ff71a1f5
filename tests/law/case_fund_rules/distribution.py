"""Distribution: who joins, who goes to the bankruptcy court, what a plan pays after objections (Interp. 506–511)."""

from __future__ import annotations

from uuid import UUID

from auction.fund.bankruptcy.bankruptcy import enforcement_goes
from auction.fund.plans.plan_outcome import Dispute, Standing, plan_outcome
from auction.kernel.money import Money
from auction.sale.joining.joining import (
    JoinAgainstEnterprise,
    JoinNotWritten,
    JoinTooEarly,
    JoinTooLate,
    JoinWithoutTitle,
    require_may_join,
)
from tests.law.case_fund_rules.shared import Adapter, Given, uuid


def join(given: Given) -> object:
    """Answer whether somebody may join."""
    require_may_join(
        debtor=given["debtor"],
        has_title=given["title"],
        is_secured=given.get("secured", False),
        is_written=given["written"],
        started_on=given["started_on"],
        applied_on=given["applied_on"],
        finished_on=given.get("finished_on"),
    )
    return True


def bankruptcy(given: Given) -> object:
    """Answer whether the case goes to the bankruptcy court."""
    consents: list[UUID] = [uuid(name) for name in given["consents"]]
    return enforcement_goes(debtor=given["debtor"], is_insolvent=given["insolvent"], consents=consents)


def outcome(given: Given) -> object:
    """Answer what is paid up to now, and what is set aside."""
    plan, asked = given["plan"], given["asked"]
    less = [line for line in plan if asked[line] < plan[line]]
    [more] = [line for line in plan if asked[line] > plan[line]]
    disputes = [Dispute(line, Money(plan[line] - asked[line]), *_standing(given, line, asks_for=more)) for line in less]
    found = plan_outcome({line: Money(fen) for line, fen in plan.items()}, disputes)
    return {"pay": {line: amount.fen for line, amount in found.pay.items()}, "escrow_fen": found.escrow.fen}


def _standing(given: Given, line: str, *, asks_for: str) -> tuple[Standing, str | None]:
    if not given["opposed"]:
        return Standing.UNOPPOSED, asks_for
    if given["suit"] == "none":
        return Standing.DROPPED, None
    if given["suit"] == "pending":
        return Standing.PENDING, None
    return Standing.DECIDED, asks_for if given["suit"] == "won" else line


RULES = {
    "join": Adapter(
        join,
        {
            "too_early": JoinTooEarly,
            "too_late": JoinTooLate,
            "not_written": JoinNotWritten,
            "no_title": JoinWithoutTitle,
            "enterprise": JoinAgainstEnterprise,
        },
    ),
    "bankruptcy": Adapter(bankruptcy),
    "plan_outcome": Adapter(outcome),
}
