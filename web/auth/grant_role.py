"""Grant a role: two administrators each say so, and then it stands (security 3)."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec

from auction.kernel.actors import ROLE_WORDS, Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import new_id
from auction.kernel.sentences import Said
from web.auth import accounts, store
from web.auth.tables import RoleGrantRow


class GrantRole(Command, frozen=True, kw_only=True):
    """An administrator says that an account shall hold a role."""

    account_id: UUID
    role: Role
    institution: str | None = None
    """For a lender's role, and for no other: the id of the lender in the partners' file (``lender-1``)."""


class GrantState(msgspec.Struct, frozen=True, kw_only=True):
    """Where a grant stands after this administrator's word."""

    grant_id: UUID
    state: Literal["proposed", "confirmed"]


async def grant_role(db: Database, actor: Actor, command: GrantRole) -> GrantState:
    """Propose a role, or confirm what another administrator proposed.

    The first administrator's command proposes, the second's (another natural person) confirms; the same
    administrator's second command changes nothing. Raises `AccountUnknown`, `RoleNotGrantable`,
    `InstitutionInvalid`, `GrantDiffers` (another institution was proposed, or stands).
    """
    require_role(actor, Role.ADMINISTRATOR)
    accounts.check_institution(command.role, command.institution)

    async def work(tx: Transaction) -> GrantState:
        await tx.lock("web.account")
        await _check(tx, actor, command)
        standing = await store.standing_grant(tx, command.account_id, command.role)
        if standing is None:
            return _propose(tx, actor, command)
        if standing.institution != command.institution:
            raise accounts.GrantDiffers
        if standing.confirmed_at is None and await _is_another_person(tx, actor, standing.proposed_by):
            standing.confirmed_by, standing.confirmed_at = actor.account_id, tx.now
        return GrantState(
            grant_id=standing.grant_id, state="proposed" if standing.confirmed_at is None else "confirmed"
        )

    return await db.carry_out(actor, command, work, GrantState)


async def _check(tx: Transaction, actor: Actor, command: GrantRole) -> None:
    account = await store.account_by_id(tx, command.account_id)
    if account is None or account.state != "open":
        raise accounts.AccountUnknown
    if account.person_id == actor.person_id:
        raise accounts.RoleNotGrantable(reason=Said("不能授予本人", "nobody grants himself a role"))
    if command.role is Role.SYSTEM:
        raise accounts.RoleNotGrantable(reason=Said("系统身份不授予任何人", "it is the product's own workers' role"))
    clash = accounts.clash_of(command.role, await store.roles_of(tx, command.account_id))
    if clash is not None:
        said = Said(f"与现有岗位“{ROLE_WORDS[clash].zh}”冲突", f"it clashes with the role {ROLE_WORDS[clash].en}")
        raise accounts.RoleNotGrantable(reason=said)


def _propose(tx: Transaction, actor: Actor, command: GrantRole) -> GrantState:
    grant_id = new_id()
    tx.session.add(
        RoleGrantRow(
            grant_id=grant_id,
            account_id=command.account_id,
            role=command.role,
            institution=command.institution,
            basis="two_administrators",
            proposed_by=actor.account_id,
            proposed_at=tx.now,
            confirmed_by=None,
            confirmed_at=None,
            ended_by=None,
            ended_at=None,
        )
    )
    return GrantState(grant_id=grant_id, state="proposed")


async def _is_another_person(tx: Transaction, actor: Actor, proposed_by: UUID | None) -> bool:
    assert proposed_by is not None, "a grant that waits was proposed by somebody"
    proposer = await store.account_by_id(tx, proposed_by)
    return proposer is not None and proposer.person_id != actor.person_id
