"""What the live room says: the texts that ``static/room.js`` asks for, in the language of the page."""

from __future__ import annotations

from web.texts import N_, _

TEXTS: dict[str, str] = {
    "line_live": N_("实时"),
    "line_reconnecting": N_("重连中"),
    "line_closed": N_("已断开"),
    "line_stale": N_("数据可能已过时"),
    "line_stalled": N_("计时已暂停"),
    "line_polling": N_("定时刷新"),
    "phase_recorded": N_("尚未就绪"),
    "phase_before": N_("即将开始"),
    "phase_running": N_("竞价中"),
    "phase_ending": N_("等待确认结束"),
    "phase_stopped": N_("已暂停"),
    "phase_paused": N_("紧急暂停"),
    "phase_withdrawn": N_("已撤回"),
    "phase_closed": N_("已结束"),
    "standing_leading": N_("您当前领先"),
    "standing_outbid": N_("您已出局"),
    "tag_leading": N_("领先"),
    "tag_out": N_("出局"),
    "tag_match": N_("优先购买权应价"),
    "tag_extended": N_("触发延时"),
    "step": N_("{times}倍 {amount}"),
    "step_start": N_("起拍价 {amount}"),
    "said_price": N_("当前价{amount}，竞买代码{code}"),
    "said_outbid": N_("您已被超越，当前价{amount}"),
    "said_leading": N_("您已领先"),
    "said_left": N_("距结束还有{left}"),
    "said_extended": N_("竞价已延时"),
    "said_closed": N_("竞价已结束"),
    "said_paused": N_("竞价紧急暂停，计时已停，已报告法院"),
    "left_minutes": N_("{n}分钟"),
    "left_seconds": N_("{n}秒"),
    "days": N_("{n}天"),
    "sent": N_("已提交，等待确认"),
    "not_sent": N_("未连接，请稍候"),
    "accepted": N_("出价成功：{amount}"),
    "not_received": N_("该次出价未被受理，请重新提交"),
    "entry_malformed": N_("请输入金额，单位元"),
    "changed": N_("确认期间有更高出价，现最低可出{amount}"),
    "changed_still_good": N_("确认期间有新出价，您的金额仍然有效"),
    "confirm_heading": N_("确认出价"),
    "confirm_yes": N_("确认出价"),
    "again_heading": N_("二次确认"),
    "again_why": N_("公告要求对此金额二次确认；此前的出价尚未生效"),
    "again_yes": N_("金额无误，再次确认"),
    "again_asked": N_("请二次确认：{amount}"),
    "large_jump": N_("高出最低可出价{times}个增价幅度，请核对"),
}


def room_texts(no_price: str) -> dict[str, str]:
    """Give all texts; ``no_price`` stands where nobody has bid."""
    return {"no_price": no_price, **{key: _(text) for key, text in TEXTS.items()}}
