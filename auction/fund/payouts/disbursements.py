"""Disbursements: four steps by four natural persons, none of them the payee. Pure.

1. prepare (case handler) → approve (bureau head or vice-president) → check (finance) → pay (cashier).
2. Persons are compared, not accounts: one person with two accounts is one person.
3. Each officer signs what he was shown: amount, payee, account, and the plan with its documents; if it is not that any more, his step is refused.
4. A changed account voids what was signed and not ordered, and waits one working day (security 4).
5. Anyone but the applicant as payee needs a panel's decision (执行款物 11); refunds to a payer are not disbursements.
6. An account is confirmed for a payee of the case only, and stands in his own name: an agent with special authority
   may sign the confirmation, but the money goes to nobody's account but the payee's (auction/DECISIONS F20).

Source: 执行款物 11–14; practice 31.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from auction.kernel.actors import Role
from auction.kernel.errors import Conflict, Malformed, NotFound, NotPermitted, Unlawful
from auction.kernel.money import Money
from auction.law.calendar import Calendar
from auction.law.periods import deadline_at, working_days_end

Authority = Literal["special", "general", "none"]
"""What a power of attorney covers: the receipt of money (特别授权), other acts (一般代理), or there is none."""


class Step(StrEnum):
    """A step of the chain, in order."""

    PREPARE = "prepare"
    APPROVE = "approve"
    CHECK = "check"
    PAY = "pay"


STEP_ROLES: dict[Step, tuple[Role, ...]] = {
    Step.PREPARE: (Role.CASE_HANDLER,),
    Step.APPROVE: (Role.BUREAU_HEAD, Role.VICE_PRESIDENT),
    Step.CHECK: (Role.FINANCE,),
    Step.PAY: (Role.CASHIER,),
}
STEP_BEFORE: dict[Step, str] = {Step.APPROVE: "prepared", Step.CHECK: "approved", Step.PAY: "checked"}
STEP_AFTER: dict[Step, str] = {
    Step.PREPARE: "prepared",
    Step.APPROVE: "approved",
    Step.CHECK: "checked",
    Step.PAY: "ordered",
}
CHANGE_WAITS_WORKING_DAYS = 1
"""A house rule (security 4), not of law: a changed account is not paid to before the next working day is over."""
_MIDDLE_DOTS = frozenset("·•‧∙・")
"""What is typed between the parts of one name."""
STEP_NUMBER: dict[Step, int] = {step: number for number, step in enumerate(Step, start=1)}


class DisbursementUnknown(NotFound):
    """There is no such disbursement."""

    code = "disbursement_unknown"
    article = "执行款物 12"
    zh = "没有该笔发放审批。"
    en = "There is no such disbursement."


class StepOutOfTurn(Conflict):
    """Another step is due, or none."""

    code = "step_out_of_turn"
    article = "执行款物 12-14"
    zh = "该笔发放目前为“{state}”，不能办理此步骤。"
    en = "This disbursement is {state}; it is not this step's turn."


class SamePersonTwice(NotPermitted):
    """One natural person takes two steps."""

    code = "same_person_twice"
    article = "执行款物 12-14"
    zh = "同一自然人不得办理同一笔发放的两个步骤。"
    en = "One natural person may not take two steps of one disbursement."


class PayeeInChain(NotPermitted):
    """The payee takes a step of his own payment."""

    code = "payee_in_chain"
    article = "house: practice 31, none of the four is the payee"
    zh = "收款人不得参与本人款项的发放审批。"
    en = "The payee may not take a step of his own payment."


class ShownContentDiffers(Conflict):
    """What the officer signed is not what would be paid."""

    code = "shown_content_differs"
    article = "house: security 3, an officer signs the shown amount and payee"
    zh = "所签内容与当前付款信息不一致，请重新核对。"
    en = "What was signed is not what would be paid now; please look again."


class PayeeAccountMissing(Conflict):
    """The payee has no confirmed account that may be used yet."""

    code = "payee_account_missing"
    article = "house: practice 31, the payee signs an account confirmation"
    zh = "收款人尚无可用的收款账户确认书。"
    en = "The payee has no confirmed account that may be used yet."


class PanelDecisionMissing(Unlawful):
    """Payment to anyone but the applicant needs a panel's decision."""

    code = "panel_decision_missing"
    article = "执行款物 11"
    zh = "向申请执行人以外的人发放案款须经合议庭评议。"
    en = "Payment to anyone but the applicant for enforcement needs a decision of the collegial panel."


class ShareExceeded(Conflict):
    """More than what is left of the share."""

    code = "share_exceeded"
    article = "执行款物 12"
    zh = "发放金额超过该项应发余额 {left}。"
    en = "The payment is more than the {left} that is left of this share."


class SecondOfficerNeeded(NotPermitted):
    """A changed account needs another natural person than the one who recorded it."""

    code = "second_officer_needed"
    article = "house: security 4, two officers for a changed account"
    zh = "收款账户变更须由另一名工作人员核实确认。"
    en = "A changed account must be confirmed by another officer."


class AccountEvidenceMissing(Malformed):
    """The paper on which an account was confirmed is not named."""

    code = "payee_account_evidence_missing"
    article = "house: security 4, an account is recorded on evidence"
    zh = "须提供收款账户确认书（变更的，为变更申请及身份证明）的指纹。"
    en = "Give the fingerprint of the account confirmation (for a change: of the request with proof of identity)."


