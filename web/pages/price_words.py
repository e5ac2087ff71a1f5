"""Names of what stands on the way to a price."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from auction.kernel.sentences import Said
from valuation.methods.steps import Step
from web.display import begun
from web.pages import appraisal_words, desk_words
from web.pages.desk_words import Named
from web.texts import N_, _, current_locale

METHODS = desk_words.METHODS
_GROUND = re.compile(r"(?:: |; )(?=[^0-9A-Za-z ])")
"""What parts an article from the words after it; several articles stay together."""
CIRCUMSTANCES = desk_words.CIRCUMSTANCES
SUPERVISION_GROUNDS = appraisal_words.SUPERVISION_GROUNDS
SIDES = {"applicant": N_("申请执行人"), "judgment_debtor": N_("被执行人")}
OUTCOMES: dict[str, Named] = {
    "priced": Named(N_("形成参考价"), "good"),
    "failed": Named(N_("不成"), "bad"),
    "withdrawn": Named(N_("已撤回")),
}
REASONS: dict[str, str] = {
    "silent": N_("期限内未答复"),
    "prices_differ": N_("各方价格不一致"),
    "harms_others": N_("损害他人合法权益"),
    "no_report_in_time": N_("各平台均未按期出具报告"),
    "all_agencies_failed": N_("各评估机构均未完成评估"),
    "figure_lapsed": N_("评估结果在确定为参考价前有效期届满"),
}
WITHDRAWALS: dict[str, str] = {
    "application_withdrawn": N_("申请执行人撤回执行申请"),
    "debt_paid": N_("生效法律文书确定的义务已全部履行"),
    "title_revoked": N_("据以执行的生效法律文书被撤销"),
    "title_refused": N_("据以执行的生效法律文书被裁定不予执行"),
    "price_agreed": N_("当事人协商一致确定价格"),
    "no_sale_agreed": N_("当事人协商一致不再处置"),
}
REASONS |= WITHDRAWALS
SILENT_PARTIES = N_("期限内有当事人未提交价格")
GROUNDS_IN_WORDS: dict[str, str] = {
    "法定评估": N_("法律、行政法规规定必须委托评估"),
    "双方要求": N_("双方当事人要求"),
    "网络询价不能或者不成": N_("网络询价不能或者不成"),
    "法院决定": N_("法院决定"),
}
"""What stands after an article where the article alone does not say which of its cases it is."""
CLOCKS: dict[str, str] = {
    "start": N_("启动定价程序"),
    "proposals": N_("提交议价结果"),
    "letter": N_("定向询价答复"),
    "send_result": N_("送达定向询价结果"),
    "platforms": N_("平台出具报告"),
    "start_sale": N_("启动财产变价"),
    "validity": N_("参考价有效期"),
    "sell_by": N_("变价最迟日期"),
}
CLOCK_STATES: dict[str, Named] = {
    "running": Named(N_("计时中"), "live"),
    "met": Named(N_("已完成"), "good"),
    "late": Named(N_("逾期完成"), "warn"),
    "overdue": Named(N_("已逾期"), "bad"),
    "over": Named(N_("已终结")),
}
AGREEMENTS: dict[str, Named] = {
    "open": Named(N_("待各方提交"), "live"),
    "equal": Named(N_("一致，待审查"), "warn"),
    "priced": Named(N_("形成参考价"), "good"),
    "failed": Named(N_("不成"), "bad"),
    "withdrawn": Named(N_("已撤回")),
}
LETTERS: dict[str, Named] = {
    "asking": Named(N_("待答复"), "live"),
    "answered": Named(N_("已答复，送达中"), "live"),
    "priced": Named(N_("形成参考价"), "good"),
    "failed": Named(N_("未答复"), "bad"),
    "withdrawn": Named(N_("已撤回")),
}


def said(sentence: Said) -> str:
    """Give a sentence in the language of the page, as it stands by itself."""
    return begun(sentence.in_words(current_locale()))


def ground_article(ground: str) -> str:
    """Give the article of a step's ground."""
    return _GROUND.split(ground, maxsplit=1)[0]


def ground_words(ground: str) -> str:
    """Say which case of the article it is; empty where the article has only one."""
    rest = _GROUND.split(ground, maxsplit=1)[1:]
    return _(GROUNDS_IN_WORDS.get(rest[0], rest[0])) if rest else ""


def reason(step: Step) -> str:
    """Say why a step ended as it did; empty: its outcome says it."""
    if step.reason is None:
        return ""
    if (step.method, step.reason) == ("agreement", "silent"):
        return _(SILENT_PARTIES)
    return _(REASONS.get(step.reason, step.reason))


def sides(asked: Collection[str]) -> str:
    """Name the sides that asked."""
    return _("、").join(_(SIDES[side]) for side in sorted(asked))


def grounds(named: Sequence[str]) -> str:
    """Name the grounds of an objection."""
    return _("、").join(_(appraisal_words.OBJECTION_GROUNDS[ground]) for ground in named)
