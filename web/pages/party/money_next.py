"""Who has the next step before a party has its money, in words for the party: one sentence with its article."""

from __future__ import annotations

from datetime import date

from auction.fund.plans.own_plan import OwnPlan
from auction.fund.settlement.own_money import OwnMoney, WaitsFor
from web.display import day as day_text
from web.pages.next_step import NextStep
from web.texts import N_, _

WAITS: dict[WaitsFor, tuple[str, str]] = {
    WaitsFor.ACCOUNT: (
        N_("法院尚无您的收款账户。请把本人签署的收款账户确认书交给承办人；他人代领的，须有特别授权。"),
        "执行款物 11-14",
    ),
    WaitsFor.CHANGE: (
        N_("您的新账户尚不能付款：变更通知书送达您后，由另一名工作人员回拨核实，确认后再等一个工作日。"),
        "执行款物 11-14",
    ),
    WaitsFor.RETURNED: (
        N_(
            "银行把款项退回了，款项仍是您的。请核对账户，必要时向承办人提交新的收款账户确认书；重新办理前不会自动再付。"
        ),
        "执行款物 11-14",
    ),
    WaitsFor.OFFICERS: (
        N_("法院正在办理发放：承办人经办，局长或者院领导审批，财务审核，出纳支付。您现在无须办理。"),
        "执行款物 11-14",
    ),
    WaitsFor.BANK: (N_("付款指令已经发给银行，等待银行确认；确认前不会重复支付。"), "执行款物 11-14"),
    WaitsFor.SET_ASIDE: (
        N_("您份额中的一部分已提存：有争议的等待判决，无人领取的经批准后可以领取。其余已经付清。"),
        "Interp. 510",
    ),
    WaitsFor.NOTHING: (N_("您的份额已经全部办结，您现在无须办理。"), "执行款物 11-14"),
}


def money_next(plan: OwnPlan | None, money: OwnMoney | None, *, today: date) -> NextStep | None:
    """Say what the party can do now about its money, or whom it waits for; ``None`` before a plan was served on it."""
    if plan is not None and plan.state == "drawn":
        return _of_plan(plan, today)
    if money is not None:
        said, article = WAITS[money.waits_for]
        return NextStep(said=_(said), article=article)
    if plan is not None and plan.state == "settled":
        return NextStep(said=_("方案已经入账，其中没有分配给您的款项。"), article="Interp. 509")
    return None


def _of_plan(plan: OwnPlan, today: date) -> NextStep:
    if any(one.state == "raised" for one in plan.objections):
        said = _(
            "法院把您的异议通知其他债权人和被执行人，他们有十五日反对；有人反对的，您收到通知后十五日内可以起诉。"
            "没有反对的，方案按异议更正。"
        )
        return NextStep(said=said, article="Interp. 510")
    if plan.may_object:
        said = _("对方案有异议的，请最迟于 {day} 在本页提出；没有异议的，您无须办理。").format(
            day=day_text(plan.window_ends_on)
        )
        return NextStep(said=said, article="Interp. 509")
    return NextStep(
        said=_("您的异议期已经届满。等待其他人的异议期届满、异议处理完毕，法院将方案入账后逐笔发放。"),
        article="Interp. 509, 510",
    )