class NoticeNotServed(Conflict):
    """The payee was not told of the change at his contact on file yet."""

    code = "account_notice_not_served"
    article = "house: security 4, a changed account is told to the old contact"
    zh = "变更收款账户的通知书尚未按在案联系方式送达收款人，不能确认变更。"
    en = "The notice of the changed account is not served on the payee at his contact on file yet; the change cannot be confirmed."


class NotPayeeOfCase(Unlawful):
    """Nobody owes this person money out of the case (rule 6)."""

    code = "not_payee_of_case"
    article = "执行款物 11; Interp. 507"
    zh = "该人员不是本案的申请执行人、被执行人、已登记债权人或者分配方案中的收款人，不能登记收款账户。"
    en = (
        "This person is neither applicant, judgment debtor nor recorded claimant of this case, nor a payee of its plan; "
        "no account can be recorded for him."
    )


class AccountNameDiffers(Unlawful):
    """The account stands in another name than the payee's (rule 6)."""

    code = "account_name_differs"
    article = "执行款物 11-14"
    zh = "账户户名与收款人姓名（名称）不一致。案款只能发放至收款人本人账户；有特别授权的代理人可以代签确认书，但不能以其账户收款。"
    en = (
        "The account is in another name than the payee's. Money of the case goes to the payee's own account only; an "
        "agent with special authority may sign the confirmation, but not receive the money on his account."
    )


class SpecialAuthorityNeeded(Unlawful):
    """Whoever signs for the payee has no special authority to receive money."""

    code = "special_authority_needed"
    article = "执行款物 14"
    zh = "代理人代签收款账户确认书的，须提交载明代为领取案款的特别授权委托书。"
    en = "An agent who signs the account confirmation needs a power of attorney that names the receipt of money."


class AccountNumberMalformed(Malformed):
    """The account number is not a plain number."""

    code = "account_number_malformed"
    article = "执行款物 12"
    zh = "收款账号应为 6 至 32 位数字或大写字母。"
    en = "An account number has 6 to 32 digits or capital letters."


def require_step(step: Step, *, state: str, person_id: UUID, payee: UUID, earlier: Collection[UUID]) -> None:
    """Refuse a step out of its turn, by a person of an earlier step, or by the payee (rules 1 and 2)."""
    if state != STEP_BEFORE[step]:
        raise StepOutOfTurn(state=state)
    require_other_person(person_id=person_id, payee=payee, earlier=earlier)


def require_other_person(*, person_id: UUID, payee: UUID, earlier: Collection[UUID]) -> None:
    """Refuse the payee (`PayeeInChain`) and whoever took an earlier step (`SamePersonTwice`)."""
    if person_id == payee:
        raise PayeeInChain
    if person_id in earlier:
        raise SamePersonTwice


def shown_fingerprint(
    *, disbursement_id: UUID, amount: Money, payee_person_id: UUID, account_commitment: str, plan_sha256: str
) -> str:
    """Fingerprint what an officer is shown and signs (rule 3)."""
    fields = (str(disbursement_id), str(amount.fen), str(payee_person_id), account_commitment, plan_sha256)
    return hashlib.sha256("\n".join(fields).encode()).hexdigest()


def require_shown(signed: str, actual: str) -> None:
    """Raise `ShownContentDiffers` unless the officer signed what would be paid."""
    if signed != actual:
        raise ShownContentDiffers


def changed_account_usable_from(changed_on: date, calendar: Calendar) -> datetime:
    """Give the instant from which a changed account may be paid to (rule 4)."""
    return deadline_at(working_days_end(changed_on, CHANGE_WAITS_WORKING_DAYS, calendar))


def require_usable(usable_from: datetime | None, *, now: datetime) -> None:
    """Raise `PayeeAccountMissing` unless an account may be paid to by now; ``None``: it waits for the second officer."""
    if usable_from is None or now < usable_from:
        raise PayeeAccountMissing


def require_panel(line_id: UUID, *, to_applicant: bool, panel_decided: bool) -> None:
    """Raise `PanelDecisionMissing` unless the applicant is paid with this line, or the panel decided (rule 5)."""
    if not to_applicant and not panel_decided:
        raise PanelDecisionMissing(line_id=line_id)


def require_special_authority(authority: Authority) -> None:
    """Raise `SpecialAuthorityNeeded` unless the agent may receive money (rule 6). Source: 执行款物 14."""
    if authority != "special":
        raise SpecialAuthorityNeeded


def require_own_account(*, payee_name: str, account_name: str) -> None:
    """Raise `AccountNameDiffers` unless the account is in the payee's name; width, blanks and middle dots do not count."""
    if not _name_form(account_name) or _name_form(payee_name) != _name_form(account_name):
        raise AccountNameDiffers


def _name_form(name: str) -> str:
    plain = "".join(unicodedata.normalize("NFKC", name).split())
    return "".join("·" if sign in _MIDDLE_DOTS else sign for sign in plain)


def masked_number(number: str) -> str:
    """Show the last four characters only. Raises `AccountNumberMalformed`."""
    plain = "".join(number.split())
    if not 6 <= len(plain) <= 32 or not plain.isascii() or not plain.isalnum() or plain.upper() != plain:
        raise AccountNumberMalformed
    return "*" * (len(plain) - 4) + plain[-4:]
