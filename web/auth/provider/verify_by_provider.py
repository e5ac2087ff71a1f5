"""Verify one's own identity through the provider: have a code sent to one's telephone, then bring it.

The check is on record before the provider hears of it; its outcome is stored once, in the transaction that verifies the account. Whoever dies in between
asks again under the same check: the provider sends no second code, and gives the same answer (`provider` rule 3).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.log import get_log
from auction.kernel.signed_questions import Gap
from web.auth import store
from web.auth.accounts import AccountUnknown
from web.auth.provider.check_store import asked_in, checks_of_a_day, open_check
from web.auth.provider.provider import (
    CHECK_ENDED,
    CHECKS_A_DAY,
    CODE_SENT,
    CODE_WRONG,
    DIFFERS,
    CheckAsked,
    CheckOver,
    CheckUnknown,
    CodeNotRight,
    IdentityNotConfirmed,
    IdentityProvider,
    Outcome,
    Proof,
    ProviderSilent,
    TooManyChecks,
    VerifiedAlready,
    read_code,
    read_telephone,
)
from web.auth.tables import AccountRow, ProviderCheckRow, ProviderOutcomeRow

NOT_VERIFIED = frozenset({"none", "sample"})
"""Who may be verified by the provider; the counter's check stands above it."""
log = get_log("web.auth")


class BeginCheck(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Have a code sent to this telephone, which is in one's own name."""

    check_id: UUID
    telephone: str


class ProveCheck(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bring the code that came."""

    check_id: UUID
    code: str


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """The check that is under way, or was stored before."""

    check_id: UUID


async def begin_check(db: Database, actor: Actor, command: BeginCheck, provider: IdentityProvider) -> UUID:
    """Record the check, have the code sent, and give the check's id.

    Raises: `TelephoneMalformed`, `VerifiedAlready`, `TooManyChecks`, `IdentityNotConfirmed` (and its outcome is stored), `ProviderSilent`. Source: 网拍 17.
    """
    telephone = read_telephone(command.telephone)

    async def work(tx: Transaction) -> Begun:
        await tx.lock(f"identity:{actor.account_id}")
        account = await _unverified(tx, actor)
        if await checks_of_a_day(tx, account.account_id, tx.now) >= CHECKS_A_DAY:
            raise TooManyChecks(most=CHECKS_A_DAY)
        row = ProviderCheckRow(
            check_id=command.check_id,
            account_id=account.account_id,
            provider=provider.title,
            telephone_sealed=tx.sealer.seal(telephone),
            begun_at=tx.now,
        )
        tx.session.add(row)
        await tx.session.flush()
        return Begun(check_id=command.check_id)

    begun = await db.carry_out(actor, command, work, Begun)
    asked, now = await _asked(db, actor, begun.check_id)
    answer = await provider.begin(asked, business_at=now)
    if isinstance(answer, Gap) and answer.reason == "pending" and answer.detail == CODE_SENT:
        return begun.check_id
    if isinstance(answer, Gap) and answer.reason == "refused" and answer.detail == DIFFERS:
        await _end(db, actor, asked, Outcome.DIFFERS)
        raise IdentityNotConfirmed
    if isinstance(answer, Proof):  # it was proved before, and whoever proved it died
        await _verify(db, actor, answer)
        return begun.check_id
    raise ProviderSilent(answer.reason)


async def prove_check(db: Database, actor: Actor, command: ProveCheck, provider: IdentityProvider) -> None:
    """Bring the code, store the provider's answer, and let the account be verified by it; again after that changes nothing.

    Raises: `CodeMalformed`, `CheckUnknown`, `CodeNotRight`, `CheckOver` (and its outcome is stored), `ProviderSilent`. Source: 网拍 17.
    """
    code = read_code(command.code)
    asked, now = await _asked(db, actor, command.check_id)
    answer = await provider.prove(asked, code, business_at=now)
    if isinstance(answer, Proof):
        await _verify(db, actor, answer)
        return
    if answer.reason == "refused" and answer.detail == CODE_WRONG:
        raise CodeNotRight(field="code")
    if answer.reason == "refused" and answer.detail == CHECK_ENDED:
        await _end(db, actor, asked, Outcome.ENDED)
        raise CheckOver
    raise ProviderSilent(answer.reason)


async def check_under_way(db: Database, actor: Actor) -> CheckAsked | None:
    """Give the newest check of one's own that waits for its code, ``None`` if none does."""
    async with db.reading() as tx:
        account = await store.account_by_id(tx, actor.account_id)
        row = await open_check(tx, actor.account_id)
        if account is None or row is None or account.identity_verified_by not in NOT_VERIFIED:
            return None
        return await asked_in(tx, account, row.check_id)


async def _unverified(tx: Transaction, actor: Actor) -> AccountRow:
    account = await _account(tx, actor)
    if account.identity_verified_by not in NOT_VERIFIED or account.is_sample:
        raise VerifiedAlready
    return account


async def _account(tx: Transaction, actor: Actor) -> AccountRow:
    account = await store.account_by_id(tx, actor.account_id)
    if account is None or account.state != "open":
        raise AccountUnknown
    return account


async def _asked(db: Database, actor: Actor, check_id: UUID) -> tuple[CheckAsked, datetime]:
    """Give a check that has no outcome, or that verified, as it is asked; and business time. Raises `CheckUnknown`."""
    async with db.reading() as tx:
        asked = await asked_in(tx, await _account(tx, actor), check_id)
        outcome = await tx.session.get(ProviderOutcomeRow, check_id)
        if outcome is not None and outcome.outcome != Outcome.SAME_PERSON:
            raise CheckUnknown(check_id=check_id)
        return asked, tx.now


async def _verify(db: Database, actor: Actor, proof: Proof) -> None:
    async def work(tx: Transaction) -> None:
        await tx.lock("web.account")
        account = await _account(tx, actor)
        await _note(tx, proof.check_id, Outcome.SAME_PERSON, proof)
        if account.identity_verified_by in NOT_VERIFIED:
            account.identity_verified_by = "provider"
            await tx.session.flush()

    await db.transact(work)
    log.info("identity_verified", account_id=str(actor.account_id), check_id=str(proof.check_id))


async def _end(db: Database, actor: Actor, asked: CheckAsked, outcome: Outcome) -> None:
    await db.transact(lambda tx: _note(tx, asked.check_id, outcome, None))
    log.info("identity_not_verified", account_id=str(actor.account_id), outcome=outcome.value)


async def _note(tx: Transaction, check_id: UUID, outcome: Outcome, proof: Proof | None) -> None:
    """Store how a check ended, once (rule 3)."""
    await tx.lock(f"identity check {check_id}")
    if await tx.session.get(ProviderOutcomeRow, check_id, populate_existing=True) is not None:
        return
    tx.session.add(
        ProviderOutcomeRow(
            check_id=check_id,
            outcome=outcome.value,
            answer_sealed=None if proof is None else tx.sealer.seal(proof.content.decode()),
            answer_sha256=None if proof is None else proof.sha256,
            noted_at=tx.now,
        )
    )
    await tx.session.flush()
