"""Names that people read for roles and other stored values."""

from __future__ import annotations

from auction.kernel.actors import Role
from web.texts import N_, _

ROLE_NAMES: dict[Role, str] = {
    Role.CASE_HANDLER: N_("承办法官"),
    Role.JUDGE_ASSISTANT: N_("法官助理"),
    Role.CLERK: N_("书记员"),
    Role.PRESIDING_JUDGE: N_("审判长"),
    Role.PANEL_MEMBER: N_("合议庭成员"),
    Role.BUREAU_HEAD: N_("执行局局长"),
    Role.VICE_PRESIDENT: N_("分管副院长"),
    Role.PRESIDENT: N_("院长"),
    Role.JUDICIAL_TECHNOLOGY: N_("司法技术人员"),
    Role.FINANCE: N_("财务会计"),
    Role.CASHIER: N_("出纳"),
    Role.PARTY: N_("当事人"),
    Role.BIDDER: N_("竞买人"),
    Role.AGENCY: N_("评估机构"),
    Role.LENDER: N_("贷款银行"),
    Role.SUPERVISOR: N_("监督人员"),
    Role.ADMINISTRATOR: N_("系统管理员"),
    Role.SYSTEM: N_("系统"),
}


def role_name(role: Role | str) -> str:
    """Give a role's name in the language of this request."""
    return _(ROLE_NAMES[Role(role)])
