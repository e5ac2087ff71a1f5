"""What a case's money waits for, as its page says above everything else: one sentence, who, until when.

1. The first thing that is not done is named, in the order of the law: account, price, taxes, plan, service, objections, payout, close.
2. A step is a link only for a viewer to whom it is offered; everybody else reads which officers take it.
3. Nothing is decided here: the door of the step decides again. Sums that would tell how many bid are never in it (security 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import msgspec

from auction.fund.deposits.purchases import PurchaseView
from auction.fund.forfeits.missing_deposits import DEPOSIT_MISSING
from auction.fund.payouts.payout_clock import PayoutClock
from auction.fund.plans.store import PlanView
from auction.kernel.clock import local_day
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.parties import PartyRole
from web.display import day as day_text
from web.display import figures
from web.labels import role_name
from web.pages import desk_words as words
from web.pages.finance.case_money import CaseMoney
from web.pages.next_step import NextStep
from web.pages.steps.all_forms import form_named, route_of
from web.pages.steps.known import Known
from web.pages.steps.offered import StageOffered
from web.texts import _

AWAITED: Final = {"prepared": "approve", "approved": "check", "checked": "pay"}
"""By the state of a payout, the step that it waits for."""

SURPLUS: Final = "surplus"
"""Kind of the line that goes to the debtor, which an undecided application holds up (Interp. 507)."""

TAX_OFFICE_ROLES: Final = frozenset({PartyRole.THIRD_PARTY, PartyRole.OTHER_CREDITOR})
"""As what a tax office stands in a case (`forms_of_money.ASK_TAXES`)."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What the next step turns on; ``may_prepare``, ``may_record``, ``reads_file``: what the viewer's offices let him do."""

    money: CaseMoney
    known: Known
    limits: PayoutClock | None
    now: datetime
    may_prepare: bool
    may_record: bool
    reads_file: bool

    @property
    def today(self) -> date:
        """The court day."""
        return local_day(self.now)

    @property
    def case_url(self) -> str:
        """The case's address at the court's desk."""
        return f"/court/cases/{self.money.case.case_id}"


def money_next(one: Standing, offered: Sequence[StageOffered]) -> NextStep:
    """Say what comes next, with the way there for this viewer (rules 1–2)."""
    found = _waits_for(one)
    if not found.form:
        return found
    form = form_named(found.form)
    links = {step.href.rsplit("/", 1)[1]: step.href for stage in offered for step in stage.steps}
    href = links.get(found.form, "")
    by = "" if href else _("、").join(role_name(role) for role in sorted(route_of(form).roles))
    article = found.article or form.article
    return msgspec.structs.replace(found, href=href, heading=_(form.heading), by=by, article=article)


def _waits_for(one: Standing) -> NextStep:
    money = one.money
    if money.fund is None:
        return NextStep(said=_("尚未开立案款账号，收不到任何款项。"), article="执行款物 4", form="open-case-account")
    if money.fund.closed_at is not None:
        return NextStep(said=_("各账户均为零，案款账号已经销户，案款办结。"), article="执行款物 4")
    if money.is_running:
        return NextStep(said=_("竞价尚未结束：只收取保证金，其他款项此时无须办理。"), article="网拍 17")
    if (stays := _bankruptcy(one.known)) is not None:
        return stays
    due = next((purchase for purchase in money.purchases if purchase.state == "open"), None)
    if due is not None:
        return _price(due, one.today)
    drawn = next((plan for plan in money.plans if plan.state == "drawn"), None)
    if drawn is not None:
        return _plan(one, drawn)
    return _payouts(one) or _new_plan(one)


def _bankruptcy(known: Known) -> NextStep | None:
    """Say that a bankruptcy court has the word; ``None`` where it has not, or has handed the case back."""
    referral = known.referral
    if referral is None or referral.accepted is False:
        return None
    if not referral.of_all and (referral.accepted is None or referral.handed_over):
        return None  # other debtors' assets go on; a step that would touch this one's is refused at its door
    if referral.accepted is None:
        said = _("案件已移送{court}审查，等待答复（最迟 {day}）；此前案款不得分配、发放。").format(
            court=referral.bankruptcy_court, day=day_text(referral.answer_by)
        )
        return NextStep(said=said, article="Interp. 511-513", form="record-bankruptcy-answer")
    if referral.handed_over:
        return NextStep(said=_("案款已移交管理人，本案不再分配。"), article="Interp. 511-513")
    said = _("{court}已受理破产，尚未发放的案款须移交管理人。").format(court=referral.bankruptcy_court)
    return NextStep(said=said, article="Interp. 511-513", form="hand-over-to-bankruptcy")


