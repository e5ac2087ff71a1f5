"""Payouts: the four persons, who approves, what a signature covers, clocks and delays, escrow (执行款物 10–17; 民法典 574)."""

from __future__ import annotations

from auction.fund.deposits.deposits import RefundElsewhere, require_account_that_paid
from auction.fund.payouts.clocks import DelayNotApproved, NoDelayGround, payout_limits, require_delay
from auction.fund.payouts.disbursements import (
    STEP_BEFORE,
    STEP_ROLES,
    PanelDecisionMissing,
    PayeeAccountMissing,
    PayeeInChain,
    SamePersonTwice,
    ShownContentDiffers,
    SpecialAuthorityNeeded,
    Step,
    changed_account_usable_from,
    require_other_person,
    require_panel,
    require_shown,
    require_special_authority,
    require_step,
    require_usable,
    shown_fingerprint,
)
from auction.fund.payouts.escrow import (
    EscrowClaimLate,
    NoEscrowGround,
    claim_until,
    require_claim_in_time,
    require_escrow_ground,
    split_escrow,
)
from auction.kernel.actors import Actor, Role, RoleLacking, require_role
from auction.kernel.clock import day_start
from auction.kernel.ids import AccountId, PersonId
from auction.kernel.money import Money
from auction.law.calendar import COURT_CALENDAR
from tests.law.case_fund_rules.shared import Adapter, Given, uuid

ROLES = {
    "bureau_head": Role.BUREAU_HEAD,
    "vice_president": Role.VICE_PRESIDENT,
    "handler": Role.CASE_HANDLER,
}
CHAIN = {"approver": Step.APPROVE, "finance": Step.CHECK, "cashier": Step.PAY}


def disbursement(given: Given) -> object:
    """Answer that these persons may take the four steps, one after the other."""
    payee, handler = uuid(given["payee"]), uuid(given["handler"])
    require_other_person(person_id=handler, payee=payee, earlier=())
    earlier = [handler]
    for officer, step in CHAIN.items():
        person = uuid(given[officer])
        require_step(step, state=STEP_BEFORE[step], person_id=person, payee=payee, earlier=earlier)
        earlier.append(person)
    return True


def payout_approver(given: Given) -> object:
    """Answer that this role may approve."""
    actor = Actor(
        account_id=AccountId(uuid("account")),
        person_id=PersonId(uuid("person")),
        roles=frozenset({Role(given["role"])}),
    )
    require_role(actor, *STEP_ROLES[Step.APPROVE])
    return True


def shown(account: str) -> str:
    """Give the fingerprint of a payment to this account."""
    return shown_fingerprint(
        disbursement_id=uuid("disbursement"),
        amount=Money(5_000_000),
        payee_person_id=uuid("甲"),
        account_commitment=account,
        plan_sha256="a" * 64,
    )


def approval_valid(given: Given) -> object:
    """Answer that what was approved is what would be paid."""
    require_shown(shown(given["approved_account"]), shown(given["paid_account"]))
    return True


def account_usable(given: Given) -> object:
    """Answer that a changed account may be paid to on a day, from its first instant."""
    usable_from = changed_account_usable_from(given["changed_on"], COURT_CALENDAR)
    require_usable(usable_from, now=day_start(given["pay_on"]))
    return True


def payee_allowed(given: Given) -> object:
    """Answer that a share goes to this payee."""
    if given["purpose"] == "refund":
        own = "6222"
        require_account_that_paid(paid_from=own, refund_to=own if given["account"] == "same" else "6333")
        return True
    require_panel(uuid("line"), to_applicant=given["payee"] == "applicant", panel_decided=given.get("panel", False))
    return True


def due(given: Given) -> object:
    """Answer the last day by the strictest clock."""
    return payout_limits(given["notice_on"], COURT_CALENDAR, local_days=given.get("local_days")).binding.last_day


def payout_delay(given: Given) -> object:
    """Answer that money may be paid later."""
    require_delay(given["ground"], approved_by=ROLES.get(given.get("approved_by", "")))
    return True


def agent_allowed(given: Given) -> object:
    """Answer that an agent may act for the payee."""
    require_special_authority(given["authority"])
    return True


def escrow_allowed(given: Given) -> object:
    """Answer that a share may go into escrow."""
    require_escrow_ground(given["ground"])
    return True


def escrow_net(given: Given) -> object:
    """Answer what stands in escrow and what it costs."""
    parts = split_escrow(Money(given["share_fen"]), Money(given["cost_fen"]))
    return {"escrow_fen": parts.net.fen, "cost_fen": parts.cost.fen}


def escrow_claim(given: Given) -> object:
    """Answer that money in escrow was claimed in time."""
    require_claim_in_time(claim_until(given["deposited_on"], COURT_CALENDAR), now=day_start(given["claimed_on"]))
    return True


RULES = {
    "disbursement": Adapter(disbursement, {"same_person": SamePersonTwice, "payee_acts": PayeeInChain}),
    "payout_approver": Adapter(payout_approver, {"wrong_role": RoleLacking}),
    "approval_valid": Adapter(approval_valid, {"account_changed": ShownContentDiffers}),
    "account_usable": Adapter(account_usable, {"waiting": PayeeAccountMissing}),
    "payee_allowed": Adapter(payee_allowed, {"other_account": RefundElsewhere, "panel_needed": PanelDecisionMissing}),
    "escrow_claim": Adapter(escrow_claim, {"late": EscrowClaimLate}),
    "payout_due": Adapter(due),
    "payout_delay": Adapter(payout_delay, {"no_ground": NoDelayGround, "not_approved": DelayNotApproved}),
    "agent_allowed": Adapter(agent_allowed, {"special_authority_needed": SpecialAuthorityNeeded}),
    "escrow_allowed": Adapter(escrow_allowed, {"no_ground": NoEscrowGround}),
    "escrow_net": Adapter(escrow_net),
}
