"""Who acts: an account of one natural person, with the roles that the installation granted it.

Roles are those of a court's enforcement work (practice 11) and of the people around it. One natural person has
one account (security 3); where a rule compares people it compares `Actor.person_id`, never accounts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from auction.kernel.errors import NotPermitted
from auction.kernel.ids import AccountId, PersonId
from auction.kernel.sentences import Said


class Role(StrEnum):
    """A part that an account may play; the value is stable and stored."""

    CASE_HANDLER = "case_handler"  # 承办法官 / 执行员
    JUDGE_ASSISTANT = "judge_assistant"  # 法官助理
    CLERK = "clerk"  # 书记员
    PRESIDING_JUDGE = "presiding_judge"  # 审判长
    PANEL_MEMBER = "panel_member"  # 合议庭成员
    BUREAU_HEAD = "bureau_head"  # 执行局局长
    VICE_PRESIDENT = "vice_president"  # 分管副院长
    PRESIDENT = "president"  # 院长
    JUDICIAL_TECHNOLOGY = "judicial_technology"  # 司法技术
    FINANCE = "finance"  # 财务会计
    CASHIER = "cashier"  # 出纳
    PARTY = "party"  # 当事人
    BIDDER = "bidder"  # 竞买人
    AGENCY = "agency"  # 评估机构
    LENDER = "lender"  # 贷款银行
    SUPERVISOR = "supervisor"  # 监督（检察、上级法院）
    ADMINISTRATOR = "administrator"  # 系统管理员
    SYSTEM = "system"  # the product's own workers


ROLE_WORDS: Final[Mapping[Role, Said]] = {
    Role.CASE_HANDLER: Said("承办法官", "Case handler"),
    Role.JUDGE_ASSISTANT: Said("法官助理", "Judge's assistant"),
    Role.CLERK: Said("书记员", "Clerk"),
    Role.PRESIDING_JUDGE: Said("审判长", "Presiding judge"),
    Role.PANEL_MEMBER: Said("合议庭成员", "Panel member"),
    Role.BUREAU_HEAD: Said("执行局局长", "Head of the enforcement bureau"),
    Role.VICE_PRESIDENT: Said("分管副院长", "Vice-president"),
    Role.PRESIDENT: Said("院长", "President of the court"),
    Role.JUDICIAL_TECHNOLOGY: Said("司法技术人员", "Judicial technology officer"),
    Role.FINANCE: Said("财务会计", "Finance officer"),
    Role.CASHIER: Said("出纳", "Cashier"),
    Role.PARTY: Said("当事人", "Party"),
    Role.BIDDER: Said("竞买人", "Bidder"),
    Role.AGENCY: Said("评估机构", "Valuation agency"),
    Role.LENDER: Said("贷款银行", "Lender"),
    Role.SUPERVISOR: Said("监督人员", "Supervisor"),
    Role.ADMINISTRATOR: Said("系统管理员", "Administrator"),
    Role.SYSTEM: Said("系统", "System"),
}
"""What people read for a role."""


def roles_said(roles: Iterable[Role]) -> Said:
    """Name roles in both languages, in a fixed order."""
    named = [ROLE_WORDS[role] for role in sorted(roles)]
    return Said("、".join(one.zh for one in named), ", ".join(one.en for one in named))


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """The account that acts, the natural person behind it, and its roles."""

    account_id: AccountId
    person_id: PersonId
    roles: frozenset[Role]
    is_identified: bool = True
    """Whether somebody vouches for the account's identity; its opener alone does not (web, accounts rule 6)."""
    has_fresh_factor: bool = True
    """Whether a second factor was proven just now, or need not be (web, `web.auth.factors.fresh`); the site says so for each session."""
    institution: str | None = None
    """The institution outside the court for which it acts, by its id (``lender-1``); ``None``: for none."""


class RoleLacking(NotPermitted):
    """The account has none of the roles that may take this step."""

    code = "role_lacking"
    article = "house: practice 11, each step has its officer"
    zh = "您的岗位不能执行此操作，需要：{needed}。"
    en = "Your role may not take this step; needed: {needed}."


SYSTEM = Actor(
    account_id=AccountId(UUID(int=0)),
    person_id=PersonId(UUID(int=0)),
    roles=frozenset({Role.SYSTEM}),
)
"""The workers of the product: what follows by itself from an earlier, recorded step."""


def require_role(actor: Actor, *allowed: Role) -> None:
    """Refuse with `RoleLacking` unless the actor holds one of ``allowed``."""
    if actor.roles.isdisjoint(allowed):
        raise RoleLacking(needed=roles_said(allowed), roles=", ".join(sorted(allowed)))