def _price(purchase: PurchaseView, today: date) -> NextStep:
    left = figures(purchase.balance_fen)
    last = purchase.balance_due_on
    if last is None:
        return NextStep(said=_("等待买受人付清余款 {amount}。").format(amount=left), article="网拍 22")
    if today <= last:
        said = _("等待买受人付清余款 {amount}，最迟 {day}；逾期的，由合议庭决定再给时间还是重新拍卖。")
        return NextStep(said=said.format(amount=left, day=day_text(last)), article="网拍 22, 24")
    said = _("买受人逾期未付清余款 {amount}（截止 {day}），须由合议庭决定再给时间还是重新拍卖。")
    return NextStep(said=said.format(amount=left, day=day_text(last)), article="网拍 24", form="ask-panel-default")


def _plan(one: Standing, plan: PlanView) -> NextStep:
    unserved = sum(1 for addressee in plan.addressees if addressee.served_on is None)
    if unserved:
        said = _("第{number}号方案须送达全体债权人和被执行人，还有{count}人没有送达；异议期自送达起算。")
        href = f"{one.case_url}/documents/{plan.document_id}/serve" if one.reads_file else ""
        return NextStep(
            said=said.format(number=plan.number, count=unserved),
            article="Interp. 509",
            href=href,
            heading=_("办理送达"),
        )
    if plan.open_objections:
        said = _("方案有{count}件异议待处理：通知其他人，十五日内无人反对的更正方案，有人反对的等待起诉。")
        return NextStep(
            said=said.format(count=plan.open_objections), article="Interp. 510", form="decide-plan-objection"
        )
    if (undecided := _joins(one)) is not None:
        return undecided
    last = max((addressee.window_ends_on for addressee in plan.addressees if addressee.window_ends_on), default=None)
    if last is not None and last >= one.today:
        said = _("方案已经送达，等待异议期届满（{day}）；期满无人异议的入账。").format(day=day_text(last))
        return NextStep(said=said, article="Interp. 509")
    return NextStep(said=_("异议期已经届满，没有待处理的异议，方案可以入账，随后逐笔发放。"), form="settle-case")


def _joins(one: Standing) -> NextStep | None:
    """Say that applications to join are undecided: they hold up plan, settlement and surplus; ``None``: there is none."""
    if not one.money.joins:
        return None
    said = _("有{count}件参与分配申请尚未作出决定，决定以前方案不得入账。").format(count=len(one.money.joins))
    return NextStep(said=said, article="Interp. 507", form="decide-join")


def _joined_before_surplus(one: Standing) -> NextStep:
    said = _("有{count}件参与分配申请尚未作出决定，决定以前余款不得退还被执行人。").format(count=len(one.money.joins))
    return NextStep(said=said, article="Interp. 507", form="decide-join")


def _payouts(one: Standing) -> NextStep | None:
    """Say what payouts wait for; ``None`` where nothing is left to pay and nothing is on its way."""
    for file in one.money.payouts:
        if (step := AWAITED.get(file.payout.state)) is not None:
            said = _("发放给{payee}的 {amount} 已经经办，等待{who}办理。").format(
                payee=file.payout.payee_masked,
                amount=figures(file.payout.amount_fen),
                who=words.name_in(words.STEP_OFFICERS, step),
            )
            href = f"/finance/payouts/{file.payout.disbursement_id}"
            return NextStep(said=said + _until(one), article="执行款物 11-14", href=href, heading=_("查看发放审批表"))
    if one.money.lines:
        if one.money.joins and all(line.line.kind == SURPLUS for line in one.money.lines):
            return _joined_before_surplus(one)
        return _prepare(one)
    if any(file.payout.state == "ordered" for file in one.money.payouts):
        return NextStep(said=_("付款指令已发银行，等待银行确认；确认前不会重复支付。"), article="执行款物 11-14")
    return None


def _prepare(one: Standing) -> NextStep:
    line = one.money.lines[0]
    named = {"payee": line.line.payee_masked, "amount": figures(line.left_fen)}
    if line.needs_panel:
        said = _("{payee}的 {amount} 须先经合议庭决定：发放对象不是申请执行人。").format(**named)
        return NextStep(said=said + _until(one), article="执行款物 11")
    proposed = [payee for payee in one.money.payees if payee.state == "proposed"]
    if any(payee.person_id == line.line.payee_person_id for payee in proposed):
        said = _("{payee}变更了收款账户，待送达变更通知书并由另一人回拨核实后才能付款。").format(**named)
        return NextStep(said=said + _until(one), article="执行款物 11-14", href="#payees", heading=_("收款账户确认书"))
    if not line.account_masked:
        said = _("{payee}的 {amount} 缺收款账户，请收款人提交账户确认书后登记。").format(**named)
        href = "#payees" if one.may_record else ""
        return NextStep(said=said + _until(one), article="执行款物 11-14", href=href, heading=_("收款账户确认书"))
    if not line.is_usable and line.usable_from is not None:
        said = _("{payee}的新账户自 {day} 起可以付款。").format(day=day_text(line.usable_from), **named)
        return NextStep(said=said + _until(one), article="执行款物 11-14")
    said = _("可以经办发放给{payee}的 {amount}；随后由审批、审核、支付三人依次办理。").format(**named)
    href = f"/finance/lines/{line.line.line_id}/prepare" if one.may_prepare else ""
    return NextStep(said=said + _until(one), article="执行款物 11-14", href=href, heading=_("经办发放"))


