"""Names that people read for the register, the choice of institutions, and draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args
from uuid import UUID

from valuation.agencies.register import Entry
from valuation.agencies.register_store import Proposed
from valuation.selections.pool import Reason
from web.pages.desk_words import Named, name_in, status_in, told_of
from web.texts import N_, _

PROFESSIONS: dict[str, str] = {
    "assets": N_("资产评估"),
    "land": N_("土地估价"),
    "real_estate": N_("房地产估价"),
    "mining_rights": N_("矿业权评估"),
    "jewellery": N_("珠宝评估"),
    "audit": N_("会计审计"),
    "auxiliary": N_("拍卖辅助"),
}
PURPOSES: dict[str, str] = {
    "valuation_agency": N_("评估机构"),
    "audit_firm": N_("审计机构"),
    "auxiliary_provider": N_("拍卖辅助机构"),
}
REMOVALS: dict[str, str] = {
    "refused": N_("无正当理由拒绝委托"),
    "fraud": N_("弄虚作假"),
    "own_request": N_("自行申请退出"),
    "licence_lost": N_("丧失资格"),
}
CHANGES: dict[str, str] = {
    "entry": N_("入库"),
    "amendment": N_("登记变更"),
    "suspension": N_("暂停"),
    "removal": N_("除名"),
    "recusal": N_("回避"),
}
REGISTER_DECISIONS: dict[str, str] = {"confirmed": N_("同意"), "rejected": N_("不同意")}
DRAWING_OFFICES: dict[str, str] = {"judicial_technology": N_("司法技术部门"), "bureau": N_("执行局")}
OFFICES: dict[str, str] = {
    **DRAWING_OFFICES,
    "case_handler": N_("承办人"),
    "supervision": N_("监督部门"),
}
SECONDS: dict[str, str] = {"secret": N_("监督部门的第二份秘密"), "drand": N_("公共随机信标（drand quicknet）")}
LEVELS: dict[str, str] = {
    "city": N_("市级名单子库"),
    "province": N_("省级名单子库"),
    "national": N_("全国专业名单分库"),
}
WIDER_LEVELS: dict[str, str] = {"province": N_("省级名单子库"), "national": N_("全国专业名单分库")}
STATES: dict[str, Named] = {
    "requested": Named(N_("已申请，待冻结名单"), "warn"),
    "frozen": Named(N_("名单已公布，待摇号"), "live"),
    "drawn": Named(N_("已摇号"), "good"),
    "failed": Named(N_("摇号失败"), "bad"),
    "restarted": Named(N_("已依命令重新进行"), "bad"),
    "withdrawn": Named(N_("随委托评估撤回"), "quiet"),
}
REASONS: dict[str, str] = {
    "removed": N_("已除名"),
    "barred": N_("除名后禁止入库期内"),
    "suspended": N_("暂停接受委托"),
    "licence_not_begun": N_("资格尚未生效"),
    "licence_expired": N_("资格已过有效期"),
    "too_few_appraisers": N_("评估师不足两名"),
    "conflict": N_("与本案有利害关系，回避"),
    "failed_this_mandate": N_("此前未完成本财产的委托"),
    "workload": N_("在办委托已达本院上限"),
    "declined": N_("不接受委托"),
    "no_answer": N_("逾期未答复"),
    "late": N_("逾期未完成"),
    "recused": N_("回避"),
    "objection_upheld": N_("异议成立，更换机构"),
}
MISSING: dict[str, str] = {
    "court_commitment": N_("摇号部门未按时提交承诺"),
    "second_commitment": N_("监督部门未按时提交承诺"),
    "pool": N_("未按时冻结名单"),
    "parties_told": N_("承办人未在摇号前通知全部当事人"),
    "court_secret": N_("摇号部门未按时揭示秘密"),
    "second_secret": N_("监督部门未按时揭示秘密"),
    "beacon": N_("未取得公共随机信标"),
}
BEACON_GAPS: dict[str, str] = {
    "silent": N_("中继没有应答"),
    "not_yet": N_("该轮尚未公布"),
    "refused": N_("中继拒绝应答"),
    "malformed": N_("应答无法读取"),
    "wrong_round": N_("应答的是另一轮"),
    "wrong_signature": N_("签名与保存的信标公钥不符"),
}
WITHDRAWALS: dict[str, str] = {
    "appraisal_withdrawn": N_("委托评估已经撤回"),
    "appraisal_failed": N_("委托评估已经终结，未形成价格"),
    "appraisal_over": N_("委托评估已经结束或者不再等待本次选定"),
}
ORIGINS: dict[str, str] = {"draw": N_("摇号选定"), "agreement": N_("当事人协商")}
SIDES: dict[str, str] = {"applicant": N_("申请执行人一方"), "judgment_debtor": N_("被执行人一方")}
ENTRIES: dict[str, str] = {
    "pool": N_("冻结名单"),
    "entropy": N_("当事人随机数"),
    "draw": N_("摇号结果"),
    "failure": N_("摇号失败"),
    "restart": N_("重新摇号命令"),
    "withdrawal": N_("随委托评估撤回"),
}
DONE: dict[str, str] = {
    "register": N_("名册变更已提出，待另一人复核。"),
    "register_decided": N_("名册变更已复核。"),
    "rules": N_("本院摇号规则已设置并公布。"),
    "draw_requested": N_("已申请摇号，由摇号部门办理。"),
    "draw_committed": N_("承诺已提交；请妥善保管秘密。"),
    "pool_frozen": N_("候选名单已冻结并公布，摇号时间已告知。"),
    "second_opened": N_("第二份秘密已揭示，随摇号结果公布。"),
    "drawn": N_("摇号完成，记录已公布。"),
    "draw_restarted": N_("命令已录入，重新摇号开始。"),
    "entropy_committed": N_("承诺已提交；请妥善保管您的随机数，届时揭示。"),
    "entropy_opened": N_("随机数已揭示，将计入种子。"),
    "proposed": N_("选定意见已密封提交。"),
}
"""What a page says after a step, by the word in its address."""
assert set(get_args(Reason)) <= set(REASONS), "every reason of an exclusion has a name"


def profession_name(key: str) -> str:
    """Name a profession."""
    return name_in(PROFESSIONS, key)


def state_text(key: str) -> str:
    """Name how far a draw is."""
    return status_in(STATES, key).text


def change_title(change: Proposed, names: Mapping[UUID, str]) -> str:
    """Name a change of the register by its kind and institution."""
    content = change.content
    name = content.name if isinstance(content, Entry) else names.get(change.agency_id, "")
    return told_of(name_in(CHANGES, change.kind), name)


def done_text(word: str) -> str | None:
    """Say what was done, by the word in the address."""
    return _(DONE[word]) if word in DONE else None
