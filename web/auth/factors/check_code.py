"""Check a code of an authenticator, or a recovery code, inside somebody's transaction; and count before it is looked at."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from auction.kernel import audit
from auction.kernel.db import Database, Transaction
from web.auth import store
from web.auth.count_attempt import count_attempt, subject_name
from web.auth.factors import factor_store, recovery_codes, totp

CODE_MAX = 64


async def count_code(db: Database, account_id: UUID, *, now: datetime) -> None:
    """Count a code before it is looked at (throttle rule 3); raises `throttle.TooManyAttempts`."""
    await count_attempt(db, "second_factor", str(account_id), now=now)


async def use_code(tx: Transaction, account_id: UUID, typed: str, now: datetime) -> bool:
    """Use a code of the account up; whether it was right. ``now`` is real time.

    A wrong one is noted, so the caller lets the transaction stand and refuses after it. Locks the authenticator: of two
    who bring the same code one is right.
    """
    normal = totp.normal_form(typed[:CODE_MAX])
    use = _use_step if totp.is_code(normal) else _use_recovery
    if not await use(tx, account_id, normal, now):
        return False
    await forget_codes(tx, account_id)
    return True


async def forget_codes(tx: Transaction, account_id: UUID) -> None:
    """Forget the wrong codes before a right one (throttle rule 2)."""
    await store.clear_throttle(tx, [subject_name(tx.sealer, "second_factor", str(account_id))])


async def _use_step(tx: Transaction, account_id: UUID, typed: str, now: datetime) -> bool:
    row = await factor_store.standing_totp(tx, account_id)
    if row is None or row.secret_sealed is None or row.wrong_in_a_row >= totp.WRONG_MAX:
        return False
    step = totp.matching_step(tx.sealer.open(row.secret_sealed), typed, now=now, after=row.last_step)
    if step is None:
        row.wrong_in_a_row += 1
        return False
    row.last_step, row.wrong_in_a_row = step, 0
    return True


async def _use_recovery(tx: Transaction, account_id: UUID, typed: str, now: datetime) -> bool:
    if not await factor_store.use_recovery_code(tx, recovery_codes.hash_of(tx.sealer, account_id, typed), now):
        return False
    row = await factor_store.standing_totp(tx, account_id)
    if row is not None:
        row.wrong_in_a_row = 0
    await note_act(tx, account_id, "UseRecoveryCode", now)
    return True


async def note_act(tx: Transaction, account_id: UUID, act: str, now: datetime) -> None:
    """Append an act on an account's second factors to the day's audit chain."""
    content = tx.sealer.commit(f"{account_id}:{act}:{now.isoformat()}")
    fact = audit.Fact(tx.now, account_id, act, None, content)
    await audit.append(tx.session, chain=audit.chain_of(None, tx.now), fact=fact)