def _until(one: Standing) -> str:
    if one.limits is None or one.limits.due is None:
        return ""
    return _("全案最迟 {day} 发放完毕。").format(day=day_text(one.limits.due))


def _new_plan(one: Standing) -> NextStep:
    """Say what a plan waits for; where there is nothing to distribute, what the close of the account waits for.

    An undecided application comes first: whoever joins is a line of the plan.
    """
    if (undecided := _joins(one)) is not None:
        return undecided
    asked = {tax.round_id: tax.state for tax in one.money.taxes}
    paid = [purchase.round_id for purchase in one.money.purchases if purchase.state == "paid"]
    if any(round_id not in asked for round_id in paid):
        return _ask_taxes(one.known)
    if any(asked[round_id] == "asked" for round_id in paid):
        said = _("等待税务机关核定税费；可以先预留，核定后多退少补。")
        return NextStep(said=said, form="reserve-taxes")
    known = one.known
    if not known.to_distribute:
        return _nothing_left(one)
    if not known.claims:
        return NextStep(said=_("有案款待分配，请先登记全部债权、费用和税费。"), form="record-claim")
    return _plan_paper(one)


def _ask_taxes(known: Known) -> NextStep:
    """Say that the tax office is asked; before that it must be on file as somebody who takes part."""
    if any(party.role in TAX_OFFICE_ROLES for party in known.file.parties.values()):
        said = _("价款已经付清，先请税务机关核定由被执行人负担的税费；核定或者预留前不能制作分配方案。")
        return NextStep(said=said, form="ask-tax-assessment")
    said = _("价款已经付清，须请税务机关核定税费；税务机关尚未在案，先把它登记为案外人或者其他债权人。")
    return NextStep(said=said, article="网拍 30", form="add-party")


def _plan_paper(one: Standing) -> NextStep:
    used = {plan.document_id for plan in one.money.plans}
    fresh = [
        document
        for document in one.known.file.page.documents
        if document.kind is DocumentKind.DISTRIBUTION_PLAN and document.document_id not in used
    ]
    if not fresh:
        said = _("有 {amount} 待分配：债权登记齐全后，由系统写成方案文书。").format(
            amount=figures(one.known.to_distribute)
        )
        return NextStep(said=said, form="issue-plan-document")
    draft = next((document for document in fresh if document.is_draft), None)
    if draft is not None and len(fresh) == 1:
        href = f"{one.case_url}/documents/{draft.document_id}" if one.reads_file else ""
        return NextStep(
            said=_("方案文书待用印，用印后据以制作方案。"), article="Interp. 509", href=href, heading=_("用印")
        )
    return NextStep(said=_("方案文书已经用印，可以据以制作方案。"), form="draw-plan")


def _nothing_left(one: Standing) -> NextStep:
    money = one.money
    if any(kept.resale_fen is None and kept.held_fen for kept in money.forfeited):
        said = _("不予退还的保证金 {held} 等待重新拍卖的价款付清后分配。").format(held=figures(one.known.forfeited))
        return NextStep(said=said, article="网拍 24")
    if not money.purchases:
        return NextStep(said=_("尚无成交，没有案款可以分配。"), article="网拍 22")
    if any(alarm.kind == DEPOSIT_MISSING for alarm in one.known.alarms):
        said = _("悔拍人应交的保证金没有足额到账，须凭裁定记录如何处理，由另一人复核后办结。")
        return NextStep(said=said, form="close-missing-deposit")
    if money.accounts:
        return NextStep(said=_("案款已经分配，尚有余额的账户见下表：退款、提存或者银行确认办结后才能销户。"))
    if money.has_open_cards:
        said = _("各账户均为零，但尚有银行卡支付未完成也未撤销，待其了结后方可销户。")
        return NextStep(said=said, article="执行款物 4")
    return NextStep(said=_("各账户均为零，可以销户。"), form="close-case-account")
