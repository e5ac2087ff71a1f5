"""Reset a lost second factor: two administrators each say so, and then the account has none (security 3).

1. The first administrator proposes with a reason, another natural person confirms within `CONFIRMED_WITHIN`; neither is the owner.
2. Confirmed, authenticator, passkeys and recovery codes end, and so does every session of the account, in one transaction. The
   password stays; steps that ask for a second factor are closed until there is a new one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Literal
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import real_now
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Malformed, NotPermitted
from auction.kernel.ids import new_id
from web.auth import accounts, store
from web.auth.factors import factor_store
from web.auth.factors.check_code import note_act
from web.auth.passkeys import store as passkeys
from web.auth.tables import FactorResetRow

CONFIRMED_WITHIN: Final = timedelta(hours=24)
REASON_MOST: Final = 500


class OwnFactorsNotReset(NotPermitted):
    """Nobody resets his own second factor (rule 1)."""

    code = "own_factors_not_reset"
    article = "house: second factors are reset by two others"
    zh = "不能重置本人的第二重验证，须由另两名管理员办理。"
    en = "Nobody resets his own second factor; two other administrators do."


class ResetReasonNeeded(Malformed):
    """A reset says why, and how the owner was recognised."""

    code = "factor_reset_reason_needed"
    article = "house: second factors are reset by two others"
    zh = "请写明重置原因和核对本人身份的方式，不超过{most}字。"
    en = "Say why it is reset and how the owner was recognised, in at most {most} characters."


class ResetFactors(Command, frozen=True, kw_only=True):
    """An administrator says that an account's second factors shall end."""

    account_id: UUID
    reason: str


class ResetState(msgspec.Struct, frozen=True, kw_only=True):
    """Where the reset stands after this administrator's word."""

    reset_id: UUID
    state: Literal["proposed", "confirmed"]


async def reset_factors(db: Database, actor: Actor, command: ResetFactors) -> ResetState:
    """Propose a reset, or confirm what another administrator proposed; the same one's second word changes nothing.

    Raises `AccountUnknown`, `OwnFactorsNotReset`, `ResetReasonNeeded`.
    """
    require_role(actor, Role.ADMINISTRATOR)
    reason = command.reason.strip()
    if not reason or len(reason) > REASON_MOST:
        raise ResetReasonNeeded(field="reason", most=REASON_MOST)

    async def work(tx: Transaction) -> ResetState:
        await tx.lock(f"web.factors:{command.account_id}")
        account = await store.account_by_id(tx, command.account_id)
        if account is None:
            raise accounts.AccountUnknown
        if account.person_id == actor.person_id:
            raise OwnFactorsNotReset
        open_one = await _open(tx, command.account_id)
        if open_one is None:
            return await _propose(tx, actor, command.account_id, reason)
        proposer = await store.account_by_id(tx, open_one.proposed_by)
        if proposer is None or proposer.person_id == actor.person_id:
            return ResetState(reset_id=open_one.reset_id, state="proposed")
        open_one.confirmed_by, open_one.confirmed_at = actor.account_id, tx.now
        await _end_factors(tx, command.account_id)
        return ResetState(reset_id=open_one.reset_id, state="confirmed")

    return await db.carry_out(actor, command, work, ResetState)


async def _open(tx: Transaction, account_id: UUID) -> FactorResetRow | None:
    """Give the proposal that waits for its confirmation and is young enough (rule 1)."""
    asked = select(FactorResetRow).where(
        FactorResetRow.account_id == account_id,
        FactorResetRow.confirmed_at.is_(None),
        FactorResetRow.proposed_at > tx.now - CONFIRMED_WITHIN,
    )
    return (await tx.session.scalars(asked.order_by(FactorResetRow.proposed_at.desc()).limit(1))).one_or_none()


async def _propose(tx: Transaction, actor: Actor, account_id: UUID, reason: str) -> ResetState:
    row = FactorResetRow(reset_id=new_id(), account_id=account_id, reason=reason, proposed_by=actor.account_id)
    row.proposed_at, row.confirmed_by, row.confirmed_at = tx.now, None, None
    tx.session.add(row)
    await tx.session.flush()
    return ResetState(reset_id=row.reset_id, state="proposed")


async def _end_factors(tx: Transaction, account_id: UUID) -> None:
    """End all second factors and all sessions (rule 2); their times are real time."""
    now = real_now()
    for row in (await factor_store.standing_totp(tx, account_id), await factor_store.begun_totp(tx, account_id)):
        if row is not None:
            row.ended_at, row.secret_sealed = now, None
    await passkeys.end_all(tx, account_id, now)
    await factor_store.replace_recovery_codes(tx, account_id, (), now)
    await factor_store.end_halves(tx, account_id, now)
    await store.end_sessions_of(tx, account_id, now)
    await note_act(tx, account_id, "ResetFactors", now)
