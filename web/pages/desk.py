"""What the pages of officers share: rendering with the desk's words, forms that come back with what is wrong.

1. A form carries a form token and a command id; sending it twice carries it out once.
2. A refused form comes back with an error summary that names code and article, and with what was typed.
3. A carried-out form leads to a page by redirection, which says what was done.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Request
from litestar.response import Redirect, Template

from auction.kernel.errors import Malformed, Refusal
from web.auth.guards import FORM_TOKEN_FIELD
from web.errors import status_of
from web.pages import desk_words
from web.rendering import page
from web.texts import N_, _, current_locale

DONE: dict[str, str] = {
    "contact_added": N_("地址已添加，验证码已发出，请在下面填写。"),
    "contact_confirmed": N_("地址已验证，可以接收提醒。"),
    "contact_ended": N_("地址已移除，不再向其发送任何提醒。"),
    "followed": N_("已关注；有消息时将发送到所选地址。"),
    "unfollowed": N_("已取消关注。"),
    "identity_verified": N_("身份已核验，该账户可以报名竞买。"),
    "platform_listed": N_("平台已登记入库。"),
    "platform_removed": N_("平台已除名，五年内禁止入库。"),
    "voted": N_("表决已密封存入副卷。"),
    "decided": N_("表决已结束，合议结论已记录。"),
    "confirmed": N_("优先购买权已确认。"),
    "asked": N_("已提交合议庭。"),
    "sealed": N_("文书已用印。"),
    "seal_asked": N_("已提交用印，印章服务尚未答复；答复后文书即为已用印，无须重复提交。"),
    "served": N_("送达已记录，相关期间自送达次日起算。"),
    "published": N_("拍卖公告已发布。"),
    "ruled": N_("成交裁定已作出，待用印、送达。"),
    "transferred": N_("过户登记已记录。"),
    "delivered": N_("交付已记录。"),
    "prepared": N_("发放已经办，款项已预留，待审批。"),
    "approve": N_("审批已签署，待财务审核。"),
    "check": N_("审核已签署，待出纳支付。"),
    "pay": N_("支付指令已发往银行，待银行确认。"),
    "month_signed": N_("月度案款对账已签署。"),
    "voided": N_("该笔发放已作废，预留款项已解除。"),
    "account": N_("收款账户确认书已登记。"),
    "statement_brought": N_("对账单已导入，待另一人复核。"),
    "statement_confirmed": N_("对账单已复核，正在逐笔入账。"),
    "taken_as_receipt": N_("已认定为来款，转入待认领款项。"),
    "attributed": N_("款项已按认领意见入账或者退回。"),
    "refund_again": N_("已再次发起退款；此前的指令经核实均已失败后，新的指令才会发出。"),
    "refund_account": N_("付款人本人其他账户已登记，待另一人确认。"),
    "refund_account_confirmed": N_("账户已确认，满一个工作日后汇出；此前可以撤回。"),
    "refund_account_withdrawn": N_("账户已撤回，款项仍应退还付款人。"),
    "objected": N_("异议已提交法院。"),
    "applied_to_join": N_("申请已提交法院，审查结果在本页显示并依法送达。"),
    "objected_to_plan": N_("对分配方案的异议已提交法院。"),
    "proposed": N_("所报价格已密封，到齐或者期满后拆封。"),
    "method_asked": N_("请求已记录；双方均请求的，法院应当准许。"),
    "limit_set": N_("限额已保存。"),
    "loan_asked": N_("申请已提交，待银行预审。"),
    "loan_commit": N_("已请银行出具放款承诺函。"),
    "loan_draw": N_("已请银行放款至案款账户。"),
    "loan_retract": N_("请求已撤回，可以重新请求。"),
    "loan_refused": N_("已记录银行不承诺放款；您的付款义务不变。"),
    "loan_cancel": N_("贷款已放弃。"),
    "product_offered": N_("贷款产品已发布。"),
    "product_withdrawn": N_("贷款产品已停办。"),
    "finding_asked": N_("已要求说明，竞买人在其页面上可以看到并答复。"),
    "finding_acted": N_("处理已记录。"),
    "finding_police": N_("公安机关的书面答复已记录。"),
    "finding_decided": N_("决定已记录。"),
    "roster_opened": N_("名册已开启，每次查阅均有记录。"),
    "pack_made": N_("证据包已制作并签名。"),
    "explained": N_("说明已提交法院。"),
    "viewing_booked": N_("看样已预约，请记下看样编号。"),
    "viewing_given_up": N_("看样预约已取消。"),
    "lot_asked": N_("问题已提交法院；答复后与答复一并公开。"),
    "viewing_set": N_("看样场次已公布。"),
    "viewing_cancelled": N_("看样场次已取消，预约人可以看到原因。"),
    "picture_brought": N_("照片已上传，正在检查；通过后自动显示。"),
    "pictures_arranged": N_("照片顺序已调整。"),
    "picture_removed": N_("照片已移除。"),
    "picture_superseded": N_("照片已更换，原因已公开。"),
    "lot_answered": N_("答复已记录。"),
    "enforcement_objected": N_("异议已提交法院，三日内决定是否立案，进展在本页显示。"),
    "objection_withdrawn": N_("异议已撤回。"),
    "objection_docketed": N_("立案审查结果已记录。"),
    "objection_panel_formed": N_("审查合议庭已组成。"),
    "objection_decided": N_("裁定已作出，待用印；用印后异议人在其账户看到。"),
    "help_asked": N_("求助已提交，答复在本页显示。"),
    "help_said": N_("说明已补充。"),
    "help_answered": N_("答复已发出。"),
    "help_ended": N_("求助已结束。"),
    "interference_noted": N_("干预情况已记录，不能修改或者删除。"),
    "role_proposed": N_("岗位已提出，须由另一名管理员确认。"),
    "role_confirmed": N_("岗位已授予。"),
    "role_ended": N_("岗位已终止，或者提议已撤销。"),
    "factors_proposed": N_("重置已提出，须由另一名管理员确认。"),
    "factors_confirmed": N_("第二重验证已重置，该账户的登录已全部退出。"),
    "stall_explained": N_("说明已记录。"),
    "account_confirmed": N_("变更后的收款账户已由第二人核实确认。"),
}
"""What a page says after a step, by the word in its address."""
TEXT_FIELD_MAX = 20_000


class FieldNeeded(Malformed):
    """A field of a form was left empty."""

    code = "form_field_needed"
    article = "house: a form is complete"
    zh = "请填写或者选择：{what}。"
    en = "Please fill in or choose: {what}."


def required(text: str | None, *, field: str, zh: str, en: str) -> str:
    """Give what was filled in; refuse an empty field by its name (`FieldNeeded`)."""
    stripped = (text or "").strip()
    if not stripped:
        raise FieldNeeded(field=field, what=zh if current_locale() == "zh" else en)
    return stripped


def desk_page(
    request: Request[Any, Any, Any],
    template: str,
    *,
    refusal: Refusal | None = None,
    given: Mapping[str, str] | None = None,
    done: str | None = None,
    input_of: Mapping[str, str] | None = None,
    **context: object,
) -> Template:
    """Render a page of a desk: ``refusal`` is what was just refused, ``given`` what was typed.

    ``done`` says what was done where `DONE` does not. ``input_of``: what the page calls a field of the command, where it is another name.
    """
    said = DONE.get(request.query_params.get("done", ""))
    field = None if refusal is None else refusal.facts.get("field")
    return page(
        template,
        status=200 if refusal is None else status_of(refusal),
        refusal=refusal,
        refused_field=(input_of or {}).get(str(field), field),
        given=given or {},
        done=None if refusal is not None else done if said is None else _(said),
        words=desk_words,
        **context,
    )


async def given_by(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Give what was typed into a form, to show it again; never the form token."""
    form = await request.form()
    return {
        name: str(value)[:TEXT_FIELD_MAX]
        for name, value in form.multi_items()
        if name not in (FORM_TOKEN_FIELD, "command_id")
    }


def done_at(path: str, what: str) -> Redirect:
    """Go to a page and say there what was done."""
    assert what in DONE, f"nothing is said of {what!r}"
    return Redirect(f"{path}?done={what}", status_code=303)
