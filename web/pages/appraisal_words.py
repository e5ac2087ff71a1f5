"""Names that court and agencies read for what stands in the file of an appraisal."""

from __future__ import annotations

from web.pages.desk_words import GROUNDS, Named
from web.texts import N_

STATES: dict[str, Named] = {
    "choosing": Named(N_("待选定、委托评估机构"), "warn"),
    "mandated": Named(N_("已委托，待答复"), "warn"),
    "accepted": Named(N_("评估中"), "live"),
    "reported": Named(N_("报告待法院审查"), "warn"),
    "correcting": Named(N_("责令说明或者补正中"), "warn"),
    "passed": Named(N_("报告已审查，送达与异议期"), "live"),
    "disputed": Named(N_("异议处理中"), "warn"),
    "exhausted": Named(N_("选定的机构均未完成，待法院决定"), "bad"),
    "fixed": Named(N_("参考价已确定"), "good"),
    "ended": Named(N_("已撤回或者终结"), "quiet"),
}
VALUE_TYPES: dict[str, str] = {
    "market_value": N_("市场价值"),
    "liquidation_value": N_("清算价值"),
    "investment_value": N_("投资价值"),
    "residual_value": N_("残余价值"),
}
DECLINE_GROUNDS: dict[str, str] = {
    "interest": N_("与本案有利害关系（回避）"),
    "both_sides": N_("同时受冲突双方委托（回避）"),
    "no_capacity": N_("力量不足，不能按期完成"),
    "out_of_scope": N_("不在执业范围内"),
    "other": N_("其他理由"),
    "no_reason": N_("未说明理由"),
}
OVER_GROUNDS: dict[str, str] = {
    "declined": N_("未接受委托"),
    "recused": N_("回避"),
    "late": N_("逾期未出具报告"),
    "no_answer": N_("逾期未答复"),
    "correction_missed": N_("逾期未说明、补正"),
    "objection_upheld": N_("异议成立，另行委托"),
}
PAUSE_KINDS: dict[str, str] = {
    "deferral": N_("案件暂缓执行"),
    "stay": N_("案件中止执行"),
    "appraisal_deferral": N_("暂缓委托评估"),
}
PAUSE_GROUNDS: dict[str, str] = {
    "case_deferred": N_("案件暂缓"),
    "case_stayed": N_("案件中止"),
    "materials_wrong": N_("评估材料与事实严重不符或者缺失"),
    "other": N_("其他应当暂缓的情形"),
}
WITHDRAWALS: dict[str, str] = {
    "application_withdrawn": N_("申请执行人撤回执行申请"),
    "debt_paid": N_("债务已全部履行"),
    "title_revoked": N_("执行依据被撤销或者不予执行"),
    "price_agreed": N_("双方当事人议价确定参考价"),
    "no_sale_agreed": N_("双方当事人协商不再变价"),
    "other": N_("其他应当撤回的情形"),
}
CHECK_POINTS: dict[str, str] = {
    "basics_wrong": N_("财产基本信息错误"),
    "scope_wrong": N_("超出财产范围或者遗漏财产"),
    "agency_differs": N_("选定的机构与签章的机构不符"),
    "appraiser_differs": N_("执业资格证明与署名人员不符"),
    "other": N_("其他应当说明或者补正的情形"),
}
OBJECTION_GROUNDS: dict[str, str] = {
    **GROUNDS,
    "standard": N_("参照标准"),
    "method": N_("计算方法"),
    "result": N_("评估结果"),
}
PAPERS: dict[str, str] = {
    "report": N_("评估报告"),
    "explanation": N_("评估机构的说明"),
    "correction": N_("评估机构的补正"),
    "review": N_("专业技术评审结论"),
}
OBJECTION_STATES: dict[str, Named] = {
    "to_decide": Named(N_("待法院审查"), "warn"),
    "to_forward": Named(N_("待转交评估机构"), "warn"),
    "forwarded": Named(N_("评估机构说明中"), "live"),
    "explained": Named(N_("已说明，待异议人回应"), "live"),
    "to_review": Named(N_("待交专业技术评审"), "warn"),
    "in_review": Named(N_("专业技术评审中"), "live"),
    "correcting": Named(N_("补正中"), "live"),
    "settled": Named(N_("已处理"), "good"),
}
SETTLEMENTS: dict[str, str] = {
    "rejected": N_("异议不成立"),
    "upheld": N_("异议成立，另行委托"),
    "explained": N_("对说明未再异议"),
    "confirmed": N_("评审未否定评估结果"),
    "corrected": N_("已补正"),
    "without_object": N_("评估已由其他机构重做"),
}
CONCLUSIONS: dict[str, str] = {"confirmed": N_("未否定评估结果"), "to_correct": N_("应当补正")}
SUPERVISION_GROUNDS: dict[str, str] = {
    "fraud_or_duress": N_("议价中存在欺诈、胁迫"),
    "collusion": N_("恶意串通损害第三人利益"),
    "false_answer": N_("定向询价结果虚假"),
    "wrong_outcome": N_("对异议的处理结果确有错误"),
}
APPROACHES: dict[str, str] = {
    "comparison": N_("比较法"),
    "income": N_("收益法"),
    "cost": N_("成本法"),
    "residual": N_("假设开发法"),
    "benchmark_land_price": N_("基准地价修正法"),
    "other": N_("其他方法"),
}
ADVANCES: dict[str, str] = {"money": N_("申请执行人垫付"), "guarantee": N_("保险人担保书")}
FEE_OUTCOMES: dict[str, str] = {
    "sold": N_("成交"),
    "unsold": N_("未成交"),
    "withdrawn": N_("撤回评估"),
    "failed": N_("选定的机构均未完成"),
}
FEE_LINES: dict[str, str] = {
    "appraisal": N_("评估费"),
    "expense": N_("合理实际支出"),
    "reissue": N_("重新出具（首次评估费的30%）"),
    "replaced": N_("已被更换，不支付"),
}
SALE_OUTCOMES: dict[str, str] = {
    "sold": N_("已裁定成交"),
    "unsold": N_("未成交（流拍终结、撤回拍卖或者价格失效未上拍）"),
    "withdrawn": N_("已撤回评估"),
    "failed": N_("选定的机构均未完成，无应付评估费"),
}
DUE_KINDS: dict[str, str] = {
    "from_advance": N_("从垫付款支付"),
    "refund": N_("退还多垫付的部分"),
    "charge": N_("支付未垫付的部分"),
    "reimbursement": N_("被执行人负担，返还垫付人"),
}
PAYERS: dict[str, str] = {
    "advance": N_("法院代管的垫付款"),
    "proceeds": N_("变价款"),
    "insurer": N_("保险人"),
    "applicant": N_("申请执行人"),
    "judgment_debtor": N_("被执行人"),
    "agency": N_("评估机构"),
}
STAFF_PARTS: dict[str, str] = {
    "manager": N_("机构负责人"),
    "appraiser": N_("执业评估师"),
    "clerk": N_("文员"),
}
CHARGED: dict[str, str] = {
    "nobody": N_("无"),
    "proceeds": N_("变价款"),
    "applicant": N_("申请执行人"),
    "insurer": N_("保险人"),
    "judgment_debtor": N_("被执行人"),
}
BASES: dict[str, str] = {
    "unobjected": N_("无人提出异议"),
    "rejected": N_("异议不成立"),
    "explained": N_("对说明未再异议"),
    "confirmed": N_("评审未否定评估结果"),
    "corrected": N_("以补正结果为准"),
    "redone": N_("以重新评估结果为准"),
}
"""Why a figure counts (参考价 26)."""
EXHAUSTED: dict[str, str] = {"new_choice": N_("重新选定评估机构"), "failed": N_("终结委托评估程序")}
CLOCKS: dict[str, str] = {
    "answer": N_("答复是否接受委托"),
    "report": N_("出具评估报告"),
    "return_file": N_("退回评估材料"),
    "check": N_("法院审查报告"),
    "correction": N_("说明或者补正"),
    "send": N_("发送报告"),
    "object": N_("提出异议"),
    "forward": N_("转交异议"),
    "explain": N_("对异议作出说明"),
    "dispute": N_("对说明再提异议"),
    "review": N_("专业技术评审"),
    "validity": N_("参考价有效期"),
    "start_sale": N_("启动变价"),
    "sell_by": N_("最迟实施拍卖"),
}
CLOCK_STATES: dict[str, Named] = {
    "running": Named(N_("进行中"), "live"),
    "paused": Named(N_("暂停计算"), "warn"),
    "met": Named(N_("已完成"), "good"),
    "overdue": Named(N_("已逾期"), "bad"),
    "over": Named(N_("期限已过"), "quiet"),
}
BOUND: dict[str, str] = {
    "court": N_("法院"),
    "agency": N_("评估机构"),
    "party": N_("当事人、利害关系人"),
    "association": N_("行业协会"),
}


def square_metres(area_cm2: int) -> str:
    """Give an area of square centimetres in square metres, exactly: ``89.76``."""
    whole, part = divmod(area_cm2, 10_000)
    return f"{whole}.{part:04d}".rstrip("0").rstrip(".")
