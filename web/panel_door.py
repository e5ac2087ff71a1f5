"""Who may sit on a panel: persons whose accounts hold a judge's role. Only the web knows accounts, so it checks here."""

from __future__ import annotations

from auction.kernel.actors import Role
from auction.kernel.db import Transaction
from auction.kernel.errors import NotPermitted
from auction.sale.lots.form_panel import FormPanel
from web.auth import store as accounts

SITS = frozenset({Role.PANEL_MEMBER, Role.PRESIDING_JUDGE})


class NotAPanelJudge(NotPermitted):
    """A named member holds no account with a judge's role, or the presiding one has not the presiding judge's."""

    code = "not_a_panel_judge"
    article = "CPL 40, 42"
    zh = "合议庭成员应为具有审判岗位的人员，审判长应具有审判长岗位：{name}。"
    en = "A member of a panel holds a judge's role, its presiding judge the presiding judge's: {name}."


async def require_panel_roles(tx: Transaction, command: FormPanel) -> None:
    """Refuse members without a judge's role (`NotAPanelJudge`)."""
    for member in command.members:
        account = await accounts.account_by_person(tx, member.person_id)
        held = frozenset() if account is None else await accounts.roles_of(tx, account.account_id)
        needed = frozenset({Role.PRESIDING_JUDGE}) if member.is_presiding else SITS
        if held.isdisjoint(needed):
            raise NotAPanelJudge(name=member.name)
