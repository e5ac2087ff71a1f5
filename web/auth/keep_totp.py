"""Set up one's own authenticator, exchange the recovery codes, and remove them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from auction.kernel.db import Database, Transaction
from auction.kernel.ids import new_id
from web.auth import store
from web.auth.factors import factor_store, recovery_codes, totp
from web.auth.factors.check_code import count_code, forget_codes, note_act, use_code
from web.auth.factors.fresh import stale
from web.auth.passwords import Passwords
from web.auth.sign_in import Credentials, Origin, forget_attempts, prove_password
from web.auth.tables import TotpRow
from web.visit import SessionHash

Work = Callable[[Transaction], Awaitable[bool]]


class TotpConfirmed(NamedTuple):
    """The recovery codes, to be shown now and never again, and the other sessions that ended."""

    recovery_codes: Sequence[str]
    ended: Sequence[SessionHash]


async def begin_totp(
    db: Database,
    credentials: Credentials,
    session: SessionHash,
    *,
    passwords: Passwords,
    origin: Origin,
    now: datetime,
    is_proven: bool,
) -> None:
    """Make a secret that waits for its first code, in place of one that was begun before.

    The password is asked for again: whoever finds an open browser would lock its owner out otherwise; and where there is a passkey,
    that it was used just now (``is_proven``). Only the session that
    began reads the secret (`begun_secret`). ``now`` is real time. Raises `SignInWrong`, `TooManyAttempts`,
    `totp.AuthenticatorStands`, `SecondFactorStale`.
    """
    proven = await prove_password(db, credentials, passwords=passwords, origin=origin, now=now)
    account_id, secret = proven.account.account_id, totp.new_secret()

    async def work(tx: Transaction) -> None:
        await tx.lock(f"web.factors:{account_id}")
        await forget_attempts(tx, proven)
        if await factor_store.standing_totp(tx, account_id) is not None:
            raise totp.AuthenticatorStands
        if not is_proven and await factor_store.has_factor(tx, account_id):
            raise stale()
        await _end_begun(tx, account_id, now)
        row = TotpRow(totp_id=new_id(), account_id=account_id, secret_sealed=tx.sealer.seal(secret), begun_in=session)
        row.begun_at, row.confirmed_at, row.last_step, row.wrong_in_a_row, row.ended_at = now, None, 0, 0, None
        tx.session.add(row)

    await db.transact(work)


async def begun_secret(tx: Transaction, account_id: UUID, session: SessionHash, *, now: datetime) -> str | None:
    """Give the secret that waits for its first code, to the session that began it; ``None``: there is none."""
    row = await factor_store.begun_totp(tx, account_id)
    if row is None or row.secret_sealed is None or row.begun_in != session or now - row.begun_at >= totp.BEGUN_FOR:
        return None
    return tx.sealer.open(row.secret_sealed)


async def confirm_totp(
    db: Database, account_id: UUID, session: SessionHash, typed: str, *, now: datetime
) -> TotpConfirmed:
    """Let the secret that was begun count, by its first code; make recovery codes and end every other session.

    This session has proven its second factor with it. A repeated form is told that there is nothing to confirm: codes are
    shown once. ``now`` is real time. Raises `totp.AuthenticatorMissing`, `totp.SecondFactorWrong`, `TooManyAttempts`.
    """
    await count_code(db, account_id, now=now)
    codes = recovery_codes.new_codes()

    async def work(tx: Transaction) -> Sequence[SessionHash]:
        await tx.lock(f"web.factors:{account_id}")
        secret, row = (
            await begun_secret(tx, account_id, session, now=now),
            await factor_store.begun_totp(tx, account_id),
        )
        if secret is None or row is None:
            raise totp.AuthenticatorMissing
        step = totp.matching_step(secret, totp.normal_form(typed), now=now, after=0)
        if step is None:
            raise totp.SecondFactorWrong
        row.confirmed_at, row.last_step = now, step
        await forget_codes(tx, account_id)
        await _issue(tx, account_id, codes, now)
        await factor_store.note_proven(tx, session, now)
        await note_act(tx, account_id, "SetUpAuthenticator", now)
        return await store.end_sessions_of(tx, account_id, now, but=session)

    return TotpConfirmed(codes, await db.transact(work))


async def renew_recovery_codes(db: Database, account_id: UUID, typed: str, *, now: datetime) -> Sequence[str]:
    """Make new recovery codes in place of those before, for a code that is right; gives them, once.

    ``now`` is real time. Raises `totp.AuthenticatorMissing`, `totp.SecondFactorWrong`, `TooManyAttempts`.
    """
    codes = recovery_codes.new_codes()

    async def work(tx: Transaction) -> bool:
        await _require_factor(tx, account_id)
        if not await use_code(tx, account_id, typed, now):
            return False
        await _issue(tx, account_id, codes, now)
        await note_act(tx, account_id, "RenewRecoveryCodes", now)
        return True

    await _with_code(db, account_id, work, now=now)
    return codes


async def prove_again(db: Database, account_id: UUID, session: SessionHash, typed: str, *, now: datetime) -> None:
    """Note for this session that a code was right just now, for steps that ask for it again (`web.auth.factors.fresh`).

    ``now`` is real time. Raises `totp.AuthenticatorMissing`, `totp.SecondFactorWrong`, `TooManyAttempts`.
    """

    async def work(tx: Transaction) -> bool:
        await _require_factor(tx, account_id)
        if not await use_code(tx, account_id, typed, now):
            return False
        await factor_store.note_proven(tx, session, now)
        return True

    await _with_code(db, account_id, work, now=now)


async def end_totp(
    db: Database, credentials: Credentials, *, passwords: Passwords, origin: Origin, now: datetime
) -> None:
    """Remove the authenticator and erase its secret, for the password and a code (``credentials.code``) that are both right.

    ``now`` is real time. Raises `SignInWrong`, `totp.AuthenticatorMissing`, `totp.SecondFactorWrong`, `TooManyAttempts`.
    """
    proven = await prove_password(db, credentials, passwords=passwords, origin=origin, now=now)
    account_id = proven.account.account_id

    async def work(tx: Transaction) -> bool:
        await tx.lock(f"web.factors:{account_id}")
        await forget_attempts(tx, proven)
        row = await _require_standing(tx, account_id)
        if not await use_code(tx, account_id, credentials.code, now):
            return False
        row.ended_at, row.secret_sealed = now, None
        await tx.session.flush()
        if not await factor_store.has_factor(tx, account_id):
            await factor_store.replace_recovery_codes(tx, account_id, (), now)
        await note_act(tx, account_id, "RemoveAuthenticator", now)
        return True

    await _with_code(db, account_id, work, now=now)


async def _with_code(db: Database, account_id: UUID, work: Work, *, now: datetime) -> None:
    """Count a code, then use it; a wrong one stays noted and is refused after the transaction."""
    await count_code(db, account_id, now=now)
    if not await db.transact(work):
        raise totp.SecondFactorWrong


async def _require_factor(tx: Transaction, account_id: UUID) -> None:
    if not await factor_store.has_factor(tx, account_id):
        raise totp.AuthenticatorMissing


async def _require_standing(tx: Transaction, account_id: UUID) -> TotpRow:
    row = await factor_store.standing_totp(tx, account_id)
    if row is None:
        raise totp.AuthenticatorMissing
    return row


async def _issue(tx: Transaction, account_id: UUID, codes: Sequence[str], now: datetime) -> None:
    hashes = [recovery_codes.hash_of(tx.sealer, account_id, code) for code in codes]
    await factor_store.replace_recovery_codes(tx, account_id, hashes, now)


async def _end_begun(tx: Transaction, account_id: UUID, now: datetime) -> None:
    row = await factor_store.begun_totp(tx, account_id)
    if row is not None:
        row.ended_at, row.secret_sealed = now, None
        await tx.session.flush()
